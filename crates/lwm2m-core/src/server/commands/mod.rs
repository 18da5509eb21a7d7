//! Commands on their way: from acceptance until their last state is stored. What each state means is said by
//! [`CommandState`](super::CommandState).
//!
//! One command of a client is outstanding at a time, in the order of acceptance. Every state is stored before it is
//! told, and [`CommandState::Sent`](super::CommandState::Sent) before the request leaves: whatever crash comes, the
//! store knows of each request that a client may have seen.

mod acceptance;
mod attempt;
mod ending;
mod queue;

pub(super) use queue::Commands;

use super::{Answer, CommandId, OperationError, OperationId};

/// Who is told the end of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    Operation(OperationId),
    Command(CommandId),
}

/// How an attempt ended.
type Ended = (CommandId, Result<Answer, OperationError>);
