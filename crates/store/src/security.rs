use coap::Instant;
use credentials::{CredentialId, Sealed, Stored};

use crate::{KeptBootstrap, KeptConfiguration, KeptStep};

/// Something about security that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecurityChange {
    /// A credential, in place of what it was before.
    Credential(Box<Stored>),
    CredentialForgotten(CredentialId),
    /// When a credential was used. Nothing, if a later time is known or the credential is not.
    CredentialUsed(CredentialId, Instant),
    Server(ServerSecret),
    /// What has this name goes.
    ServerForgotten(String),
    Session(KeptSession),
    SessionEnded(u64),
    /// No session gets a number up to this one any more.
    SessionsReserved(u64),
    /// A further version of a configuration for the Bootstrap-Server.
    Configuration(Box<KeptConfiguration>),
    /// All versions of it go.
    ConfigurationForgotten(u64),
    /// A bootstrap session, in place of what it was before.
    Bootstrap(Box<KeptBootstrap>),
    BootstrapStep(KeptStep),
}

/// Something of the server itself, in place of what had this name before: its raw key, an authority. One
/// of others has no key here, and nothing is sealed in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSecret {
    pub name: String,
    /// What everyone may know of it: a public key, a certificate.
    pub public: Vec<u8>,
    pub sealed: Sealed,
}

/// A DTLS session that goes on after a restart, its keys sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    pub id: u64,
    /// What the device has connected with.
    pub credential: CredentialId,
    pub endpoint: String,
    pub sealed: Sealed,
}
