use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use dtls_record::{ConnectionId, ConnectionIds};
use openssl::{
    ex_data::Index,
    ssl::{Ssl, SslRef},
};

use crate::{client::Expectations, failure::HandshakeFailure, identity::Identity};

/// What the callbacks of OpenSSL and the handshake around it tell each other.
#[derive(Default)]
pub(crate) struct Notes {
    /// What we give the peer to put into its records, if it can.
    pub(crate) our_connection_id: Option<ConnectionId>,
    /// What the peer wants in ours.
    pub(crate) their_connection_id: Option<ConnectionId>,
    /// Both hellos had the extension (RFC 9146 §3).
    pub(crate) connection_ids_negotiated: bool,
    /// Claimed so far.
    pub(crate) identity: Option<Identity>,
    /// Said by a callback, and better than what OpenSSL makes of it.
    pub(crate) failure: Option<HandshakeFailure>,
    /// Of a client.
    pub(crate) expectations: Option<Expectations>,
}

impl Notes {
    pub(crate) fn connection_ids(&self) -> ConnectionIds {
        if self.connection_ids_negotiated {
            ConnectionIds { ours: self.our_connection_id, theirs: self.their_connection_id }
        } else {
            ConnectionIds::default()
        }
    }
}

type Shared = Mutex<Notes>;

/// The place at every `Ssl` where its notes are. Failing to get one means that OpenSSL is out of memory, at the start.
fn index() -> Option<Index<Ssl, Shared>> {
    static INDEX: OnceLock<Option<Index<Ssl, Shared>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}

pub(crate) fn attach(ssl: &mut SslRef, notes: Notes) {
    if let Some(index) = index() {
        ssl.set_ex_data(index, Mutex::new(notes));
    }
}

/// `None` for an `Ssl` without [`attach`].
pub(crate) fn notes(ssl: &SslRef) -> Option<MutexGuard<'_, Notes>> {
    let shared = ssl.ex_data(index()?)?;
    Some(shared.lock().unwrap_or_else(PoisonError::into_inner))
}
