//! The sequence that a client follows (LwM2M 1.0 TS §5.2.4, 1.1 Core §6.1.4): it registers with the servers it has
//! accounts with; without any, or when all fail, it asks the Bootstrap-Server for others.

use core::time::Duration;

use coap::Instant;
use lwm2m_codec::Path;

use super::{
    bootstrap::{Bootstrap, BootstrapPeer, Stage},
    event::{BOOTSTRAP_SERVER, Event, Output, RegistrationFailure},
    machine::Client,
    object_tree::{ObjectInstance, ObjectTree},
    registration::State,
    registration_order::{self, Turn},
    security_account::{
        ManagementAccount, SECURITY, bootstrap_account, management_accounts, security_accounts,
        security_number,
    },
    server_account::ServerAccount,
    shared::Shared,
};
use crate::Peer;

const CLIENT_HOLD_OFF_TIME: u16 = 11;
const BOOTSTRAP_SERVER_ACCOUNT_TIMEOUT: u16 = 12;

/// Inputs.
impl Client {
    /// Boots: registers with the servers of the tree, or is bootstrapped where there are none or none answers. Who they
    /// are is asked for with [`Output::Connect`]. Called again, it begins anew, as after a reboot.
    pub fn boot(&mut self, now: Instant) {
        self.shared.now = now;
        self.abandon_bootstrap();
        self.shared.note_factory();
        let peers: Vec<Peer> = self.bootstrap.peer().into_iter().collect();
        let purge_at = self.bootstrap.purge_at;
        self.bootstrap = Bootstrap { followed: true, purge_at, ..Bootstrap::default() };
        self.bootstrap.outputs.extend(peers.into_iter().map(|peer| Output::Disconnect { peer }));
        // A smartcard goes before what the factory put in.
        self.shared.take_smartcard();
        self.adopt_accounts(None);
        self.drain_endpoint();
    }

    /// Answers [`Output::Connect`]: the peer to whom that account belongs, or why it cannot be told.
    pub fn connected(&mut self, now: Instant, security_instance: u16, peer: Result<Peer, String>) {
        self.shared.now = now;
        if !self.bootstrap.connecting.remove(&security_instance) {
            return;
        }
        match &mut self.bootstrap.server {
            Some(server) if server.security_instance == security_instance => match peer {
                Ok(peer) => server.peer = Some(peer),
                Err(why) => drop(self.bootstrap.not_found.insert(security_instance, why)),
            },
            _ => self.add_account(security_instance, peer),
        }
        if self.bootstrap.connecting.is_empty() {
            registration_order::begin(&mut self.accounts, &mut self.shared);
            if matches!(self.bootstrap.stage, Stage::Connecting) {
                self.request_bootstrap();
            }
        }
        self.drain_endpoint();
    }

    /// The security session with a server is another one than before, so that the registration that belonged to it is
    /// over (LwM2M 1.1 Transport, Security): the client registers again.
    pub fn session_replaced(&mut self, now: Instant, peer: Peer) {
        self.shared.now = now;
        for account in self.accounts.iter_mut().filter(|account| account.peer == peer) {
            if account.state.is_registered() {
                account.register(&mut self.shared);
            }
        }
        self.drain_endpoint();
    }
}

impl Client {
    /// Whether what comes from `peer` belongs to bootstrap.
    pub(super) fn is_bootstrap_server(&self, peer: Peer) -> bool {
        let is_shared = || self.accounts.iter().any(|account| account.peer == peer);
        self.bootstrap.peer() == Some(peer) && (self.bootstrap.is_busy() || !is_shared())
    }

    /// Takes the accounts from the tree. A registration stays where nothing of its security has changed since `before`.
    pub(super) fn adopt_accounts(&mut self, before: Option<&ObjectTree>) {
        self.bootstrap.not_found.clear();
        let mut known = core::mem::take(&mut self.accounts);
        let mut connect = Vec::new();
        for wanted in management_accounts(&self.shared.tree) {
            let stays = |account: &ServerAccount| {
                account.short_server_id == wanted.short_server_id
                    && account.state.is_registered()
                    && before.is_some_and(|before| is_secured_as(before, &self.shared.tree, &wanted))
            };
            match known.iter().position(stays) {
                Some(position) => {
                    let mut account = known.remove(position);
                    account.instance = wanted.server_instance;
                    self.accounts.push(account);
                }
                None => connect.push(wanted.security_instance),
            }
        }
        for mut gone in known {
            gone.forget(&mut self.shared);
            self.bootstrap.outputs.push_back(Output::Disconnect { peer: gone.peer });
        }
        self.adopt_bootstrap_server(before);
        connect.into_iter().for_each(|instance| self.connect(instance));
    }

    fn adopt_bootstrap_server(&mut self, before: Option<&ObjectTree>) {
        let account = bootstrap_account(&self.shared.tree);
        let security = |tree: &ObjectTree, instance| tree.instance(SECURITY, instance).cloned();
        if let (Some(account), Some(server), Some(before)) = (&account, &mut self.bootstrap.server, before) {
            let was: Option<ObjectInstance> = security(before, server.security_instance);
            if was.is_some() && was == security(&self.shared.tree, account.instance) {
                server.security_instance = account.instance;
                return;
            }
        }
        if let Some(peer) = self.bootstrap.peer() {
            self.bootstrap.outputs.push_back(Output::Disconnect { peer });
        }
        self.bootstrap.server =
            account.map(|account| BootstrapPeer { security_instance: account.instance, peer: None });
        if let Some(server) = self.bootstrap.server {
            self.connect(server.security_instance);
        }
    }

