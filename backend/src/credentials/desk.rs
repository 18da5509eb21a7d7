use std::sync::Arc;

use coap::Instant;
use credentials::{
    Credential, CredentialId, Draft, Field, Mode, Proof, Ready, Server, State,
    import::{self, Format, Import},
};
use lwm2m_core::server::Outcome;
use store::{Audit, SecurityChange};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    Credentials, DeskError,
    server_keys::Ids,
    transaction::{New, Transaction, Wanted},
};
use crate::{clock::Clock, runtime::Operations};

/// How long an earlier version counts beside its successor when nothing else is said: a device that sleeps for days
/// has time to come.
const RETIRE_AFTER_S: u64 = 7 * 24 * 60 * 60;

/// Longest time that an earlier version may count. Beyond, it is refused.
const LONGEST_RETIRE_S: u64 = 10 * 365 * 24 * 60 * 60;

/// How often it is stored when credentials were used: it is for people to look at.
const USED_EVERY: core::time::Duration = core::time::Duration::from_secs(10);

/// Who changes credentials: nothing counts before it is stored, and everything counts as soon as it is.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(super) credentials: Arc<Credentials>,
    pub(super) operations: Operations,
    pub(super) clock: Clock,
    /// One change at a time, so that two of the same are not both found to be the only one.
    ids: Arc<Mutex<Ids>>,
}

/// A credential that there is now.
pub(crate) struct Added {
    pub(crate) credential: Credential,
    /// What was made for it.
    pub(crate) secret: Option<console_api::IssuedSecret>,
    pub(crate) warnings: Vec<credentials::Wrong>,
}

/// What became of a file.
pub(crate) struct Imported {
    pub(crate) import: Import,
    pub(crate) accepted: usize,
    pub(crate) stored: bool,
}

