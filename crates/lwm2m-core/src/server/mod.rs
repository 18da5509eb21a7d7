//! The LwM2M Server role: Client Registration, Device Management and Service Enablement, Information Reporting
//! (LwM2M 1.0 TS §5.3 to §5.5).
//!
//! [`Server`] is driven like this: give it an input, then take [`Output`]s from [`Server::poll`] until there is
//! none, then call [`Server::handle_timeout`] no later than [`Server::poll_timeout`] says.
//!
//! **No acknowledgement leaves before its ticket.** Whatever a peer is told to be done first goes out as
//! [`Output::Persist`]; the answer follows when [`Server::persisted`] brings the ticket back.

mod admission;
mod change;
mod check;
mod coap_request;
mod command;
mod commands;
mod config;
mod configuration;
mod device_management;
mod event;
mod exchanges;
mod flow;
mod forget;
mod information_reporting;
pub mod limits;
mod notification;
mod object_lists;
mod observation;
mod observations;
mod observe_again;
mod operation;
mod profile;
mod queue_mode;
mod refusals;
mod registration;
mod registration_interface;
mod registrations;
mod resources;
mod restore;
mod security;
mod send;
mod unkept;
mod usage;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

pub use change::{Change, ClientConfig, Delivery, Key, Outcome, Reported, Source, Subject, Ticket};
use coap::{Endpoint, Instant, TransmissionParameters};
pub use command::{Command, CommandId, CommandState};
use commands::{Asker, Commands};
pub use config::{Admission, ServerConfig};
pub use event::{Departure, Event};
use exchanges::Exchanges;
use flow::{Flow, Flows};
pub use information_reporting::CANCELLED;
use object_lists::ObjectLists;
pub use observation::{ActiveObservation, ObservationTarget, WantedObservation};
use observations::Observations;
pub use operation::{
    Answer, Cancellation, Operation, OperationError, OperationId, OperationRequest, WriteMode,
};
use profile::Profiles;
use queue_mode::Awake;
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
pub use refusals::Refusals;
pub use registration::{Registration, RegistrationId};
use registrations::Registrations;
pub use restore::Restored;
use unkept::Unkept;
pub use usage::ServerUsage;

use crate::{Peer, Proven, SessionId};

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
    /// A command was accepted and stored, or refused before that.
    Accepted {
        command: CommandId,
        result: Result<(), OperationError>,
    },
    Event(Event),
}

/// An LwM2M Server with all its registered clients.
pub struct Server {
    config: ServerConfig,
    endpoint: Endpoint<Peer>,
    /// What the security layer has proven about each open session.
    sessions: BTreeMap<SessionId, Proven>,
    registrations: Registrations,
    object_lists: ObjectLists,
    profiles: Profiles,
    observations: Observations,
    exchanges: Exchanges,
    refusals: BTreeMap<RegistrationId, Refusals>,
    commands: Commands,
    configs: BTreeMap<String, ClientConfig>,
    awake: Awake,
    flows: Flows,
    unkept: Unkept,
    outputs: VecDeque<Output>,
    random: ChaCha12Rng,
}

impl Server {
    /// All randomness (tokens, message ids, locations) comes from `seed`, which must not be guessable.
    pub fn new(parameters: TransmissionParameters, seed: [u8; 32]) -> Self {
        Self::with_config(parameters, seed, ServerConfig::default())
    }

