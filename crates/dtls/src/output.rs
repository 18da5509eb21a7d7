use std::net::SocketAddr;

use dtls_record::ConnectionId;
use thiserror::Error;

use crate::{failure::HandshakeFailure, identity::Identity};

/// One security context, from its handshake on; never used twice.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionId(pub u64);

/// What a server wants done or known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    Transmit {
        to: SocketAddr,
        datagram: Vec<u8>,
    },
    /// Both ends have authenticated each other.
    Connected {
        session: SessionId,
        from: SocketAddr,
        identity: Identity,
        /// Number of the cipher suite with the IANA.
        suite: u16,
        resumed: bool,
        /// What the peer puts into its records, so that it is known wherever it sends from.
        connection_id: Option<ConnectionId>,
    },
    Data {
        session: SessionId,
        payload: Vec<u8>,
        /// Only after an import for a crash: the sequence number of a record that may be a recording of one from before
        /// the crash. Nothing may come of it until its sender has shown that it is there now, and that is said with
        /// [`crate::Server::freshness_proven`].
        unproven: Option<u64>,
    },
    /// The peer goes on from another address (RFC 9146 §6).
    Moved {
        session: SessionId,
        from: SocketAddr,
        to: SocketAddr,
    },
    Closed {
        session: SessionId,
        why: CloseReason,
    },
    Failed {
        from: SocketAddr,
        /// Claimed, not proven.
        identity: Option<Identity>,
        failure: HandshakeFailure,
    },
    /// The session comes to the end of its reserved sequence numbers: store [`crate::Server::export`], then say
    /// [`crate::Server::reserved`].
    Reserve {
        session: SessionId,
    },
}

/// Why a session ended.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum CloseReason {
    #[error("closed here")]
    Local,
    #[error("closed by the peer")]
    CloseNotify,
    #[error("the peer sent the fatal alert {0}")]
    Alert(u8),
    /// RFC 6347 §4.2.8.
    #[error("the peer made a new handshake from the same address")]
    Replaced,
    #[error("the longest silent session made room for another one")]
    Displaced,
    #[error("all sequence numbers are used")]
    Exhausted,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SendError {
    #[error("expected a session, got the number of none")]
    NoSession,
    #[error("expected a payload of at most {expected} bytes, got {got}")]
    TooLong { expected: usize, got: usize },
    #[error("expected reserved sequence numbers; the block in use must be stored first")]
    NotReserved,
    #[error("expected a sequence number below 2^48; all are used")]
    Exhausted,
    #[error("OpenSSL did not take the payload")]
    Whole,
}
