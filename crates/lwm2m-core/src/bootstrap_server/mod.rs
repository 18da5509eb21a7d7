//! The Bootstrap-Server role (LwM2M 1.0 TS §5.2; 1.2 Core §6.1).
//!
//! [`BootstrapServer`] is driven like [`Server`](crate::server::Server): give it an input, then take [`Output`]s from
//! [`BootstrapServer::poll`] until there is none, then call [`BootstrapServer::handle_timeout`] no later than
//! [`BootstrapServer::poll_timeout`] says.
//!
//! **Nothing is sent before it is stored.** What a device receives is asked for with [`Output::Configure`]. Only when
//! [`BootstrapServer::configured`] has brought it, its request is answered and written to it. Then commands go to the
//! device one at a time: Discover, Deletes, accounts, access control, other instances, Finish.

mod bootstrap_request;
mod command;
mod config;
mod consistency;
mod contacts;
mod conversation;
mod discovered;
mod event;
mod failure;
mod information;
mod instance_ids;
pub mod limits;
mod pack;
mod read_back;
mod returning;
mod secrets;
mod session;
mod sessions;
mod usage;
mod writes;

use core::time::Duration;
use std::{collections::VecDeque, sync::Arc};

use coap::{Endpoint, Instant, TransmissionParameters};
pub use config::{BootstrapId, BootstrapServerConfig};
use contacts::Contacts;
pub use event::{Beginning, BootstrapOperation, Event, Failure, Step};
pub use information::{AccessControl, Account, BootstrapInformation, NotConfigured, OnRefusal, Resources};
use lwm2m_codec::ContentFormat;
use lwm2m_model::Registry;
use returning::Returning;
use sessions::Sessions;
pub use usage::BootstrapUsage;

use crate::{Peer, Proven, SessionId, server::Admission};

/// What the Bootstrap-Server wants done.
#[derive(Debug)]
pub enum Output {
    Transmit {
        peer: Peer,
        datagram: Vec<u8>,
    },
    /// Find out what this device receives, store that the session has begun, then call
    /// [`BootstrapServer::configured`].
    Configure {
        session: BootstrapId,
        peer: Peer,
        endpoint: String,
        begun_by: Beginning,
        /// What the device prefers to be written in (`pct`), or the Accept option of a Bootstrap-Pack-Request.
        content_format: Option<ContentFormat>,
    },
    Event(Event),
}

/// Why a device cannot be bootstrapped unasked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    #[error("expected a device that is connected to the Bootstrap-Server, got one that is not")]
    NotConnected,
    #[error("expected a device that is not being bootstrapped, got one that is")]
    Running(BootstrapId),
    #[error("expected fewer than {} sessions at once, got as many", limits::SESSIONS)]
    TooManySessions,
    #[error("{0}")]
    NotAdmitted(String),
}

/// A Bootstrap-Server with all its sessions.
pub struct BootstrapServer {
    config: BootstrapServerConfig,
    endpoint: Endpoint<Peer>,
    /// EXCHANGE_LIFETIME: how long the answer to a command is waited for (LwM2M 1.2 Core §6.1.3.3).
    exchange_lifetime: Duration,
    contacts: Contacts,
    sessions: Sessions,
    returning: Returning,
    outputs: VecDeque<Output>,
}

impl BootstrapServer {
    /// All randomness (tokens, message ids) comes from `seed`, which must not be guessable.
    pub fn new(parameters: TransmissionParameters, seed: [u8; 32], config: BootstrapServerConfig) -> Self {
        Self {
            exchange_lifetime: parameters.exchange_lifetime(),
            endpoint: Endpoint::new(parameters, seed),
            contacts: Contacts::default(),
            sessions: Sessions::new(config.first),
            returning: Returning::default(),
            outputs: VecDeque::new(),
            config,
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
        self.drain(now);
    }

    /// A security session came up. Its peer is who the handshake has proven it to be.
    pub fn session_opened(&mut self, session: SessionId, proven: Proven) {
        self.contacts.open(session, proven);
    }

    /// A security session is gone; nothing can be sent over it any more.
    pub fn session_closed(&mut self, now: Instant, session: SessionId) {
        if let Some(proven) = self.contacts.close(session) {
            self.disconnect(now, Peer::Session(session), &proven.endpoint);
        }
        self.endpoint.forget_peer(Peer::Session(session));
        self.drain(now);
    }

    /// Who may ask for a configuration from now on. Sessions that have begun go on.
    pub const fn admission_mut(&mut self) -> &mut Admission {
        &mut self.config.admission
    }

    /// What the Resources of an Object are from now on.
    pub fn set_definitions(&mut self, definitions: Arc<Registry>) {
        self.config.definitions = definitions;
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let coap = self.endpoint.poll_timeout().map(|(at, _)| (at, "CoAP"));
        let session = self.sessions.next_deadline().map(|at| (at, "bootstrap session"));
        [coap, session].into_iter().flatten().min()
    }

    /// How much of its bounds is in use.
    pub fn usage(&self) -> BootstrapUsage {
        BootstrapUsage {
            sessions: self.sessions.usage(),
            remembered_addresses: self.contacts.usage(),
            refusals: self.returning.usage(),
            coap: self.endpoint.usage(),
        }
    }

    /// Moves what the CoAP endpoint has to say to where it belongs.
    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                coap::Output::Transmit { peer, datagram } => {
                    self.outputs.push_back(Output::Transmit { peer, datagram });
                }
                coap::Output::Request { id, peer, message } => self.handle_request(now, id, peer, &message),
                coap::Output::Response { peer, token, message, notification, .. } => {
                    if let Some(notification) = notification {
                        self.endpoint.acknowledge(now, notification);
                    }
                    self.answered(now, peer, token, &message);
                }
                coap::Output::Failed { peer, token, error, .. } => {
                    self.not_answered(now, peer, token, error);
                }
                // An answer that comes after its request was given up. Nothing is observed here.
                coap::Output::Notification { id, peer, message, .. } => {
                    if self.sessions.by_token(peer, message.token).is_some() {
                        self.endpoint.acknowledge(now, id);
                        self.answered(now, peer, message.token, &message);
                    } else {
                        self.endpoint.reject(now, id);
                    }
                }
                coap::Output::NotificationEnded { .. } => {}
                coap::Output::Refused { peer, what } => self.event(Event::Refused { peer, what }),
            }
        }
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}
