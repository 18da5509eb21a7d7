use core::{fmt, net::SocketAddr};

/// A security session that the transport layer has established. It outlives changes of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Where a CoAP message comes from or goes to: the CoAP endpoint of RFC 7252 §1.2.
///
/// With DTLS that is the session, without it nothing better than the address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    NoSec(SocketAddr),
    Session(SessionId),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSec(address) => write!(f, "{address}"),
            Self::Session(SessionId(id)) => write!(f, "session {id}"),
        }
    }
}

/// What the security layer has proven about a peer (LwM2M 1.0 TS §7.1). An address proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeerIdentity {
    /// Security mode NoSec: nothing is proven.
    NoSec,
    /// The PSK identity of the handshake.
    Psk(String),
    /// The SubjectPublicKeyInfo of the raw public key.
    RawPublicKey(Vec<u8>),
    /// The common name of the verified certificate.
    Certificate(String),
}

/// Who is at the other end of a security session: what the handshake has proven, and the Endpoint Client Name that this
/// belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub identity: PeerIdentity,
    pub endpoint: String,
}
