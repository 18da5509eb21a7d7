//! DTLS 1.2 for both roles, without sockets: OpenSSL authenticates, and our own records carry what follows
//! (RFC 6347, RFC 9146, RFC 7250, RFC 7925).
//!
//! A [`Server`] has one socket and many peers, a [`Client`] one peer. Both are given datagrams and the time, and give back
//! what to send and what to know by `poll`. After the handshake OpenSSL is let go, unless the suite is one that only it
//! has (CBC).

mod authority;
mod client;
mod connection;
mod credentials;
mod failure;
mod ffi;
mod flight;
mod handshake;
mod identity;
pub mod limits;
mod link;
mod notes;
mod output;
pub mod pem;
mod saved;
mod server;
mod suites;
mod time;
mod usage;
mod verification;

pub use authority::{NotAnAuthority, check_authority};
pub use client::{
    CertificateUsage, Client, ClientConfig, ClientCredential, ClientOutput, ExpectedCertificate, MatchingType,
};
pub use credentials::{Credentials, NotAdmitted};
pub use dtls_record::{ConnectionId, Restart};
pub use failure::HandshakeFailure;
pub use identity::{Certificate, Identity};
pub use output::{CloseReason, Output, SendError, SessionId};
pub use saved::{Saved, SavedError};
pub use server::{ConfigError, PrivateKey, Rate, Server, ServerCertificate, ServerConfig};
pub use suites::name as cipher_suite_name;
pub use time::Instant;
pub use usage::{Usage, Use};
