//! An engine that keeps everything until the process ends.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use coap::Token;

use crate::{
    ActiveObservation, Audit, Change, ClientConfig, Command, CommandId, CredentialId, Document,
    DocumentChange, DocumentOutcome, KeptBootstrap, KeptConfiguration, KeptSession, KeptStep, Label,
    ObservationTarget, Outcome, Registration, Reported, SecurityChange, ServerSecret, Store, StoreError,
    Stored, Subject, WantedObservation, limits,
};

#[derive(Default)]
pub struct Memory {
    registrations: BTreeMap<String, Arc<Registration>>,
    wanted: BTreeMap<String, BTreeMap<ObservationTarget, WantedObservation>>,
    active: BTreeMap<Token, ActiveObservation>,
    latest: BTreeMap<String, BTreeMap<Subject, Arc<Reported>>>,
    labels: BTreeMap<String, Label>,
    configs: BTreeMap<String, ClientConfig>,
    commands: BTreeMap<CommandId, Arc<Command>>,
    last_command: Option<CommandId>,
    audits: VecDeque<Audit>,
    credentials: BTreeMap<CredentialId, Stored>,
    last_credential: Option<CredentialId>,
    server_secrets: BTreeMap<String, ServerSecret>,
    sessions: BTreeMap<u64, KeptSession>,
    last_session: u64,
    configurations: BTreeMap<(u64, u32), KeptConfiguration>,
    last_configuration: u64,
    bootstraps: BTreeMap<u64, (KeptBootstrap, BTreeMap<u32, KeptStep>)>,
    last_bootstrap: u64,
    /// By kind and key.
    documents: BTreeMap<String, BTreeMap<String, Document>>,
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
            Change::Forgotten { endpoint } => {
                self.registrations.remove(endpoint);
                self.wanted.remove(endpoint);
                self.latest.remove(endpoint);
                self.labels.remove(endpoint);
                self.configs.remove(endpoint);
                self.commands.retain(|_, command| command.endpoint != *endpoint);
                for of_kind in self.documents.values_mut() {
                    of_kind.retain(|_, document| !document.goes_with(endpoint));
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
            Change::Command(command) => self.keep_command(command),
            Change::Configured { endpoint, config } => {
                if *config == ClientConfig::default() {
                    self.configs.remove(endpoint);
                } else {
                    self.configs.insert(endpoint.clone(), config.clone());
                }
            }
        }
    }

    fn keep_command(&mut self, command: &Arc<Command>) {
        self.last_command = self.last_command.max(Some(command.id));
        self.commands.insert(command.id, Arc::clone(command));
        let over =
            self.commands.values().filter(|kept| kept.endpoint == command.endpoint && kept.state.is_over());
        if over.clone().count() > limits::COMMANDS_OVER_PER_CLIENT
            && let Some(oldest) = over.map(|kept| kept.id).next()
        {
            self.commands.remove(&oldest);
        }
    }

    fn secure_one(&mut self, change: &SecurityChange) {
        match change {
            SecurityChange::Credential(stored) => {
                let id = stored.credential.id;
                self.last_credential = self.last_credential.max(Some(id));
                self.credentials.insert(id, Stored::clone(stored));
            }
            SecurityChange::CredentialForgotten(id) => {
                self.credentials.remove(id);
            }
            SecurityChange::CredentialUsed(id, at) => {
                if let Some(stored) = self.credentials.get_mut(id) {
                    let last = &mut stored.credential.last_used_at_ms;
                    *last = (*last).max(Some(at.as_millis()));
                }
            }
            SecurityChange::Server(secret) => {
                self.server_secrets.insert(secret.name.clone(), secret.clone());
            }
            SecurityChange::ServerForgotten(name) => {
                self.server_secrets.remove(name);
            }
            SecurityChange::Session(session) => {
                self.last_session = self.last_session.max(session.id);
                self.sessions.insert(session.id, session.clone());
            }
            SecurityChange::SessionEnded(id) => {
                self.sessions.remove(id);
            }
            SecurityChange::SessionsReserved(up_to) => self.last_session = self.last_session.max(*up_to),
            SecurityChange::Configuration(kept) => self.keep_configuration(kept),
            SecurityChange::ConfigurationForgotten(id) => self.configurations.retain(|(of, _), _| of != id),
            SecurityChange::Bootstrap(kept) => self.keep_bootstrap(kept),
            SecurityChange::BootstrapStep(step) => {
                if let Some((_, steps)) = self.bootstraps.get_mut(&step.session) {
                    steps.insert(step.number, step.clone());
                }
            }
        }
    }

