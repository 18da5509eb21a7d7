use std::{collections::BTreeMap, sync::Arc};

use coap::Instant;
use credentials::{
    Credential, CredentialId, Draft, Field, KeyPair, Mode, Pick, Place, Proof, Ready, Secret, State, Stored,
    Vault,
    import::{self, Format, Import},
    limits,
};
use lwm2m_core::server::Outcome;
use store::{Audit, SecurityChange};
use tokio::sync::{Mutex, MutexGuard};
use zeroize::Zeroizing;

use super::{Credentials, DeskError, secret_of_key, secret_of_pair, server_keys::Ids};
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

/// A credential on its way into the store.
pub(super) struct New {
    credential: Credential,
    key: Option<Secret>,
    made: Option<console_api::IssuedSecret>,
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
        let ready = draft.check().map_err(DeskError::Wrong)?;
        self.whole(async move |desk| {
            let mut ids = desk.ids.lock().await;
            let Ready { endpoint, pick, note, warnings } = ready;
            let new = desk.new_one(&mut ids, &author, endpoint, pick, note, None)?;
            let audit = desk.audit(&author, "add_credential", &new.credential);
            desk.keep(vec![new], Vec::new(), vec![audit]).await.map(|added| with_warnings(added, warnings))
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
        let retire_after_s = draft.retire_after_s.unwrap_or(RETIRE_AFTER_S);
        if retire_after_s > LONGEST_RETIRE_S {
            let expected = format!("at most {LONGEST_RETIRE_S} seconds");
            return Err(Field::RetireAfter.wrong(expected, retire_after_s.to_string()).into());
        }
        let earlier = self.one(id)?;
        let endpoint = draft.endpoint.get_or_insert_with(|| earlier.endpoint.clone());
        if *endpoint != earlier.endpoint {
            return Err(Field::Endpoint.wrong("that of the earlier version, or none", "another").into());
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
        let mut ids = self.ids.lock().await;
        let now_ms = self.clock.now().as_millis();
        let earlier = self.one(id)?;
        if !earlier.is_valid(now_ms) {
            return Err(DeskError::Conflict {
                message: "a revoked credential is not rotated",
                expected: "one that is active or retiring".to_owned(),
                got: "a revoked one".to_owned(),
            });
        }
        let at_once = (retire_after_s == 0).then_some(id);
        let Ready { endpoint, pick, note, warnings } = ready;
        let new = self.new_one(&mut ids, author, endpoint, pick, note, at_once)?;
        let earlier = retired(earlier, now_ms, retire_after_s);
        let audit = self.audit(author, "rotate_credential", &new.credential);
        let added = self.keep(vec![new], vec![earlier], vec![audit]).await?;
        Ok(with_warnings(added, warnings))
    }

    /// It opens nothing any more. One that is revoked stays as it is.
    pub(crate) async fn revoke(&self, author: String, id: CredentialId) -> Result<Credential, DeskError> {
        self.whole(async move |desk| {
            let _turn = desk.ids.lock().await;
            let now_ms = desk.clock.now().as_millis();
            let credential = desk.one(id)?;
            if credential.revoked_at_ms.is_some() {
                return Ok(credential);
            }
            let revoked = Credential { revoked_at_ms: Some(now_ms), ..credential };
            let audit = desk.audit(&author, "revoke_credential", &revoked);
            desk.keep_all(Vec::new(), vec![revoked.clone()], vec![audit]).await?;
            Ok(revoked)
        })
        .await
    }

    /// A revoked one goes.
    pub(crate) async fn forget(&self, author: String, id: CredentialId) -> Result<(), DeskError> {
        self.whole(async move |desk| {
            let _turn = desk.ids.lock().await;
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
            let audit = desk.audit(&author, "forget_credential", &credential);
            desk.store(vec![SecurityChange::CredentialForgotten(id)], vec![audit]).await?;
            desk.credentials.table_mut().forget(id);
            desk.credentials.tell();
            Ok(())
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
            let mut ids = desk.ids.lock().await;
            let (credentials, now_ms) = (Arc::clone(&desk.credentials), desk.clock.now().as_millis());
            let read = tokio::task::spawn_blocking(move || {
                import::read(format, &file, &credentials.table(), now_ms)
            });
            let mut import = read.await.map_err(|_| DeskError::Stopping)?;
            let accepted = import.entries.len();
            let is_wanted = !dry_run && accepted > 0 && (partial || import.refused.is_empty());
            if is_wanted {
                let entries = core::mem::take(&mut import.entries);
                desk.import_now(&mut ids, &author, entries).await?;
            }
            Ok(Imported { import, accepted, stored: is_wanted })
        })
        .await
    }

    async fn import_now(
        &self,
        ids: &mut Ids,
        author: &str,
        entries: Vec<(usize, Ready)>,
    ) -> Result<(), DeskError> {
        self.room_for(entries.len())?;
        let count = entries.len();
        let mut versions = BTreeMap::new();
        let mut new = Vec::with_capacity(count);
        for (_, Ready { endpoint, pick, note, .. }) in entries {
            let mut one = self.new_one(ids, author, endpoint, pick, note, None)?;
            // Several of one endpoint come with one file.
            let version = versions.entry(one.credential.endpoint.clone()).or_insert(one.credential.version);
            one.credential.version = *version;
            *version += 1;
            new.push(one);
        }
        let audit = Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: "import_credentials".to_owned(),
            endpoint: None,
            details: format!("{count} credentials"),
        };
        self.keep_all(new, Vec::new(), vec![audit]).await.map(drop)
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
        self.credentials.table().credential(id).cloned().ok_or(DeskError::Unknown(id))
    }

    fn room_for(&self, more: usize) -> Result<(), DeskError> {
        let table = self.credentials.table();
        if table.has_room_for(more) {
            return Ok(());
        }
        Err(DeskError::Conflict {
            message: "there is no room for further credentials",
            expected: format!("at most {}", limits::CREDENTIALS),
            got: (table.len() + more).to_string(),
        })
    }

    /// `instead` is one that ends with it, so that it may be the same.
    pub(super) fn new_one(
        &self,
        ids: &mut Ids,
        author: &str,
        endpoint: String,
        pick: Pick,
        note: String,
        instead: Option<CredentialId>,
    ) -> Result<New, DeskError> {
        self.room_for(1)?;
        let now_ms = self.clock.now().as_millis();
        let table = self.credentials.table();
        let version = table.next_version(&endpoint);
        let is_taken = |pick: &Pick| {
            table.taken(&endpoint, pick, now_ms).filter(|taken| Some(taken.by) != instead || taken.revoked)
        };
        let pick = match pick {
            Pick::Psk { identity: None, key } => {
                // A handshake names the identity alone, so that each version has one of its own.
                let candidates =
                    [endpoint.clone(), format!("{endpoint}#{version}"), format!("v{version}-{}", ids.0)];
                let fits = |identity: &String| {
                    let pick = Pick::Psk { identity: Some(identity.clone()), key: None };
                    identity.len() <= limits::IDENTITY_BYTES && is_taken(&pick).is_none()
                };
                Pick::Psk { identity: candidates.into_iter().find(fits), key }
            }
            other => other,
        };
        if let Some(taken) = is_taken(&pick) {
            let wrong = import::already(&pick, &taken);
            let message = "another credential is the same";
            return Err(DeskError::Conflict { message, expected: wrong.expected, got: wrong.got });
        }
        let (proof, key, made) = made(pick)?;
        let credential = Credential {
            id: ids.next(),
            endpoint: endpoint.clone(),
            version,
            proof,
            note,
            created_at_ms: now_ms,
            author: author.to_owned(),
            retire_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
        };
        Ok(New { credential, key, made })
    }

    /// Stores one new credential, and others as they are now.
    pub(super) async fn keep(
        &self,
        new: Vec<New>,
        changed: Vec<Credential>,
        audits: Vec<Audit>,
    ) -> Result<Added, DeskError> {
        let mut added = self.keep_all(new, changed, audits).await?;
        let New { credential, made, .. } =
            added.pop().ok_or_else(|| DeskError::Failed("nothing was added".to_owned()))?;
        Ok(Added { credential, secret: made, warnings: Vec::new() })
    }

    async fn keep_all(
        &self,
        new: Vec<New>,
        changed: Vec<Credential>,
        audits: Vec<Audit>,
    ) -> Result<Vec<New>, DeskError> {
        let vault = self.credentials.vault();
        let mut changes = new.iter().map(|new| new.to_change(vault)).collect::<Result<Vec<_>, _>>()?;
        for credential in &changed {
            changes.push(self.as_changed(credential)?);
        }
        self.store(changes, audits).await?;
        let mut table = self.credentials.table_mut();
        for credential in changed {
            table.put(credential, None);
        }
        for new in &new {
            table.put(new.credential.clone(), new.key.clone());
        }
        drop(table);
        self.credentials.tell();
        Ok(new)
    }

    /// With the secret that it has.
    fn as_changed(&self, credential: &Credential) -> Result<SecurityChange, DeskError> {
        let table = self.credentials.table();
        let key = table.key(credential.id);
        change(credential, key, self.credentials.vault())
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
    pub(super) async fn whole<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, DeskError>> + Send + 'static,
    {
        tokio::spawn(work(self.clone())).await.map_err(|_| DeskError::Stopping)?
    }

    pub(super) async fn turn(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().await
    }

    pub(super) fn audit(&self, author: &str, what: &str, credential: &Credential) -> Audit {
        let Credential { id, version, proof, .. } = credential;
        let identity = match proof {
            Proof::Psk { identity, .. } => format!(", identity {identity:?}"),
            Proof::RawPublicKey(_) | Proof::Certificate(_) => String::new(),
        };
        Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: what.to_owned(),
            endpoint: Some(credential.endpoint.clone()),
            details: format!("credential {}, version {version}: {}{identity}", id.0, proof.mode()),
        }
    }
}

impl New {
    fn to_change(&self, vault: &Vault) -> Result<SecurityChange, DeskError> {
        change(&self.credential, self.key.as_ref(), vault)
    }

