use rusqlite::ErrorCode;

use super::record::RecordError;

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
