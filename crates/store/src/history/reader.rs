use std::{io, path::Path, sync::Arc};

use rusqlite::Connection;

use super::{
    Day, Decoder, Retention, files,
    schema::{self, Problem},
    shared::Shared,
};
use crate::StoreError;

/// Answers questions about the history, on connections of its own. No question holds the writer up.
#[derive(Clone)]
pub struct HistoryReader {
    directory: Arc<Path>,
    pub(super) decoder: Decoder,
    shared: Arc<Shared>,
}

/// What the history takes on the disk, damaged files that were moved out of the way included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub bytes: u64,
    pub oldest: Option<Day>,
    pub days: usize,
}

impl HistoryReader {
    pub(super) fn new(directory: &Path, decoder: Decoder, shared: Arc<Shared>) -> Self {
        Self { directory: Arc::from(directory), decoder, shared }
    }

    /// How much of the past is kept.
    pub fn retention(&self) -> Retention {
        *self.shared.retention()
    }

    /// Keeps so much of the past from now on, durably when this returns.
    pub fn retain(&self, retention: Retention) -> Result<(), StoreError> {
        let mut kept = self.shared.retention();
        let written = retention.write(&self.directory);
        written.map_err(|error| self.because(&error))?;
        *kept = retention;
        Ok(())
    }

    pub fn extent(&self) -> Result<Extent, StoreError> {
        let all = files::all(&self.directory).map_err(|error| self.because(&error))?;
        let bytes = all.iter().map(|kept| files::size_of_all(&kept.path)).sum();
        let mut days = all.iter().filter(|kept| !kept.is_aside).map(|kept| kept.day);
        let oldest = days.next();
        Ok(Extent { bytes, oldest, days: usize::from(oldest.is_some()) + days.count() })
    }

    /// The days that there are, from the oldest.
    pub(super) fn days(&self) -> Result<Vec<Day>, StoreError> {
        files::days(&self.directory).map_err(|error| self.because(&error))
    }

    fn because(&self, error: &io::Error) -> StoreError {
        StoreError(format!("{}: {error}", self.directory.display()))
    }

    /// Asks the file of a day. Nothing when it was deleted meanwhile, or is only just being made.
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
            Ok(answer) => Ok(Some(answer)),
            Err(Problem::Version { got: 0, .. }) => Ok(None),
            Err(_) if !path.exists() => Ok(None),
            Err(problem) => {
                if problem.is_damage() {
                    self.shared.is_damaged(day);
                }
                Err(problem)
            }
        }
    }
}
