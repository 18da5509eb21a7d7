use std::collections::{BTreeMap, BTreeSet};

use openssl::sha::sha256;

use crate::{Credential, CredentialId, Pick, Proof, Secret, State};

/// The credentials of one server in memory, as a handshake needs them: by what a device shows.
#[derive(Debug, Default)]
pub struct Table {
    entries: BTreeMap<CredentialId, Entry>,
    /// Identities and public keys have one that is valid, and perhaps earlier ones that are not.
    by_identity: BTreeMap<String, BTreeSet<CredentialId>>,
    by_public_key: BTreeMap<Vec<u8>, BTreeSet<CredentialId>>,
    by_fingerprint: BTreeMap<[u8; 32], BTreeSet<CredentialId>>,
    by_endpoint: BTreeMap<String, BTreeSet<CredentialId>>,
    /// When the next ones retire.
    retiring: BTreeSet<(u64, CredentialId)>,
}

#[derive(Debug)]
struct Entry {
    credential: Credential,
    key: Option<Secret>,
}

/// What a device has shown in the handshake.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    Psk(&'a [u8]),
    /// SubjectPublicKeyInfo, DER.
    RawPublicKey(&'a [u8]),
    /// One whose chain and dates are checked, with its Common Name and what its subjectAltName has of names.
    Certificate {
        der: &'a [u8],
        common_name: Option<&'a str>,
        names: &'a [String],
    },
}

/// Whose credential it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub id: CredentialId,
    pub endpoint: String,
}

/// Why a device is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    #[error("nobody has added what it connects with")]
    Unknown,
    #[error("credential {} of {endpoint:?} is revoked", .id.0)]
    Revoked { id: CredentialId, endpoint: String },
}

/// Why something cannot be added beside what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub by: CredentialId,
    pub endpoint: String,
    pub revoked: bool,
    /// Of a PSK it is the key, and not the identity.
    pub is_key: bool,
}

impl Table {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes a credential in, in place of what it was before.
    pub fn put(&mut self, credential: Credential, key: Option<Secret>) {
        let earlier = self.remove(credential.id);
        let key = key.or_else(|| earlier.and_then(|entry| entry.key));
        let id = credential.id;
        match &credential.proof {
            Proof::Psk { identity, .. } => {
                self.by_identity.entry(identity.clone()).or_default().insert(id);
            }
            Proof::RawPublicKey(der) => {
                self.by_public_key.entry(der.clone()).or_default().insert(id);
            }
            Proof::Certificate(Some(der)) => {
                self.by_fingerprint.entry(sha256(der)).or_default().insert(id);
            }
            Proof::Certificate(None) => {}
        }
        self.by_endpoint.entry(credential.endpoint.clone()).or_default().insert(id);
        if let (Some(at), None) = (credential.retire_at_ms, credential.revoked_at_ms) {
            self.retiring.insert((at, id));
        }
        self.entries.insert(id, Entry { credential, key });
    }

    pub fn forget(&mut self, id: CredentialId) {
        self.remove(id);
    }

    fn remove(&mut self, id: CredentialId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        let Credential { proof, endpoint, retire_at_ms, .. } = &entry.credential;
        match proof {
            Proof::Psk { identity, .. } => drop_from(&mut self.by_identity, identity, id),
            Proof::RawPublicKey(der) => drop_from(&mut self.by_public_key, der, id),
            Proof::Certificate(Some(der)) => drop_from(&mut self.by_fingerprint, &sha256(der), id),
            Proof::Certificate(None) => {}
        }
        drop_from(&mut self.by_endpoint, endpoint, id);
        self.retiring.remove(&(retire_at_ms.unwrap_or_default(), id));
        Some(entry)
    }

