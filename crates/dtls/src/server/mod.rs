//! One socket, many peers.

mod config;
mod contexts;
mod front;
mod handshakes;
mod resumable;
mod sessions;
mod sources;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dtls_record::{ContentType, Cookies, Record, Restart, Session, records};
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore as _, SeedableRng as _};

pub use config::{ConfigError, PrivateKey, Rate, ServerCertificate, ServerConfig};
use contexts::Contexts;
pub(crate) use contexts::{EXTENSION_CONNECTION_ID, base, private_key};
use handshakes::{Handshakes, UnderWay};
use resumable::Resumable;
use sessions::{Entry, Sessions};
use sources::Sources;

use crate::{
    connection::{Connection, Received},
    failure::HandshakeFailure,
    identity::Identity,
    limits,
    output::{CloseReason, Output, SendError, SessionId},
    saved::Saved,
    time::Instant,
    usage::{Usage, Use},
};

/// The DTLS server of one socket.
pub struct Server {
    config: ServerConfig,
    contexts: Contexts,
    resumable: Arc<Mutex<Resumable>>,
    cookies: Cookies,
    cookies_since: Instant,
    sources: Sources,
    handshakes: Handshakes,
    sessions: Sessions,
    next_session: u64,
    outputs: VecDeque<Output>,
    random: ChaCha12Rng,
    reached: Reached,
}

/// How often a bound was reached.
#[derive(Default)]
struct Reached {
    handshakes: u64,
    sessions: u64,
    whole_sessions: u64,
    sources: u64,
}

/// Our Connection IDs: the prefix of the server and what makes each its own.
const CONNECTION_ID_LENGTH: usize = 7;

/// RFC 5246 §7.2.2
const USER_CANCELED: u8 = 90;

impl Server {
    /// Cookies and Connection IDs come from `seed`, which must not be guessable; keys come from OpenSSL.
    pub fn new(config: ServerConfig, seed: [u8; 32]) -> Result<Self, ConfigError> {
        let mut random = ChaCha12Rng::from_seed(seed);
        let mut secret = [0; 32];
        random.fill_bytes(&mut secret);
        let resumable = Arc::default();
        Ok(Self {
            contexts: Contexts::new(&config, &resumable)?,
            resumable,
            cookies: Cookies::new(secret),
            cookies_since: Instant::default(),
            sources: Sources::new(config.handshakes_per_source),
            handshakes: Handshakes::default(),
            sessions: Sessions::default(),
            next_session: config.first_session.0,
            outputs: VecDeque::new(),
            random,
            reached: Reached::default(),
            config,
        })
    }

    /// Another configuration for handshakes to come. Sessions go on, but none can be resumed. With an authority all
    /// handshakes under way go: what they have believed so far is not looked at again.
    pub fn configure(&mut self, config: ServerConfig) -> Result<(), ConfigError> {
        self.contexts = Contexts::new(&config, &self.resumable)?;
        if self.config.trust_anchors.iter().any(|earlier| !config.trust_anchors.contains(earlier)) {
            while let Some((from, UnderWay { mut handshake, .. })) = self.handshakes.take_any() {
                let mut out = Vec::new();
                handshake.refuse(USER_CANCELED, &mut out);
                self.transmit(from, out);
                self.failed(from, &handshake, HandshakeFailure::Reconfigured);
            }
        }
        self.resumable().clear();
        self.sources.set_rate(config.handshakes_per_source);
        self.config = config;
        Ok(())
    }