    fn keep_configuration(&mut self, kept: &KeptConfiguration) {
        self.last_configuration = self.last_configuration.max(kept.id);
        self.configurations.insert((kept.id, kept.version), kept.clone());
        let oldest = kept.version.saturating_sub(limits::CONFIGURATION_VERSIONS);
        self.configurations.retain(|(id, version), _| *id != kept.id || *version > oldest);
    }

    fn keep_bootstrap(&mut self, kept: &KeptBootstrap) {
        self.last_bootstrap = self.last_bootstrap.max(kept.id);
        self.bootstraps.entry(kept.id).or_insert_with(|| (kept.clone(), BTreeMap::new())).0 = kept.clone();
        let beyond = kept.id.saturating_sub(limits::BOOTSTRAPS);
        let oldest = self.bootstraps.iter().take(limits::BOOTSTRAPS_DROPPED);
        let is_too_old = |other: &KeptBootstrap| other.begun_at + limits::BOOTSTRAP_KEPT < kept.begun_at;
        let gone = oldest.filter(|(id, (other, _))| other.is_over && (**id <= beyond || is_too_old(other)));
        for id in gone.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.bootstraps.remove(&id);
        }
    }

    /// Why nothing of it is to be stored.
    fn keep_document(&mut self, change: &DocumentChange) -> Result<(), DocumentOutcome> {
        match change {
            DocumentChange::Removed { kind, key } => {
                self.documents.get_mut(kind).and_then(|of_kind| of_kind.remove(key));
            }
            DocumentChange::Saved(document) => {
                if document.content.len() > limits::DOCUMENT_BYTES {
                    return Err(DocumentOutcome::Failed("the document is too large".to_owned()));
                }
                let of_kind = self.documents.entry(document.kind.clone()).or_default();
                let key = document.key.clone();
                match of_kind.get(&key).map(|kept| kept.version) {
                    Some(kept) if kept >= document.version => {
                        return Err(DocumentOutcome::Outdated { key, kept });
                    }
                    None if of_kind.len() as u64 >= limits::DOCUMENTS_OF_A_KIND => {
                        return Err(DocumentOutcome::Failed("there are too many documents".to_owned()));
                    }
                    _ => of_kind.insert(key, document.clone()),
                };
            }
        }
        Ok(())
    }

    fn keep_audit(&mut self, audit: Audit) {
        self.audits.push_back(audit);
        if self.audits.len() as u64 > limits::AUDITS {
            self.audits.pop_front();
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
    fn commit_audited(&mut self, changes: &[Change], audits: &[(usize, Audit)]) -> Vec<Outcome> {
        changes.iter().for_each(|change| self.apply(change));
        audits.iter().for_each(|(_, audit)| self.keep_audit(audit.clone()));
        vec![Outcome::Stored; changes.len()]
    }

    fn audit(&mut self, audit: Audit) -> Outcome {
        self.keep_audit(audit);
        Outcome::Stored
    }

    fn label(&mut self, endpoint: &str, label: Label, audit: Option<Audit>) -> Outcome {
        if label == Label::default() {
            self.labels.remove(endpoint);
        } else if self.labels.len() < limits::LABELS || self.labels.contains_key(endpoint) {
            self.labels.insert(endpoint.to_owned(), label);
        } else {
            return Outcome::Failed(format!("at most {} clients have a label", limits::LABELS));
        }
        audit.into_iter().for_each(|audit| self.keep_audit(audit));
        Outcome::Stored
    }

    fn secure(&mut self, changes: &[SecurityChange], audits: &[Audit]) -> Outcome {
        changes.iter().for_each(|change| self.secure_one(change));
        audits.iter().for_each(|audit| self.keep_audit(audit.clone()));
        Outcome::Stored
    }

    fn keep(&mut self, changes: &[DocumentChange], audits: &[Audit]) -> DocumentOutcome {
        let before = self.documents.clone();
        if let Err(why) = changes.iter().try_for_each(|change| self.keep_document(change)) {
            self.documents = before;
            return why;
        }
        audits.iter().for_each(|audit| self.keep_audit(audit.clone()));
        DocumentOutcome::Stored
    }

    fn documents(&self, kind: &str, prefix: &str) -> Result<Vec<Document>, StoreError> {
        let of_kind = self.documents.get(kind).into_iter().flatten();
        let found = of_kind.filter(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(_, document)| document.clone()).collect())
    }

    fn credentials(&self) -> Result<Vec<Stored>, StoreError> {
        Ok(self.credentials.values().cloned().collect())
    }

    fn last_credential(&self) -> Result<Option<CredentialId>, StoreError> {
        Ok(self.last_credential)
    }

    fn server_secrets(&self) -> Result<Vec<ServerSecret>, StoreError> {
        Ok(self.server_secrets.values().cloned().collect())
    }

    fn sessions(&self) -> Result<Vec<KeptSession>, StoreError> {
        Ok(self.sessions.values().cloned().collect())
    }

    fn last_session(&self) -> Result<u64, StoreError> {
        Ok(self.last_session)
    }

    fn configurations(&self) -> Result<Vec<KeptConfiguration>, StoreError> {
        Ok(self.configurations.values().cloned().collect())
    }

    fn last_configuration(&self) -> Result<u64, StoreError> {
        Ok(self.last_configuration)
    }

    fn bootstraps(&self) -> Result<Vec<KeptBootstrap>, StoreError> {
        Ok(self.bootstraps.values().map(|(kept, _)| kept.clone()).collect())
    }

    fn bootstrap_steps(&self, session: u64) -> Result<Vec<KeptStep>, StoreError> {
        let steps = self.bootstraps.get(&session).map(|(_, steps)| steps.values().cloned().collect());
        Ok(steps.unwrap_or_default())
    }

    fn last_bootstrap(&self) -> Result<u64, StoreError> {
        Ok(self.last_bootstrap)
    }

    fn audits(&self) -> Result<Vec<Audit>, StoreError> {
        Ok(self.audits.iter().rev().cloned().collect())
    }

    fn labels(&self) -> Result<Vec<(String, Label)>, StoreError> {
        Ok(self.labels.iter().map(|(endpoint, label)| (endpoint.clone(), label.clone())).collect())
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

    fn all_wanted_observations(&self) -> Result<Vec<(String, WantedObservation)>, StoreError> {
        let of = |(endpoint, targets): (&String, &BTreeMap<_, WantedObservation>)| {
            targets.values().map(|wanted| (endpoint.clone(), wanted.clone())).collect::<Vec<_>>()
        };
        Ok(self.wanted.iter().flat_map(of).collect())
    }

    fn active_observations(&self) -> Result<Vec<ActiveObservation>, StoreError> {
        Ok(self.active.values().cloned().collect())
    }

    fn configs(&self) -> Result<Vec<(String, ClientConfig)>, StoreError> {
        Ok(self.configs.iter().map(|(endpoint, config)| (endpoint.clone(), config.clone())).collect())
    }

    fn commands(&self) -> Result<Vec<Arc<Command>>, StoreError> {
        Ok(self.commands.values().cloned().collect())
    }

    fn last_command(&self) -> Result<Option<CommandId>, StoreError> {
        Ok(self.last_command)
    }

    fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
        let mut latest: Vec<_> =
            self.latest.get(endpoint).into_iter().flat_map(BTreeMap::values).cloned().collect();
        latest.sort_by_key(|reported| reported.at);
        Ok(latest)
    }

    fn each_latest(&self, each: &mut dyn FnMut(Arc<Reported>)) -> Result<(), StoreError> {
        for endpoint in self.latest.keys() {
            self.latest(endpoint)?.into_iter().for_each(&mut *each);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_keeps_the_contract() {
        crate::conformance::suite(|| Box::new(super::Memory::default()));
    }
}
