//! Credentials, the identity of the server and failed handshakes as people read them. Nothing here asks the browser.

mod command_lines;
mod draft;
mod requests;
mod words;

pub(crate) use command_lines::{Newcomer, command_lines};
pub(crate) use draft::{Draft, Field, Issue, Problem};
pub(crate) use requests::{
    Added, add, authorities, believe, delete, disbelieve, handshakes, import, list, make_authority, revoke,
    server,
};
pub(crate) use words::{
    MODES, Question, SERVERS, STATES, fingerprint, identity, mode_title, server_title, state_told, used,
};

/// Credentials listed at once.
pub(crate) const PAGE: usize = 100;

/// The largest file that can be imported from here.
pub(crate) const IMPORT_BYTES: usize = 16 << 20;