impl Desk {
    /// `last` is the highest id that was ever given.
    pub(crate) fn new(
        credentials: Arc<Credentials>,
        operations: Operations,
        clock: Clock,
        last: Option<CredentialId>,
    ) -> Self {
        let ids = Ids(last.map_or(0, |id| id.0));
        Self { credentials, operations, clock, ids: Arc::new(Mutex::new(ids)) }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) async fn add(&self, author: String, draft: Draft) -> Result<Added, DeskError> {
        let retire_after_s = draft.retire_after_s.map(checked_retirement).transpose()?;
        let ready = draft.check().map_err(DeskError::Wrong)?;
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let (wanted, warnings) = wanted(ready, &author);
            let mode = wanted.pick.mode();
            let ended = match retire_after_s {
                Some(after_s) => {
                    transaction.retire(wanted.server, &wanted.endpoint, |proof| proof.mode() == mode, after_s)
                }
                None => Vec::new(),
            };
            let new = transaction.make(wanted, &ended)?;
            let audit = desk.audit(&author, "add_credential", new);
            transaction.audit(audit);
            added(transaction.store().await?, warnings)
        })
        .await
    }

    /// A further version beside an earlier one, which retires.
    pub(crate) async fn rotate(
        &self,
        author: String,
        id: CredentialId,
        mut draft: Draft,
    ) -> Result<Added, DeskError> {
        let retire_after_s = checked_retirement(draft.retire_after_s.unwrap_or(RETIRE_AFTER_S))?;
        let earlier = self.one(id)?;
        let endpoint = draft.endpoint.get_or_insert_with(|| earlier.endpoint.clone());
        if *endpoint != earlier.endpoint {
            return Err(Field::Endpoint.wrong("that of the earlier version, or none", "another").into());
        }
        let server = earlier.server.word();
        let of_server = draft.server.get_or_insert_with(|| Zeroizing::new(server.to_owned()));
        if of_server.as_str() != server {
            return Err(Field::Server.wrong("that of the earlier version, or none", "another").into());
        }
        let mode = earlier.proof.mode().word();
        draft.mode.get_or_insert_with(|| Zeroizing::new(mode.to_owned()));
        let ready = draft.check().map_err(DeskError::Wrong)?;
        self.whole(async move |desk| desk.rotate_now(&author, id, ready, retire_after_s).await).await
    }

    async fn rotate_now(
        &self,
        author: &str,
        id: CredentialId,
        ready: Ready,
        retire_after_s: u64,
    ) -> Result<Added, DeskError> {
        let mut transaction = self.transaction().await;
        let now_ms = self.clock.now().as_millis();
        let earlier = self.one(id)?;
        if !earlier.is_valid(now_ms) {
            return Err(DeskError::Conflict {
                message: "a revoked credential is not rotated",
                expected: "one that is active or retiring".to_owned(),
                got: "a revoked one".to_owned(),
            });
        }
        let at_once: &[_] = if retire_after_s == 0 { &[id] } else { &[] };
        let (wanted, warnings) = wanted(ready, author);
        let new = transaction.make(wanted, at_once)?;
        let audit = self.audit(author, "rotate_credential", new);
        transaction.audit(audit);
        transaction.change(retired(earlier, now_ms, retire_after_s));
        added(transaction.store().await?, warnings)
    }

    /// It opens nothing any more. One that is revoked stays as it is.
    pub(crate) async fn revoke(&self, author: String, id: CredentialId) -> Result<Credential, DeskError> {
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let now_ms = desk.clock.now().as_millis();
            let credential = desk.one(id)?;
            if credential.revoked_at_ms.is_some() {
                return Ok(credential);
            }
            let revoked = Credential { revoked_at_ms: Some(now_ms), ..credential };
            transaction.audit(desk.audit(&author, "revoke_credential", &revoked));
            transaction.change(revoked.clone());
            transaction.store().await?;
            Ok(revoked)
        })
        .await
    }

    /// A revoked one goes.
    pub(crate) async fn forget(&self, author: String, id: CredentialId) -> Result<(), DeskError> {
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let now_ms = desk.clock.now().as_millis();
            let credential = desk.one(id)?;
            if credential.state(now_ms) != State::Revoked {
                return Err(DeskError::Conflict {
                    message: "only a revoked credential is forgotten",
                    expected: "a revoked one".to_owned(),
                    got: "one that is not revoked".to_owned(),
                });
            }
            if let Some(until_ms) = credential.must_be_known_until_ms().filter(|until_ms| *until_ms > now_ms)
            {
                return Err(DeskError::Conflict {
                    message: "a revoked certificate stays known until it expires",
                    expected: format!("{until_ms} ms since 1970, or later"),
                    got: format!("{now_ms} ms"),
                });
            }
            transaction.audit(desk.audit(&author, "forget_credential", &credential));
            transaction.forget(id);
            transaction.store().await.map(drop)
        })
        .await
    }

    /// Takes a file in: all of it or nothing, or with `partial` what is good of it.
    pub(crate) async fn import(
        &self,
        author: String,
        format: Format,
        file: axum::body::Bytes,
        dry_run: bool,
        partial: bool,
    ) -> Result<Imported, DeskError> {
        self.whole(async move |desk| {
            let transaction = desk.transaction().await;
            let (credentials, now_ms) = (Arc::clone(&desk.credentials), desk.clock.now().as_millis());
            let read = tokio::task::spawn_blocking(move || {
                import::read(format, &file, &credentials.tables(), now_ms)
            });
            let mut import = read.await.map_err(|_| DeskError::Stopping)?;
            let accepted = import.entries.len();
            let is_wanted = !dry_run && accepted > 0 && (partial || import.refused.is_empty());
            if is_wanted {
                let entries = core::mem::take(&mut import.entries);
                desk.import_now(transaction, &author, entries).await?;
            }
            Ok(Imported { import, accepted, stored: is_wanted })
        })
        .await
    }

    async fn import_now(
        &self,
        mut transaction: Transaction<'_>,
        author: &str,
        entries: Vec<(usize, Ready)>,
    ) -> Result<(), DeskError> {
        let count = entries.len();
        transaction.room_for(count)?;
        for (_, ready) in entries {
            transaction.make(wanted(ready, author).0, &[])?;
        }
        transaction.audit(Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: "import_credentials".to_owned(),
            endpoint: None,
            details: format!("{count} credentials"),
        });
        transaction.store().await.map(drop)
    }

    /// Stores now and then when credentials were used.
    pub(crate) async fn keep_uses(self) {
        loop {
            tokio::time::sleep(USED_EVERY).await;
            self.store_uses().await;
        }
    }

    /// Stores when credentials were used since that was last stored.
    pub(crate) async fn store_uses(&self) {
        let uses = self.credentials.take_uses();
        if uses.is_empty() {
            return;
        }
        let changes = uses
            .iter()
            .map(|(id, at_ms)| SecurityChange::CredentialUsed(*id, Instant::from_millis(*at_ms)))
            .collect();
        if let Err(error) = self.store(changes, Vec::new()).await {
            tracing::debug!("when credentials were used is not stored: {error}");
            // They are tried again with the next ones.
            self.credentials.give_back(uses);
        }
    }

    fn one(&self, id: CredentialId) -> Result<Credential, DeskError> {
        self.credentials.tables().credential(id).cloned().ok_or(DeskError::Unknown(id))
    }

    /// Waits until no other change is under way.
    pub(crate) async fn transaction(&self) -> Transaction<'_> {
        Transaction::new(self, self.ids.lock().await)
    }

    pub(super) async fn store(
        &self,
        changes: Vec<SecurityChange>,
        audits: Vec<Audit>,
    ) -> Result<(), DeskError> {
        match self.operations.secure(changes, audits).await.ok_or(DeskError::Stopping)? {
            Outcome::Stored | Outcome::Known => Ok(()),
            Outcome::Failed(why) => Err(DeskError::NotStored(why)),
        }
    }

    /// Does something to its end, also when the caller has gone: what is stored has to count.
    pub(crate) async fn whole<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, DeskError>> + Send + 'static,
    {
        tokio::spawn(work(self.clone())).await.map_err(|_| DeskError::Stopping)?
    }

    pub(crate) fn audit(&self, author: &str, what: &str, credential: &Credential) -> Audit {
        let Credential { id, version, proof, .. } = credential;
        let identity = match proof {
            Proof::Psk { identity, .. } => format!(", identity {identity:?}"),
            Proof::RawPublicKey(_) | Proof::Certificate(_) => String::new(),
        };
        let server = match credential.server {
            Server::DeviceManagement => "",
            Server::Bootstrap => ", for the Bootstrap-Server",
        };
        Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: what.to_owned(),
            endpoint: Some(credential.endpoint.clone()),
            details: format!("credential {}, version {version}: {}{identity}{server}", id.0, proof.mode()),
        }
    }
}

