//! The records from outside, as a handshake and a server use them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod hello;
mod pair;
mod properties;
mod recorded;
mod restart;
mod session;
