use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use credentials::{CredentialId, Server};
use lwm2m_core::{Proven, SessionId};

use super::freshness::Freshness;
use crate::credentials::Change;

/// A session, who is at its other end, and where.
pub(super) struct Open {
    pub(super) proven: Proven,
    pub(super) credential: CredentialId,
    /// As of what the DTLS server has told so far; it may have closed the session already.
    pub(super) address: SocketAddr,
    /// While it is not known whether what comes is new, after a crash; with when that was last asked.
    pub(super) freshness: Option<(coap::Instant, Box<Freshness>)>,
}

/// The sessions of one server, also by their endpoints: a change of credentials concerns few.
#[derive(Default)]
pub(super) struct OpenSessions {
    all: BTreeMap<SessionId, Open>,
    by_endpoint: BTreeSet<(String, SessionId)>,
}

impl OpenSessions {
    pub(super) fn insert(&mut self, id: SessionId, open: Open) {
        self.remove(&id);
        self.by_endpoint.insert((open.proven.endpoint.clone(), id));
        self.all.insert(id, open);
    }

    pub(super) fn remove(&mut self, id: &SessionId) {
        if let Some(open) = self.all.remove(id) {
            self.by_endpoint.remove(&(open.proven.endpoint, *id));
        }
    }

    pub(super) fn get(&self, id: &SessionId) -> Option<&Open> {
        self.all.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &SessionId) -> Option<&mut Open> {
        self.all.get_mut(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = SessionId> {
        self.all.keys().copied()
    }

    /// Those that a change of credentials for this server may end.
    pub(super) fn concerned(&self, change: &Change, server: Server) -> Vec<SessionId> {
        match change {
            Change::Credentials(concerned) => {
                concerned.endpoints(server).flat_map(|endpoint| self.of_endpoint(endpoint)).collect()
            }
            Change::Everything => self.ids().collect(),
        }
    }

    fn of_endpoint(&self, endpoint: &str) -> impl Iterator<Item = SessionId> {
        let range = (endpoint.to_owned(), SessionId(0))..=(endpoint.to_owned(), SessionId(u64::MAX));
        self.by_endpoint.range(range).map(|(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use credentials::{Credential, Proof};
    use lwm2m_core::PeerIdentity;

    use super::*;
    use crate::credentials::Concerned;

    const SERVER: Server = Server::DeviceManagement;

    fn open(endpoint: &str) -> Open {
        let proven =
            Proven { identity: PeerIdentity::Psk(endpoint.to_owned()), endpoint: endpoint.to_owned() };
        Open {
            proven,
            credential: CredentialId(1),
            address: SocketAddr::from(([192, 0, 2, 1], 5_684)),
            freshness: None,
        }
    }

    fn change(endpoint: &str, server: Server) -> Change {
        let credential = Credential {
            id: CredentialId(1),
            endpoint: endpoint.to_owned(),
            server,
            version: 1,
            proof: Proof::Psk { identity: endpoint.to_owned(), key_bytes: 16 },
            note: String::new(),
            created_at_ms: 1,
            author: String::new(),
            retire_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
            made_in: None,
        };
        Change::Credentials(Arc::new(Concerned::of(&[credential])))
    }

    /// However many others there are.
    #[test]
    fn a_change_looks_at_the_sessions_of_its_endpoints_only() {
        let mut sessions = OpenSessions::default();
        for id in 0..10_000 {
            sessions.insert(SessionId(id), open(&format!("device-{}", id / 2)));
        }
        let looked_at = |sessions: &OpenSessions, endpoint: &str, server| {
            sessions.concerned(&change(endpoint, server), server).iter().map(|id| id.0).collect::<Vec<_>>()
        };
        assert_eq!(looked_at(&sessions, "device-7", SERVER), [14, 15]);
        assert_eq!(looked_at(&sessions, "device-", SERVER), [0_u64; 0]);
        assert_eq!(sessions.concerned(&change("device-7", Server::Bootstrap), SERVER), []);
        assert_eq!(sessions.concerned(&Change::Everything, SERVER).len(), 10_000);
        sessions.remove(&SessionId(14));
        sessions.insert(SessionId(15), open("another"));
        assert_eq!(looked_at(&sessions, "device-7", SERVER), [0_u64; 0]);
        assert_eq!(looked_at(&sessions, "another", SERVER), [15]);
    }
}
