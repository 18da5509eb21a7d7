//! What the DTLS server asks of the credentials, and is given to show.

use std::sync::Arc;

use credentials::{Admitted, NotAdmitted, Place, Proof, Server, Shown, is_signed_by};
use dtls::{Identity, PrivateKey, Saved, ServerCertificate, ServerConfig, SessionId};
use lwm2m_core::{PeerIdentity, Proven};
use store::KeptSession;
use zeroize::Zeroizing;

use super::{Credentials, server_keys::Own};
use crate::clock::Clock;

/// Answers handshakes with one server, from memory and at once.
pub(crate) struct Guard {
    credentials: Arc<Credentials>,
    server: Server,
    clock: Clock,
}

impl Guard {
    pub(crate) fn new(credentials: &Arc<Credentials>, server: Server, clock: Clock) -> Arc<Self> {
        Arc::new(Self { credentials: Arc::clone(credentials), server, clock })
    }
}

impl dtls::Credentials for Guard {
    fn psk(&self, identity: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let tables = self.credentials.tables();
        let key = tables.of(self.server).psk(identity, self.clock.now().as_millis())?;
        Some(Zeroizing::new(key.expose().to_vec()))
    }

    fn admits(&self, identity: &Identity) -> Result<(), dtls::NotAdmitted> {
        match self.credentials.admits(self.server, identity, self.clock.now().as_millis()) {
            Ok(_) => Ok(()),
            Err(NotAdmitted::Unknown) => Err(dtls::NotAdmitted::Unknown),
            Err(NotAdmitted::Revoked { .. }) => Err(dtls::NotAdmitted::Revoked),
        }
    }
}

impl Credentials {
    pub(crate) fn admits(
        &self,
        server: Server,
        identity: &Identity,
        now_ms: u64,
    ) -> Result<Admitted, NotAdmitted> {
        let shown = match identity {
            Identity::Psk(identity) => Shown::Psk(identity),
            Identity::RawPublicKey(key) => Shown::RawPublicKey(key),
            Identity::Certificate(certificate) => Shown::Certificate {
                der: &certificate.der,
                common_name: certificate.common_name.as_deref(),
                names: &certificate.names,
            },
        };
        self.tables().of(server).admits(shown, now_ms)
    }

    /// Whether what an endpoint has registered with still counts. For a certificate that is any of the endpoint, since
    /// a new one takes the place of another.
    pub(crate) fn still_admits(&self, identity: &PeerIdentity, endpoint: &str, now_ms: u64) -> bool {
        let tables = self.tables();
        let table = tables.of(Server::DeviceManagement);
        let is_of_endpoint = |admitted: Result<Admitted, NotAdmitted>| {
            admitted.is_ok_and(|admitted| admitted.endpoint == endpoint)
        };
        match identity {
            // Whether it may register so is decided when it does.
            PeerIdentity::NoSec => true,
            PeerIdentity::Psk(identity) => {
                is_of_endpoint(table.admits(Shown::Psk(identity.as_bytes()), now_ms))
            }
            PeerIdentity::RawPublicKey(key) => is_of_endpoint(table.admits(Shown::RawPublicKey(key), now_ms)),
            PeerIdentity::Certificate(_) => table.of_endpoint(endpoint).any(|credential| {
                matches!(credential.proof, Proof::Certificate(_)) && credential.is_valid(now_ms)
            }),
        }
    }

    /// The bootstrap session that made what an endpoint has registered with. Of certificates that is the last that was
    /// made, as a registration does not tell them apart.
    pub(crate) fn made_in(&self, identity: &PeerIdentity, endpoint: &str, now_ms: u64) -> Option<u64> {
        let tables = self.tables();
        let table = tables.of(Server::DeviceManagement);
        let shown = match identity {
            PeerIdentity::NoSec => return None,
            PeerIdentity::Psk(identity) => Shown::Psk(identity.as_bytes()),
            PeerIdentity::RawPublicKey(key) => Shown::RawPublicKey(key),
            PeerIdentity::Certificate(_) => {
                let of_endpoint = table.of_endpoint(endpoint).filter(|credential| {
                    matches!(credential.proof, Proof::Certificate(_)) && credential.is_valid(now_ms)
                });
                return of_endpoint.filter_map(|credential| credential.made_in).max();
            }
        };
        table.credential(table.admits(shown, now_ms).ok()?.id)?.made_in
    }

