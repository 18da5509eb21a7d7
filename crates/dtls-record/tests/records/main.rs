//! The records from outside, as a handshake and a server use them.

mod hello;
mod pair;
mod restart;
mod session;
