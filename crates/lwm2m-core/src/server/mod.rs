//! The LwM2M Server role: Client Registration, Device Management and Service Enablement, Information Reporting
//! (LwM2M 1.0 TS §5.3 to §5.5).
//!
//! [`Server`] is driven like this: give it an input, then take [`Output`]s from [`Server::poll`] until there is
//! none, then call [`Server::handle_timeout`] no later than [`Server::poll_timeout`] says.
//!
//! **No acknowledgement leaves before its ticket.** Whatever a peer is told to be done first goes out as
//! [`Output::Persist`]; the answer follows when [`Server::persisted`] brings the ticket back.

mod change;
mod check;
mod coap_request;
mod device_management;
mod event;
mod exchanges;
mod flow;
mod information_reporting;
pub mod limits;
mod observation;
mod observations;
mod operation;
mod refusals;
mod registration;
mod registration_interface;
mod registrations;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

pub use change::{Change, Key, Outcome, Reported, Source, Ticket};
use coap::{Code, Endpoint, Instant, Message, Options, RequestId, Response, TransmissionParameters};
pub use event::{Departure, Event};
use exchanges::Exchanges;
use flow::{Flow, Flows};
pub use observation::{ActiveObservation, ObservationTarget, WantedObservation};
use observations::Observations;
pub use operation::{
    Answer, Cancellation, Operation, OperationError, OperationId, OperationRequest, WriteMode,
};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
pub use refusals::Refusals;
pub use registration::{Registration, RegistrationId};
use registrations::Registrations;

use crate::{Peer, PeerIdentity, SessionId};

/// What the server wants done.
#[derive(Debug)]
pub enum Output {
    Transmit {
        peer: Peer,
        datagram: Vec<u8>,
    },
    /// Store this, then call [`Server::persisted`].
    Persist {
        ticket: Ticket,
        change: Change,
    },
    /// Look this up, then call [`Server::found`].
    Lookup {
        ticket: Ticket,
        key: Key,
    },
    /// An operation is over.
    Answered {
        operation: OperationId,
        result: Result<Answer, OperationError>,
    },
    Event(Event),
}

/// An LwM2M Server with all its registered clients.
pub struct Server {
    endpoint: Endpoint<Peer>,
    /// What the security layer has proven about each open session.
    sessions: BTreeMap<SessionId, PeerIdentity>,
    registrations: Registrations,
    observations: Observations,
    exchanges: Exchanges,
    refusals: BTreeMap<RegistrationId, Refusals>,
    flows: Flows,
    outputs: VecDeque<Output>,
    random: ChaCha12Rng,
}

impl Server {
    /// All randomness (tokens, message ids, locations) comes from `seed`, which must not be guessable.
    pub fn new(parameters: TransmissionParameters, seed: [u8; 32]) -> Self {
        let mut endpoint_seed = seed;
        endpoint_seed[0] ^= 0xff; // a stream of its own
        Self {
            endpoint: Endpoint::new(parameters, endpoint_seed),
            sessions: BTreeMap::new(),
            registrations: Registrations::default(),
            observations: Observations::default(),
            exchanges: Exchanges::default(),
            refusals: BTreeMap::new(),
            flows: Flows::default(),
            outputs: VecDeque::new(),
            random: ChaCha12Rng::from_seed(seed),
        }
    }

    pub fn handle_datagram(&mut self, now: Instant, peer: Peer, datagram: &[u8]) {
        self.endpoint.handle_datagram(now, peer, datagram);
        self.drain(now);
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.drain(now);
        self.expire(now);
    }

    /// A security session came up. Its peer is who the handshake has proven it to be.
    pub fn session_opened(&mut self, session: SessionId, identity: PeerIdentity) {
        self.sessions.insert(session, identity);
    }

    /// A security session is gone; nothing can be sent over it any more.
    pub fn session_closed(&mut self, now: Instant, session: SessionId) {
        self.sessions.remove(&session);
        self.endpoint.forget_peer(Peer::Session(session));
        self.drain(now);
    }

