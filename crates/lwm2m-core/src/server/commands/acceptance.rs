//! What an operator does with commands: asks for one, withdraws one.

use std::sync::Arc;

use coap::Instant;

use super::{Asker, queue::Phase};
use crate::server::{
    Change, Command, CommandId, CommandState, Flow, OperationError, OperationId, Output, Server,
};

impl Server {
    /// Takes a command, or refuses it; [`Output::Accepted`] tells which. An accepted one is stored: as queued, or as
    /// sent if it is its turn and the client is awake. Its states are told by [`super::super::Event::Command`].
    ///
    /// Its id must not have been used before.
    pub fn command(&mut self, now: Instant, command: Command) {
        let id = command.id;
        if let Err(error) = self.accept(now, command) {
            self.outputs.push_back(Output::Accepted { command: id, result: Err(error) });
        }
        self.drain(now);
    }

    fn accept(&mut self, now: Instant, command: Command) -> Result<(), OperationError> {
        let Some(registration) = self.registrations.by_endpoint(&command.endpoint).cloned() else {
            return Err(OperationError::UnknownClient { endpoint: command.endpoint });
        };
        self.check(&registration, &command.operation, command.force)?;
        if self.commands.contains(command.id) {
            return Err(OperationError::NotPossible {
                expected: "an id that no other command has".to_owned(),
                got: format!("{} once more", command.id.0),
            });
        }
        if !self.commands.has_room(&command) || !self.flows.has_room() {
            return Err(OperationError::TooManyRequests);
        }
        let mut command = Command { state: CommandState::Queued, attempts: 0, changed_at: now, ..command };
        if self.takes_requests(&registration) && self.commands.is_idle(&command.endpoint) {
            // One commit is enough before the request leaves.
            command.send();
        }
        let command = Arc::new(command);
        self.commands.insert(Arc::clone(&command), Phase::Accepting);
        self.keep_command(command, None);
        Ok(())
    }

    /// Withdraws a command that waits. Answers the operation when that is stored, or says why it is too late.
    pub fn cancel_command(&mut self, now: Instant, operation: OperationId, id: CommandId) {
        let queued = self.commands.entry(id).is_some_and(|entry| matches!(entry.phase, Phase::Queued { .. }));
        if queued {
            let cancel = |command: &mut Command| command.state = CommandState::Cancelled;
            if let Some(command) = self.commands.change(now, id, Phase::Ending, cancel) {
                self.keep_command(command, Some(operation));
            }
        } else {
            let expected = "a command that is queued".to_owned();
            let got = self.commands.entry(id).map_or("one that is over, or none", |_| "one that is sent");
            self.answer(
                Asker::Operation(operation),
                Err(OperationError::NotPossible { expected, got: got.to_owned() }),
            );
        }
        self.drain(now);
    }

    /// Stores the state that a command has reached.
    pub(super) fn keep_command(&mut self, command: Arc<Command>, cancelled: Option<OperationId>) {
        let change = Change::Command(Arc::clone(&command));
        self.persist(Flow::Command { command, cancelled }, change);
    }
}
