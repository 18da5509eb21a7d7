//! Whom a change of credentials concerns, so that nobody else is looked at.

use std::{collections::BTreeSet, sync::Arc};

use credentials::{CertificateInfo, Credential, Proof, Server, Tables};
use lwm2m_core::server::Admission;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

/// What may have ended sessions and registrations, or lets others in.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Credentials(Arc<Concerned>),
    /// What a server shows and believes, or more than was waited for.
    Everything,
}

/// What the credentials that have changed are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Concerned {
    endpoints: BTreeSet<(Server, String)>,
    /// Servers with another certificate among those that they believe for themselves.
    certificates: BTreeSet<Server>,
}

/// What has changed since it was last asked.
pub(crate) struct Changes(pub(super) broadcast::Receiver<Change>);

impl Concerned {
    pub(crate) fn of<'a>(credentials: impl IntoIterator<Item = &'a Credential>) -> Self {
        let mut concerned = Self::default();
        for credential in credentials {
            let server = credential.server;
            concerned.endpoints.insert((server, credential.endpoint.clone()));
            let Proof::Certificate(Some(der)) = &credential.proof else { continue };
            concerned.certificates.insert(server);
            // Until now it may have counted for one of the names that it has.
            let Ok(CertificateInfo { common_name, names, .. }) = CertificateInfo::of(der) else { continue };
            let named = common_name.into_iter().chain(names).map(|name| (server, name));
            concerned.endpoints.extend(named);
        }
        concerned
    }

    /// The endpoints that have credentials for a server.
    pub(crate) fn endpoints(&self, server: Server) -> impl Iterator<Item = &str> {
        self.endpoints.iter().filter(move |(of, _)| *of == server).map(|(_, endpoint)| endpoint.as_str())
    }
}

impl Change {
    /// Whether a server has to be given certificates anew.
    pub(crate) fn is_of_certificates(&self, server: Server) -> bool {
        match self {
            Self::Credentials(concerned) => concerned.certificates.contains(&server),
            Self::Everything => true,
        }
    }

    /// The endpoints to look at.
    pub(crate) fn endpoints(&self, tables: &Tables, server: Server) -> Vec<String> {
        match self {
            Self::Credentials(concerned) => concerned.endpoints(server).map(str::to_owned).collect(),
            Self::Everything => tables.of(server).endpoints_with_credential().map(str::to_owned).collect(),
        }
    }

    /// Puts into `admission` which endpoints may come with security only.
    pub(crate) fn secure(&self, tables: &Tables, server: Server, admission: &mut Admission) {
        let table = tables.of(server);
        match self {
            Self::Credentials(concerned) => {
                let secured = Arc::make_mut(&mut admission.secured);
                for endpoint in concerned.endpoints(server) {
                    if table.requires_security(endpoint) {
                        secured.insert(endpoint.to_owned());
                    } else {
                        secured.remove(endpoint);
                    }
                }
            }
            Self::Everything => {
                admission.secured = Arc::new(table.endpoints_with_credential().map(str::to_owned).collect());
            }
        }
    }
}

impl Changes {
    pub(crate) async fn next(&mut self) -> Change {
        match self.0.recv().await {
            Ok(change) => change,
            Err(RecvError::Lagged(_)) => Change::Everything,
            // It is told for as long as there are credentials, which the thread has that waits.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    /// What has been told already: it counts for whatever comes after it.
    pub(crate) fn at_hand(&mut self) -> Option<Change> {
        match self.0.try_recv() {
            Ok(change) => Some(change),
            Err(TryRecvError::Lagged(_)) => Some(Change::Everything),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use credentials::{
        CredentialId, KeyPair,
        authority::{Authority, DeviceKey},
    };

    use super::*;

    const SERVER: Server = Server::DeviceManagement;

    fn credential(endpoint: &str, proof: Proof) -> Credential {
        Credential {
            id: CredentialId(1),
            endpoint: endpoint.to_owned(),
            server: SERVER,
            version: 1,
            proof,
            note: String::new(),
            created_at_ms: 1,
            author: String::new(),
            retire_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
            made_in: None,
        }
    }

    fn psk(endpoint: &str) -> Credential {
        credential(endpoint, Proof::Psk { identity: "i".to_owned(), key_bytes: 16 })
    }

    #[test]
    fn a_certificate_concerns_whom_it_names_too() {
        let authority = Authority::create("authority", 1, 1_800_000_000_000).unwrap();
        let key = DeviceKey::of_pair(&KeyPair::generate().unwrap()).unwrap();
        let der = authority.issue_for_device("named", &key, 1, 1_800_000_000_000).unwrap();
        let concerned = Concerned::of(&[credential("other", Proof::Certificate(Some(der))), psk("lamp")]);
        assert_eq!(concerned.endpoints(SERVER).collect::<Vec<_>>(), ["lamp", "named", "other"]);
        assert_eq!(concerned.endpoints(Server::Bootstrap).count(), 0);
        let change = Change::Credentials(Arc::new(concerned));
        assert!(change.is_of_certificates(SERVER) && !change.is_of_certificates(Server::Bootstrap));
        let change = Change::Credentials(Arc::new(Concerned::of(&[psk("lamp")])));
        assert!(!change.is_of_certificates(SERVER) && Change::Everything.is_of_certificates(SERVER));
    }

    #[test]
    fn what_has_been_told_is_at_hand_and_what_was_missed_is_everything() {
        let (told, changes) = broadcast::channel(1);
        let mut changes = Changes(changes);
        assert!(changes.at_hand().is_none());
        let concerned = Change::Credentials(Arc::new(Concerned::of(&[psk("lamp")])));
        told.send(concerned.clone()).unwrap();
        assert!(matches!(changes.at_hand(), Some(Change::Credentials(_))));
        assert!(changes.at_hand().is_none());
        told.send(concerned.clone()).unwrap();
        told.send(concerned).unwrap();
        assert!(matches!(changes.at_hand(), Some(Change::Everything)));
    }

    #[test]
    fn who_may_come_with_security_only_is_kept_name_by_name() {
        let (mut tables, mut admission) = (Tables::default(), Admission::default());
        let secured = |admission: &Admission| admission.secured.iter().cloned().collect::<Vec<_>>();
        tables.put(psk("a"), None);
        tables.put(Credential { id: CredentialId(2), ..psk("b") }, None);
        Change::Everything.secure(&tables, SERVER, &mut admission);
        assert_eq!(secured(&admission), ["a", "b"]);
        let change = Change::Credentials(Arc::new(Concerned::of(&[psk("a"), psk("c")])));
        tables.forget(CredentialId(1));
        tables.put(Credential { id: CredentialId(3), ..psk("c") }, None);
        change.secure(&tables, SERVER, &mut admission);
        assert_eq!(secured(&admission), ["b", "c"]);
        assert_eq!(change.endpoints(&tables, SERVER), ["a", "c"], "and no others");
        assert_eq!(Change::Everything.endpoints(&tables, SERVER), ["b", "c"]);
    }

    #[tokio::test]
    async fn who_falls_behind_looks_at_everything() {
        let (sender, receiver) = broadcast::channel(2);
        let mut changes = Changes(receiver);
        let change = || Change::Credentials(Arc::new(Concerned::of(&[psk("a")])));
        (0..5).for_each(|_| assert!(sender.send(change()).is_ok()));
        assert!(matches!(changes.next().await, Change::Everything));
        assert!(matches!(changes.next().await, Change::Credentials(_)), "what there was room for follows");
    }
}