    /// The store has dealt with the change of this ticket.
    pub fn persisted(&mut self, now: Instant, ticket: Ticket, outcome: Outcome) {
        match self.flows.close(ticket) {
            Some(Flow::Register { request, registration }) => {
                self.finish_register(now, request, registration, outcome);
            }
            Some(Flow::Update { request, registration }) => {
                self.finish_update(now, request, &registration, outcome);
            }
            Some(Flow::Deregister { request, id }) => self.finish_deregister(now, request, id, outcome),
            Some(Flow::Notification { notification, reported }) => {
                self.finish_notification(now, notification, reported, outcome);
            }
            Some(Flow::Observe { operation, answer, endpoint, observation }) => {
                self.finish_observe(operation, answer, endpoint, observation, outcome);
            }
            Some(Flow::CancelObservation { operation, answer }) => {
                self.answer(operation, kept(answer, outcome));
            }
            // A lookup is answered by `found`. Without a flow nobody waits for this ticket.
            Some(Flow::UnknownNotification { .. }) | None => {}
        }
        self.drain(now);
    }

    /// The store has looked up an observation that memory does not know.
    pub fn found(&mut self, now: Instant, ticket: Ticket, observation: Option<ActiveObservation>) {
        if let Some(Flow::UnknownNotification { notification, peer, message, confirmable }) =
            self.flows.close(ticket)
        {
            self.adopt_notification(now, notification, peer, message, confirmable, observation);
        }
        self.drain(now);
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let coap = self.endpoint.poll_timeout().map(|(at, _)| (at, "CoAP"));
        let expiry = self.registrations.next_expiry().map(|at| (at, "registration lifetime"));
        [coap, expiry].into_iter().flatten().min()
    }

    pub fn registration(&self, endpoint: &str) -> Option<&Arc<Registration>> {
        self.registrations.by_endpoint(endpoint)
    }

    pub fn registration_count(&self) -> usize {
        self.registrations.len()
    }

    pub fn observation_count(&self) -> usize {
        self.observations.active_count()
    }

