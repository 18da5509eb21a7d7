use std::{collections::BTreeMap, sync::Arc};

use coap::Instant;
use lwm2m_core::server::{Command, CommandId, CommandState, OperationError};
use tokio::sync::oneshot;

use super::operations::{Accepted, Order};

/// Gives commands their ids, and tells those who wait what becomes of theirs. There are no more of them than the role
/// takes commands.
pub(super) struct CommandDesk {
    last: u64,
    /// Who waits to know whether a command is accepted.
    asked: BTreeMap<CommandId, oneshot::Sender<Result<Accepted, OperationError>>>,
    /// Who waits for the end.
    waiting: BTreeMap<CommandId, oneshot::Sender<Arc<Command>>>,
}

impl CommandDesk {
    /// `last` is the highest id that was ever given.
    pub(super) fn new(last: Option<CommandId>) -> Self {
        Self { last: last.map_or(0, |id| id.0), asked: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    pub(super) fn command(
        &mut self,
        now: Instant,
        order: Order,
        accepted: oneshot::Sender<Result<Accepted, OperationError>>,
    ) -> Command {
        let Order { endpoint, operation, author, force, timeout, deadline } = order;
        self.last += 1;
        let id = CommandId(self.last);
        self.asked.insert(id, accepted);
        Command {
            id,
            endpoint,
            operation,
            author,
            force,
            created_at: now,
            deadline: now + deadline,
            timeout,
            attempts: 0,
            state: CommandState::Queued,
            changed_at: now,
        }
    }

    pub(super) fn refuse(&mut self, id: CommandId, error: OperationError) {
        // A caller that has gone no longer wants to know.
        let _ = self.asked.remove(&id).map(|asked| asked.send(Err(error)));
    }

    /// The first state that is told of a command is the one in which it was accepted.
    pub(super) fn tell(&mut self, command: &Arc<Command>) {
        let id = command.id;
        if let Some(asked) = self.asked.remove(&id) {
            let (tell, over) = oneshot::channel();
            // A caller that has gone does not stop the command.
            if asked.send(Ok(Accepted { command: Arc::clone(command), over })).is_ok() {
                self.waiting.insert(id, tell);
            }
        }
        if command.state.is_over() {
            let _ = self.waiting.remove(&id).map(|waiting| waiting.send(Arc::clone(command)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lwm2m_codec::Path;
    use lwm2m_core::server::Operation;

    use super::*;

    fn order() -> Order {
        Order {
            endpoint: "a".to_owned(),
            operation: Operation::Delete { path: Path::instance(3303, 1) },
            author: "me".to_owned(),
            force: false,
            timeout: Duration::from_secs(1),
            deadline: Duration::from_secs(60),
        }
    }

    #[test]
    fn who_asked_is_told_that_it_is_stored_and_then_the_end() {
        let mut desk = CommandDesk::new(Some(CommandId(41)));
        let (accepted, mut told) = oneshot::channel();
        let command = desk.command(Instant::from_millis(5), order(), accepted);
        assert_eq!((command.id, command.deadline.as_millis()), (CommandId(42), 60_005));
        assert!(told.try_recv().is_err());
        let sent = Arc::new(Command { state: CommandState::Sent, ..command });
        desk.tell(&sent);
        let mut accepted = told.try_recv().unwrap().unwrap();
        assert_eq!(accepted.command, sent);
        assert!(accepted.over.try_recv().is_err());
        let over = Arc::new(Command { state: CommandState::Expired, ..Command::clone(&sent) });
        desk.tell(&over);
        assert_eq!(accepted.over.try_recv(), Ok(over));
        assert!(desk.asked.is_empty() && desk.waiting.is_empty());
    }

    #[test]
    fn a_command_that_is_refused_and_one_whose_caller_has_gone_leave_nothing() {
        let mut desk = CommandDesk::new(None);
        let (accepted, mut told) = oneshot::channel();
        let command = desk.command(Instant::from_millis(5), order(), accepted);
        desk.refuse(command.id, OperationError::TooManyRequests);
        assert_eq!(told.try_recv().unwrap().err(), Some(OperationError::TooManyRequests));
        let (accepted, told) = oneshot::channel();
        let command = desk.command(Instant::from_millis(6), order(), accepted);
        drop(told);
        assert_eq!(command.id, CommandId(2));
        desk.tell(&Arc::new(command));
        assert!(desk.asked.is_empty() && desk.waiting.is_empty());
    }
}