    pub(super) const fn credential(&self) -> &Credential {
        &self.credential
    }
}

fn change(credential: &Credential, key: Option<&Secret>, vault: &Vault) -> Result<SecurityChange, DeskError> {
    let place = Place::Credential(credential.id, credential.version);
    let sealed = key.map(|key| vault.seal(place, key.expose())).transpose()?;
    Ok(SecurityChange::Credential(Box::new(Stored { credential: credential.clone(), sealed })))
}

/// How a device proves itself, the secret that is kept for that, and what is told once of it.
type Made = (Proof, Option<Secret>, Option<console_api::IssuedSecret>);

/// What is absent is made.
fn made(pick: Pick) -> Result<Made, DeskError> {
    let failed = |error: &dyn std::fmt::Display| DeskError::Failed(error.to_string());
    Ok(match pick {
        Pick::Psk { identity, key } => {
            let identity = identity.unwrap_or_default();
            let (key, told) = match key {
                Some(key) => (key, None),
                None => {
                    let key = Secret::random(limits::MADE_KEY_BYTES).map_err(|error| failed(&error))?;
                    let told = secret_of_key(&key);
                    (key, Some(told))
                }
            };
            (Proof::Psk { identity, key_bytes: key.expose().len() }, Some(key), told)
        }
        Pick::RawPublicKey(Some(der)) => (Proof::RawPublicKey(der), None, None),
        Pick::RawPublicKey(None) => {
            let pair = KeyPair::generate().map_err(|error| failed(&error))?;
            let der = pair.public_key().map_err(|error| failed(&error))?;
            // The device alone has it from now on.
            (Proof::RawPublicKey(der), None, Some(secret_of_pair(&pair)?))
        }
        Pick::Certificate(der) => (Proof::Certificate(der), None, None),
    })
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

fn with_warnings(added: Added, warnings: Vec<credentials::Wrong>) -> Added {
    Added { warnings, ..added }
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

/// The mode that a credential is listed by.
pub(crate) const fn mode_of(mode: console_api::CredentialMode) -> Mode {
    match mode {
        console_api::CredentialMode::Psk => Mode::Psk,
        console_api::CredentialMode::Rpk => Mode::RawPublicKey,
        console_api::CredentialMode::X509 => Mode::Certificate,
    }
}
