//! The Bootstrap-Server role (LwM2M 1.0 TS §5.2; 1.2 Core §6.1).
//!
//! [`BootstrapServer`] is driven like [`Server`](crate::server::Server): give it an input, then take [`Output`]s from
//! [`BootstrapServer::poll`] until there is none, then call [`BootstrapServer::handle_timeout`] no later than
//! [`BootstrapServer::poll_timeout`] says.
//!
//! **Nothing is sent before it is stored.** What a device receives is asked for with [`Output::Configure`]. Only when
//! [`BootstrapServer::configured`] has brought it, its request is answered and written to it. Then commands go to the
//! device one at a time: Discover, Deletes, accounts, access control, other instances, Finish.

mod config;
mod event;
mod information;
pub mod limits;
mod usage;

use std::collections::VecDeque;

use coap::{Endpoint, Instant, TransmissionParameters};
pub use config::{BootstrapId, BootstrapServerConfig};
pub use event::{Beginning, BootstrapOperation, Event, Failure, Step};
pub use information::{AccessControl, Account, BootstrapInformation, NotConfigured, OnRefusal, Resources};
use lwm2m_codec::ContentFormat;
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
    outputs: VecDeque<Output>,
}

impl BootstrapServer {
    /// All randomness (tokens, message ids) comes from `seed`, which must not be guessable.
    pub fn new(parameters: TransmissionParameters, seed: [u8; 32], config: BootstrapServerConfig) -> Self {
        Self { config, endpoint: Endpoint::new(parameters, seed), outputs: VecDeque::new() }
    }

    pub fn handle_datagram(&mut self, now: Instant, peer: Peer, datagram: &[u8]) {
        self.endpoint.handle_datagram(now, peer, datagram);
        self.drain(now);
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.drain(now);
    }

    /// Answers [`Output::Configure`]. A session that is over meanwhile is not known any more.
    pub fn configured(
        &mut self,
        now: Instant,
        session: BootstrapId,
        result: Result<BootstrapInformation, NotConfigured>,
    ) {
        let _ = (session, result);
        self.drain(now);
    }

    /// Server Initiated Bootstrap as LwM2M 1.0 TS §5.2.3.4 has it: unasked, over the session that the device has with
    /// us; without security to the address that it was last heard from.
    pub fn begin(&mut self, now: Instant, endpoint: &str) -> Result<BootstrapId, NoSession> {
        let _ = (now, endpoint);
        Err(NoSession::NotConnected)
    }

    /// A security session came up. Its peer is who the handshake has proven it to be.
    pub fn session_opened(&mut self, session: SessionId, proven: Proven) {
        let _ = (session, proven);
    }

    /// A security session is gone; nothing can be sent over it any more.
    pub fn session_closed(&mut self, now: Instant, session: SessionId) {
        self.endpoint.forget_peer(Peer::Session(session));
        self.drain(now);
    }

    /// Who may ask for a configuration from now on. Sessions that have begun go on.
    pub fn set_admission(&mut self, admission: Admission) {
        self.config.admission = admission;
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        self.endpoint.poll_timeout().map(|(at, _)| (at, "CoAP"))
    }

    /// How much of its bounds is in use.
    pub fn usage(&self) -> BootstrapUsage {
        BootstrapUsage { coap: self.endpoint.usage(), ..BootstrapUsage::default() }
    }

    fn drain(&mut self, _now: Instant) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                coap::Output::Transmit { peer, datagram } => {
                    self.outputs.push_back(Output::Transmit { peer, datagram });
                }
                coap::Output::Refused { peer, what } => {
                    self.outputs.push_back(Output::Event(Event::Refused { peer, what }));
                }
                _ => {}
            }
        }
    }
}
