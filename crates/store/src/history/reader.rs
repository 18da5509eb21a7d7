use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{
    Day, Decoder, Retention, files,
    schema::{self, Problem},
};
use crate::StoreError;

/// Answers questions about the history, on connections of its own. No question holds the writer up.
#[derive(Clone)]
pub struct HistoryReader {
    directory: Arc<Path>,
    pub(super) decoder: Decoder,
    retention: Arc<Mutex<Retention>>,
}

/// What the history takes on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub bytes: u64,
    pub oldest: Option<Day>,
    pub days: usize,
}

impl HistoryReader {
    pub(super) fn new(directory: &Path, decoder: Decoder, retention: Arc<Mutex<Retention>>) -> Self {
        Self { directory: Arc::from(directory), decoder, retention }
    }

    /// How much of the past is kept.
    pub fn retention(&self) -> Retention {
        *self.retention.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps so much of the past from now on, durably when this returns.
    pub fn retain(&self, retention: Retention) -> Result<(), StoreError> {
        let mut kept = self.retention.lock().unwrap_or_else(PoisonError::into_inner);
        let written = retention.write(&self.directory);
        written.map_err(|error| StoreError(format!("{}: {error}", self.directory.display())))?;
        *kept = retention;
        Ok(())
    }

    pub fn extent(&self) -> Result<Extent, StoreError> {
        let days = self.days()?;
        let sizes = days.iter().map(|day| files::size_of_all(&files::path(&self.directory, *day)));
        Ok(Extent { bytes: sizes.sum(), oldest: days.first().copied(), days: days.len() })
    }

    /// The days that there are, from the oldest.
    pub(super) fn days(&self) -> Result<Vec<Day>, StoreError> {
        files::days(&self.directory)
            .map_err(|error| StoreError(format!("{}: {error}", self.directory.display())))
    }

    /// Asks the file of a day. Nothing when it was deleted meanwhile.
    pub(super) fn ask<T>(
        &self,
        day: Day,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Problem> {
        let path = files::path(&self.directory, day);
        let answer = schema::open_to_read(&path, &schema::DAY).and_then(|connection| {
            // One transaction, so that all of it sees the same moment.
            let transaction = connection.unchecked_transaction()?;
            Ok(question(&transaction)?)
        });
        match answer {
            Err(_) if !path.exists() => Ok(None),
            answer => answer.map(Some),
        }
    }
}
