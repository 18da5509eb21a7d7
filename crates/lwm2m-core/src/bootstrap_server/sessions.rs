use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use coap::{Instant, Token, Usage};

use super::{BootstrapId, limits, session::Session};
use crate::Peer;

/// The sessions that are not over, by what they are found by.
pub(super) struct Sessions {
    open: BTreeMap<BootstrapId, Session>,
    by_endpoint: BTreeMap<String, BootstrapId>,
    /// Of commands that are not answered.
    by_token: BTreeMap<(Peer, Token), BootstrapId>,
    deadlines: BTreeSet<(Instant, BootstrapId)>,
    /// How many there are of an address without security.
    by_address: BTreeMap<IpAddr, usize>,
    next: BootstrapId,
    turned_away: u64,
}

impl Sessions {
    pub(super) const fn new(first: BootstrapId) -> Self {
        Self {
            open: BTreeMap::new(),
            by_endpoint: BTreeMap::new(),
            by_token: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            by_address: BTreeMap::new(),
            next: first,
            turned_away: 0,
        }
    }

    /// Whether there is room for another session with this peer. What there is none for has to be turned away, and is
    /// counted.
    pub(super) fn has_room(&mut self, peer: Peer) -> bool {
        let of_address = address(peer).and_then(|address| self.by_address.get(&address)).copied();
        let has_room = self.open.len() < limits::SESSIONS
            && of_address.unwrap_or_default() < limits::SESSIONS_PER_ADDRESS;
        self.turned_away += u64::from(!has_room);
        has_room
    }

    /// An id for another session; none is given twice.
    pub(super) const fn next_id(&mut self) -> BootstrapId {
        let id = self.next;
        self.next = BootstrapId(id.0.saturating_add(1));
        id
    }

    /// The endpoint has no session yet.
    pub(super) fn insert(&mut self, session: Session) {
        self.by_endpoint.insert(session.endpoint.clone(), session.id);
        self.deadlines.insert((session.deadline, session.id));
        if let Some(address) = address(session.peer) {
            *self.by_address.entry(address).or_default() += 1;
        }
        self.open.insert(session.id, session);
    }

    pub(super) fn remove(&mut self, id: BootstrapId) -> Option<Session> {
        let session = self.open.remove(&id)?;
        self.by_endpoint.remove(&session.endpoint);
        self.deadlines.remove(&(session.deadline, id));
        if let Some(token) = session.token() {
            self.by_token.remove(&(session.peer, token));
        }
        if let Some(address) = address(session.peer)
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(session)
    }

    pub(super) fn by_id(&mut self, id: BootstrapId) -> Option<&mut Session> {
        self.open.get_mut(&id)
    }

    pub(super) fn of_endpoint(&self, endpoint: &str) -> Option<&Session> {
        self.open.get(self.by_endpoint.get(endpoint)?)
    }

    /// The session whose command has this token.
    pub(super) fn by_token(&self, peer: Peer, token: Token) -> Option<BootstrapId> {
        self.by_token.get(&(peer, token)).copied()
    }

    /// A command of the session is under way.
    pub(super) fn expect(&mut self, id: BootstrapId, token: Token) {
        if let Some(session) = self.open.get(&id) {
            self.by_token.insert((session.peer, token), id);
        }
    }

    /// A command is answered.
    pub(super) fn forget(&mut self, peer: Peer, token: Token) {
        self.by_token.remove(&(peer, token));
    }

    pub(super) fn set_deadline(&mut self, id: BootstrapId, deadline: Instant) {
        if let Some(session) = self.open.get_mut(&id) {
            self.deadlines.remove(&(session.deadline, id));
            session.deadline = deadline;
            self.deadlines.insert((deadline, id));
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// A session whose time is over.
    pub(super) fn due(&self, now: Instant) -> Option<BootstrapId> {
        self.deadlines.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.open.len(), limit: limits::SESSIONS, reached: self.turned_away }
    }
}

const fn address(peer: Peer) -> Option<IpAddr> {
    match peer {
        Peer::NoSec(address) => Some(address.ip()),
        Peer::Session(_) => None,
    }
}
