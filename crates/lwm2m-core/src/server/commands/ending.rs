//! How commands end, and what the store makes of each state.

use std::sync::Arc;

use coap::Instant;

use super::{Asker, queue::Phase};
use crate::server::{
    Answer, Command, CommandId, CommandState, Event, OperationError, OperationId, Outcome, Output, Server,
    forget::nothing_sent, kept, limits,
};

impl Server {
    /// The answer to a request came, or there is none.
    pub(super) fn attempt_ended(
        &mut self,
        now: Instant,
        id: CommandId,
        result: Result<Answer, OperationError>,
    ) {
        let Some(command) = self.commands.entry(id).map(|entry| Arc::clone(&entry.command)) else { return };
        let registration = self.registrations.by_endpoint(&command.endpoint);
        let error = match result {
            Ok(answer) => return self.end_command(now, id, CommandState::Answered(answer)),
            Err(error) => error,
        };
        // A client in queue mode that does not answer is asleep, and one that registers anew has forgotten.
        let again = match (&error, registration) {
            (OperationError::Timeout, Some(registration)) => registration.queue_mode,
            (OperationError::Departed, Some(_)) => true,
            _ => false,
        };
        if again && command.may_be_sent_again(now) {
            return self.queue_again(now, id, |command| command.state = CommandState::Queued);
        }
        self.end_command(now, id, CommandState::Failed(error));
    }

    pub(super) fn end_command(&mut self, now: Instant, id: CommandId, state: CommandState) {
        if let Some(command) = self.commands.change(now, id, Phase::Ending, |command| command.state = state) {
            // It is no longer under way, whatever the store has to say.
            self.commands.touch(&command.endpoint);
            self.keep_command(command, None);
        }
    }

    /// A command of before a restart, in the state that it has now.
    pub(in crate::server) fn resume_command(
        &mut self,
        now: Instant,
        command: Arc<Command>,
        state: CommandState,
    ) {
        let (id, endpoint, same) = (command.id, command.endpoint.clone(), command.state == state);
        self.commands.insert(command, Phase::Ending);
        match state {
            CommandState::Queued if same => self.commands.enter(id, Phase::Queued { not_before: None }),
            CommandState::Queued => self.queue_again(now, id, |command| command.state = state),
            state => self.end_command(now, id, state),
        }
        self.commands.touch(&endpoint);
    }

    /// Deadlines, and states that the store could not take.
    pub(in crate::server) fn look_at_commands(&mut self, now: Instant) {
        while let Some(id) = self.commands.take_due(now) {
            let Some(entry) = self.commands.entry(id) else { continue };
            let (command, phase) = (Arc::clone(&entry.command), entry.phase);
            match phase {
                Phase::Queued { .. } if command.deadline <= now => {
                    self.end_command(now, id, CommandState::Expired);
                }
                Phase::Queued { .. } => {
                    self.commands.arm(id, Some(command.deadline));
                    self.commands.touch(&command.endpoint);
                }
                Phase::Ending => self.keep_command(command, None),
                Phase::Accepting | Phase::Sending | Phase::Sent => {}
            }
        }
    }

    /// A client has gone, and with it whom to send to (LwM2M 1.0 TS §5.3.3).
    pub(in crate::server) fn expire_commands(&mut self, now: Instant, endpoint: &str) {
        let queued = |phase| matches!(phase, Phase::Queued { .. });
        let all: Vec<_> = self.commands.of(endpoint).filter(|entry| queued(entry.phase)).collect();
        for id in all.into_iter().map(|entry| entry.command.id).collect::<Vec<_>>() {
            self.end_command(now, id, CommandState::Expired);
        }
    }

    /// Nothing is stored of a client any more, and so not of its commands either.
    pub(in crate::server) fn forget_commands(&mut self, now: Instant, endpoint: &str) {
        for id in self.commands.of(endpoint).map(|entry| entry.command.id).collect::<Vec<_>>() {
            let Some(command) = self.commands.remove(id) else { continue };
            let state = if command.state.is_over() { command.state.clone() } else { CommandState::Expired };
            let command = Command { state, changed_at: now, ..Command::clone(&command) };
            self.event(Event::Command(Arc::new(command)));
        }
    }

    /// The store has dealt with a state that a command has reached.
    pub(in crate::server) fn finish_command(
        &mut self,
        now: Instant,
        command: &Arc<Command>,
        cancelled: Option<OperationId>,
        outcome: Outcome,
    ) {
        let entry = self.commands.entry(command.id);
        // It may have moved on while the store was at work.
        let phase = entry.filter(|entry| Arc::ptr_eq(&entry.command, command)).map(|entry| entry.phase);
        match &outcome {
            Outcome::Stored | Outcome::Known => self.command_kept(now, command, phase),
            Outcome::Failed(why) => self.command_not_kept(now, command, phase, cancelled.is_some(), why),
        }
        if let Some(operation) = cancelled {
            self.answer(Asker::Operation(operation), kept(nothing_sent(), outcome));
        }
    }

    fn command_kept(&mut self, now: Instant, command: &Arc<Command>, phase: Option<Phase>) {
        let id = command.id;
        if phase == Some(Phase::Accepting) {
            self.outputs.push_back(Output::Accepted { command: id, result: Ok(()) });
        }
        self.event(Event::Command(Arc::clone(command)));
        match phase {
            Some(Phase::Accepting | Phase::Sending) if command.state == CommandState::Sent => {
                self.attempt(now, id);
            }
            Some(Phase::Accepting) if self.registrations.by_endpoint(&command.endpoint).is_none() => {
                self.end_command(now, id, CommandState::Expired);
            }
            Some(Phase::Accepting) => {
                self.commands.enter(id, Phase::Queued { not_before: None });
                self.commands.touch(&command.endpoint);
            }
            Some(Phase::Ending) => drop(self.commands.remove(id)),
            _ => {}
        }
    }

    fn command_not_kept(
        &mut self,
        now: Instant,
        command: &Arc<Command>,
        phase: Option<Phase>,
        cancelled: bool,
        why: &str,
    ) {
        let (id, later) = (command.id, now + limits::RETRY_AFTER);
        match phase {
            Some(Phase::Accepting) => {
                self.commands.remove(id);
                self.commands.touch(&command.endpoint);
                let result = Err(OperationError::NotStored { why: why.to_owned() });
                self.outputs.push_back(Output::Accepted { command: id, result });
            }
            // The store still says that it is queued.
            Some(Phase::Sending) => {
                let phase = Phase::Queued { not_before: Some(later) };
                self.commands.change(now, id, phase, Command::unsend);
            }
            Some(Phase::Ending) if cancelled => {
                let requeue = |command: &mut Command| command.state = CommandState::Queued;
                self.commands.change(now, id, Phase::Queued { not_before: None }, requeue);
                self.commands.touch(&command.endpoint);
            }
            Some(Phase::Ending) => self.commands.arm(id, Some(later)),
            _ => {}
        }
    }
}
