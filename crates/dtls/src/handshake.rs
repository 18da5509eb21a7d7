use core::{mem, time::Duration};
use std::collections::VecDeque;

use dtls_record::{
    ConnectionIds, ContentType, KeyBlock, MasterSecret, Randoms, Record, RecordNumber, Refused, Role,
    Session, Suite, records,
};
use openssl::ssl::{ErrorCode, ShutdownState, Ssl, SslRef, SslStream};
use zeroize::Zeroize as _;

use crate::{
    failure::{BAD_RECORD_MAC, HandshakeFailure},
    ffi,
    flight::{Flight, Message},
    identity::{Certificate, Identity},
    limits,
    link::Link,
    notes::{Notes, attach, notes},
    suites,
    time::Instant,
};

/// One handshake of either role: OpenSSL, with every record translated on its way in and out.
///
/// OpenSSL knows no Connection ID, reads a clock for its timer and keeps 70 kB for as long as it lives. Here it sees
/// plain records in order of arrival and no time passing; flights are repeated by us, and in the end it is let go.
pub(crate) struct Handshake {
    role: Role,
    stream: SslStream<Link>,
    protection: Protection,
    flight: Flight,
    /// Protected records that came before the message that makes their keys.
    held: VecDeque<Vec<u8>>,
    /// Application data that came before the peer's Finished.
    early: Vec<Vec<u8>>,
    /// Cipher suites that the client offered.
    offered: Vec<u16>,
    did_not_open: u32,
    /// Whether OpenSSL has what it needs to open protected records; before that it keeps them.
    opens: bool,
    /// Highest message_seq of the peer, and the one that the flight answers.
    seen: Option<u16>,
    answered: Option<u16>,
    begun: Instant,
    sent: Instant,
    wait: Duration,
}

/// What protects the records of epoch 1.
enum Protection {
    /// There is no master secret yet.
    None,
    Records(Box<Keys>),
    /// A suite that only OpenSSL knows.
    Whole,
}

struct Keys {
    session: Session,
    block: KeyBlock,
}

/// What came of an input.
pub(crate) enum Step {
    Waiting,
    Done,
    Failed(HandshakeFailure),
}

/// What a handshake leaves behind.
pub(crate) struct Established {
    pub(crate) security: Security,
    /// For a peer that did not get it.
    pub(crate) last_flight: Option<Box<Flight>>,
    pub(crate) early: Vec<Vec<u8>>,
}

pub(crate) enum Security {
    Records(Session),
    Whole(Whole),
}

/// A session that stays with OpenSSL.
pub(crate) struct Whole(pub(crate) Box<SslStream<Link>>);

impl Drop for Whole {
    fn drop(&mut self) {
        let_go(&mut self.0);
    }
}

/// Else OpenSSL takes the session for broken, and it cannot be resumed.
fn let_go(stream: &mut SslStream<Link>) {
    stream.set_shutdown(ShutdownState::SENT | ShutdownState::RECEIVED);
}

impl Handshake {
    /// A client begins at once, a server is given the ClientHello with the cookie.
    pub(crate) fn new(
        role: Role,
        mut ssl: Ssl,
        mut about: Notes,
        now: Instant,
        hello: Option<(&[u8], Vec<u16>)>,
    ) -> Option<Self> {
        about.identity = None;
        attach(&mut ssl, about);
        ffi::disable_timer(&mut ssl);
        ssl.set_mtu(limits::HANDSHAKE_DATAGRAM_LENGTH).ok()?;
        let seconds = i64::try_from(now.as_millis() / 1_000).unwrap_or(i64::MAX);
        ssl.param_mut().set_time(seconds);
        match role {
            Role::Client => ssl.set_connect_state(),
            Role::Server => ssl.set_accept_state(),
        }
        let mut stream = SslStream::new(ssl, Link::default()).ok()?;
        let offered = match hello {
            Some((record, offered)) => {
                stream.get_mut().push(record.to_vec());
                if !ffi::listen(&mut stream) {
                    return None;
                }
                offered
            }
            None => Vec::new(),
        };
        Some(Self {
            role,
            stream,
            protection: Protection::None,
            flight: Flight::default(),
            held: VecDeque::new(),
            early: Vec::new(),
            offered,
            did_not_open: 0,
            opens: false,
            // The ClientHello with the cookie is the second message.
            seen: (role == Role::Server).then_some(1),
            answered: None,
            begun: now,
            sent: now,
            wait: limits::RETRANSMISSION_FIRST,
        })
    }

