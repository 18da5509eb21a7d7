//! After a restart: what was stored counts again, and no device notices.

use std::sync::Arc;

use coap::Instant;

use super::{
    ActiveObservation, Change, ClientConfig, Command, CommandState, Registration, Server, WantedObservation,
};

/// Everything that the store has of the time before.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    pub registrations: Vec<Arc<Registration>>,
    /// By Endpoint Client Name.
    pub wanted: Vec<(String, WantedObservation)>,
    pub active: Vec<ActiveObservation>,
    pub configs: Vec<(String, ClientConfig)>,
    /// Those that are over may be among them.
    pub commands: Vec<Arc<Command>>,
}

impl Server {
    /// Goes on where an earlier server stopped. To be called before anything else; what has to change at once, since
    /// a lifetime or a deadline has passed meanwhile, comes as outputs. What is as it was is not told.
    ///
    /// A client in queue mode is taken for asleep until it is heard.
    pub fn restore(&mut self, now: Instant, restored: Restored) {
        for (endpoint, config) in restored.configs {
            self.set_config(endpoint, config);
        }
        for (endpoint, wanted) in restored.wanted {
            self.observations.want(&endpoint, wanted);
        }
        for registration in restored.registrations {
            let links = self.object_lists.share(Arc::clone(&registration.links));
            let registration = Arc::new(Registration { links, ..Registration::clone(&registration) });
            self.registrations.restore(registration);
        }
        for observation in restored.active {
            self.restore_observation(now, observation);
        }
        self.expect_observations();
        let mut commands = restored.commands;
        commands.retain(|command| !command.state.is_over());
        commands.sort_by_key(|command| command.id);
        for command in commands {
            self.restore_command(now, command);
        }
        self.expire(now);
    }

    /// One whose registration went is over, although a crash came before that was stored.
    fn restore_observation(&mut self, now: Instant, observation: ActiveObservation) {
        let token = observation.token;
        let endpoint =
            self.registrations.by_id(observation.registration).map(|registration| &registration.endpoint);
        let wanted =
            endpoint.is_some_and(|endpoint| self.observations.wants(endpoint, &observation.asked.target));
        if wanted {
            self.observations.activate(observation, None, now);
        } else {
            self.persist_unwaited(Change::ObservationEnded { token });
        }
    }

    /// What is wanted and was not accepted is asked for when the client is heard: then it is there, and not all are
    /// asked at once.
    fn expect_observations(&mut self) {
        let registrations: Vec<_> = self.registrations.all().cloned().collect();
        for registration in registrations {
            for wanted in self.observations.wanted(&registration.endpoint) {
                self.observations.write_attributes(registration.id, wanted.target.path(), wanted.attributes);
                if self.observations.active(registration.id, &wanted.target).is_none() {
                    self.observations.ask_later(registration.id, wanted.target);
                }
            }
        }
    }

    /// What was sent may have been performed. It is asked for again where that makes no difference.
    fn restore_command(&mut self, now: Instant, command: Arc<Command>) {
        let registered = self.registrations.by_endpoint(&command.endpoint).is_some();
        let state = match command.state {
            CommandState::Sent if !command.is_idempotent() => CommandState::Indeterminate,
            _ if !registered || command.deadline <= now => CommandState::Expired,
            _ => CommandState::Queued,
        };
        self.resume_command(now, command, state);
    }
}
