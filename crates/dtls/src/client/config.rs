use std::fmt;

use dtls_record::ConnectionId;
use zeroize::Zeroizing;

use crate::server::PrivateKey;

/// Who a client is and whom it expects.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub credential: ClientCredential,
    /// What the server is asked for (RFC 6066 §3), and what its certificate must be made out for.
    pub server_name: Option<String>,
    /// What the server is to put into its records; empty: nothing, but we put its own into ours. `None`: no Connection
    /// IDs at all.
    pub connection_id: Option<ConnectionId>,
    /// Cipher suites by their IANA numbers; all that we know when empty.
    pub suites: Vec<u16>,
}

impl ClientConfig {
    /// Any suite, and Connection IDs where the server wants them.
    pub fn new(credential: ClientCredential) -> Self {
        Self {
            credential,
            server_name: None,
            connection_id: Some(ConnectionId::default()),
            suites: Vec::new(),
        }
    }
}

/// Resources 2 to 5 of a Security object instance.
#[derive(Clone)]
pub enum ClientCredential {
    Psk {
        identity: Vec<u8>,
        key: Zeroizing<Vec<u8>>,
    },
    RawPublicKey {
        key: PrivateKey,
        /// SubjectPublicKeyInfo of the server, in DER.
        server: Vec<u8>,
    },
    Certificate {
        /// Certificates in DER: the client's, then those between it and its authority.
        chain: Vec<Vec<u8>>,
        key: PrivateKey,
        server: ExpectedCertificate,
    },
}

/// Resources 4, 13 and 15 of a Security object instance.
#[derive(Clone, Debug)]
pub struct ExpectedCertificate {
    pub usage: CertificateUsage,
    pub matching: MatchingType,
    /// The certificate in DER, or its digest.
    pub content: Vec<u8>,
    /// Certificates of authorities that are believed anyway, in DER, for the usages that need one.
    pub anchors: Vec<Vec<u8>>,
}

/// RFC 6698 §2.1.1, by the numbers of Resource 15.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CertificateUsage {
    /// 0: it must be an authority of the chain, which must lead to an anchor.
    CaConstraint,
    /// 1: it must be the server's, and the chain must lead to an anchor.
    ServiceCertificateConstraint,
    /// 2: it is an anchor itself.
    TrustAnchorAssertion,
    /// 3: it must be the server's; who signed it does not matter.
    DomainIssuedCertificate,
}

/// What is compared, by the numbers of Resource 13.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum MatchingType {
    Exact,
    Sha256,
    Sha384,
    Sha512,
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Psk { .. } => "Psk(..)",
            Self::RawPublicKey { .. } => "RawPublicKey(..)",
            Self::Certificate { .. } => "Certificate(..)",
        })
    }
}
