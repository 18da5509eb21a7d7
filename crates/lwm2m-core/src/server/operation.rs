use core::{fmt, time::Duration};

use coap::Code;
use lwm2m_codec::{ContentFormat, Path};

/// Names an operation towards whoever asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u64);

/// An operation of the Device Management and Service Enablement or the Information Reporting interface
/// (LwM2M 1.0 TS §5.4, §5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Read { path: Path, accept: Option<ContentFormat> },
    Discover { path: Path },
    Write { path: Path, mode: WriteMode, content_format: ContentFormat, payload: Vec<u8> },
    Execute { path: Path, arguments: Option<String> },
    Observe { path: Path, accept: Option<ContentFormat> },
    CancelObservation { path: Path },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// PUT
    Replace,
    /// POST
    PartialUpdate,
}

impl Operation {
    pub const fn path(&self) -> Path {
        match self {
            Self::Read { path, .. }
            | Self::Discover { path }
            | Self::Write { path, .. }
            | Self::Execute { path, .. }
            | Self::Observe { path, .. }
            | Self::CancelObservation { path } => *path,
        }
    }
}

/// An operation, for whom and how long to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRequest {
    pub id: OperationId,
    pub endpoint: String,
    pub operation: Operation,
    /// Covers queueing, retransmission and a late answer.
    pub timeout: Duration,
}

/// What the client answered; an error code is an answer too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub code: Code,
    pub content_format: Option<ContentFormat>,
    pub payload: Vec<u8>,
}

/// Why there is no answer of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationError {
    /// No client is registered under this name.
    UnknownClient { endpoint: String },
    /// The standard knows no such request; nothing was sent.
    NotPossible { expected: String, got: String },
    /// Too many requests wait for this client; nothing was sent.
    TooManyRequests,
    /// No sign of life within the time allowed.
    Timeout,
    /// The client acknowledged the request but did not answer within the time allowed.
    NoResponse,
    /// The client answered with Reset: it does not understand the message.
    Reset,
    /// The client's answer breaks the rules of CoAP.
    BadAnswer { what: String },
    /// The client de-registered, expired or registered anew before it answered.
    Departed,
    /// The answer came but could not be kept.
    NotStored { why: String },
}

impl fmt::Display for OperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownClient { endpoint } => write!(f, "no client is registered as {endpoint:?}"),
            Self::NotPossible { expected, got } => write!(f, "expected {expected}, got {got}"),
            Self::TooManyRequests => f.write_str("too many requests already wait for this client"),
            Self::Timeout => f.write_str("the client did not acknowledge the request in time"),
            Self::NoResponse => f.write_str("the client acknowledged the request but did not answer in time"),
            Self::Reset => f.write_str("the client rejected the message with Reset"),
            Self::BadAnswer { what } => write!(f, "the client's answer breaks CoAP: {what}"),
            Self::Departed => f.write_str("the registration ended before the client answered"),
            Self::NotStored { why } => write!(f, "the answer could not be stored: {why}"),
        }
    }
}

impl core::error::Error for OperationError {}