    /// Whether a certificate is still believed: it was added itself, or an authority has signed it. One with others in
    /// between does not say here which authority that was, and its device shows it again in another handshake.
    pub(crate) fn believes(&self, server: Server, identity: &Identity, now_ms: u64) -> bool {
        let Identity::Certificate(certificate) = identity else { return true };
        self.tables().of(server).has_certificate(&certificate.der, now_ms)
            || self.server().trust_anchors().any(|anchor| is_signed_by(&certificate.der, anchor))
    }

    /// What a server shows and believes, and the same to compare with.
    pub(crate) fn dtls_config(&self, guard: Arc<Guard>, first_session: u64) -> (ServerConfig, Vec<Vec<u8>>) {
        let keys = self.server();
        let server = keys.of(guard.server);
        let key = |own: &Own| PrivateKey(Zeroizing::new(own.key.expose().to_vec()));
        let authority = keys.authority.iter().map(|own| own.public.clone());
        let trust_anchors: Vec<_> = keys.trust_anchors().cloned().collect();
        let certificates = server.certificate.iter().map(|own| ServerCertificate {
            chain: std::iter::once(own.public.clone()).chain(authority.clone()).collect(),
            key: key(own),
        });
        let now_ms = guard.now_ms();
        let tables = self.tables();
        // One that an operator has added is believed whoever signed it.
        let added = tables.of(guard.server).certificates().filter(|credential| credential.is_valid(now_ms));
        let added = added.filter_map(|credential| match &credential.proof {
            Proof::Certificate(Some(der)) => Some(der.clone()),
            _ => None,
        });
        let pinned: Vec<_> = added.collect();
        let own = std::iter::once(&server.raw).chain(&server.certificate).map(|own| own.public.clone());
        let shown = own.chain(trust_anchors.iter().chain(&pinned).cloned()).collect();
        let config = ServerConfig {
            first_session: SessionId(first_session),
            certificates: certificates.collect(),
            raw_key: Some(key(&server.raw)),
            trust_anchors,
            pinned,
            cbc: true,
            ..ServerConfig::new(guard)
        };
        (config, shown)
    }

    /// A session for the store, its keys sealed. `None` when the system gives no randomness.
    pub(crate) fn keep(
        &self,
        saved: &Saved,
        credential: credentials::CredentialId,
        endpoint: &str,
    ) -> Option<KeptSession> {
        let id = saved.session.0;
        let sealed = self.vault().seal(Place::Session(id), &saved.to_bytes()).ok()?;
        Some(KeptSession { id, credential, endpoint: endpoint.to_owned(), sealed })
    }

    pub(crate) fn restore_session(&self, kept: &KeptSession) -> Option<Saved> {
        let opened = self.vault().open(Place::Session(kept.id), &kept.sealed).ok()?;
        Saved::from_bytes(opened.expose()).ok()
    }
}

impl Guard {
    fn now_ms(&self) -> u64 {
        self.clock.now().as_millis()
    }
}

/// Who has registered. A certificate counts by its endpoint, so that the next one can take its place.
pub(crate) fn proven(identity: &Identity, endpoint: &str) -> Proven {
    let identity = match identity {
        Identity::Psk(identity) => PeerIdentity::Psk(String::from_utf8_lossy(identity).into_owned()),
        Identity::RawPublicKey(key) => PeerIdentity::RawPublicKey(key.clone()),
        Identity::Certificate(_) => PeerIdentity::Certificate(endpoint.to_owned()),
    };
    Proven { identity, endpoint: endpoint.to_owned() }
}