    /// Moves what the CoAP endpoint has to say to where it belongs.
    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                coap::Output::Transmit { peer, datagram } => {
                    self.outputs.push_back(Output::Transmit { peer, datagram });
                }
                coap::Output::Request { id, peer, message } => self.handle_request(now, id, peer, &message),
                coap::Output::Response { exchange, token, message, .. } => {
                    self.handle_response(now, exchange, token, message);
                }
                coap::Output::Failed { exchange, error, .. } => self.handle_failure(exchange, error),
                coap::Output::Notification { id, peer, message, confirmable } => {
                    self.handle_notification(now, id, peer, message, confirmable);
                }
                // The server observes; nobody observes the server.
                coap::Output::NotificationEnded { .. } => {}
                coap::Output::Refused { peer, what } => self.event(Event::Refused { peer, what }),
            }
        }
    }

    fn handle_request(&mut self, now: Instant, id: RequestId, peer: Peer, message: &Message) {
        let Some(identity) = self.identity(peer) else {
            return self.refuse(
                now,
                id,
                peer,
                Code::UNAUTHORIZED,
                "an authenticated session expected".into(),
            );
        };
        let Ok(path) = message.options.uri_path() else {
            return self.refuse(now, id, peer, Code::BAD_REQUEST, "Uri-Path expected in UTF-8".into());
        };
        let code = message.code;
        match path.as_slice() {
            ["rd"] if code == Code::POST => self.register(now, id, peer, identity, message),
            ["rd", location] if code == Code::POST || code == Code::PUT => {
                // POST since 1.0; the candidate of 2015 said PUT, and clients of its time still do.
                self.update(now, id, peer, &identity, location, message);
            }
            ["rd", location] if code == Code::DELETE => self.deregister(now, id, peer, &identity, location),
            [".well-known", "core"] if code == Code::GET => self.discover_server(now, id, peer, message),
            ["rd"] => self.refuse_method(now, id, peer, code, "POST"),
            ["rd", _] => self.refuse_method(now, id, peer, code, "POST, PUT or DELETE"),
            [".well-known", "core"] => self.refuse_method(now, id, peer, code, "GET"),
            _ => {
                let what = format!("expected /rd, /rd/{{id}} or /.well-known/core, got /{}", path.join("/"));
                self.refuse(now, id, peer, Code::NOT_FOUND, what);
            }
        }
    }

    /// The server's own resources (RFC 6690 §4).
    fn discover_server(&mut self, now: Instant, id: RequestId, peer: Peer, message: &Message) {
        const LINK_FORMAT: u16 = 40;
        if let Some(accept) = message.options.accept().filter(|accept| *accept != LINK_FORMAT) {
            let what = format!("Accept {LINK_FORMAT} (link format) expected, got {accept}");
            return self.refuse(now, id, peer, Code::NOT_ACCEPTABLE, what);
        }
        let options = Options::default().with_content_format(LINK_FORMAT);
        let payload = br#"</rd>;rt="core.rd";ct=40"#.to_vec();
        self.endpoint.respond(now, id, Response { code: Code::CONTENT, options, payload });
    }

    fn identity(&self, peer: Peer) -> Option<PeerIdentity> {
        match peer {
            Peer::NoSec(_) => Some(PeerIdentity::NoSec),
            Peer::Session(session) => self.sessions.get(&session).cloned(),
        }
    }

    fn persist(&mut self, flow: Flow, change: Change) {
        let ticket = self.flows.open(flow);
        self.outputs.push_back(Output::Persist { ticket, change });
    }

    /// Stores something that nobody waits for.
    fn persist_unwaited(&mut self, change: Change) {
        let ticket = self.flows.ticket();
        self.outputs.push_back(Output::Persist { ticket, change });
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn answer(&mut self, operation: OperationId, result: Result<Answer, OperationError>) {
        self.outputs.push_back(Output::Answered { operation, result });
    }

    fn respond(&mut self, now: Instant, id: RequestId, code: Code, options: Options) {
        self.endpoint.respond(now, id, Response { code, options, payload: Vec::new() });
    }

    /// Answers with an error and says what was expected and what came (RFC 7252 §5.5.2).
    fn refuse(&mut self, now: Instant, id: RequestId, peer: Peer, code: Code, what: String) {
        let payload = what.as_bytes()[..what.floor_char_boundary(limits::DIAGNOSTIC_BYTES)].to_vec();
        let options = Options::default();
        self.endpoint.respond(now, id, Response { code, options, payload });
        self.event(Event::Refused { peer, what: format!("{code} {what}") });
    }

    fn refuse_method(&mut self, now: Instant, id: RequestId, peer: Peer, got: Code, expected: &str) {
        self.refuse(now, id, peer, Code::METHOD_NOT_ALLOWED, format!("{expected} expected, got {got}"));
    }

    /// Nothing is wrong with the request, there is only no room for it now (RFC 7252 §5.9.3.4).
    fn refuse_for_now(&mut self, now: Instant, id: RequestId, peer: Peer, what: &str) {
        let retry_after_s = u32::try_from(limits::RETRY_AFTER.as_secs()).unwrap_or(u32::MAX);
        self.respond(now, id, Code::SERVICE_UNAVAILABLE, Options::default().with_max_age(retry_after_s));
        self.event(Event::Refused { peer, what: format!("5.03 {what}") });
    }
}

/// The answer for the operator, unless what it tells could not be kept.
fn kept(answer: Answer, outcome: Outcome) -> Result<Answer, OperationError> {
    match outcome {
        Outcome::Stored => Ok(answer),
        Outcome::Failed(why) => Err(OperationError::NotStored { why }),
    }
}
