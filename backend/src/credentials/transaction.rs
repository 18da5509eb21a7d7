use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
};

use credentials::{
    Credential, CredentialId, KeyPair, Pick, Place, Proof, Secret, Server, Stored, Vault, import, limits,
};
use store::{Audit, SecurityChange};
use tokio::sync::MutexGuard;

use super::{
    Change, Concerned, Desk, DeskError, desk::retired, secret_of_key, secret_of_pair, server_keys::Ids,
};

/// Changes of credentials that are stored together, with what else has to be: nothing counts before it is stored, and
/// everything counts as soon as it is. There is one at a time, so that two of the same are not both found to be the only
/// one.
pub(crate) struct Transaction<'a> {
    desk: &'a Desk,
    ids: MutexGuard<'a, Ids>,
    new: Vec<New>,
    changed: Vec<Credential>,
    forgotten: Vec<CredentialId>,
    further: Vec<SecurityChange>,
    audits: Vec<Audit>,
    /// Of what is new.
    versions: BTreeMap<(Server, String), u32>,
    identities: BTreeSet<(Server, String)>,
}

/// A credential that there is to be.
pub(crate) struct Wanted {
    pub(crate) endpoint: String,
    pub(crate) server: Server,
    pub(crate) pick: Pick,
    pub(crate) note: String,
    pub(crate) author: String,
    /// The bootstrap session that it is for.
    pub(crate) made_in: Option<u64>,
}

/// A credential on its way into the store.
pub(crate) struct New {
    pub(crate) credential: Credential,
    key: Option<Secret>,
    pub(super) made: Option<console_api::IssuedSecret>,
}

impl<'a> Transaction<'a> {
    pub(super) const fn new(desk: &'a Desk, ids: MutexGuard<'a, Ids>) -> Self {
        Self {
            desk,
            ids,
            new: Vec::new(),
            changed: Vec::new(),
            forgotten: Vec::new(),
            further: Vec::new(),
            audits: Vec::new(),
            versions: BTreeMap::new(),
            identities: BTreeSet::new(),
        }
    }

    pub(super) fn room_for(&self, more: usize) -> Result<(), DeskError> {
        let tables = self.desk.credentials.tables();
        if tables.has_room_for(self.new.len() + more) {
            return Ok(());
        }
        self.desk.credentials.refused.fetch_add(1, Ordering::Relaxed);
        Err(DeskError::Conflict {
            message: "there is no room for further credentials",
            expected: format!("at most {}", limits::CREDENTIALS),
            got: (tables.len() + self.new.len() + more).to_string(),
        })
    }

    /// Makes what is absent of it. `instead` are those that end with it, so that it may be the same as one of them.
    pub(crate) fn make(
        &mut self,
        wanted: Wanted,
        instead: &[CredentialId],
    ) -> Result<&Credential, DeskError> {
        self.room_for(1)?;
        let Wanted { endpoint, server, pick, note, author, made_in } = wanted;
        let now_ms = self.desk.clock.now().as_millis();
        let version = self.next_version(server, &endpoint);
        let pick = match pick {
            Pick::Psk { identity: None, key } => {
                let identity = self.free_identity(server, &endpoint, &endpoint, instead);
                Pick::Psk { identity: Some(identity), key }
            }
            other => other,
        };
        let taken = self.desk.credentials.tables().taken(server, &endpoint, &pick, now_ms);
        if let Some(taken) = taken.filter(|taken| !instead.contains(&taken.by) || taken.revoked) {
            let wrong = import::already(&pick, &taken);
            let message = "another credential is the same";
            return Err(DeskError::Conflict { message, expected: wrong.expected, got: wrong.got });
        }
        let (proof, key, made) = made(pick)?;
        if let Proof::Psk { identity, .. } = &proof {
            self.identities.insert((server, identity.clone()));
        }
        self.versions.insert((server, endpoint.clone()), version + 1);
        let credential = Credential {
            id: self.ids.next(),
            endpoint,
            server,
            version,
            proof,
            note,
            created_at_ms: now_ms,
            author,
            retire_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
            made_in,
        };
        self.new.push(New { credential, key, made });
        let last = self.new.last().map(|new| &new.credential);
        last.ok_or_else(|| DeskError::Failed("nothing was added".to_owned()))
    }

    /// Lets what an endpoint has of a kind count for so long only. Brings those that end with it.
    pub(super) fn retire(
        &mut self,
        server: Server,
        endpoint: &str,
        is_of_kind: impl Fn(&Proof) -> bool,
        after_s: u64,
    ) -> Vec<CredentialId> {
        let now_ms = self.desk.clock.now().as_millis();
        let tables = self.desk.credentials.tables();
        let valid = tables
            .of(server)
            .of_endpoint(endpoint)
            .filter(|credential| credential.is_valid(now_ms) && is_of_kind(&credential.proof));
        let retired: Vec<_> = valid.map(|earlier| retired(earlier.clone(), now_ms, after_s)).collect();
        drop(tables);
        let ended =
            retired.iter().filter(|retired| !retired.is_valid(now_ms)).map(|retired| retired.id).collect();
        self.changed.extend(retired);
        ended
    }

