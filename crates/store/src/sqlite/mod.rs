//! The engine that a server keeps its data with: SQLite, one main file in a directory.
//!
//! What is committed is on the disk before anyone hears of it (WAL, `synchronous=FULL`). There is one writer, and
//! whatever waits together is one transaction.

mod fault;
mod latest;
mod lock;
mod open;
mod read;
mod record;
mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::{path::Path as FilePath, sync::Arc};

use coap::{Instant, Token};
use fault::Fault;
use lock::DirectoryLock;
pub use lock::LockError;
pub use open::OpenError;
use rusqlite::Connection;

use crate::{
    ActiveObservation, Change, ClientConfig, Command, CommandId, Label, Outcome, Registration, Reported,
    Store, StoreError, WantedObservation, limits,
};

/// The main file in the directory.
pub const MAIN_FILE: &str = "lwm2m-console.db";

/// See the [module](self).
pub struct Sqlite {
    connection: Connection,
    /// Why nothing can be stored at present.
    fault: Option<String>,
    /// Changes that are in the write-ahead log only.
    in_log: usize,
    /// The directory is ours as long as this is held.
    _lock: DirectoryLock,
}

impl Sqlite {
    /// Opens what is kept in a directory, and makes what is missing. The directory is this engine's until it is
    /// dropped.
    pub fn open(directory: &FilePath) -> Result<Self, OpenError> {
        let lock = DirectoryLock::take(directory)?;
        let connection = open::main_file(&directory.join(MAIN_FILE))?;
        Ok(Self { connection, fault: None, in_log: 0, _lock: lock })
    }

    /// Remembers whether the storage works.
    fn noted<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        self.fault = done.as_ref().err().map(ToString::to_string);
        done
    }
}

impl Store for Sqlite {
    fn commit(&mut self, changes: &[Change]) -> Vec<Outcome> {
        if changes.is_empty() {
            return Vec::new();
        }
        let committed = write::commit(&mut self.connection, changes);
        self.in_log += changes.len();
        self.noted(committed).unwrap_or_else(|fault| vec![Outcome::Failed(fault.to_string()); changes.len()])
    }

    fn label(&mut self, endpoint: &str, label: Label) -> Outcome {
        let labelled = write::label(&mut self.connection, endpoint, &label);
        self.in_log += 1;
        self.noted(labelled).unwrap_or_else(|fault| Outcome::Failed(fault.to_string()))
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
        latest::of(&self.connection, endpoint)
    }

    fn tend(&mut self, _now: Instant, idle: bool) {
        if self.fault.is_some() {
            // Room in the log may be all that is missing.
            let tried = write::checkpoint(&self.connection).and_then(|()| write::probe(&self.connection));
            // The fault is noted, which is all there is to do.
            let _ = self.noted(tried);
        } else if self.in_log > if idle { 0 } else { limits::CHANGES_IN_LOG }
            && write::checkpoint(&self.connection).is_ok()
        {
            // What stays in the log when that failed is as safe there.
            self.in_log = 0;
        }
    }

    fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}