    pub(super) fn connect(&mut self, security_instance: u16) {
        let accounts = security_accounts(&self.shared.tree);
        let Some(account) = accounts.into_iter().find(|account| account.instance == security_instance) else {
            return;
        };
        if self.bootstrap.connecting.insert(security_instance) {
            self.bootstrap.outputs.push_back(Output::Connect { security_instance, uri: account.uri });
        }
    }

    fn add_account(&mut self, security_instance: u16, peer: Result<Peer, String>) {
        let mut wanted = management_accounts(&self.shared.tree).into_iter();
        let Some(account) = wanted.find(|account| account.security_instance == security_instance) else {
            return;
        };
        let ManagementAccount { short_server_id, server_instance, .. } = account;
        match peer {
            Ok(peer) => self.accounts.push(ServerAccount::new(short_server_id, server_instance, peer)),
            Err(why) => {
                let why = RegistrationFailure::NoAnswer { why };
                self.shared.push_event(short_server_id, Event::RegistrationFailed { why });
            }
        }
    }

    /// Decides for a Client Initiated Bootstrap when nothing else is left.
    pub(super) fn follow_sequence(&mut self) {
        let bootstrap = &self.bootstrap;
        let is_free = bootstrap.connecting.is_empty() && matches!(bootstrap.stage, Stage::Idle);
        if !bootstrap.followed || !is_free || bootstrap.server.is_none() {
            return;
        }
        if self.needs_bootstrap() {
            self.begin_bootstrap();
        }
    }

    /// Without a server; or all have failed, or one whose account says that this is enough (`/1/x/16`).
    pub(super) fn needs_bootstrap(&self) -> bool {
        let mut failed = self.accounts.iter().filter(|account| account.has_failed());
        failed.clone().count() == self.accounts.len()
            || failed.any(|account| account.flag(&self.shared.tree, 16) == Some(true))
    }

    /// Sends the Bootstrap-Request after the Client Hold Off Time (LwM2M 1.0 TS §5.2.4).
    pub(super) fn begin_bootstrap(&mut self) {
        let Some(server) = self.bootstrap.server else { return };
        if !matches!(self.bootstrap.stage, Stage::Idle | Stage::Waiting { .. }) {
            return;
        }
        let hold_off = security_number(&self.shared.tree, server.security_instance, CLIENT_HOLD_OFF_TIME);
        match Duration::from_secs(hold_off.unwrap_or(0).into()) {
            Duration::ZERO => self.request_bootstrap(),
            hold_off => self.bootstrap.stage = Stage::Waiting { until: self.shared.now + hold_off },
        }
    }

    /// The account with the Bootstrap-Server has a timeout that counts from the success (`/0/x/12`).
    pub(super) fn plan_purge(&mut self) {
        let timeout = self.bootstrap.server.and_then(|server| {
            security_number(&self.shared.tree, server.security_instance, BOOTSTRAP_SERVER_ACCOUNT_TIMEOUT)
        });
        let timeout = timeout.filter(|timeout_s| *timeout_s > 0);
        self.bootstrap.purge_at =
            timeout.map(|timeout_s| self.shared.now + Duration::from_secs(timeout_s.into()));
    }

    fn purge(&mut self) {
        self.bootstrap.purge_at = None;
        let Some(account) = bootstrap_account(&self.shared.tree) else { return };
        let oscore = account.oscore.map(|instance| Path::instance(21, instance));
        for path in [Some(Path::instance(SECURITY, account.instance)), oscore].into_iter().flatten() {
            // Its OSCORE instance may be missing.
            let _ = self.shared.tree.remove(path);
        }
        if let Some(peer) = self.bootstrap.server.take().and_then(|server| server.peer) {
            self.bootstrap.outputs.push_back(Output::Disconnect { peer });
        }
        self.bootstrap.stage = Stage::Idle;
        self.shared.push_event(BOOTSTRAP_SERVER, Event::BootstrapAccountPurged);
    }

    pub(super) fn handle_bootstrap_timeout(&mut self) {
        let now = self.shared.now;
        let patience = self.shared.config.transmission.exchange_lifetime();
        match &self.bootstrap.stage {
            Stage::Waiting { until } if *until <= now => self.request_bootstrap(),
            Stage::Open(session) if session.last_command + patience <= now => self.bootstrap_timed_out(),
            _ => {}
        }
        let is_open = matches!(self.bootstrap.stage, Stage::Open(_));
        if !is_open && self.bootstrap.purge_at.is_some_and(|due| due <= now) {
            self.abandon_bootstrap();
            self.purge();
        }
    }
}

impl ServerAccount {
    /// The registration as a whole has failed, and bootstrap may help (LwM2M 1.1 Core §6.2.1.1).
    fn has_failed(&self) -> bool {
        matches!((&self.state, self.turn), (State::Unregistered, Turn::Over { registered: false }))
    }
}

/// Whether the account has the same Security instance, wherever that is.
fn is_secured_as(before: &ObjectTree, now: &ObjectTree, account: &ManagementAccount) -> bool {
    let of = |tree: &ObjectTree| {
        let accounts = management_accounts(tree);
        let known = accounts.iter().find(|known| known.short_server_id == account.short_server_id)?;
        tree.instance(SECURITY, known.security_instance).cloned()
    };
    of(before).is_some_and(|was| of(now) == Some(was))
}

impl Shared {
    pub(super) fn has_bootstrap_account(&self) -> bool {
        bootstrap_account(&self.tree).is_some()
    }
}
