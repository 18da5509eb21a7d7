use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
};

use dtls_record::{ConnectionId, Reservation};

use crate::{connection::Connection, identity::Identity, limits, output::SessionId, time::Instant};

/// All sessions, and how they are found.
#[derive(Default)]
pub(crate) struct Sessions {
    all: HashMap<SessionId, Entry>,
    by_address: HashMap<SocketAddr, SessionId>,
    by_connection_id: HashMap<ConnectionId, SessionId>,
    /// The longest silent first.
    silence: BTreeSet<(Instant, SessionId)>,
    whole: usize,
}

pub(crate) struct Entry {
    pub(crate) connection: Connection,
    pub(crate) address: SocketAddr,
    pub(crate) identity: Identity,
    pub(crate) suite: u16,
    /// Beginning of the random in the ClientHello, to know a late copy of it.
    pub(crate) hello: u64,
    /// Asked for and not yet stored.
    pub(crate) reservation: Option<Reservation>,
    pub(crate) heard: Instant,
}

impl Sessions {
    /// The session whose place at its address the new one takes is returned, if it can no longer be found or belongs to
    /// the same peer (RFC 6347 §4.2.8).
    pub(crate) fn insert(&mut self, id: SessionId, entry: Entry) -> Option<SessionId> {
        let replaced = self.by_address.insert(entry.address, id).filter(|old| {
            self.all.get(old).is_some_and(|old| {
                old.connection.our_connection_id().is_none() || old.identity == entry.identity
            })
        });
        if let Some(connection_id) = entry.connection.our_connection_id() {
            self.by_connection_id.insert(connection_id, id);
        }
        self.silence.insert((entry.heard, id));
        self.whole += usize::from(entry.connection.is_whole());
        self.all.insert(id, entry);
        replaced
    }

    pub(crate) fn remove(&mut self, id: SessionId) -> Option<Entry> {
        let entry = self.all.remove(&id)?;
        if self.by_address.get(&entry.address) == Some(&id) {
            self.by_address.remove(&entry.address);
        }
        if let Some(connection_id) = entry.connection.our_connection_id() {
            self.by_connection_id.remove(&connection_id);
        }
        self.silence.remove(&(entry.heard, id));
        self.whole -= usize::from(entry.connection.is_whole());
        Some(entry)
    }

    pub(crate) fn entry_mut(&mut self, id: SessionId) -> Option<&mut Entry> {
        self.all.get_mut(&id)
    }

    pub(crate) fn entry(&self, id: SessionId) -> Option<&Entry> {
        self.all.get(&id)
    }

    pub(crate) fn at(&self, address: SocketAddr) -> Option<SessionId> {
        self.by_address.get(&address).copied()
    }

    pub(crate) fn with(&self, connection_id: &ConnectionId) -> Option<SessionId> {
        self.by_connection_id.get(connection_id).copied()
    }

    /// An authentic record has come from the session.
    pub(crate) fn heard(&mut self, now: Instant, id: SessionId) {
        if let Some(entry) = self.all.get_mut(&id)
            && now >= entry.heard + limits::SILENCE_PRECISION
        {
            self.silence.remove(&(entry.heard, id));
            entry.heard = now;
            self.silence.insert((now, id));
        }
    }

    /// The session now sends from `to`. Another session that is only known by that address keeps it: this one is found
    /// by its Connection ID wherever it is.
    pub(crate) fn moved(&mut self, id: SessionId, to: SocketAddr) {
        let Some(entry) = self.all.get_mut(&id) else { return };
        if self.by_address.get(&entry.address) == Some(&id) {
            self.by_address.remove(&entry.address);
        }
        entry.address = to;
        let occupant = self.by_address.get(&to).and_then(|id| self.all.get(id));
        if occupant.is_none_or(|occupant| occupant.connection.our_connection_id().is_some()) {
            self.by_address.insert(to, id);
        }
    }

    pub(crate) fn longest_silent(&self) -> Option<SessionId> {
        self.silence.first().map(|(_, id)| *id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SessionId, &Entry)> {
        self.all.iter().map(|(id, entry)| (*id, entry))
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn whole(&self) -> usize {
        self.whole
    }
}
