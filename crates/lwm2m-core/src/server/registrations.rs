use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use coap::{Instant, Usage};

use super::{Registration, RegistrationId, limits};
use crate::Peer;

/// The registrations in memory, found by location, by name and by when they expire.
#[derive(Default)]
pub(super) struct Registrations {
    by_id: BTreeMap<RegistrationId, Entry>,
    by_endpoint: BTreeMap<String, RegistrationId>,
    by_peer: BTreeSet<(Peer, RegistrationId)>,
    expiry: BTreeSet<(Instant, RegistrationId)>,
    turned_away: u64,
}

struct Entry {
    /// What is stored, and so what everyone is told. Only the time of an Update that does nothing but renew may be newer
    /// here.
    stored: Arc<Registration>,
    /// With the Updates that the store has not confirmed yet. The next Update builds on it.
    latest: Arc<Registration>,
    /// When it was last updated, for all that the store knows.
    checkpoint: Instant,
    expires_at: Instant,
}

impl Registrations {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is room for another client. One for which there is none has to be turned away, and is counted.
    pub(super) fn has_room(&mut self) -> bool {
        let has_room = self.len() < limits::REGISTRATIONS;
        self.turned_away += u64::from(!has_room);
        has_room
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.len(), limit: limits::REGISTRATIONS, reached: self.turned_away }
    }

    pub(super) fn by_id(&self, id: RegistrationId) -> Option<&Arc<Registration>> {
        self.by_id.get(&id).map(|entry| &entry.stored)
    }

    pub(super) fn by_endpoint(&self, endpoint: &str) -> Option<&Arc<Registration>> {
        self.by_id(*self.by_endpoint.get(endpoint)?)
    }

    /// The registrations whose requests go to a peer.
    pub(super) fn by_peer(&self, peer: Peer) -> impl Iterator<Item = &Arc<Registration>> {
        let from_peer = self.by_peer.range((peer, RegistrationId::FIRST)..);
        from_peer.take_while(move |(of, _)| *of == peer).filter_map(|(_, id)| self.by_id(*id))
    }

    pub(super) fn latest(&self, id: RegistrationId) -> Option<&Arc<Registration>> {
        self.by_id.get(&id).map(|entry| &entry.latest)
    }

    /// Adds a registration; gives back the one of the same endpoint that it replaces.
    pub(super) fn insert(&mut self, registration: Arc<Registration>) -> Option<Arc<Registration>> {
        let replaced = self.by_endpoint.get(&registration.endpoint).copied().and_then(|id| self.remove(id));
        let expires_at = registration.expires_at();
        self.add(registration, expires_at);
        replaced
    }

    /// Adds one of before a restart. The store may not know of its last Updates.
    pub(super) fn restore(&mut self, registration: Arc<Registration>) {
        let expires_at = registration.expires_at() + registration.lease();
        self.add(registration, expires_at);
    }

    fn add(&mut self, registration: Arc<Registration>, expires_at: Instant) {
        let id = registration.id;
        self.by_endpoint.insert(registration.endpoint.clone(), id);
        self.by_peer.insert((registration.peer, id));
        self.expiry.insert((expires_at, id));
        let (checkpoint, latest) = (registration.updated_at, Arc::clone(&registration));
        self.by_id.insert(id, Entry { stored: registration, latest, checkpoint, expires_at });
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Registration>> {
        self.by_id.values().map(|entry| &entry.stored)
    }

    /// Whether an Update needs no storing: it only renews, and what is stored is not old enough to be wrong about the
    /// lifetime by more than the lease. It counts and may be told at once.
    pub(super) fn renew(&mut self, updated: &Arc<Registration>) -> bool {
        let Some(entry) = self.by_id.get_mut(&updated.id) else { return false };
        let same = Arc::ptr_eq(&entry.stored, &entry.latest)
            && Registration { updated_at: entry.stored.updated_at, ..Registration::clone(updated) }
                == *entry.stored;
        if !same || updated.updated_at >= entry.checkpoint + updated.lease() {
            return false;
        }
        entry.stored = Arc::clone(updated);
        self.accept(Arc::clone(updated));
        true
    }

    /// An Update was understood. It counts for expiry and for the next Update, but is not told yet.
    pub(super) fn accept(&mut self, updated: Arc<Registration>) {
        if let Some(entry) = self.by_id.get_mut(&updated.id) {
            self.expiry.remove(&(entry.expires_at, updated.id));
            entry.expires_at = updated.expires_at();
            self.expiry.insert((entry.expires_at, updated.id));
            entry.latest = updated;
        }
    }

    /// An accepted Update is stored. False when the registration has gone meanwhile.
    pub(super) fn confirm(&mut self, updated: &Arc<Registration>) -> bool {
        let Some(entry) = self.by_id.get_mut(&updated.id) else { return false };
        self.by_peer.remove(&(entry.stored.peer, updated.id));
        self.by_peer.insert((updated.peer, updated.id));
        entry.stored = Arc::clone(updated);
        entry.checkpoint = updated.updated_at;
        true
    }

    /// An accepted Update could not be stored: back to what is, unless a later one came.
    pub(super) fn revert(&mut self, refused: &Arc<Registration>) {
        let Some(entry) = self.by_id.get(&refused.id) else { return };
        if Arc::ptr_eq(&entry.latest, refused) {
            let stored = Arc::clone(&entry.stored);
            self.accept(stored);
        }
    }

    pub(super) fn remove(&mut self, id: RegistrationId) -> Option<Arc<Registration>> {
        let entry = self.by_id.remove(&id)?;
        self.expiry.remove(&(entry.expires_at, id));
        self.by_peer.remove(&(entry.stored.peer, id));
        if self.by_endpoint.get(&entry.stored.endpoint) == Some(&id) {
            self.by_endpoint.remove(&entry.stored.endpoint);
        }
        Some(entry.stored)
    }

    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.expiry.first().map(|(at, _)| *at)
    }

    /// The first registration whose lifetime is over.
    pub(super) fn expired(&self, now: Instant) -> Option<RegistrationId> {
        self.expiry.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }
}