/// With what is allowed and not advisable.
fn wanted(ready: Ready, author: &str) -> (Wanted, Vec<credentials::Wrong>) {
    let Ready { endpoint, server, pick, note, warnings } = ready;
    (Wanted { endpoint, server, pick, note, author: author.to_owned(), made_in: None }, warnings)
}

pub(super) fn added(mut new: Vec<New>, warnings: Vec<credentials::Wrong>) -> Result<Added, DeskError> {
    let New { credential, made, .. } =
        new.pop().ok_or_else(|| DeskError::Failed("nothing was added".to_owned()))?;
    Ok(Added { credential, secret: made, warnings })
}

/// How long earlier versions are to count.
pub(super) fn checked_retirement(after_s: u64) -> Result<u64, DeskError> {
    if after_s > LONGEST_RETIRE_S {
        let expected = format!("at most {LONGEST_RETIRE_S} seconds");
        return Err(Field::RetireAfter.wrong(expected, after_s.to_string()).into());
    }
    Ok(after_s)
}

/// One that was to end sooner does.
pub(super) fn retired(credential: Credential, now_ms: u64, after_s: u64) -> Credential {
    if after_s == 0 {
        return Credential { revoked_at_ms: Some(now_ms), ..credential };
    }
    let at_ms = now_ms.saturating_add(after_s.saturating_mul(1_000));
    let at_ms = credential.retire_at_ms.map_or(at_ms, |earlier| earlier.min(at_ms));
    Credential { retire_at_ms: Some(at_ms), ..credential }
}

/// Whether a credential matches all words, in endpoint name, identity or note.
pub(crate) fn matches(credential: &Credential, words: &[String]) -> bool {
    let identity = match &credential.proof {
        Proof::Psk { identity, .. } => identity.as_str(),
        Proof::RawPublicKey(_) | Proof::Certificate(_) => "",
    };
    let texts = [credential.endpoint.as_str(), identity, credential.note.as_str()].map(str::to_lowercase);
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// The server that a credential is listed by.
pub(crate) const fn server_of(server: console_api::CredentialServer) -> Server {
    match server {
        console_api::CredentialServer::DeviceManagement => Server::DeviceManagement,
        console_api::CredentialServer::Bootstrap => Server::Bootstrap,
    }
}

/// The mode that a credential is listed by.
pub(crate) const fn mode_of(mode: console_api::CredentialMode) -> Mode {
    match mode {
        console_api::CredentialMode::Psk => Mode::Psk,
        console_api::CredentialMode::Rpk => Mode::RawPublicKey,
        console_api::CredentialMode::X509 => Mode::Certificate,
    }
}
