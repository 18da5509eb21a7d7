use core::{fmt, time::Duration};

use coap::Code;
use lwm2m_codec::{
    ContentFormat, Path,
    attributes::{NotificationAttributes, WriteAttributes},
};

use super::ObservationTarget;

/// Names an operation towards whoever asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u64);

/// An operation of the Device Management and Service Enablement or the Information Reporting interface
/// (LwM2M 1.0 TS §5.4, §5.5; Core 1.1 §6.3, §6.4).
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    Read {
        path: Path,
        accept: Option<ContentFormat>,
    },
    Discover {
        path: Path,
        /// How many levels below the path are told, since 1.2.
        depth: Option<u8>,
    },
    Write {
        path: Path,
        mode: WriteMode,
        content_format: ContentFormat,
        payload: Vec<u8>,
    },
    WriteAttributes {
        path: Path,
        attributes: WriteAttributes,
    },
    Execute {
        path: Path,
        arguments: Option<String>,
    },
    Create {
        /// The Object.
        path: Path,
        /// Not sent with an empty payload.
        content_format: ContentFormat,
        payload: Vec<u8>,
    },
    Delete {
        path: Path,
    },
    ReadComposite {
        paths: Vec<Path>,
        /// Of the list of paths.
        content_format: ContentFormat,
        accept: Option<ContentFormat>,
    },
    WriteComposite {
        content_format: ContentFormat,
        payload: Vec<u8>,
    },
    Observe {
        path: Path,
        accept: Option<ContentFormat>,
        /// Attributes for this observation alone, since 1.2.
        parameters: Option<NotificationAttributes>,
    },
    CancelObservation {
        path: Path,
        how: Cancellation,
    },
    ObserveComposite {
        paths: Vec<Path>,
        /// Of the list of paths.
        content_format: ContentFormat,
        accept: Option<ContentFormat>,
        /// Attributes for this observation alone, since 1.2.
        parameters: Option<NotificationAttributes>,
    },
    CancelObservationComposite {
        paths: Vec<Path>,
        how: Cancellation,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// PUT
    Replace,
    /// POST
    PartialUpdate,
}

/// The two ways to end an observation (RFC 7641 §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// The request again, with Observe 1.
    Active,
    /// Nothing is sent: the next notification is answered with Reset. The [`Answer`] has the code 0.00.
    Passive,
}

impl Operation {
    /// The path of the request below the root of the client: `/` for an operation on several paths.
    pub const fn path(&self) -> Path {
        match self {
            Self::Read { path, .. }
            | Self::Discover { path, .. }
            | Self::Write { path, .. }
            | Self::WriteAttributes { path, .. }
            | Self::Execute { path, .. }
            | Self::Create { path, .. }
            | Self::Delete { path }
            | Self::Observe { path, .. }
            | Self::CancelObservation { path, .. } => *path,
            Self::ReadComposite { .. }
            | Self::WriteComposite { .. }
            | Self::ObserveComposite { .. }
            | Self::CancelObservationComposite { .. } => Path::ROOT,
        }
    }

    /// What a Cancel Observation ends, and how.
    pub(super) fn cancelled(&self) -> Option<(ObservationTarget, Cancellation)> {
        match self {
            Self::CancelObservation { path, how } => Some((ObservationTarget::Path(*path), *how)),
            Self::CancelObservationComposite { paths, how } => {
                Some((ObservationTarget::composite(paths.clone()), *how))
            }
            _ => None,
        }
    }
}

/// An operation, for whom and how long to wait.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRequest {
    pub id: OperationId,
    pub endpoint: String,
    pub operation: Operation,
    /// Covers queueing, retransmission and a late answer; a payload in blocks has its own time on top.
    pub timeout: Duration,
    /// Also if this client cannot be expected to know the operation, or has refused it.
    pub force: bool,
}

/// What the client answered; an error code is an answer too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub code: Code,
    pub content_format: Option<ContentFormat>,
    pub payload: Vec<u8>,
    /// Where a Create has put the new Object Instance: Location-Path as the client gave it.
    pub location: Vec<String>,
    /// Which block of a large payload the client refused with this code (RFC 7959 §2.9).
    pub block: Option<u32>,
}

/// Why there is no answer of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
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