    /// An identity like this one that nobody has: a handshake names the identity alone, so that each version has one of
    /// its own.
    pub(crate) fn free_identity(
        &self,
        server: Server,
        endpoint: &str,
        like: &str,
        instead: &[CredentialId],
    ) -> String {
        let now_ms = self.desk.clock.now().as_millis();
        let version = self.next_version(server, endpoint);
        let tables = self.desk.credentials.tables();
        let is_free = |identity: &String| {
            let pick = Pick::Psk { identity: Some(identity.clone()), key: None };
            let taken = tables.taken(server, endpoint, &pick, now_ms);
            identity.len() <= limits::IDENTITY_BYTES
                && taken.is_none_or(|taken| instead.contains(&taken.by) && !taken.revoked)
                && !self.identities.contains(&(server, identity.clone()))
        };
        let candidates = [like.to_owned(), format!("{like}#{version}")];
        candidates.into_iter().find(is_free).unwrap_or_else(|| format!("v{version}-{}", self.ids.last() + 1))
    }

    fn next_version(&self, server: Server, endpoint: &str) -> u32 {
        let of_new = self.versions.get(&(server, endpoint.to_owned())).copied();
        of_new.unwrap_or_else(|| self.desk.credentials.tables().of(server).next_version(endpoint))
    }

    /// What there is so far, to come back to.
    pub(crate) const fn mark(&self) -> (usize, usize) {
        (self.new.len(), self.audits.len())
    }

    /// Takes back what was made since.
    pub(crate) fn undo(&mut self, (new, audits): (usize, usize)) {
        for New { credential, .. } in self.new.drain(new..) {
            self.versions.remove(&(credential.server, credential.endpoint));
            if let Proof::Psk { identity, .. } = credential.proof {
                self.identities.remove(&(credential.server, identity));
            }
        }
        self.audits.truncate(audits);
    }

    /// A credential as it is from now on.
    pub(crate) fn change(&mut self, credential: Credential) {
        self.changed.push(credential);
    }

    pub(crate) fn forget(&mut self, id: CredentialId) {
        self.forgotten.push(id);
    }

    /// Something else that is stored if and only if this is.
    pub(crate) fn add(&mut self, change: SecurityChange) {
        self.further.push(change);
    }

    pub(crate) fn audit_credential(&mut self, author: &str, what: &str, credential: &Credential) {
        self.audits.push(self.desk.audit(author, what, credential));
    }

    pub(crate) fn audit(&mut self, audit: Audit) {
        self.audits.push(audit);
    }

    /// Stores all of it or nothing. Brings what is new.
    pub(crate) async fn store(self) -> Result<Vec<New>, DeskError> {
        let Self { desk, ids, new, changed, forgotten, further, audits, .. } = self;
        let vault = desk.credentials.vault();
        let mut changes = new.iter().map(|new| new.to_change(vault)).collect::<Result<Vec<_>, _>>()?;
        for credential in &changed {
            changes.push(as_changed(desk, credential)?);
        }
        changes.extend(forgotten.iter().map(|id| SecurityChange::CredentialForgotten(*id)));
        let touches_credentials = !changes.is_empty();
        changes.extend(further);
        if changes.is_empty() && audits.is_empty() {
            return Ok(new);
        }
        desk.store(changes, audits).await?;
        if touches_credentials {
            let mut tables = desk.credentials.tables_mut();
            let gone: Vec<_> = forgotten.iter().filter_map(|id| tables.credential(*id)).cloned().collect();
            let all = new.iter().map(|new| &new.credential).chain(&changed).chain(&gone);
            let concerned = Concerned::of(all);
            changed.into_iter().for_each(|credential| tables.put(credential, None));
            forgotten.into_iter().for_each(|id| tables.forget(id));
            for new in &new {
                tables.put(new.credential.clone(), new.key.clone());
            }
            drop(tables);
            desk.credentials.tell(Change::Credentials(Arc::new(concerned)));
        }
        drop(ids);
        Ok(new)
    }
}

impl New {
    fn to_change(&self, vault: &Vault) -> Result<SecurityChange, DeskError> {
        change(&self.credential, self.key.as_ref(), vault)
    }
}

/// With the secret that it has.
fn as_changed(desk: &Desk, credential: &Credential) -> Result<SecurityChange, DeskError> {
    let tables = desk.credentials.tables();
    change(credential, tables.key(credential.id), desk.credentials.vault())
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
