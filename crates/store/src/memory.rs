//! An engine that keeps everything until the process ends.

use std::{collections::BTreeMap, sync::Arc};

use coap::Token;

use crate::{
    ActiveObservation, Change, ObservationTarget, Outcome, Registration, Reported, Store, StoreError,
    Subject, WantedObservation, limits,
};

#[derive(Default)]
pub struct Memory {
    registrations: BTreeMap<String, Arc<Registration>>,
    wanted: BTreeMap<String, BTreeMap<ObservationTarget, WantedObservation>>,
    active: BTreeMap<Token, ActiveObservation>,
    latest: BTreeMap<String, BTreeMap<Subject, Arc<Reported>>>,
}

impl Memory {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Registered(registration) => {
                self.registrations.insert(registration.endpoint.clone(), Arc::clone(registration));
            }
            Change::Updated(registration) => {
                // An Update of a registration that was replaced or removed meanwhile changes nothing.
                if let Some(stored) = self.registrations.get_mut(&registration.endpoint)
                    && stored.id == registration.id
                {
                    *stored = Arc::clone(registration);
                }
            }
            Change::Removed { endpoint, id } => {
                if self.registrations.get(endpoint).is_some_and(|stored| stored.id == *id) {
                    self.registrations.remove(endpoint);
                }
            }
            Change::ObservationWanted { endpoint, wanted } => {
                let targets = self.wanted.entry(endpoint.clone()).or_default();
                targets.insert(wanted.target.clone(), wanted.clone());
            }
            Change::ObservationUnwanted { endpoint, target } => {
                if let Some(targets) = self.wanted.get_mut(endpoint) {
                    targets.remove(target);
                    if targets.is_empty() {
                        self.wanted.remove(endpoint);
                    }
                }
            }
            Change::ObservationActive(observation) => {
                self.active.insert(observation.token, observation.clone());
            }
            Change::ObservationEnded { token } => {
                self.active.remove(token);
            }
            Change::Reported(reported) => self.report(reported),
        }
    }

    fn report(&mut self, reported: &Arc<Reported>) {
        if !reported.current {
            return;
        }
        if !self.latest.contains_key(&reported.endpoint) && self.latest.len() >= limits::CLIENTS_WITH_LATEST {
            let gone =
                self.latest.keys().find(|endpoint| !self.registrations.contains_key(*endpoint)).cloned();
            let Some(victim) = gone.or_else(|| self.latest.keys().next().cloned()) else { return };
            self.latest.remove(&victim);
        }
        let latest = self.latest.entry(reported.endpoint.clone()).or_default();
        latest.insert(reported.subject(), Arc::clone(reported));
        if latest.len() > limits::LATEST_PER_CLIENT
            && let Some((oldest, _)) = latest.iter().min_by_key(|(_, kept)| kept.at)
        {
            let oldest = oldest.clone();
            latest.remove(&oldest);
        }
    }
}

impl Store for Memory {
    fn commit(&mut self, changes: &[Change]) -> Vec<Outcome> {
        changes
            .iter()
            .map(|change| {
                self.apply(change);
                Outcome::Stored
            })
            .collect()
    }

    fn registrations(&self) -> Result<Vec<Arc<Registration>>, StoreError> {
        Ok(self.registrations.values().cloned().collect())
    }

    fn wanted_observations(&self, endpoint: &str) -> Result<Vec<WantedObservation>, StoreError> {
        Ok(self.wanted.get(endpoint).into_iter().flat_map(BTreeMap::values).cloned().collect())
    }

    fn active_observation(&self, token: Token) -> Result<Option<ActiveObservation>, StoreError> {
        Ok(self.active.get(&token).cloned())
    }

    fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
        let mut latest: Vec<_> =
            self.latest.get(endpoint).into_iter().flat_map(BTreeMap::values).cloned().collect();
        latest.sort_by_key(|reported| reported.at);
        Ok(latest)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_keeps_the_contract() {
        crate::conformance::suite(|| Box::new(super::Memory::default()));
    }
}
