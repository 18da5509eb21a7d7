//! What a store makes of changes, in its simplest form.

use std::{collections::BTreeMap, sync::Arc};

use coap::Token;
use lwm2m_core::server::{
    ActiveObservation, Change, ClientConfig, Command, CommandId, ObservationTarget, Registration, Restored,
    WantedObservation,
};

#[derive(Clone, Default)]
pub struct Stored {
    pub registrations: BTreeMap<String, Arc<Registration>>,
    pub wanted: BTreeMap<(String, ObservationTarget), WantedObservation>,
    pub active: BTreeMap<Token, ActiveObservation>,
    pub configs: BTreeMap<String, ClientConfig>,
    pub commands: BTreeMap<CommandId, Arc<Command>>,
}

impl Stored {
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Registered(registration) => {
                self.registrations.insert(registration.endpoint.clone(), Arc::clone(registration));
            }
            Change::Updated(registration) => {
                let stored = self.registrations.get_mut(&registration.endpoint);
                if let Some(stored) = stored.filter(|stored| stored.id == registration.id) {
                    *stored = Arc::clone(registration);
                }
            }
            Change::Removed { endpoint, id } => {
                if self.registrations.get(endpoint).is_some_and(|stored| stored.id == *id) {
                    self.registrations.remove(endpoint);
                }
            }
            Change::Forgotten { endpoint } => {
                self.registrations.remove(endpoint);
                self.wanted.retain(|(of, _), _| of != endpoint);
                self.configs.remove(endpoint);
                self.commands.retain(|_, command| command.endpoint != *endpoint);
            }
            Change::ObservationWanted { endpoint, wanted } => {
                self.wanted.insert((endpoint.clone(), wanted.target.clone()), wanted.clone());
            }
            Change::ObservationUnwanted { endpoint, target } => {
                self.wanted.remove(&(endpoint.clone(), target.clone()));
            }
            Change::ObservationActive(observation) => {
                self.active.insert(observation.token, observation.clone());
            }
            Change::ObservationEnded { token } => drop(self.active.remove(token)),
            Change::Reported(_) => {}
            Change::Command(command) => drop(self.commands.insert(command.id, Arc::clone(command))),
            Change::Configured { endpoint, config } => {
                self.configs.insert(endpoint.clone(), config.clone());
            }
        }
    }

    pub fn restored(&self) -> Restored {
        let wanted = self.wanted.iter();
        Restored {
            registrations: self.registrations.values().cloned().collect(),
            wanted: wanted.map(|((endpoint, _), wanted)| (endpoint.clone(), wanted.clone())).collect(),
            active: self.active.values().cloned().collect(),
            configs: self
                .configs
                .iter()
                .map(|(endpoint, config)| (endpoint.clone(), config.clone()))
                .collect(),
            commands: self.commands.values().cloned().collect(),
        }
    }
}
