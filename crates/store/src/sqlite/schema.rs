//! The tables of the main file, and how a file of an earlier version gets them.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// `application_id` of our files, so that nobody else's is written into: "LwM2" in ASCII.
pub(super) const APPLICATION_ID: i32 = 0x4c77_4d32;

/// What leads from each version of the file to the next. A step that has been released is never changed.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// The version that this program writes.
pub(super) const VERSION: i32 = MIGRATIONS.len() as i32;

/// The version that brought the tables of security.
pub(super) const SECURITY: i32 = 2;

/// The version that brought the tables of bootstrap.
pub(super) const BOOTSTRAP: i32 = 3;

/// The version that brought documents.
pub(super) const DOCUMENTS: i32 = 4;

pub(super) fn version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA user_version", (), |row| row.get(0))
}

pub(super) fn application_id(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA application_id", (), |row| row.get(0))
}

/// Brings a file from `version` to [`VERSION`], each step whole or not at all.
pub(super) fn migrate(connection: &mut Connection, version: i32) -> rusqlite::Result<()> {
    let from = usize::try_from(version).unwrap_or(0);
    for (reached, step) in (1..).zip(MIGRATIONS).skip(from) {
        let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", reached)?;
        transaction.commit()?;
    }
    Ok(())
}