    /// Decrypts in place, so that `datagram` is worthless afterwards.
    pub fn handle_datagram(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8]) {
        let length = self.config.connection_id_prefix.map_or(0, |_| CONNECTION_ID_LENGTH);
        let ranges: Vec<_> = records(datagram, length).map_while(Result::ok).map(|r| r.range).collect();
        for range in ranges {
            let record = &mut datagram[range];
            if let Ok(header) = Record::read(record, 0, length) {
                self.handle_record(now, from, &header, record);
            }
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(from) = self.handshakes.take_due(now) {
            self.handshake_timeout(now, from);
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.handshakes.next_due()
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Sends application data: one record in one datagram.
    pub fn send(&mut self, session: SessionId, payload: &[u8]) -> Result<(), SendError> {
        let entry = self.sessions.entry_mut(session).ok_or(SendError::NoSession)?;
        let mut out = Vec::new();
        let sent = entry.connection.send(payload, &mut out);
        let to = entry.address;
        self.transmit(to, out);
        if sent == Err(SendError::Exhausted) {
            self.end(session, CloseReason::Exhausted);
        }
        self.reserve(session);
        sent
    }

    /// Says goodbye to the peer and forgets it; it cannot resume either.
    pub fn close(&mut self, session: SessionId) {
        if let Some(entry) = self.sessions.entry(session) {
            let identity = entry.identity.clone();
            self.resumable().forget(&identity);
            self.end(session, CloseReason::Local);
        }
    }

    pub fn sessions(&self) -> impl Iterator<Item = (SessionId, &Identity)> {
        self.sessions.iter().map(|(id, entry)| (id, &entry.identity))
    }

    /// Who is at the other end of a session.
    pub fn identity(&self, session: SessionId) -> Option<&Identity> {
        self.sessions.entry(session).map(|entry| &entry.identity)
    }

    pub fn address(&self, session: SessionId) -> Option<SocketAddr> {
        self.sessions.entry(session).map(|entry| entry.address)
    }

    /// For the store while the session goes on. `None` for one that stays with OpenSSL: it ends with the process.
    pub fn export(&self, session: SessionId) -> Option<Saved> {
        let entry = self.sessions.entry(session)?;
        let records = entry.connection.records()?.export();
        let Entry { address, identity, suite, .. } = entry;
        Some(Saved { session, address: *address, identity: identity.clone(), suite: *suite, records })
    }

    /// What was exported after [`Output::Reserve`] is stored.
    pub fn reserved(&mut self, session: SessionId) {
        if let Some(entry) = self.sessions.entry_mut(session)
            && let Some(reservation) = entry.reservation.take()
            && let Some(records) = entry.connection.records_mut()
        {
            records.reserved(reservation);
        }
    }

    /// For the store at a planned end: all that can go on, exactly as they are.
    pub fn stop(mut self) -> Vec<Saved> {
        let ids: Vec<_> = self.sessions.iter().map(|(id, _)| id).collect();
        let saved = ids.into_iter().filter_map(|session| {
            let Entry { connection, address, identity, suite, .. } = self.sessions.remove(session)?;
            let records = connection.into_records()?.stop();
            Some(Saved { session, address, identity, suite, records })
        });
        saved.collect()
    }

    /// A session of an earlier run goes on. Nothing is sent before its next block of numbers is stored
    /// ([`Output::Reserve`]).
    pub fn import(&mut self, now: Instant, saved: Saved, restart: Restart) {
        let Saved { session, address, identity, suite, records } = saved;
        let mut records = Session::import(records, restart);
        let reservation = Some(records.reserve());
        let connection = Connection::new(crate::handshake::Security::Records(records), None);
        self.next_session = self.next_session.max(session.0.saturating_add(1));
        self.admit(
            session,
            Entry { connection, address, identity, suite, hello: 0, reservation, heard: now },
        );
        self.outputs.push_back(Output::Reserve { session });
    }

    /// The peer of a session that was imported after a crash has shown by this record that it is there: what came before
    /// it counts no longer, and what comes after it does.
    pub fn freshness_proven(&mut self, session: SessionId, sequence: u64) {
        let entry = self.sessions.entry_mut(session);
        if let Some(records) = entry.and_then(|entry| entry.connection.records_mut()) {
            records.freshness_proven(sequence);
        }
    }

    pub fn usage(&self) -> Usage {
        let of = |used, limit, reached| Use { used, limit, reached };
        let Reached { handshakes, sessions, whole_sessions, sources } = self.reached;
        Usage {
            handshakes: of(self.handshakes.len(), limits::HANDSHAKES, handshakes),
            sessions: of(self.sessions.len(), limits::SESSIONS, sessions),
            whole_sessions: of(self.sessions.whole(), limits::WHOLE_SESSIONS, whole_sessions),
            resumable: of(self.resumable().len(), limits::RESUMABLE_SESSIONS, 0),
            sources: of(self.sources.len(), limits::SOURCES, sources),
        }
    }

    fn handle_record(&mut self, now: Instant, from: SocketAddr, header: &Record, record: &mut [u8]) {
        if !header.connection_id.is_empty() {
            if let Some(session) = self.sessions.with(&header.connection_id) {
                self.session_record(now, from, session, header, record);
                return;
            }
            // Not yet: the Finished of the client is the first record with it.
            return self.handshake_record(now, from, header, record);
        }
        if header.epoch == 0 && self.is_hello_of_stranger(from, header, record) {
            return self.hello(now, from, header, record);
        }
        let session = self.sessions.at(from);
        if !self.handshakes.contains(from) {
            if let Some(session) = session {
                self.session_record(now, from, session, header, record);
            }
            return;
        }
        // RFC 6347 §4.2.8: the session before goes on until the handshake is complete.
        let is_of_session = session.filter(|_| header.epoch > 0).is_some_and(|session| {
            let mut copy = record.to_vec();
            self.session_record(now, from, session, header, &mut copy)
        });
        if !is_of_session {
            self.handshake_record(now, from, header, record);
        }
    }

    /// Says whether the record is of this session.
    fn session_record(
        &mut self,
        now: Instant,
        from: SocketAddr,
        session: SessionId,
        header: &Record,
        record: &mut [u8],
    ) -> bool {
        let Some(entry) = self.sessions.entry_mut(session) else { return false };
        let mut out = Vec::new();
        let received = entry.connection.handle_record(now, header, record, &mut out);
        let (before, can_move) = (entry.address, entry.connection.our_connection_id().is_some());
        let newest =
            matches!(received, Received::Data { newest: true, .. } | Received::Nothing { newest: true });
        let moves = newest && from != before && can_move;
        if moves {
            self.sessions.moved(session, from);
            self.outputs.push_back(Output::Moved { session, from: before, to: from });
        }
        if !matches!(received, Received::Refused) {
            self.sessions.heard(now, session);
        }
        self.transmit(if moves { from } else { before }, out);
        match received {
            Received::Refused => return false,
            Received::Data { payload, unproven, .. } => {
                self.outputs.push_back(Output::Data { session, payload, unproven });
            }
            Received::CloseNotify => self.end(session, CloseReason::CloseNotify),
            Received::Alert(alert) => {
                if let Some(identity) = self.sessions.entry(session).map(|entry| entry.identity.clone()) {
                    // RFC 5246 §7.2.2
                    self.resumable().forget(&identity);
                }
                self.end(session, CloseReason::Alert(alert));
            }
            Received::Nothing { .. } => {}
        }
        self.reserve(session);
        true
    }

    /// One session more, where another one may have to go for it.
    fn admit(&mut self, session: SessionId, entry: Entry) {
        if self.sessions.len() >= limits::SESSIONS
            && let Some(silent) = self.sessions.longest_silent()
        {
            self.reached.sessions += 1;
            self.end(silent, CloseReason::Displaced);
        }
        if let Some(replaced) = self.sessions.insert(session, entry) {
            self.end(replaced, CloseReason::Replaced);
        }
    }

    /// Asks for the next block of sequence numbers in time.
    fn reserve(&mut self, session: SessionId) {
        if let Some(entry) = self.sessions.entry_mut(session)
            && entry.reservation.is_none()
            && let Some(records) = entry.connection.records_mut()
            && records.reservation_left() < limits::RESERVATION_LOW
        {
            entry.reservation = Some(records.reserve());
            self.outputs.push_back(Output::Reserve { session });
        }
    }

    fn end(&mut self, session: SessionId, why: CloseReason) {
        let Some(mut entry) = self.sessions.remove(session) else { return };
        // The peer's own goodbye is answered with one (RFC 5246 §7.2.1).
        if matches!(why, CloseReason::Local | CloseReason::CloseNotify | CloseReason::Displaced) {
            let mut out = Vec::new();
            entry.connection.close(&mut out);
            self.transmit(entry.address, out);
        }
        self.outputs.push_back(Output::Closed { session, why });
    }

    fn transmit(&mut self, to: SocketAddr, datagrams: Vec<Vec<u8>>) {
        self.outputs.extend(datagrams.into_iter().map(|datagram| Output::Transmit { to, datagram }));
    }

    fn resumable(&self) -> MutexGuard<'_, Resumable> {
        self.resumable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_handshake(header: &Record) -> bool {
    header.content_type == ContentType::HANDSHAKE
}
