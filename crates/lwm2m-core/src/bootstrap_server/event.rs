use std::fmt;

use coap::{Code, Instant};
use lwm2m_codec::{ContentFormat, Path};

use super::BootstrapId;
use crate::Peer;

/// What happened, for everyone who watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Comes before anything else of a session, and again when a device that was refused comes again.
    Begun {
        session: BootstrapId,
        endpoint: String,
        peer: Peer,
        begun_by: Beginning,
        at: Instant,
        /// From 1. Every further attempt takes the place of the refused one before.
        attempt: u32,
        /// The number of the step that comes first. It is not 0 in a session that goes on.
        first_step: u32,
    },
    /// A message of a session, in order.
    Step { session: BootstrapId, step: Step },
    /// The last that comes of a session, unless it begins again.
    Ended { session: BootstrapId, at: Instant, result: Result<(), Failure> },
    /// A datagram or request was refused and belongs to no session: what was expected and what came.
    Refused { peer: Peer, what: String },
}

/// Who began a session (LwM2M 1.0 TS §5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Client Initiated Bootstrap: Bootstrap-Request.
    Client,
    /// Server Initiated Bootstrap as LwM2M 1.0 has it: the Bootstrap-Server writes unasked.
    Server,
    /// Bootstrap-Pack-Request (LwM2M 1.2 Core §6.1.7.7).
    Pack,
}

/// Operations of the Bootstrap Interface (LwM2M 1.2 Core §6.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootstrapOperation {
    Request,
    Discover,
    Read,
    Write,
    Delete,
    Finish,
    Pack,
}

impl fmt::Display for BootstrapOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "Bootstrap-Request",
            Self::Discover => "Bootstrap-Discover",
            Self::Read => "Bootstrap-Read",
            Self::Write => "Bootstrap-Write",
            Self::Delete => "Bootstrap-Delete",
            Self::Finish => "Bootstrap-Finish",
            Self::Pack => "Bootstrap-Pack-Request",
        })
    }
}

/// One message of a session. It carries no secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub at: Instant,
    /// Or from the Bootstrap-Server.
    pub from_device: bool,
    pub operation: BootstrapOperation,
    /// Of a request the method, of an answer its response code.
    pub code: Code,
    /// Of the request: `/bs`, `/1/0`.
    pub path: String,
    /// Of the request: `ep=…&pct=112`.
    pub query: String,
    pub content_format: Option<ContentFormat>,
    /// As it was sent, but for secrets: their bytes are zero.
    pub payload: Vec<u8>,
    /// Resources in the payload that are secret.
    pub masked: Vec<Path>,
    /// Whether it is a refusal. A message that nobody answers is the step of the [`Failure`].
    pub failed: bool,
    /// What there is to say of it, in words; may be empty.
    pub remark: String,
}

/// Why a session came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step at which it failed, from 0: the refusal, or the message that nobody answered.
    pub step: Option<u32>,
    pub what: String,
    /// What to do about it.
    pub advice: String,
    /// The device began anew, so that nothing is wrong.
    pub interrupted: bool,
}
