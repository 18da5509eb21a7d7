//! The engine that a server keeps its data with: SQLite, one main file in a directory, and the [history](crate::history)
//! beside it.
//!
//! What is committed is on the disk before anyone hears of it (WAL, `synchronous=FULL`). There is one writer, and
//! whatever waits together is one transaction.

mod audit;
mod backup;
mod bootstrap;
mod check;
mod document;
mod fault;
mod files;
mod lock;
mod open;
mod read;
mod record;
mod schema;
mod security;
#[cfg(test)]
mod tests;
mod write;

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

pub use audit::AuditReader;
pub use backup::{BackupError, backup};
pub use bootstrap::BootstrapReader;
pub use check::{Checked, check};
use coap::{Instant, Token};
pub use document::DocumentReader;
use fault::{Faults, Refused};
use lock::DirectoryLock;
pub use lock::LockError;
pub use open::OpenError;
use rusqlite::Connection;

use crate::{
    ActiveObservation, Audit, Change, ClientConfig, Command, CommandId, CredentialId, Document,
    DocumentChange, DocumentOutcome, KeptBootstrap, KeptConfiguration, KeptSession, KeptStep, Label, Outcome,
    Registration, Reported, SecurityChange, ServerSecret, Store, StoreError, Stored, WantedObservation,
    history::{Decoder, History, HistoryReader, Retention, Tended},
    limits,
};

/// The main file in the directory.
pub const MAIN_FILE: &str = "lwm2m-console.db";

/// The folder of the history in the directory.
pub const HISTORY: &str = "history";

/// Of SQLite itself.
pub fn version() -> &'static str {
    rusqlite::version()
}

/// What the main file in a directory takes, with its write-ahead log.
pub fn bytes(directory: &FilePath) -> u64 {
    files::size(&directory.join(MAIN_FILE))
}

/// See the [module](self).
pub struct Sqlite {
    connection: Connection,
    history: History,
    directory: PathBuf,
    faults: Faults,
    /// Changes that are in the write-ahead log only.
    in_log: usize,
    /// The directory is ours as long as this is held.
    _lock: DirectoryLock,
}

impl Sqlite {
    /// Opens what is kept in a directory, and makes what is missing. The directory is this engine's until it is
    /// dropped.
    pub fn open(directory: &FilePath, decoder: Decoder, now: Instant) -> Result<Self, OpenError> {
        let lock = DirectoryLock::take(directory)?;
        let connection = open::main_file(&directory.join(MAIN_FILE))?;
        let history = History::open(&directory.join(HISTORY), Retention::default(), decoder, now)?;
        let (directory, faults) = (directory.to_owned(), Faults::default());
        Ok(Self { connection, history, directory, faults, in_log: 0, _lock: lock })
    }

    pub fn history(&self) -> HistoryReader {
        self.history.reader()
    }

    pub fn audit_reader(&self) -> AuditReader {
        AuditReader::new(self.directory.join(MAIN_FILE))
    }

    pub fn bootstrap_reader(&self) -> BootstrapReader {
        BootstrapReader::new(self.directory.join(MAIN_FILE))
    }

    pub fn document_reader(&self) -> DocumentReader {
        DocumentReader::new(self.directory.join(MAIN_FILE))
    }

    /// All that belongs into the main file, in one transaction.
    fn commit_to_main(&mut self, changes: &[Change], audits: &[(usize, Audit)]) -> Vec<Outcome> {
        if changes.iter().all(is_reported) {
            return vec![Outcome::Stored; changes.len()];
        }
        self.in_log += changes.len();
        let committed = write::commit(&mut self.connection, changes, audits);
        self.faults.note_main(&committed);
        committed.unwrap_or_else(|fault| vec![Outcome::Failed(fault.to_string()); changes.len()])
    }

    /// One thing that is no [`Change`].
    fn write_one(&mut self, what: impl Fn(&Connection) -> Result<(), Refused>) -> Outcome {
        self.in_log += 1;
        let written = write::whole(&mut self.connection, what);
        self.faults.note_main(&written);
        written.unwrap_or_else(|fault| Outcome::Failed(fault.to_string()))
    }

    /// All that belongs into the history, in order.
    fn commit_to_history(&mut self, changes: &[Change], outcomes: &mut [Outcome]) {
        let mut first = 0;
        for run in changes.chunk_by(|a, b| is_reported(a) && is_reported(b)) {
            let of_run = &mut outcomes[first..first + run.len()];
            first += run.len();
            match run {
                [Change::Forgotten { endpoint }] if of_run == [Outcome::Stored] => {
                    if let Err(error) = self.history.forget(endpoint) {
                        of_run[0] = Outcome::Failed(error.to_string());
                    }
                }
                [Change::Reported(_), ..] => {
                    let reported: Vec<_> = run.iter().filter_map(reported).cloned().collect();
                    of_run.clone_from_slice(&self.history.append(&reported));
                    self.faults.note_history(of_run);
                }
                _ => {}
            }
        }
    }
}

fn reported(change: &Change) -> Option<&Arc<Reported>> {
    match change {
        Change::Reported(reported) => Some(reported),
        _ => None,
    }
}

fn is_reported(change: &Change) -> bool {
    matches!(change, Change::Reported(_))
}

