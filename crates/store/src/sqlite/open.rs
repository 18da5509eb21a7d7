use core::time::Duration;
use std::path::{Path as FilePath, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{lock::LockError, schema};
use crate::{StoreError, limits};

/// Why what a directory holds cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    History(#[from] StoreError),
    #[error("cannot use {file}: {why}")]
    Unusable { file: PathBuf, why: rusqlite::Error },
    #[error("cannot write into {0}: it can only be read")]
    ReadOnly(PathBuf),
    #[error("{file} is damaged: {what}. Put a backup in its place, or move it away to begin anew")]
    Damaged { file: PathBuf, what: String },
    #[error("expected a database of lwm2m-console, got another one: {0}")]
    Foreign(PathBuf),
    #[error(
        "{file} was written by a newer lwm2m-console: expected version {} at most, got {got}",
        schema::VERSION
    )]
    Newer { file: PathBuf, got: i32 },
}

/// The main file to read and write, of this program's version.
pub(super) fn main_file(file: &FilePath) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |why| because(file, why);
    let mut connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    // SQLite falls back to that without a word.
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
        return Err(OpenError::ReadOnly(file.to_owned()));
    }
    let version = checked(&connection, file)?;
    prepare(&connection).map_err(failed)?;
    schema::migrate(&mut connection, version).map_err(failed)?;
    Ok(connection)
}

/// A database to look at, also while a server writes it.
pub(super) fn to_read(file: &FilePath) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |why| because(file, why);
    let connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    // The file is read only now.
    schema::version(&connection).map_err(failed)?;
    Ok(connection)
}

/// The version of a file that is whole and ours; 0 for a new one.
fn checked(connection: &Connection, file: &FilePath) -> Result<i32, OpenError> {
    let failed = |why| because(file, why);
    let version = schema::version(connection).map_err(failed)?;
    let id = schema::application_id(connection).map_err(failed)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).map_err(failed)?;
    if id != schema::APPLICATION_ID && (id, version, tables) != (0, 0, 0) {
        return Err(OpenError::Foreign(file.to_owned()));
    }
    if version > schema::VERSION {
        return Err(OpenError::Newer { file: file.to_owned(), got: version });
    }
    let what: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(failed)?;
    if what == "ok" { Ok(version) } else { Err(OpenError::Damaged { file: file.to_owned(), what }) }
}

/// How long to wait for another program that has the file.
const BUSY: Duration = Duration::from_secs(1);

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    // Checkpoints are made when nobody waits.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", limits::LOG_BYTES_KEPT, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(limits::PREPARED_STATEMENTS);
    Ok(())
}

fn because(file: &FilePath, why: rusqlite::Error) -> OpenError {
    match why.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged { file: file.to_owned(), what: why.to_string() }
        }
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly(file.to_owned()),
        _ => OpenError::Unusable { file: file.to_owned(), why },
    }
}