    pub(crate) fn begin(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> Step {
        self.step(now, out)
    }

    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    pub(crate) fn ssl(&self) -> &SslRef {
        self.stream.ssl()
    }

    /// When [`Self::handle_timeout`] is due.
    pub(crate) fn due(&self) -> Instant {
        (self.sent + self.wait).min(self.begun + limits::HANDSHAKE_LIFETIME)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> Step {
        if now >= self.begun + limits::HANDSHAKE_LIFETIME {
            return Step::Failed(self.timed_out());
        }
        if now >= self.sent + self.wait {
            self.wait = (self.wait * 2).min(limits::RETRANSMISSION_LONGEST);
            self.repeat(now, out);
        }
        Step::Waiting
    }

    /// One record of the peer with its header.
    pub(crate) fn handle_record(
        &mut self,
        now: Instant,
        header: &Record,
        record: &mut [u8],
        out: &mut Vec<Vec<u8>>,
    ) -> Step {
        match header.epoch {
            0 if header.content_type == ContentType::HANDSHAKE => {
                let sequence = message_sequence(&record[header.fragment.clone()]);
                if sequence.is_some_and(|sequence| Some(sequence) <= self.answered) {
                    if now >= self.sent + limits::REPEATED_FLIGHT_INTERVAL {
                        self.repeat(now, out);
                    }
                    return Step::Waiting;
                }
                self.seen = self.seen.max(sequence);
                self.feed(now, record.to_vec(), out)
            }
            0 => {
                self.derive();
                let changes = header.content_type == ContentType::CHANGE_CIPHER_SPEC;
                self.opens |= changes && !matches!(self.protection, Protection::None);
                self.feed(now, record.to_vec(), out)
            }
            1 => self.handle_protected(now, record, out),
            _ => Step::Waiting,
        }
    }

    fn handle_protected(&mut self, now: Instant, record: &mut [u8], out: &mut Vec<Vec<u8>>) -> Step {
        self.derive();
        let Protection::Records(keys) = &mut self.protection else {
            if matches!(self.protection, Protection::Whole) {
                let step = self.feed(now, record.to_vec(), out);
                let has_failed = self.opens && matches!(step, Step::Waiting);
                return if has_failed { self.did_not_open(out) } else { step };
            }
            if self.held.len() < limits::HELD_RECORDS {
                self.held.push_back(record.to_vec());
            }
            return Step::Waiting;
        };
        let opened = match keys.session.open(record) {
            Ok(opened) => opened,
            Err(Refused::NotAuthentic) => return self.did_not_open(out),
            Err(_) => return Step::Waiting,
        };
        let plaintext = &record[opened.plaintext];
        if opened.content_type == ContentType::APPLICATION_DATA {
            if self.early.len() < limits::EARLY_RECORDS {
                self.early.push(plaintext.to_vec());
            }
            return Step::Waiting;
        }
        let number = RecordNumber { epoch: 1, sequence: opened.sequence };
        let mut plain = Vec::new();
        let sender = keys.block.of(self.role.peer());
        // The peer has sealed the same under the same number; only the additional data differ, and it stays here.
        if sender.seal(number, &Default::default(), opened.content_type, plaintext, &mut plain).is_err() {
            return Step::Waiting;
        }
        self.feed(now, plain, out)
    }

    fn did_not_open(&mut self, out: &mut Vec<Vec<u8>>) -> Step {
        self.did_not_open += 1;
        if self.did_not_open < limits::RECORDS_THAT_DO_NOT_OPEN {
            return Step::Waiting;
        }
        self.flight.alert(BAD_RECORD_MAC, out);
        Step::Failed(self.different_keys())
    }

    fn different_keys(&self) -> HandshakeFailure {
        let suite = ffi::pending_cipher_suite(self.ssl());
        if suite.is_some_and(suites::is_psk) {
            HandshakeFailure::WrongPsk
        } else {
            HandshakeFailure::DifferentKeys
        }
    }

    /// What is probably wrong, if anything is to be seen.
    pub(crate) fn suspicion(&self) -> Option<HandshakeFailure> {
        (self.did_not_open > 0).then(|| self.different_keys())
    }

    fn timed_out(&self) -> HandshakeFailure {
        if let Some(suspicion) = self.suspicion() {
            return suspicion;
        }
        let waiting_for = match (self.role, self.seen) {
            (Role::Server, None | Some(0 | 1)) => "the client's answer to our hello",
            (Role::Server, Some(_)) => "the client's Finished",
            (Role::Client, None) => "any answer to our hello",
            (Role::Client, Some(0)) => "the server's hello",
            (Role::Client, Some(_)) => "the server's Finished",
        };
        HandshakeFailure::TimedOut { after: limits::HANDSHAKE_LIFETIME, waiting_for }
    }

    fn feed(&mut self, now: Instant, record: Vec<u8>, out: &mut Vec<Vec<u8>>) -> Step {
        self.stream.get_mut().push(record);
        self.step(now, out)
    }

    /// Lets OpenSSL go as far as it can.
    fn step(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> Step {
        let result = self.stream.do_handshake();
        let sent = self.collect(out);
        if sent {
            self.sent = now;
            self.wait = limits::RETRANSMISSION_FIRST;
            self.answered = self.seen;
        }
        match result {
            Ok(()) => {
                if !sent {
                    // The peer has all of the flight, or it would not have finished.
                    self.flight.forget();
                }
                Step::Done
            }
            Err(error) if error.code() == ErrorCode::WANT_READ => self.take_held(now, out),
            Err(error) => {
                let noted = notes(self.ssl()).and_then(|mut notes| notes.failure.take());
                Step::Failed(noted.unwrap_or_else(|| match error.ssl_error() {
                    Some(errors) => match HandshakeFailure::of(errors, &self.offered) {
                        HandshakeFailure::DifferentKeys => self.different_keys(),
                        other => other,
                    },
                    None => HandshakeFailure::Other { reason: error.to_string() },
                }))
            }
        }
    }

    fn take_held(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> Step {
        if self.held.is_empty() {
            return Step::Waiting;
        }
        self.derive();
        if matches!(self.protection, Protection::None) {
            return Step::Waiting;
        }
        for mut record in mem::take(&mut self.held) {
            match self.handle_protected(now, &mut record, out) {
                Step::Waiting => {}
                done => return done,
            }
        }
        Step::Waiting
    }

    /// Sends what OpenSSL wrote. Says whether that was a flight; an alert is none.
    fn collect(&mut self, out: &mut Vec<Vec<u8>>) -> bool {
        let mut first = true;
        for datagram in self.stream.get_mut().take_outgoing() {
            for header in records(&datagram, 0).map_while(Result::ok) {
                let Some(message) = self.translate(&header, &datagram[header.range.clone()]) else {
                    continue;
                };
                let session = match &mut self.protection {
                    Protection::Records(keys) => Some(&mut keys.session),
                    Protection::None | Protection::Whole => None,
                };
                self.flight.transmit(&message, session, out);
                if header.content_type != ContentType::ALERT {
                    self.flight.push(message, first);
                    first = false;
                }
            }
        }
        !first
    }

    fn translate(&mut self, header: &Record, record: &[u8]) -> Option<Message> {
        if header.epoch == 0 {
            return Some(Message::Plain(record.to_vec()));
        }
        self.derive();
        match &self.protection {
            Protection::None => None,
            Protection::Whole => Some(Message::Whole(record.to_vec())),
            Protection::Records(keys) => {
                let mut record = record.to_vec();
                let opened = keys.block.of(self.role).open(&mut record, &Default::default()).ok()?;
                let plaintext = record[opened.plaintext].to_vec();
                Some(Message::Protected { content_type: opened.content_type, plaintext })
            }
        }
    }

    /// Makes the keys of the records as soon as there is a master secret.
    fn derive(&mut self) {
        if !matches!(self.protection, Protection::None) {
            return;
        }
        let ssl = self.stream.ssl();
        let Some((secret, randoms)) = master_secret(ssl) else { return };
        let Some(number) = ffi::pending_cipher_suite(ssl) else { return };
        self.protection = match Suite::of(number) {
            None => Protection::Whole,
            Some(suite) => {
                let ids = notes(ssl).map_or_else(ConnectionIds::default, |notes| notes.connection_ids());
                let session = Session::new(self.role, suite, &secret, &randoms, ids);
                let block = KeyBlock::derive(suite, &secret, &randoms);
                Protection::Records(Box::new(Keys { session, block }))
            }
        };
    }

    fn repeat(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) {
        self.sent = now;
        let session = match &mut self.protection {
            Protection::Records(keys) => Some(&mut keys.session),
            Protection::None | Protection::Whole => None,
        };
        self.flight.repeat(session, out);
    }

    /// Who the peer is, as far as it has said.
    pub(crate) fn claimed(&self) -> Option<Identity> {
        peer_identity(self.ssl()).or_else(|| notes(self.ssl())?.identity.clone())
    }

    pub(crate) fn cipher_suite(&self) -> Option<u16> {
        self.ssl().current_cipher().map(|cipher| u16::from_be_bytes(cipher.protocol_id()))
    }

    pub(crate) fn connection_ids(&self) -> ConnectionIds {
        notes(self.ssl()).map_or_else(ConnectionIds::default, |notes| notes.connection_ids())
    }

    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.protection, Protection::Whole)
    }

    /// A fatal alert of ours after the peer's Finished, protected where we can.
    pub(crate) fn refuse(&mut self, alert: u8, out: &mut Vec<Vec<u8>>) {
        match &mut self.protection {
            Protection::Records(keys) => {
                let mut record = Vec::new();
                if keys.session.seal(ContentType::ALERT, &[crate::flight::FATAL, alert], &mut record).is_ok()
                {
                    out.push(record);
                }
            }
            Protection::None | Protection::Whole => self.flight.alert(alert, out),
        }
    }

    /// After [`Step::Done`].
    pub(crate) fn establish(mut self) -> Option<Established> {
        let last_flight = (!self.flight.is_empty()).then(|| Box::new(mem::take(&mut self.flight)));
        let security = match self.protection {
            Protection::Records(keys) => {
                let_go(&mut self.stream);
                Security::Records(keys.session)
            }
            Protection::Whole => Security::Whole(Whole(Box::new(self.stream))),
            Protection::None => return None,
        };
        Some(Established { security, last_flight, early: self.early })
    }
}

/// Who the peer has proven to be, once the handshake is done.
pub(crate) fn peer_identity(ssl: &SslRef) -> Option<Identity> {
    if let Some(key) = ffi::peer_raw_public_key(ssl) {
        return Some(Identity::RawPublicKey(key));
    }
    if let Some(certificate) = ssl.peer_certificate() {
        return Certificate::of(&certificate).map(Identity::Certificate);
    }
    ssl.psk_identity().map(|identity| Identity::Psk(identity.to_vec()))
}

/// `None` until both hellos and the key exchange are through.
fn master_secret(ssl: &SslRef) -> Option<(MasterSecret, Randoms)> {
    let mut randoms = Randoms { client: [0; 32], server: [0; 32] };
    ssl.client_random(&mut randoms.client);
    ssl.server_random(&mut randoms.server);
    // A client that resumes has the secret before it knows whether the server agrees.
    if randoms.server == [0; 32] {
        return None;
    }
    let session = ssl.session()?;
    let mut bytes = [0; MasterSecret::LENGTH];
    let length = session.master_key(&mut bytes);
    let secret = (length == bytes.len()).then(|| MasterSecret::new(bytes));
    bytes.zeroize();
    Some((secret?, randoms))
}

/// RFC 6347 §4.2.2.
fn message_sequence(fragment: &[u8]) -> Option<u16> {
    let bytes = fragment.get(4..6)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}