impl Store for Sqlite {
    /// Each change depends on one file only, except that who is forgotten is so in both.
    fn commit_audited(&mut self, changes: &[Change], audits: &[(usize, Audit)]) -> Vec<Outcome> {
        let mut outcomes = self.commit_to_main(changes, audits);
        self.commit_to_history(changes, &mut outcomes);
        outcomes
    }

    fn audit(&mut self, audit: Audit) -> Outcome {
        self.write_one(|connection| audit::put(connection, &audit))
    }

    fn label(&mut self, endpoint: &str, label: Label, audit: Option<Audit>) -> Outcome {
        self.write_one(|connection| {
            write::label(connection, endpoint, &label)?;
            audit.iter().try_for_each(|audit| audit::put(connection, audit))
        })
    }

    fn secure(&mut self, changes: &[SecurityChange], audits: &[Audit]) -> Outcome {
        self.write_one(|connection| {
            changes.iter().try_for_each(|change| security::put(connection, change))?;
            audits.iter().try_for_each(|audit| audit::put(connection, audit))
        })
    }

    fn keep(&mut self, changes: &[DocumentChange], audits: &[Audit]) -> DocumentOutcome {
        self.in_log += changes.len();
        let kept = document::keep(&mut self.connection, changes, audits);
        self.faults.note_main(&kept);
        kept.unwrap_or_else(|fault| DocumentOutcome::Failed(fault.to_string()))
    }

    fn documents(&self, kind: &str, prefix: &str) -> Result<Vec<Document>, StoreError> {
        document::documents(&self.connection, kind, prefix)
    }

    fn credentials(&self) -> Result<Vec<Stored>, StoreError> {
        security::credentials(&self.connection)
    }

    fn last_credential(&self) -> Result<Option<CredentialId>, StoreError> {
        security::last_credential(&self.connection)
    }

    fn server_secrets(&self) -> Result<Vec<ServerSecret>, StoreError> {
        security::server_secrets(&self.connection)
    }

    fn sessions(&self) -> Result<Vec<KeptSession>, StoreError> {
        security::sessions(&self.connection)
    }

    fn last_session(&self) -> Result<u64, StoreError> {
        security::last_session(&self.connection)
    }

    fn configurations(&self) -> Result<Vec<KeptConfiguration>, StoreError> {
        bootstrap::configurations(&self.connection)
    }

    fn last_configuration(&self) -> Result<u64, StoreError> {
        bootstrap::last(&self.connection, "configuration")
    }

    fn bootstraps(&self) -> Result<Vec<KeptBootstrap>, StoreError> {
        bootstrap::bootstraps(&self.connection)
    }

    fn bootstrap_steps(&self, session: u64) -> Result<Vec<KeptStep>, StoreError> {
        bootstrap::steps(&self.connection, session)
    }

    fn last_bootstrap(&self) -> Result<u64, StoreError> {
        bootstrap::last(&self.connection, "bootstrap")
    }

    fn audits(&self) -> Result<Vec<Audit>, StoreError> {
        let page = self.audit_reader().page(None, None, limits::AUDITS as usize)?;
        Ok(page.into_iter().map(|(_, audit)| audit).collect())
    }

    fn labels(&self) -> Result<Vec<(String, Label)>, StoreError> {
        read::labels(&self.connection)
    }

    fn registrations(&self) -> Result<Vec<Arc<Registration>>, StoreError> {
        read::registrations(&self.connection)
    }

    fn wanted_observations(&self, endpoint: &str) -> Result<Vec<WantedObservation>, StoreError> {
        read::wanted_observations(&self.connection, endpoint)
    }

    fn active_observation(&self, token: Token) -> Result<Option<ActiveObservation>, StoreError> {
        read::active_observation(&self.connection, token)
    }

    fn all_wanted_observations(&self) -> Result<Vec<(String, WantedObservation)>, StoreError> {
        read::all_wanted_observations(&self.connection)
    }

    fn active_observations(&self) -> Result<Vec<ActiveObservation>, StoreError> {
        read::active_observations(&self.connection)
    }

    fn configs(&self) -> Result<Vec<(String, ClientConfig)>, StoreError> {
        read::configs(&self.connection)
    }

    fn commands(&self) -> Result<Vec<Arc<Command>>, StoreError> {
        read::commands(&self.connection)
    }

    fn last_command(&self) -> Result<Option<CommandId>, StoreError> {
        read::last_command(&self.connection)
    }

    fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
        self.history.latest(endpoint)
    }

    fn each_latest(&self, each: &mut dyn FnMut(Arc<Reported>)) -> Result<(), StoreError> {
        self.history.each_latest(each)
    }

    fn tend(&mut self, now: Instant, idle: bool) -> Tended {
        if self.fault().is_some() {
            let works = fault::probe(&self.directory, &self.connection);
            self.faults.note_probe(works);
        }
        let enough = if idle { 0 } else { limits::CHANGES_IN_LOG };
        // What stays in the log when that fails is as safe there.
        if self.in_log > enough && write::checkpoint(&self.connection).is_ok() {
            self.in_log = 0;
        }
        self.history.tend(now)
    }

    fn fault(&self) -> Option<&str> {
        self.faults.any()
    }
}
