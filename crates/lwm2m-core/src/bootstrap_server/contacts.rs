//! Where devices can be reached that are to be bootstrapped unasked (LwM2M 1.0 TS §5.2.3.4).

use std::collections::BTreeMap;

use coap::Usage;
use lwm2m_codec::ContentFormat;

use super::limits;
use crate::{Peer, Proven, SessionId};

/// A device as it was last heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contact {
    pub(super) peer: Peer,
    /// What it prefers to be written in.
    pub(super) preferred: Option<ContentFormat>,
    heard: u64,
}

/// Who is at the other end of security sessions, and the devices that can be reached.
#[derive(Default)]
pub(super) struct Contacts {
    sessions: BTreeMap<SessionId, Proven>,
    by_endpoint: BTreeMap<String, Contact>,
    /// Those without security, the one that was not heard for longest first.
    addresses: BTreeMap<u64, String>,
    count: u64,
    forgotten: u64,
}

impl Contacts {
    pub(super) fn open(&mut self, session: SessionId, proven: Proven) {
        self.heard(&proven.endpoint, Peer::Session(session), None);
        self.sessions.insert(session, proven);
    }

    /// Whose session it was.
    pub(super) fn close(&mut self, session: SessionId) -> Option<Proven> {
        let proven = self.sessions.remove(&session)?;
        if self.by_endpoint.get(&proven.endpoint).is_some_and(|known| known.peer == Peer::Session(session)) {
            self.by_endpoint.remove(&proven.endpoint);
        }
        Some(proven)
    }

    /// Whether anything but an address is known of a peer, and what. `None` for a session that nobody has announced.
    pub(super) fn proven(&self, peer: Peer) -> Option<Option<&Proven>> {
        match peer {
            Peer::NoSec(_) => Some(None),
            Peer::Session(session) => self.sessions.get(&session).map(Some),
        }
    }

    pub(super) fn of(&self, endpoint: &str) -> Option<Contact> {
        self.by_endpoint.get(endpoint).copied()
    }

    /// A device was heard. Who has proven nothing does not take the place of who has.
    pub(super) fn heard(&mut self, endpoint: &str, peer: Peer, preferred: Option<ContentFormat>) {
        let unproven = matches!(peer, Peer::NoSec(_));
        if let Some(known) = self.by_endpoint.get(endpoint) {
            match known.peer {
                Peer::Session(_) if unproven => return,
                Peer::Session(_) => {}
                Peer::NoSec(_) => {
                    self.addresses.remove(&known.heard);
                }
            }
        }
        self.count += 1;
        if unproven {
            self.addresses.insert(self.count, endpoint.to_owned());
        }
        let contact = Contact { peer, preferred, heard: self.count };
        self.by_endpoint.insert(endpoint.to_owned(), contact);
        if self.addresses.len() > limits::REMEMBERED_ADDRESSES
            && let Some((_, oldest)) = self.addresses.pop_first()
        {
            self.by_endpoint.remove(&oldest);
            self.forgotten += 1;
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.addresses.len(), limit: limits::REMEMBERED_ADDRESSES, reached: self.forgotten }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerIdentity;

    fn peer(port: u16) -> Peer {
        Peer::NoSec(([127, 0, 0, 1], port).into())
    }

    fn proven(endpoint: &str) -> Proven {
        Proven { identity: PeerIdentity::Psk(endpoint.to_owned()), endpoint: endpoint.to_owned() }
    }

    #[test]
    fn who_has_proven_nothing_does_not_take_the_place_of_who_has() {
        let mut contacts = Contacts::default();
        contacts.heard("a", peer(1), None);
        contacts.heard("a", peer(2), None);
        assert_eq!(contacts.of("a").unwrap().peer, peer(2));
        contacts.open(SessionId(1), proven("a"));
        contacts.heard("a", peer(3), None);
        assert_eq!(contacts.of("a").unwrap().peer, Peer::Session(SessionId(1)));
        contacts.open(SessionId(2), proven("a"));
        contacts.close(SessionId(1));
        assert_eq!(contacts.of("a").unwrap().peer, Peer::Session(SessionId(2)));
        contacts.close(SessionId(2));
        assert!(contacts.of("a").is_none() && contacts.usage().used == 0);
    }

    #[test]
    fn of_too_many_the_one_not_heard_for_longest_is_forgotten() {
        let mut contacts = Contacts::default();
        for number in 0..=limits::REMEMBERED_ADDRESSES {
            contacts.heard(&number.to_string(), peer(1), None);
            contacts.heard("0", peer(2), None);
        }
        assert!(contacts.of("1").is_none() && contacts.of("0").is_some() && contacts.of("2").is_some());
        assert_eq!((contacts.usage().used, contacts.usage().reached), (limits::REMEMBERED_ADDRESSES, 1));
    }
}
