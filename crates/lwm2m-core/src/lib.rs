//! The LwM2M roles as state machines without I/O: the [`server`], the [`client`]
//! and the [`bootstrap_server`].
//!
//! A role takes inputs and gives outputs; it never waits, locks or reads a clock. After every input its outputs
//! are drained with `poll`, then `poll_timeout` says when it wants to be called next and why.

pub mod bootstrap_server;
pub mod client;
mod peer;
pub mod server;

pub use peer::{Peer, PeerIdentity, Proven, SessionId};