    pub fn with_config(parameters: TransmissionParameters, seed: [u8; 32], mut config: ServerConfig) -> Self {
        let mut endpoint_seed = seed;
        endpoint_seed[0] ^= 0xff; // a stream of its own
        let profiles = Profiles::new(core::mem::take(&mut config.profiles));
        Self {
            config,
            endpoint: Endpoint::new(parameters, endpoint_seed),
            sessions: BTreeMap::new(),
            registrations: Registrations::default(),
            object_lists: ObjectLists::default(),
            profiles,
            observations: Observations::default(),
            exchanges: Exchanges::default(),
            refusals: BTreeMap::new(),
            commands: Commands::default(),
            configs: BTreeMap::new(),
            awake: Awake::default(),
            flows: Flows::default(),
            unkept: Unkept::default(),
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
        self.fall_asleep_in_time(now);
        self.expire(now);
        self.look_at_commands(now);
        self.persist_unkept(now);
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
            Some(Flow::Resume { registration }) => self.finish_resume(registration, &outcome),
            Some(Flow::Deregister { request, id }) => self.finish_deregister(now, request, id, outcome),
            Some(Flow::Notification { notification, reported }) => {
                self.finish_notification(now, notification, reported, outcome);
            }
            Some(Flow::Observe { asker, answer, endpoint, observation }) => {
                self.finish_observe(asker, answer, endpoint, observation, outcome);
            }
            Some(Flow::CancelObservation { asker, answer }) => self.answer(asker, kept(answer, outcome)),
            Some(Flow::Command { command, cancelled }) => {
                self.finish_command(now, &command, cancelled, outcome);
            }
            Some(Flow::Unwaited { change }) => self.finish_unwaited(now, change, &outcome),
            Some(Flow::Report { reported }) => self.finish_report(reported, &outcome),
            Some(Flow::Configure { operation, endpoint, config }) => {
                self.finish_configure(operation, endpoint, config, outcome);
            }
            Some(Flow::Forget { operation, endpoint }) => {
                self.finish_forget(now, operation, endpoint, outcome);
            }
            Some(Flow::Send { request, peer, reported }) => {
                self.finish_send(now, request, peer, reported, outcome);
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
        let asleep = self.awake.next_timer().map(|at| (at, "queue mode"));
        let command = self.commands.next_timer().map(|at| (at, "command"));
        let unkept = self.unkept.next_timer().map(|at| (at, "store"));
        [coap, expiry, asleep, command, unkept].into_iter().flatten().min()
    }

    pub fn registration(&self, endpoint: &str) -> Option<&Arc<Registration>> {
        self.registrations.by_endpoint(endpoint)
    }

    /// The client at an address; of several the one that said so last.
    pub fn registered_at(&self, peer: Peer) -> Option<&Arc<Registration>> {
        self.registrations.by_peer(peer).max_by_key(|registration| registration.updated_at)
    }

    pub fn registration_count(&self) -> usize {
        self.registrations.len()
    }

    pub fn observation_count(&self) -> usize {
        self.observations.active_count()
    }

    /// How much of its bounds is in use.
    pub fn usage(&self) -> ServerUsage {
        ServerUsage {
            registrations: self.registrations.usage(),
            open_flows: self.flows.usage(),
            commands: self.commands.usage(),
            coap: self.endpoint.usage(),
        }
    }

    /// Moves what the CoAP endpoint has to say to where it belongs, and then the commands on: an answer leaves before
    /// the request that it makes room for.
    fn drain(&mut self, now: Instant) {
        loop {
            while let Some(output) = self.endpoint.poll() {
                self.handle_output(now, output);
            }
            if !self.advance_commands(now) {
                return;
            }
        }
    }

    fn handle_output(&mut self, now: Instant, output: coap::Output<Peer>) {
        match output {
            coap::Output::Transmit { peer, datagram } => {
                self.outputs.push_back(Output::Transmit { peer, datagram });
            }
            coap::Output::Request { id, peer, message } => self.handle_request(now, id, peer, &message),
            coap::Output::Response { exchange, peer, token, message, notification } => {
                self.handle_response(now, exchange, peer, token, message, notification);
            }
            coap::Output::Failed { exchange, error, .. } => self.handle_failure(now, exchange, error),
            coap::Output::Notification { id, peer, message, confirmable } => {
                self.handle_notification(now, id, peer, message, confirmable);
            }
            // The server observes; nobody observes the server.
            coap::Output::NotificationEnded { .. } => {}
            coap::Output::Refused { peer, what } => self.event(Event::Refused { peer, what }),
        }
    }

    fn persist(&mut self, flow: Flow, change: Change) {
        self.overtake_unkept(&change);
        let ticket = self.flows.open(flow);
        self.outputs.push_back(Output::Persist { ticket, change });
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn answer(&mut self, asker: Asker, result: Result<Answer, OperationError>) {
        match asker {
            Asker::Operation(operation) => self.outputs.push_back(Output::Answered { operation, result }),
            Asker::Command(id) => self.commands.ended(id, result),
        }
    }
}

/// The answer for the operator, unless what it tells could not be kept.
fn kept(answer: Answer, outcome: Outcome) -> Result<Answer, OperationError> {
    match outcome {
        Outcome::Stored | Outcome::Known => Ok(answer),
        Outcome::Failed(why) => Err(OperationError::NotStored { why }),
    }
}
