//! DTLS 1.2 records (RFC 6347) with Connection ID (RFC 9146): no socket, no clock, no randomness, no `unsafe`.
//!
//! [`Session`] seals and opens the records of one connection after its handshake. [`records`] splits a datagram,
//! [`ClientHello`], [`Cookies`] and [`hello_verify_request`] answer the first message of a stranger.
//!
//! ```
//! use dtls_record::{ConnectionId, ConnectionIds, ContentType, MasterSecret, Randoms, Role, Session, Suite, records};
//!
//! // From the handshake.
//! let (secret, randoms) = (MasterSecret::new([1; 48]), Randoms { client: [2; 32], server: [3; 32] });
//! let id = ConnectionId::new(b"server7");
//! let client_ids = ConnectionIds { ours: None, theirs: id };
//! let server_ids = ConnectionIds { ours: id, theirs: None };
//! let mut client = Session::new(Role::Client, Suite::Aes128Ccm8, &secret, &randoms, client_ids);
//! let mut server = Session::new(Role::Server, Suite::Aes128Ccm8, &secret, &randoms, server_ids);
//!
//! let mut datagram = Vec::new();
//! client.seal(ContentType::APPLICATION_DATA, b"Hello", &mut datagram)?;
//!
//! // The server finds the session by the Connection ID, wherever the datagram came from.
//! let record = records(&datagram, 7).next().unwrap()?;
//! assert_eq!(record.connection_id.as_bytes(), b"server7");
//! let record = &mut datagram[record.range];
//! let opened = server.open(record)?;
//! assert_eq!(&record[opened.plaintext], b"Hello");
//! assert!(opened.newest);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/dtls-record-review.md` says why no nonce is used twice, what survives a restart, and what does not.

#![forbid(unsafe_code)]

mod additional_data;
mod cipher;
mod client_hello;
mod connection_id;
mod content_type;
mod cookies;
mod hello_verify_request;
#[cfg(test)]
mod hex;
mod keys;
pub mod limits;
mod prf;
mod record;
mod replay_window;
mod saved_session;
mod secrets;
mod session;
mod suite;

pub use client_hello::{ClientHello, ClientHelloError};
pub use connection_id::{ConnectionId, ConnectionIds};
pub use content_type::ContentType;
pub use cookies::{Cookie, Cookies};
pub use hello_verify_request::{HELLO_VERIFY_REQUEST_LENGTH, hello_verify_request};
pub use keys::{KeyBlock, RecordNumber, Refused, SealError, Unprotected, WriteKeys};
pub use record::{DTLS_1_0, DTLS_1_2, Record, RecordError, Records, records};
pub use replay_window::{ReplayWindow, Stale};
pub use saved_session::{Restart, SavedSession, SavedSessionError};
pub use secrets::{MasterSecret, Randoms, Role};
pub use session::{Opened, Reservation, Session};
pub use suite::Suite;
