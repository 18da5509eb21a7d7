use std::{cell::RefCell, sync::Arc};

use coap::Token;
use lwm2m_core::server::{
    ActiveObservation, Change, ClientConfig, Command, CommandId, Outcome, Registration, Reported,
    WantedObservation,
};

use crate::{
    Audit, CredentialId, Document, DocumentChange, DocumentOutcome, KeptBootstrap, KeptConfiguration,
    KeptSession, KeptStep, Label, SecurityChange, ServerSecret, Store, StoreError, Stored,
};

/// An engine that answers no question by what it remembers: before each it is dropped and opened anew.
pub(super) struct Restarting<Open> {
    open: Open,
    engine: RefCell<Option<Box<dyn Store>>>,
}

impl<Open: Fn() -> Box<dyn Store>> Restarting<Open> {
    pub(super) fn new(open: Open) -> Self {
        Self { open, engine: RefCell::default() }
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Store) -> T) -> T {
        let mut engine = self.engine.borrow_mut();
        // First: a directory belongs to one engine at a time.
        drop(engine.take());
        question(&**engine.insert((self.open)()))
    }

    fn tell<T>(&mut self, change: impl FnOnce(&mut dyn Store) -> T) -> T {
        change(&mut **self.engine.get_mut().get_or_insert_with(|| (self.open)()))
    }
}

impl<Open: Fn() -> Box<dyn Store> + Send> Store for Restarting<Open> {
    fn commit_audited(&mut self, changes: &[Change], audits: &[(usize, Audit)]) -> Vec<Outcome> {
        self.tell(|engine| engine.commit_audited(changes, audits))
    }

    fn audit(&mut self, audit: Audit) -> Outcome {
        self.tell(|engine| engine.audit(audit))
    }

    fn label(&mut self, endpoint: &str, label: Label, audit: Option<Audit>) -> Outcome {
        self.tell(|engine| engine.label(endpoint, label, audit))
    }

    fn secure(&mut self, changes: &[SecurityChange], audits: &[Audit]) -> Outcome {
        self.tell(|engine| engine.secure(changes, audits))
    }

    fn keep(&mut self, changes: &[DocumentChange], audits: &[Audit]) -> DocumentOutcome {
        self.tell(|engine| engine.keep(changes, audits))
    }

    fn documents(&self, kind: &str, prefix: &str) -> Result<Vec<Document>, StoreError> {
        self.ask(|engine| engine.documents(kind, prefix))
    }

    fn credentials(&self) -> Result<Vec<Stored>, StoreError> {
        self.ask(|engine| engine.credentials())
    }

    fn last_credential(&self) -> Result<Option<CredentialId>, StoreError> {
        self.ask(|engine| engine.last_credential())
    }

    fn server_secrets(&self) -> Result<Vec<ServerSecret>, StoreError> {
        self.ask(|engine| engine.server_secrets())
    }

    fn sessions(&self) -> Result<Vec<KeptSession>, StoreError> {
        self.ask(|engine| engine.sessions())
    }

    fn last_session(&self) -> Result<u64, StoreError> {
        self.ask(|engine| engine.last_session())
    }

    fn configurations(&self) -> Result<Vec<KeptConfiguration>, StoreError> {
        self.ask(|engine| engine.configurations())
    }

    fn last_configuration(&self) -> Result<u64, StoreError> {
        self.ask(|engine| engine.last_configuration())
    }

    fn bootstraps(&self) -> Result<Vec<KeptBootstrap>, StoreError> {
        self.ask(|engine| engine.bootstraps())
    }

    fn bootstrap_steps(&self, session: u64) -> Result<Vec<KeptStep>, StoreError> {
        self.ask(|engine| engine.bootstrap_steps(session))
    }

    fn last_bootstrap(&self) -> Result<u64, StoreError> {
        self.ask(|engine| engine.last_bootstrap())
    }

    fn audits(&self) -> Result<Vec<Audit>, StoreError> {
        self.ask(|engine| engine.audits())
    }

    fn labels(&self) -> Result<Vec<(String, Label)>, StoreError> {
        self.ask(|engine| engine.labels())
    }

    fn registrations(&self) -> Result<Vec<Arc<Registration>>, StoreError> {
        self.ask(|engine| engine.registrations())
    }

    fn wanted_observations(&self, endpoint: &str) -> Result<Vec<WantedObservation>, StoreError> {
        self.ask(|engine| engine.wanted_observations(endpoint))
    }

    fn active_observation(&self, token: Token) -> Result<Option<ActiveObservation>, StoreError> {
        self.ask(|engine| engine.active_observation(token))
    }

    fn all_wanted_observations(&self) -> Result<Vec<(String, WantedObservation)>, StoreError> {
        self.ask(|engine| engine.all_wanted_observations())
    }

    fn active_observations(&self) -> Result<Vec<ActiveObservation>, StoreError> {
        self.ask(|engine| engine.active_observations())
    }

    fn configs(&self) -> Result<Vec<(String, ClientConfig)>, StoreError> {
        self.ask(|engine| engine.configs())
    }

    fn commands(&self) -> Result<Vec<Arc<Command>>, StoreError> {
        self.ask(|engine| engine.commands())
    }

    fn last_command(&self) -> Result<Option<CommandId>, StoreError> {
        self.ask(|engine| engine.last_command())
    }

    fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
        self.ask(|engine| engine.latest(endpoint))
    }

    fn each_latest(&self, each: &mut dyn FnMut(Arc<Reported>)) -> Result<(), StoreError> {
        self.ask(|engine| engine.each_latest(each))
    }
}
