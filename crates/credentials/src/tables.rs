use crate::{Credential, CredentialId, Pick, Secret, Server, Table, Taken, limits};

/// All credentials in memory: a [`Table`] for each server, since what opens the door of one must not open that of the
/// other. Ids are of both.
#[derive(Debug, Default)]
pub struct Tables {
    device_management: Table,
    bootstrap: Table,
}

impl Tables {
    pub const fn of(&self, server: Server) -> &Table {
        match server {
            Server::DeviceManagement => &self.device_management,
            Server::Bootstrap => &self.bootstrap,
        }
    }

    const fn of_mut(&mut self, server: Server) -> &mut Table {
        match server {
            Server::DeviceManagement => &mut self.device_management,
            Server::Bootstrap => &mut self.bootstrap,
        }
    }

    pub fn len(&self) -> usize {
        self.each().map(Table::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.each().all(Table::is_empty)
    }

    /// Whether so many more find room.
    pub fn has_room_for(&self, more: usize) -> bool {
        self.len() + more <= limits::CREDENTIALS
    }

    /// Takes a credential in, in place of what it was before.
    pub fn put(&mut self, credential: Credential, key: Option<Secret>) {
        self.of_mut(credential.server).put(credential, key);
    }

    pub fn forget(&mut self, id: CredentialId) {
        Server::ALL.into_iter().for_each(|server| self.of_mut(server).forget(id));
    }

    /// When it was last used, if that is later than what is known.
    pub fn used(&mut self, id: CredentialId, at_ms: u64) {
        Server::ALL.into_iter().for_each(|server| self.of_mut(server).used(id, at_ms));
    }

    pub fn credential(&self, id: CredentialId) -> Option<&Credential> {
        self.each().find_map(|table| table.credential(id))
    }

    /// The secret of a credential.
    pub fn key(&self, id: CredentialId) -> Option<&Secret> {
        self.each().find_map(|table| table.key(id))
    }

    /// All, by their servers and ids.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.each().flat_map(Table::credentials)
    }

    /// Those of an endpoint, by their servers and ids.
    pub fn of_endpoint(&self, endpoint: &str) -> impl Iterator<Item = &Credential> {
        self.each().flat_map(move |table| table.of_endpoint(endpoint))
    }

    /// Who has what is to be added already ([`Table::taken`]). A public key, a certificate, and the key of an endpoint are
    /// of one server only (LwM2M 1.0 TS §7.1.1).
    pub fn taken(&self, server: Server, endpoint: &str, pick: &Pick, now_ms: u64) -> Option<Taken> {
        let other = self.of(server.other());
        let by_other = || match pick {
            Pick::RawPublicKey(Some(_)) | Pick::Certificate(Some(_)) => other.taken(endpoint, pick, now_ms),
            Pick::Psk { key: Some(key), .. } => {
                let same = |credential: &&Credential| other.key(credential.id) == Some(key);
                let same = other.of_endpoint(endpoint).find(same)?;
                let (by, endpoint) = (same.id, same.endpoint.clone());
                Some(Taken { by, endpoint, revoked: !same.is_valid(now_ms), is_key: true })
            }
            _ => None,
        };
        self.of(server).taken(endpoint, pick, now_ms).or_else(by_other)
    }

    fn each(&self) -> impl Iterator<Item = &Table> {
        [&self.device_management, &self.bootstrap].into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Proof, credential::tests::psk};

    fn key(byte: u8) -> Option<Secret> {
        Some(vec![byte; 16].into())
    }

    #[test]
    fn an_identity_is_once_for_each_server_and_a_key_for_one() {
        let mut tables = Tables::default();
        tables.put(psk(1, "a", "a"), key(1));
        tables.put(Credential { server: Server::Bootstrap, ..psk(2, "a", "a") }, key(2));
        assert_eq!(tables.of(Server::DeviceManagement).psk(b"a", 1), key(1).as_ref());
        assert_eq!(tables.of(Server::Bootstrap).psk(b"a", 1), key(2).as_ref());
        assert_eq!((tables.len(), tables.key(CredentialId(2))), (2, key(2).as_ref()));
        let taken = |server, identity: &str, byte| {
            let pick = Pick::Psk { identity: Some(identity.to_owned()), key: key(byte) };
            tables.taken(server, "a", &pick, 1).map(|taken| (taken.by.0, taken.is_key))
        };
        assert_eq!(taken(Server::Bootstrap, "a", 3), Some((2, false)));
        assert_eq!(taken(Server::Bootstrap, "b", 1), Some((1, true)), "the key of the other server");
        assert_eq!(taken(Server::DeviceManagement, "b", 2), Some((2, true)), "the key of the other server");
        assert_eq!(taken(Server::DeviceManagement, "b", 3), None);
    }

    #[test]
    fn a_public_key_is_of_one_server() {
        let mut tables = Tables::default();
        let rpk = Credential { proof: Proof::RawPublicKey(vec![0x30]), ..psk(1, "a", "") };
        tables.put(rpk, None);
        let pick = Pick::RawPublicKey(Some(vec![0x30]));
        for server in Server::ALL {
            assert_eq!(tables.taken(server, "b", &pick, 1).map(|taken| taken.by.0), Some(1));
        }
        tables.forget(CredentialId(1));
        assert!(tables.is_empty() && tables.credential(CredentialId(1)).is_none());
    }
}
