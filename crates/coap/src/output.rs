use core::fmt;

use crate::{Code, Message, MessageError, Options, Token};

/// A request of ours, from [`crate::Endpoint::request`] to its `Response` or `Failed`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExchangeId(pub(crate) u64);

/// A request of a peer, to be answered with [`crate::Endpoint::respond`].
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub(crate) u64);

/// A notification of a peer, to be acknowledged or rejected.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NotificationId(pub(crate) u64);

/// What to ask of a peer; sent Confirmable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub code: Code,
    pub options: Options,
    pub payload: Vec<u8>,
    /// `None`: the endpoint picks eight random bytes.
    pub token: Option<Token>,
}

impl Request {
    pub const fn new(code: Code) -> Self {
        Self { code, options: Options::new(), payload: Vec::new(), token: None }
    }
}

/// An answer to a request, or a notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    pub code: Code,
    pub options: Options,
    pub payload: Vec<u8>,
}

impl Response {
    pub const fn new(code: Code) -> Self {
        Self { code, options: Options::new(), payload: Vec::new() }
    }
}

/// What the endpoint wants done or known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output<P> {
    Transmit {
        peer: P,
        datagram: Vec<u8>,
    },
    /// A new request; duplicates never surface.
    Request {
        id: RequestId,
        peer: P,
        message: Message,
    },
    /// The answer to our request, piggybacked or separate. A separate Confirmable one is already acknowledged, but for
    /// one that begins an observation: it may be a notification that has overtaken the answer. As with any other
    /// notification the caller then decides on `notification`.
    Response {
        exchange: ExchangeId,
        peer: P,
        token: Token,
        message: Message,
        notification: Option<NotificationId>,
    },
    Failed {
        exchange: ExchangeId,
        peer: P,
        token: Token,
        error: ExchangeError,
    },
    /// A response whose token belongs to no open exchange. The caller decides: acknowledge or reject.
    /// Duplicates of an undecided one are absorbed, those of a decided one answered the same way again.
    Notification {
        id: NotificationId,
        peer: P,
        message: Message,
        confirmable: bool,
    },
    /// The peer no longer wants or no longer gets our notifications with this token (RFC 7641 §4.5).
    NotificationEnded {
        peer: P,
        token: Token,
        why: NotificationEnd,
    },
    /// A malformed or unacceptable datagram, which the endpoint has already answered as it should be.
    Refused {
        peer: P,
        what: String,
    },
}

/// Why a request of ours got no response.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("no acknowledgement came")]
    Timeout,
    #[error("acknowledged, but no response came in time")]
    NoResponse,
    #[error("rejected with a Reset")]
    Reset,
    #[error("the response carries the unknown critical option {0}")]
    UnknownCriticalOption(u16),
    #[error("the peer was forgotten")]
    Forgotten,
    #[error("expected at most {limit} bytes in blocks, got more")]
    BodyTooLarge { limit: usize },
    #[error("the blocks do not fit together")]
    BodyIncoherent,
}

/// Why a request was not even queued.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestRefused {
    #[error("the queue of the peer is full at {limit} requests")]
    QueueFull { limit: usize },
    #[error("requests are under way to {limit} other peers")]
    TooManyPeers { limit: usize },
    #[error("expected a payload of at most {limit} bytes, got more")]
    BodyTooLarge { limit: usize },
    #[error("payloads of {limit} bytes are under way already")]
    TooManyBodies { limit: usize },
    #[error("token {0} belongs to an open exchange with the peer")]
    TokenInUse(Token),
    #[error("expected a method code, got {0}")]
    NotARequest(Code),
    #[error(transparent)]
    Message(#[from] MessageError),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotificationEnd {
    #[error("rejected with a Reset")]
    Reset,
    #[error("no acknowledgement came")]
    Timeout,
}

/// What [`crate::Endpoint::poll_timeout`] waits for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TimeoutReason {
    Retransmission,
    ExchangeTimeout,
    EmptyAcknowledgement,
    MessageId,
    DeduplicationSweep,
}

impl fmt::Display for TimeoutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retransmission => "retransmission of a confirmable message",
            Self::ExchangeTimeout => "end of waiting for a response",
            Self::EmptyAcknowledgement => "empty acknowledgement of an unanswered request",
            Self::MessageId => "message id that may be used again",
            Self::DeduplicationSweep => "forgetting of old message ids",
        })
    }
}
