use core::{fmt, time::Duration};

use coap::Instant;

use super::{Answer, Operation, OperationError};

/// Names a command for ever: it is never given out twice, over restarts neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u64);

/// An operation that an operator asked for, from when it is accepted until it is over. It is stored with every state
/// that it reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub id: CommandId,
    pub endpoint: String,
    pub operation: Operation,
    /// Who asked for it.
    pub author: String,
    /// Also if the client cannot be expected to know the operation, or has refused it.
    pub force: bool,
    pub created_at: Instant,
    /// When it expires if it could not be sent before.
    pub deadline: Instant,
    /// How long to wait for the client's answer once it is sent.
    pub timeout: Duration,
    /// How often it was sent: an attempt has all its retransmissions in it.
    pub attempts: u32,
    pub state: CommandState,
    pub changed_at: Instant,
}

/// ```text
/// Queued ──▶ Sent ──▶ Answered | Failed
///   │  ▲      ├─────▶ Indeterminate
///   │  └──────┘ (an asleep client did not hear it)
///   └─▶ Expired | Cancelled | Failed
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandState {
    /// Waits for its client to wake, or for its turn.
    Queued,
    Sent,
    /// The client answered; an error code is an answer too.
    Answered(Answer),
    /// There is no answer and will be none.
    Failed(OperationError),
    /// The deadline passed, or the registration ended, before it could be sent.
    Expired,
    /// An operator withdrew it before it was sent.
    Cancelled,
    /// The server stopped after it was sent and before the answer was stored. What must not happen twice (Execute,
    /// Create) is not sent again: nobody but the client knows whether it was performed.
    Indeterminate,
}

impl CommandState {
    /// Whether nothing will change any more.
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Sent)
    }
}

impl fmt::Display for CommandState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Answered(_) => "answered",
            Self::Failed(_) => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Indeterminate => "indeterminate",
        })
    }
}