    /// When it was last used, if that is later than what is known.
    pub fn used(&mut self, id: CredentialId, at_ms: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let last = &mut entry.credential.last_used_at_ms;
            *last = (*last).max(Some(at_ms));
        }
    }

    pub fn credential(&self, id: CredentialId) -> Option<&Credential> {
        self.entries.get(&id).map(|entry| &entry.credential)
    }

    /// The secret of a credential.
    pub fn key(&self, id: CredentialId) -> Option<&Secret> {
        self.entries.get(&id)?.key.as_ref()
    }

    /// All, by their ids.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.entries.values().map(|entry| &entry.credential)
    }

    /// Those of an endpoint, by their ids.
    pub fn of_endpoint(&self, endpoint: &str) -> impl Iterator<Item = &Credential> {
        self.by_endpoint.get(endpoint).into_iter().flatten().filter_map(|id| self.credential(*id))
    }

    /// Those that are a certificate itself.
    pub fn certificates(&self) -> impl Iterator<Item = &Credential> {
        self.by_fingerprint.values().flatten().filter_map(|id| self.credential(*id))
    }

    /// Whether a certificate itself was added, and counts.
    pub fn has_certificate(&self, der: &[u8], now_ms: u64) -> bool {
        let ids = self.by_fingerprint.get(&sha256(der)).into_iter().flatten();
        ids.filter_map(|id| self.credential(*id)).any(|credential| credential.is_valid(now_ms))
    }

    /// The version that the next credential of an endpoint is.
    pub fn next_version(&self, endpoint: &str) -> u32 {
        self.of_endpoint(endpoint).map(|credential| credential.version).max().unwrap_or(0) + 1
    }

    /// Whether an endpoint may only register with security: it has a credential, and be it a revoked one. Without the
    /// latter, revoking would open the door without a lock.
    pub fn requires_security(&self, endpoint: &str) -> bool {
        self.by_endpoint.contains_key(endpoint)
    }

    /// All of which [`Self::requires_security`] is true.
    pub fn endpoints_with_credential(&self) -> impl Iterator<Item = &str> {
        self.by_endpoint.keys().map(String::as_str)
    }

    /// The key that belongs to a PSK identity.
    pub fn psk(&self, identity: &[u8], now_ms: u64) -> Option<&Secret> {
        let identity = core::str::from_utf8(identity).ok()?;
        let mut entries = self.by_identity.get(identity)?.iter().filter_map(|id| self.entries.get(id));
        entries.find(|entry| entry.credential.is_valid(now_ms))?.key.as_ref()
    }

    /// Whose credential a device has shown.
    ///
    /// # Errors
    /// When it is of nobody, or no longer valid.
    pub fn admits(&self, shown: Shown<'_>, now_ms: u64) -> Result<Admitted, NotAdmitted> {
        let found = match shown {
            Shown::Psk(identity) => {
                core::str::from_utf8(identity).ok().and_then(|identity| self.by_identity.get(identity))
            }
            Shown::RawPublicKey(der) => self.by_public_key.get(der),
            Shown::Certificate { der, .. } => self.by_fingerprint.get(&sha256(der)),
        };
        let found: Vec<_> = found.into_iter().flatten().filter_map(|id| self.credential(*id)).collect();
        if let Some(valid) = found.iter().find(|credential| credential.is_valid(now_ms)) {
            return Ok(admitted(valid));
        }
        // The last of them says why. A revoked certificate is not admitted by its name either.
        if let Some(revoked) = found.last() {
            return Err(NotAdmitted::Revoked { id: revoked.id, endpoint: revoked.endpoint.clone() });
        }
        match shown {
            Shown::Certificate { common_name, names, .. } => {
                let names = common_name.into_iter().chain(names.iter().map(String::as_str));
                names
                    .flat_map(|name| self.of_endpoint(name))
                    .find(|credential| {
                        credential.proof == Proof::Certificate(None) && credential.is_valid(now_ms)
                    })
                    .map(admitted)
                    .ok_or(NotAdmitted::Unknown)
            }
            Shown::Psk(_) | Shown::RawPublicKey(_) => Err(NotAdmitted::Unknown),
        }
    }

    /// Who has what is to be added already: what a device shows has to lead to one credential. A public key or
    /// certificate that was revoked stays so; an identity can get another key.
    pub fn taken(&self, endpoint: &str, pick: &Pick, now_ms: u64) -> Option<Taken> {
        let valid = |id: &CredentialId| self.credential(*id).filter(|credential| credential.is_valid(now_ms));
        let any = |id: &CredentialId| self.credential(*id);
        let by = match pick {
            Pick::Psk { identity: Some(identity), .. } => {
                self.by_identity.get(identity)?.iter().find_map(valid)?
            }
            Pick::RawPublicKey(Some(der)) => self.by_public_key.get(der)?.iter().find_map(any)?,
            Pick::Certificate(Some(der)) => self.by_fingerprint.get(&sha256(der))?.iter().find_map(any)?,
            Pick::Certificate(None) => self.of_endpoint(endpoint).find(|credential| {
                credential.proof == Proof::Certificate(None) && credential.is_valid(now_ms)
            })?,
            Pick::Psk { identity: None, .. } | Pick::RawPublicKey(None) => return None,
        };
        let revoked = by.state(now_ms) == State::Revoked;
        Some(Taken { by: by.id, endpoint: by.endpoint.clone(), revoked, is_key: false })
    }

    /// When the next credential retires after `now_ms`.
    pub fn next_retirement_ms(&self, now_ms: u64) -> Option<u64> {
        let after = (now_ms.saturating_add(1), CredentialId(0));
        self.retiring.range(after..).next().map(|(at, _)| *at)
    }

    /// Those that have retired after `since_ms`, up to `now_ms`.
    pub fn retired(&self, since_ms: u64, now_ms: u64) -> impl Iterator<Item = &Credential> {
        let from = (since_ms.saturating_add(1), CredentialId(0));
        let until = (now_ms, CredentialId(u64::MAX));
        let range = (from <= until).then(|| self.retiring.range(from..=until));
        range.into_iter().flatten().filter_map(|(_, id)| self.credential(*id))
    }
}

fn admitted(credential: &Credential) -> Admitted {
    Admitted { id: credential.id, endpoint: credential.endpoint.clone() }
}

