//! What is in the files, by version.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// A day. The first part is written while a client waits for its acknowledgement; the second is made from it later,
/// and `progress` says how far that is.
pub(super) const DAY: Schema = Schema {
    version: 1,
    tables: "
CREATE TABLE client (id INTEGER PRIMARY KEY, endpoint TEXT UNIQUE);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, client INTEGER NOT NULL, path BLOB NOT NULL, UNIQUE (client, path)
);
CREATE TABLE reported (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL, at INTEGER NOT NULL, source INTEGER NOT NULL,
    content_format INTEGER, payload BLOB NOT NULL, sequence INTEGER, flags INTEGER NOT NULL, token BLOB,
    message_id INTEGER
);

CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 0), row INTEGER NOT NULL);
INSERT INTO progress VALUES (0, 0);
CREATE TABLE mention (
    client INTEGER NOT NULL, at INTEGER NOT NULL, row INTEGER NOT NULL, path BLOB NOT NULL,
    source INTEGER NOT NULL, PRIMARY KEY (client, at, row, path)
) WITHOUT ROWID;
CREATE TABLE point (
    series INTEGER NOT NULL, time INTEGER NOT NULL, row INTEGER NOT NULL, item INTEGER NOT NULL,
    measured INTEGER, number REAL NOT NULL, PRIMARY KEY (series, time, row, item)
) WITHOUT ROWID;
CREATE TABLE roll_up (
    series INTEGER NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL,
    min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, first_time INTEGER NOT NULL, first REAL NOT NULL,
    last_time INTEGER NOT NULL, last REAL NOT NULL, PRIMARY KEY (series, width, start)
) WITHOUT ROWID;
",
};

/// The newest payloads of each client, and how far the days are taken in.
pub(super) const LATEST: Schema = Schema {
    version: 1,
    tables: "
CREATE TABLE client (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL UNIQUE);
CREATE TABLE latest (
    client INTEGER NOT NULL, subject BLOB NOT NULL, path BLOB NOT NULL, at INTEGER NOT NULL,
    source INTEGER NOT NULL, content_format INTEGER, payload BLOB NOT NULL, sequence INTEGER,
    flags INTEGER NOT NULL, token BLOB, message_id INTEGER, PRIMARY KEY (client, subject)
) WITHOUT ROWID;
CREATE TABLE reached (day TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
",
};

pub(super) struct Schema {
    version: i64,
    tables: &'static str,
}

/// Opens a file to write into; it is made when it is not there.
pub(super) fn open(path: &Path, schema: &Schema, synchronous: &str) -> Result<Connection, Problem> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(super::limits::BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    // Written back by `tend`, so that no acknowledgement waits for it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    let transaction = connection.transaction()?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? {
        0 => {
            transaction.execute_batch(schema.tables)?;
            transaction.pragma_update(None, "user_version", schema.version)?;
        }
        version => check(version, schema)?,
    }
    transaction.commit()?;
    Ok(connection)
}

/// Opens a file that somebody else writes.
pub(super) fn open_to_read(path: &Path, schema: &Schema) -> Result<Connection, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(super::limits::BUSY)?;
    check(connection.pragma_query_value(None, "user_version", |row| row.get(0))?, schema)?;
    Ok(connection)
}

fn check(version: i64, schema: &Schema) -> Result<(), Problem> {
    if version == schema.version {
        return Ok(());
    }
    Err(Problem::Version { expected: schema.version, got: version })
}

/// Why a file could not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(
        "expected a file of version {expected}, got one of version {got}, as another version of the server writes it"
    )]
    Version { expected: i64, got: i64 },
    #[error("a question found the file damaged")]
    Unreadable,
}

impl Problem {
    /// Whether the file is damaged, or no database at all.
    pub(super) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }
}

impl From<Problem> for StoreError {
    fn from(problem: Problem) -> Self {
        Self(problem.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
