use core::time::Duration;
use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
};

use dtls_record::{ConnectionId, Record};

use super::{Server, sessions::Entry};
use crate::{
    connection::Connection,
    failure::HandshakeFailure,
    handshake::{Handshake, Step},
    limits,
    output::{Output, SessionId},
    time::Instant,
};

/// The handshakes under way, by where their peers are.
#[derive(Default)]
pub(super) struct Handshakes {
    all: HashMap<SocketAddr, UnderWay>,
    by_connection_id: HashMap<ConnectionId, SocketAddr>,
    due: BTreeSet<(Instant, SocketAddr)>,
    /// The oldest first.
    begun: BTreeSet<(Instant, SocketAddr)>,
}

pub(super) struct UnderWay {
    pub(super) handshake: Box<Handshake>,
    /// Beginning of the random in the ClientHello.
    pub(super) hello: u64,
    /// What the client is to put into its records.
    pub(super) connection_id: Option<ConnectionId>,
}

impl Handshakes {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn contains(&self, from: SocketAddr) -> bool {
        self.all.contains_key(&from)
    }

    pub(super) fn hello(&self, from: SocketAddr) -> Option<u64> {
        self.all.get(&from).map(|under_way| under_way.hello)
    }

    pub(super) fn uses(&self, id: &ConnectionId) -> bool {
        self.by_connection_id.contains_key(id)
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    pub(super) fn take_due(&self, now: Instant) -> Option<SocketAddr> {
        self.due.first().filter(|(due, _)| *due <= now).map(|(_, from)| *from)
    }

    pub(super) fn take_older_than(&mut self, now: Instant, age: Duration) -> Option<(SocketAddr, UnderWay)> {
        let (_, from) = *self.begun.first().filter(|(begun, _)| *begun + age <= now)?;
        Some((from, self.remove(from)?))
    }

    pub(super) fn take_any(&mut self) -> Option<(SocketAddr, UnderWay)> {
        let (_, from) = *self.begun.first()?;
        Some((from, self.remove(from)?))
    }

    pub(super) fn insert(&mut self, from: SocketAddr, under_way: UnderWay) {
        self.due.insert((under_way.handshake.due(), from));
        self.begun.insert((under_way.handshake.begun(), from));
        self.by_connection_id.extend(under_way.connection_id.map(|id| (id, from)));
        self.all.insert(from, under_way);
    }

    pub(super) fn remove(&mut self, from: SocketAddr) -> Option<UnderWay> {
        let under_way = self.all.remove(&from)?;
        self.due.remove(&(under_way.handshake.due(), from));
        self.begun.remove(&(under_way.handshake.begun(), from));
        if let Some(id) = under_way.connection_id {
            self.by_connection_id.remove(&id);
        }
        Some(under_way)
    }

    /// Where the peer of this Connection ID began.
    fn of(&self, id: &ConnectionId) -> Option<SocketAddr> {
        self.by_connection_id.get(id).copied()
    }
}

impl Server {
    pub(super) fn handshake_record(
        &mut self,
        now: Instant,
        from: SocketAddr,
        header: &Record,
        record: &mut [u8],
    ) {
        // During the handshake the address counts; a Connection ID of another handshake is a mistake or worse.
        let other =
            !header.connection_id.is_empty() && self.handshakes.of(&header.connection_id) != Some(from);
        if other {
            return;
        }
        let Some(mut under_way) = self.handshakes.remove(from) else { return };
        let mut out = Vec::new();
        let step = under_way.handshake.handle_record(now, header, record, &mut out);
        self.transmit(from, out);
        self.settle(now, from, under_way, step);
    }

    pub(super) fn handshake_timeout(&mut self, now: Instant, from: SocketAddr) {
        let Some(mut under_way) = self.handshakes.remove(from) else { return };
        let mut out = Vec::new();
        let step = under_way.handshake.handle_timeout(now, &mut out);
        self.transmit(from, out);
        self.settle(now, from, under_way, step);
    }

    pub(super) fn settle(&mut self, now: Instant, from: SocketAddr, under_way: UnderWay, step: Step) {
        match step {
            Step::Waiting => self.handshakes.insert(from, under_way),
            Step::Failed(failure) => self.failed(from, &under_way.handshake, failure),
            Step::Done => self.done(now, from, under_way),
        }
    }

    pub(super) fn failed(&mut self, from: SocketAddr, handshake: &Handshake, failure: HandshakeFailure) {
        let failure = match failure {
            // What could not be opened says more than how it ended.
            HandshakeFailure::Superseded => handshake.suspicion().unwrap_or(failure),
            other => other,
        };
        self.outputs.push_back(Output::Failed { from, identity: handshake.claimed(), failure });
    }

    /// Both ends have shown what they have; whether the peer may come in is asked once more, since a resumed session
    /// shows nothing.
    fn done(&mut self, now: Instant, from: SocketAddr, under_way: UnderWay) {
        let UnderWay { mut handshake, hello, .. } = under_way;
        let admitted = match handshake.claimed() {
            None => Err(HandshakeFailure::NoCertificate),
            Some(identity) => match self.config.credentials.admits(&identity) {
                Err(why) => Err(HandshakeFailure::NotAdmitted(why)),
                Ok(()) if handshake.is_whole() && self.sessions.whole() >= limits::WHOLE_SESSIONS => {
                    self.reached.whole_sessions += 1;
                    Err(HandshakeFailure::TooManyWholeSessions)
                }
                Ok(()) => Ok(identity),
            },
        };
        let identity = match admitted {
            Ok(identity) => identity,
            Err(failure) => {
                let mut out = Vec::new();
                handshake.refuse(ACCESS_DENIED, &mut out);
                self.transmit(from, out);
                return self.failed(from, &handshake, failure);
            }
        };
        let suite = handshake.cipher_suite().unwrap_or_default();
        let resumed = handshake.ssl().session_reused();
        let Some(established) = handshake.establish() else { return };
        let (connection, early) = Connection::of(established);
        let connection_id = connection.our_connection_id();
        let session = SessionId(self.next_session);
        self.next_session += 1;
        let entry = Entry {
            connection,
            address: from,
            identity: identity.clone(),
            suite,
            hello,
            reservation: None,
            heard: now,
        };
        self.admit(session, entry);
        self.outputs.push_back(Output::Connected { session, from, identity, suite, resumed, connection_id });
        let early = early.into_iter();
        self.outputs.extend(early.map(|payload| Output::Data { session, payload, unproven: None }));
    }
}

/// RFC 5246 §7.2.2
const ACCESS_DENIED: u8 = 49;