fn drop_from<K, Q>(index: &mut BTreeMap<K, BTreeSet<CredentialId>>, key: &Q, id: CredentialId)
where
    K: Ord + core::borrow::Borrow<Q>,
    Q: Ord + ?Sized,
{
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::tests::psk;

    fn key(byte: u8) -> Option<Secret> {
        Some(vec![byte; 16].into())
    }

    fn certificate(id: u64, endpoint: &str, der: Option<&[u8]>) -> Credential {
        Credential { proof: Proof::Certificate(der.map(<[u8]>::to_vec)), ..psk(id, endpoint, "") }
    }

    #[test]
    fn several_versions_open_the_door_during_a_rotation() {
        let mut table = Table::default();
        table.put(Credential { retire_at_ms: Some(100), ..psk(1, "a", "a") }, key(1));
        table.put(Credential { version: 2, ..psk(2, "a", "a#2") }, key(2));
        assert_eq!(table.next_version("a"), 3);
        assert_eq!(table.psk(b"a", 99), key(1).as_ref());
        assert_eq!(table.psk(b"a#2", 99), key(2).as_ref());
        assert_eq!((table.next_retirement_ms(99), table.next_retirement_ms(100)), (Some(100), None));
        let retired = |since, now| table.retired(since, now).map(|retired| retired.id.0).collect::<Vec<_>>();
        assert_eq!((retired(98, 99), retired(99, 100), retired(100, 200)), (vec![], vec![1], vec![]));
        assert_eq!(retired(200, 100), [0_u64; 0]);
        assert_eq!(table.psk(b"a", 100), None);
        let revoked = NotAdmitted::Revoked { id: CredentialId(1), endpoint: "a".to_owned() };
        assert_eq!(table.admits(Shown::Psk(b"a"), 100), Err(revoked));
        assert_eq!(table.admits(Shown::Psk(b"a#2"), 100).unwrap().id, CredentialId(2));
        assert_eq!(table.admits(Shown::Psk(b"\xff"), 100), Err(NotAdmitted::Unknown));
    }

    #[test]
    fn a_change_keeps_the_key_and_a_revoked_one_keeps_the_door_locked() {
        let mut table = Table::default();
        table.put(psk(1, "a", "a"), key(1));
        table.put(Credential { note: "n".to_owned(), ..psk(1, "a", "a") }, None);
        assert_eq!(table.psk(b"a", 1), key(1).as_ref());
        table.put(Credential { revoked_at_ms: Some(2), ..psk(1, "a", "a") }, None);
        assert_eq!(table.psk(b"a", 1), None);
        assert!(table.requires_security("a") && !table.requires_security("b"));
        table.forget(CredentialId(1));
        assert!(!table.requires_security("a") && table.is_empty());
        assert_eq!(table.endpoints_with_credential().count(), 0);
    }

    #[test]
    fn an_identity_gets_another_key_and_a_revoked_public_key_stays_revoked() {
        let mut table = Table::default();
        let der = vec![0x30, 0x59];
        let rpk = Credential { proof: Proof::RawPublicKey(der.clone()), ..psk(2, "b", "") };
        table.put(psk(1, "a", "a"), key(1));
        table.put(rpk.clone(), None);
        let identity = Pick::Psk { identity: Some("a".to_owned()), key: None };
        let public_key = Pick::RawPublicKey(Some(der));
        let by = |table: &Table, pick| table.taken("x", pick, 9).map(|taken| (taken.by.0, taken.revoked));
        assert_eq!((by(&table, &identity), by(&table, &public_key)), (Some((1, false)), Some((2, false))));
        table.put(Credential { revoked_at_ms: Some(2), ..psk(1, "a", "a") }, None);
        table.put(Credential { revoked_at_ms: Some(2), ..rpk }, None);
        assert_eq!((by(&table, &identity), by(&table, &public_key)), (None, Some((2, true))));
    }

    #[test]
    fn a_revoked_certificate_is_not_admitted_by_its_name() {
        let mut table = Table::default();
        table.put(certificate(1, "a", Some(b"first")), None);
        table.put(certificate(2, "a", None), None);
        let shown = |der, name| Shown::Certificate { der, common_name: Some(name), names: &[] };
        let id = |admitted: Result<Admitted, _>| admitted.map(|admitted| admitted.id.0);
        assert_eq!(id(table.admits(shown(b"first", "a"), 1)), Ok(1));
        assert_eq!(id(table.admits(shown(b"other", "a"), 1)), Ok(2));
        assert_eq!(id(table.admits(shown(b"other", "b"), 1)), Err(NotAdmitted::Unknown));
        table.put(Credential { revoked_at_ms: Some(1), ..certificate(1, "a", Some(b"first")) }, None);
        assert!(matches!(table.admits(shown(b"first", "a"), 1), Err(NotAdmitted::Revoked { .. })));
        let names = ["a".to_owned()];
        let by_name = Shown::Certificate { der: b"third", common_name: None, names: &names };
        assert_eq!(id(table.admits(by_name, 1)), Ok(2));
    }
}
