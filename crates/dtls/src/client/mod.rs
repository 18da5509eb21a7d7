//! One peer: what a device needs.

mod config;
mod context;
mod expectations;

use std::{collections::VecDeque, sync::Arc};

use dtls_record::{ConnectionId, Record, records};
use openssl::ssl::{Ssl, SslSession};
use zeroize::Zeroizing;

pub use config::{CertificateUsage, ClientConfig, ClientCredential, ExpectedCertificate, MatchingType};
use context::Context;
pub(crate) use expectations::Expectations;

use crate::{
    connection::{Connection, Received},
    failure::HandshakeFailure,
    ffi,
    handshake::{Handshake, Step},
    notes::Notes,
    output::{CloseReason, SendError},
    server::ConfigError,
    time::Instant,
};

/// The DTLS client of one device and one server.
pub struct Client {
    config: ClientConfig,
    context: Arc<Context>,
    state: State,
    /// What the next handshake can resume.
    resumable: Option<SslSession>,
    outputs: VecDeque<ClientOutput>,
}

enum State {
    Idle,
    Handshaking(Box<Handshake>),
    Connected(Box<Connection>),
}

/// What a client wants done or known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientOutput {
    Transmit(Vec<u8>),
    Connected {
        /// Number of the cipher suite with the IANA.
        suite: u16,
        resumed: bool,
        /// What the server wants in our records, so that it knows us wherever we are.
        connection_id: Option<ConnectionId>,
    },
    Data(Vec<u8>),
    Closed(CloseReason),
    Failed(HandshakeFailure),
}

impl Client {
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        let context = Context::of(&config)?;
        Ok(Self { config, context, state: State::Idle, resumable: None, outputs: VecDeque::new() })
    }

    /// Begins a handshake, in place of what there was. It resumes the session before where both ends can.
    pub fn connect(&mut self, now: Instant) {
        let Some(mut handshake) = self.handshake(now) else {
            let reason = "no handshake could be begun".to_owned();
            return self.outputs.push_back(ClientOutput::Failed(HandshakeFailure::Other { reason }));
        };
        let mut out = Vec::new();
        let step = handshake.begin(now, &mut out);
        self.transmit(out);
        self.settle(Box::new(handshake), step);
    }

    /// Neither connected nor about to be.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected(_))
    }

    /// Decrypts in place, so that `datagram` is worthless afterwards.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &mut [u8]) {
        let length = self.config.connection_id.map_or(0, |id| id.as_bytes().len());
        let ranges: Vec<_> = records(datagram, length).map_while(Result::ok).map(|r| r.range).collect();
        for range in ranges {
            let record = &mut datagram[range];
            if let Ok(header) = Record::read(record, 0, length) {
                self.handle_record(now, &header, record);
            }
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Handshaking(mut handshake) if handshake.due() <= now => {
                let mut out = Vec::new();
                let step = handshake.handle_timeout(now, &mut out);
                self.transmit(out);
                self.settle(handshake, step);
            }
            state => self.state = state,
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Handshaking(handshake) => Some(handshake.due()),
            State::Idle | State::Connected(_) => None,
        }
    }

    pub fn poll(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    /// Sends application data: one record in one datagram.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        let State::Connected(connection) = &mut self.state else { return Err(SendError::NoSession) };
        let mut out = Vec::new();
        let sent = connection.send(payload, &mut out);
        // Nothing of a client is stored, so its numbers need not be either.
        if let Some(records) = connection.records_mut()
            && records.reservation_left() == 0
        {
            let reservation = records.reserve();
            records.reserved(reservation);
        }
        self.transmit(out);
        sent
    }

    /// Says goodbye. The session can be resumed.
    pub fn close(&mut self) {
        if let State::Connected(mut connection) = std::mem::replace(&mut self.state, State::Idle) {
            let mut out = Vec::new();
            connection.close(&mut out);
            self.transmit(out);
            self.outputs.push_back(ClientOutput::Closed(CloseReason::Local));
        }
    }

    /// Forgets the session, as when the power fails. `resumable` says whether that survives.
    pub fn forget(&mut self, resumable: bool) {
        self.state = State::Idle;
        if !resumable {
            self.resumable = None;
        }
    }

    fn handshake(&self, now: Instant) -> Option<Handshake> {
        let mut ssl = Ssl::new(&self.context.ssl).ok()?;
        if let Some(name) = &self.config.server_name {
            ssl.set_hostname(name).ok()?;
        }
        if let Some(session) = &self.resumable {
            // Without it there is a full handshake.
            let _ = ffi::resume(&mut ssl, &self.context.ssl, session);
        }
        let notes = Notes {
            our_connection_id: self.config.connection_id,
            expectations: Some(Expectations::of(&self.config)),
            ..Notes::default()
        };
        Handshake::new(dtls_record::Role::Client, ssl, notes, now, None)
    }

    fn handle_record(&mut self, now: Instant, header: &Record, record: &mut [u8]) {
        let mut out = Vec::new();
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => {}
            State::Handshaking(mut handshake) => {
                let step = handshake.handle_record(now, header, record, &mut out);
                self.transmit(out);
                self.settle(handshake, step);
            }
            State::Connected(mut connection) => {
                let received = connection.handle_record(now, header, record, &mut out);
                self.transmit(out);
                match received {
                    Received::CloseNotify => {
                        self.outputs.push_back(ClientOutput::Closed(CloseReason::CloseNotify));
                    }
                    Received::Alert(alert) => {
                        self.resumable = None;
                        self.outputs.push_back(ClientOutput::Closed(CloseReason::Alert(alert)));
                    }
                    Received::Data { payload, .. } => {
                        self.outputs.push_back(ClientOutput::Data(payload));
                        self.state = State::Connected(connection);
                    }
                    Received::Nothing { .. } | Received::Refused => self.state = State::Connected(connection),
                }
            }
        }
    }

    fn settle(&mut self, handshake: Box<Handshake>, step: Step) {
        match step {
            Step::Waiting => self.state = State::Handshaking(handshake),
            Step::Failed(failure) => {
                self.state = State::Idle;
                self.resumable = None;
                self.outputs.push_back(ClientOutput::Failed(failure));
            }
            Step::Done => {
                self.resumable = handshake.ssl().session().map(ToOwned::to_owned);
                let suite = handshake.cipher_suite().unwrap_or_default();
                let resumed = handshake.ssl().session_reused();
                let connection_id = handshake.connection_ids().theirs.filter(|id| !id.is_empty());
                let Some(established) = handshake.establish() else { return };
                let (connection, early) = Connection::of(established);
                self.state = State::Connected(Box::new(connection));
                self.outputs.push_back(ClientOutput::Connected { suite, resumed, connection_id });
                self.outputs.extend(early.into_iter().map(ClientOutput::Data));
            }
        }
    }

    fn transmit(&mut self, datagrams: Vec<Vec<u8>>) {
        self.outputs.extend(datagrams.into_iter().map(ClientOutput::Transmit));
    }
}

/// A pre-shared key in the hands of OpenSSL.
pub(crate) type Psk = (Vec<u8>, Zeroizing<Vec<u8>>);
