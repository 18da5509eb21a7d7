//! Server and client of ours over a link in memory, with a time that only the test moves.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod credentials;
mod pre_shared_keys;
mod public_keys;
mod records;
mod strangers;
mod world;
