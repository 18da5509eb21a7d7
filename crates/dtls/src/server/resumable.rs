use std::collections::{HashMap, VecDeque};

use openssl::{
    sha::sha256,
    ssl::{SslSession, SslSessionRef},
};

use crate::{credentials::Credentials, identity::Identity, limits};

/// Sessions that can be resumed (RFC 5246 §7.3), the oldest first.
#[derive(Default)]
pub(crate) struct Resumable {
    sessions: HashMap<Vec<u8>, Entry>,
    order: VecDeque<Vec<u8>>,
}

struct Entry {
    session: SslSession,
    /// The context that made it; another one must not use it.
    context: usize,
    identity: Identity,
    /// Of the pre-shared key, to notice that there is a new one.
    key: Option<[u8; 32]>,
}

impl Resumable {
    pub(crate) fn insert(
        &mut self,
        context: usize,
        session: SslSession,
        identity: Identity,
        credentials: &dyn Credentials,
    ) {
        let id = SslSessionRef::id(&session).to_vec();
        let key = key_digest(&identity, credentials);
        if self.sessions.insert(id.clone(), Entry { session, context, identity, key }).is_none() {
            self.order.push_back(id);
        }
        // Ids of sessions that were forgotten may still be in the order, and leave it here.
        while self.order.len() > limits::RESUMABLE_SESSIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.sessions.remove(&oldest);
            }
        }
    }

    /// The session, provided that its peer would still be let in with the same key. Otherwise it is forgotten, and the
    /// peer makes a full handshake, which says what is wrong.
    pub(crate) fn find(
        &mut self,
        context: usize,
        id: &[u8],
        credentials: &dyn Credentials,
    ) -> Option<SslSession> {
        let entry = self.sessions.get(id).filter(|entry| entry.context == context)?;
        let same_key = key_digest(&entry.identity, credentials) == entry.key;
        if same_key && credentials.admits(&entry.identity).is_ok() {
            return Some(entry.session.clone());
        }
        self.sessions.remove(id);
        None
    }

    /// After this the peer has to show that it still has its key.
    pub(crate) fn forget(&mut self, identity: &Identity) {
        self.sessions.retain(|_, entry| entry.identity != *identity);
        self.order.retain(|id| self.sessions.contains_key(id));
    }

    pub(crate) fn clear(&mut self) {
        self.sessions.clear();
        self.order.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }
}

fn key_digest(identity: &Identity, credentials: &dyn Credentials) -> Option<[u8; 32]> {
    match identity {
        Identity::Psk(identity) => credentials.psk(identity).map(|key| sha256(&key)),
        Identity::RawPublicKey(_) | Identity::Certificate(_) => None,
    }
}
