use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use coap::Code;
use console_api::{BootstrapConfigurationName, BootstrapSession, BootstrapState, SecurityMode};
use credentials::Server;
use lwm2m_core::bootstrap_server::{Beginning, BootstrapId, BootstrapInformation, Failure, NotConfigured};
use tokio::{sync::mpsc, time::Instant};

use super::{
    Desk,
    accounts::{Addressee, server_of},
    information::information,
    limits,
    settling::Settling,
    told,
};
use crate::{
    credentials::{DeskError, Transaction},
    runtime::{Begun, Configured, Kept, Notice},
};

/// Keeps the sessions of the Bootstrap-Server: what a device receives goes out only when it is stored that its session has
/// begun, with the credentials that were made for it.
pub(crate) struct Keeping {
    desk: Desk,
    /// With whom devices of running sessions get an account.
    accounts: BTreeMap<u64, BTreeSet<(Server, bool)>>,
    /// Sessions that are over, and whose credentials are not settled in the store.
    settling: Vec<Settling>,
}

impl Keeping {
    pub(super) const fn new(desk: Desk) -> Self {
        Self { desk, accounts: BTreeMap::new(), settling: Vec::new() }
    }

    /// Until nobody tells anything any more, and then everything is stored.
    pub(crate) async fn run(
        mut self,
        mut notices: mpsc::UnboundedReceiver<Vec<Notice>>,
        kept: mpsc::UnboundedSender<Kept>,
    ) {
        let mut stored_at = Instant::now();
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                received = notices.recv_many(&mut batch, limits::NOTICES) => if received == 0 { break },
                () = tokio::time::sleep_until(stored_at + limits::STORED_EVERY) => {}
            }
            let batch: Vec<_> = batch.into_iter().flatten().collect();
            let notices = batch.len();
            let is_urgent = batch.iter().any(|notice| !matches!(notice, Notice::Step { .. }));
            let is_due = stored_at.elapsed() >= limits::STORED_EVERY;
            let configured = if is_urgent || is_due {
                stored_at = Instant::now();
                self.take(batch).await
            } else {
                batch.into_iter().for_each(|notice| self.note(notice));
                Vec::new()
            };
            if notices > 0 {
                // The role has gone with its devices when this fails.
                let _ = kept.send(Kept { notices, configured });
            }
        }
        self.take(Vec::new()).await;
    }

    /// Everything in one transaction.
    async fn take(&mut self, batch: Vec<Notice>) -> Vec<Configured> {
        if batch.is_empty() && self.settling.is_empty() && !self.desk.sessions.has_unstored() {
            return Vec::new();
        }
        let desk = self.desk.clone();
        let mut transaction = desk.credentials.transaction().await;
        let mut configured = Vec::new();
        for notice in batch {
            match notice {
                Notice::Configure { session, endpoint, begun_by, .. } => {
                    let result = self.configure(session, &endpoint, begun_by, &mut transaction);
                    configured.push(Configured { session, result });
                }
                other => self.note(other),
            }
        }
        let now_ms = desk.clock.now().as_millis();
        for settling in &self.settling {
            settling.settle(desk.credentials.credentials(), now_ms, &mut transaction);
        }
        desk.sessions.to_store().into_iter().for_each(|change| transaction.add(change));
        let stored = transaction.store().await;
        desk.sessions.stored(stored.is_ok());
        match stored {
            Ok(_) => self.settling.clear(),
            Err(error) => {
                tracing::error!("bootstrap sessions are not stored: {error}");
                configured.iter_mut().for_each(|configured| refuse(configured, &error));
            }
        }
        configured
    }

    /// What a device receives.
    fn configure(
        &mut self,
        session: BootstrapId,
        endpoint: &str,
        begun_by: Beginning,
        transaction: &mut Transaction<'_>,
    ) -> Result<BootstrapInformation, NotConfigured> {
        let Some(assigned) = self.desk.configurations.assigned(endpoint) else {
            let what = format!("no configuration is assigned to {endpoint:?}: make one or assign it");
            return Err(NotConfigured { code: Code::BAD_REQUEST, what });
        };
        let version = assigned.version;
        let name = version.configuration.name.clone();
        let name = BootstrapConfigurationName { id: version.id, name, version: version.number };
        let accounts = version.configuration.servers.iter();
        let servers = accounts.filter(|account| !account.bootstrap_server);
        let servers = servers.map(|account| account.short_server_id).collect();
        self.desk.sessions.configured_as(session.0, name, servers);
        if begun_by == Beginning::Pack && !version.configuration.pack {
            let what = format!("configuration {:?} is not given as a pack", version.configuration.name);
            return Err(NotConfigured { code: Code::NOT_FOUND, what });
        }
        let registry = self.desk.objects.registry();
        let to = Addressee {
            endpoint,
            session: session.0,
            now_ms: self.desk.clock.now().as_millis(),
            registry: &registry,
            credentials: self.desk.credentials.credentials(),
        };
        let information = information(&version, &to, transaction).map_err(|error| {
            let what = format!("configuration {:?} cannot be used: {error}", version.configuration.name);
            NotConfigured { code: Code::SERVICE_UNAVAILABLE, what }
        })?;
        let accounts = version.configuration.servers.iter();
        let accounts =
            accounts.map(|account| (server_of(account), account.security_mode != SecurityMode::NoSec));
        self.accounts.insert(session.0, accounts.collect());
        Ok(information)
    }

    fn note(&mut self, notice: Notice) {
        let sessions = Arc::clone(&self.desk.sessions);
        match notice {
            Notice::Begun { session, begun } => {
                let Begun { endpoint, address, security, begun_by, at, attempt, first_step } = begun;
                if attempt == 1 {
                    tracing::info!(endpoint, session = session.0, "bootstrap begins");
                }
                let begun = BootstrapSession {
                    id: session.0,
                    endpoint,
                    address: address.map(|address| address.to_string()).unwrap_or_default(),
                    security_mode: security,
                    begun_by: told::beginning(begun_by),
                    state: BootstrapState::Running,
                    started_at_ms: at.as_millis(),
                    ended_at_ms: None,
                    configuration: None,
                    steps: 0,
                    failure: None,
                    registered_at_ms: None,
                    short_server_ids: Vec::new(),
                    attempts: attempt,
                    first_at_ms: None,
                };
                if first_step == 0 { sessions.begin(begun) } else { sessions.go_on(session.0) }
            }
            Notice::Step { session, step } => sessions.step(session.0, told::step(step)),
            Notice::Ended { session, at, result } => {
                self.settle(session, result.is_ok());
                let state = match &result {
                    Ok(()) => BootstrapState::Finished,
                    Err(Failure { interrupted: true, .. }) => BootstrapState::Interrupted,
                    Err(_) => BootstrapState::Failed,
                };
                let again = sessions
                    .one(session.0)
                    .is_some_and(|known| known.attempts > 1 && known.configuration.is_none());
                log(session, &result, again);
                sessions.end(session.0, at, state, result.err().map(told::failure));
            }
            // It has a result, and is taken with a transaction.
            Notice::Configure { .. } => {}
        }
    }

    fn settle(&mut self, session: BootstrapId, succeeded: bool) {
        // Nothing was made for a device that received nothing.
        let Some(accounts) = self.accounts.remove(&session.0) else { return };
        let Some(known) = self.desk.sessions.one(session.0) else { return };
        let (session, endpoint) = (session.0, known.endpoint);
        let made = {
            let tables = self.desk.credentials.credentials().tables();
            let of_endpoint = tables.of_endpoint(&endpoint);
            of_endpoint.filter(|made| made.made_in == Some(session)).map(|made| made.id).collect()
        };
        self.settling.push(Settling { session, endpoint, succeeded, accounts, made });
    }
}

/// Nothing that is not stored goes to a device.
fn refuse(configured: &mut Configured, error: &DeskError) {
    if configured.result.is_ok() {
        let what = format!("it cannot be stored: {error}");
        configured.result = Err(NotConfigured { code: Code::SERVICE_UNAVAILABLE, what });
    }
}

/// A refusal that repeats is told once.
fn log(session: BootstrapId, result: &Result<(), Failure>, again: bool) {
    match result {
        Ok(()) => tracing::info!(session = session.0, "bootstrap is finished"),
        Err(failure) if again => tracing::debug!(session = session.0, "refused again: {}", failure.what),
        Err(failure) => tracing::warn!(session = session.0, "bootstrap has failed: {}", failure.what),
    }
}
