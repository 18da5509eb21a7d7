//! What must hold for any input of what is built upon OpenSSL, one function for each fuzz target.
//!
//! It stands beside `tests/fuzz`, and not in it: there everything is compiled once more, and OpenSSL takes minutes. Here
//! the functions are part of the whole workspace, so that its tests replay their first inputs, and what they found, with
//! what is compiled already; the targets for libFuzzer in `tests/fuzz` call them.

mod credential_files;
mod handshakes;
mod keys;
mod messages;
// The same source of choices as that of the other targets.
#[path = "../../fuzz/src/script.rs"]
mod script;
mod world;

pub use credential_files::credential_import;
pub use handshakes::dtls_handshake;

#[cfg(test)]
mod replayed;
