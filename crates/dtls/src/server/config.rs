use std::{fmt, sync::Arc};

use openssl::error::ErrorStack;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{credentials::Credentials, limits, output::SessionId};

/// What a server is and whom it lets in.
#[derive(Clone)]
pub struct ServerConfig {
    pub credentials: Arc<dyn Credentials>,
    /// The first session gets this number, and the next ones higher numbers. Sessions of an earlier run had lower ones.
    pub first_session: SessionId,
    /// What all Connection IDs of this server begin with: worker, node. `None`: it gives out none.
    pub connection_id_prefix: Option<[u8; 3]>,
    /// The first one is shown to clients that ask for no name, or one that none has.
    pub certificates: Vec<ServerCertificate>,
    /// The key pair that is shown to clients that want a raw public key; `None`: that of the first certificate.
    pub raw_key: Option<PrivateKey>,
    /// Certificates (DER) of those whose certificates are believed.
    pub trust_anchors: Vec<Vec<u8>>,
    /// Certificates (DER) of peers that are believed whoever signed them. They sign no others.
    pub pinned: Vec<Vec<u8>>,
    /// Whether the suites with CBC, which LwM2M 1.0 asks for and 1.1 advises against, are allowed.
    pub cbc: bool,
    /// How often one source may begin a handshake.
    pub handshakes_per_source: Rate,
}

impl ServerConfig {
    /// Pre-shared keys only, no CBC, with Connection IDs.
    pub fn new(credentials: Arc<dyn Credentials>) -> Self {
        Self {
            credentials,
            first_session: SessionId(1),
            connection_id_prefix: Some([0; 3]),
            certificates: Vec::new(),
            raw_key: None,
            trust_anchors: Vec::new(),
            pinned: Vec::new(),
            cbc: false,
            handshakes_per_source: Rate::default(),
        }
    }
}

/// PKCS#8 or SEC1 in DER; erased when dropped.
#[derive(Clone)]
pub struct PrivateKey(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

#[derive(Clone, Debug)]
pub struct ServerCertificate {
    /// Certificates in DER: the server's, then those between it and the authority.
    pub chain: Vec<Vec<u8>>,
    pub key: PrivateKey,
}

/// A token bucket.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Rate {
    pub at_once: u32,
    pub per_second: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { at_once: limits::HANDSHAKES_PER_SOURCE, per_second: limits::HANDSHAKES_PER_SOURCE_AND_SECOND }
    }
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    #[error("expected a certificate in DER, got something else ({0})")]
    Certificate(#[source] ErrorStack),
    #[error("expected a private key in DER, PKCS#8 or SEC1, got something else ({0})")]
    PrivateKey(#[source] ErrorStack),
    #[error("expected a key on the curve P-256, got another one")]
    Curve,
    #[error("expected at least one certificate in a chain, got none")]
    EmptyChain,
    #[error("expected the private key of the certificate, got another one")]
    KeyMismatch,
    #[error("expected at most {} server certificates, got {got}", limits::SERVER_CERTIFICATES)]
    TooManyCertificates { got: usize },
    #[error("OpenSSL could not be set up: {0}")]
    OpenSsl(#[from] ErrorStack),
}
