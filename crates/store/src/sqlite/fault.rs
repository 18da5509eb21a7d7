use std::{
    fs::{self, File},
    io::Write as _,
    path::Path as FilePath,
};

use rusqlite::{Connection, ErrorCode};

use super::{record::RecordError, schema};
use crate::{Outcome, limits};

/// The storage does not do what it should: a full disk, a failing one, a file that someone has taken away.
#[derive(Debug, thiserror::Error)]
#[error("the storage fails: {0}")]
pub(super) struct Fault(pub(super) String);

/// Why a change was not stored.
pub(super) enum Refused {
    /// It is the change.
    Change(String),
    /// It is the storage.
    Storage(Fault),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "no space is left on the disk".to_owned(),
            Some(ErrorCode::ReadOnly) => "the file can only be read".to_owned(),
            Some(ErrorCode::DatabaseBusy) => "another program writes into the file".to_owned(),
            _ => error.to_string(),
        })
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        use ErrorCode::{ConstraintViolation, ParameterOutOfRange, TooBig, TypeMismatch};
        match error.sqlite_error_code() {
            None | Some(ConstraintViolation | ParameterOutOfRange | TooBig | TypeMismatch) => {
                Self::Change(error.to_string())
            }
            Some(_) => Self::Storage(error.into()),
        }
    }
}

impl From<RecordError> for Refused {
    fn from(error: RecordError) -> Self {
        Self::Change(error.to_string())
    }
}

/// What does not work at present.
#[derive(Default)]
pub(super) struct Faults {
    main: Option<String>,
    history: Option<String>,
}

impl Faults {
    pub(super) fn note_main<T>(&mut self, done: &Result<T, Fault>) {
        self.main = done.as_ref().err().map(ToString::to_string);
    }

    pub(super) fn note_history(&mut self, outcomes: &[Outcome]) {
        self.history = outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Failed(why) => Some(why.clone()),
            Outcome::Stored | Outcome::Known => None,
        });
    }

    /// Everything is on the same disk.
    pub(super) fn note_probe(&mut self, works: Result<(), Fault>) {
        match works {
            Ok(()) => *self = Self::default(),
            Err(fault) => self.main = Some(fault.to_string()),
        }
    }

    pub(super) fn any(&self) -> Option<&str> {
        self.main.as_deref().or(self.history.as_deref())
    }
}

/// Writes something that changes nothing, to see whether that works.
pub(super) fn probe(directory: &FilePath, connection: &Connection) -> Result<(), Fault> {
    let file = directory.join("probe");
    let written = File::create(&file).and_then(|mut file| {
        file.write_all(&vec![0xff; limits::PROBE_BYTES])?;
        file.sync_all()
    });
    // Also when only a part of it found room.
    let removed = fs::remove_file(&file);
    written.and(removed).map_err(|error| Fault(error.to_string()))?;
    // Room in the log may be all that is missing.
    super::write::checkpoint(connection)?;
    Ok(connection.pragma_update(None, "user_version", schema::VERSION)?)
}
