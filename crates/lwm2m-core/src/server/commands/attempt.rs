//! Whose turn it is, and sending it.

use std::sync::Arc;

use coap::Instant;

use super::{Asker, queue::Phase};
use crate::server::{Command, CommandId, CommandState, Registration, Server};

impl Server {
    /// Whether a command may go to a client now. What it was observed for is asked for first.
    pub(super) fn takes_requests(&self, registration: &Registration) -> bool {
        self.is_listening(registration) && !self.exchanges.observes_again(registration.id)
    }

    /// Looks at attempts that have ended and at clients that take their next command. False if there was neither.
    pub(in crate::server) fn advance_commands(&mut self, now: Instant) -> bool {
        if let Some((id, result)) = self.commands.ended.pop_front() {
            self.attempt_ended(now, id, result);
        } else if let Some(endpoint) = self.commands.ready.pop_first() {
            self.give_turn(now, &endpoint);
        } else {
            return false;
        }
        true
    }

    fn give_turn(&mut self, now: Instant, endpoint: &str) {
        let Some(registration) = self.registrations.by_endpoint(endpoint).cloned() else { return };
        if !self.takes_requests(&registration) {
            return;
        }
        let Some(command) = self.commands.next(endpoint, now).cloned() else { return };
        // The client may have registered anew since it was accepted.
        if let Err(error) = self.check(&registration, &command.operation, command.force) {
            return self.end_command(now, command.id, CommandState::Failed(error));
        }
        if let Some(command) = self.commands.change(now, command.id, Phase::Sending, Command::send) {
            self.keep_command(command, None);
        }
    }

    /// It is stored that the command is sent, so now it is.
    pub(super) fn attempt(&mut self, now: Instant, id: CommandId) {
        let Some(command) = self.commands.entry(id).map(|entry| Arc::clone(&entry.command)) else { return };
        let Some(registration) = self.registrations.by_endpoint(&command.endpoint).cloned() else {
            return self.end_command(now, id, CommandState::Expired);
        };
        if !self.takes_requests(&registration) {
            // It fell asleep, or registered anew, while the store was at work.
            return self.queue_again(now, id, Command::unsend);
        }
        self.commands.enter(id, Phase::Sent);
        let (operation, timeout) = (command.operation.clone(), command.timeout);
        if let Err(error) = self.perform(now, &registration, Asker::Command(id), operation, timeout) {
            self.commands.ended(id, Err(error));
        }
    }

    pub(super) fn queue_again(&mut self, now: Instant, id: CommandId, change: impl FnOnce(&mut Command)) {
        let phase = Phase::Queued { not_before: None };
        if let Some(command) = self.commands.change(now, id, phase, change) {
            self.commands.touch(&command.endpoint);
            self.keep_command(command, None);
        }
    }
}
