use core::time::Duration;
use std::sync::Arc;

use coap::{Instant, Token};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::record::{Record, RecordError, decode};
use crate::{
    ActiveObservation, ClientConfig, Command, CommandId, Label, Registration, StoreError, WantedObservation,
};

pub(super) fn labels(connection: &Connection) -> Result<Vec<(String, Label)>, StoreError> {
    all(connection, "SELECT endpoint, name, tags, notes FROM label ORDER BY endpoint", (), |row| {
        let tags = record(row, 2)?;
        Ok((row.get(0)?, Label { name: row.get(1)?, tags, notes: row.get(3)? }))
    })
}

pub(super) fn registrations(connection: &Connection) -> Result<Vec<Arc<Registration>>, StoreError> {
    all(connection, "SELECT record FROM registration ORDER BY endpoint", (), |row| {
        Ok(Arc::new(record(row, 0)?))
    })
}

pub(super) fn wanted_observations(
    connection: &Connection,
    endpoint: &str,
) -> Result<Vec<WantedObservation>, StoreError> {
    let mut wanted: Vec<WantedObservation> =
        all(connection, "SELECT record FROM wanted WHERE endpoint = ?1", [endpoint], |row| record(row, 0))?;
    wanted.sort_by(|a, b| a.target.cmp(&b.target));
    Ok(wanted)
}

pub(super) fn all_wanted_observations(
    connection: &Connection,
) -> Result<Vec<(String, WantedObservation)>, StoreError> {
    let mut wanted: Vec<(String, WantedObservation)> =
        all(connection, "SELECT endpoint, record FROM wanted", (), |row| Ok((row.get(0)?, record(row, 1)?)))?;
    wanted.sort_by(|a, b| (&a.0, &a.1.target).cmp(&(&b.0, &b.1.target)));
    Ok(wanted)
}

pub(super) fn active_observation(
    connection: &Connection,
    token: Token,
) -> Result<Option<ActiveObservation>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT record FROM active WHERE token = ?1")?;
    Ok(statement.query_row([token.as_bytes()], |row| record(row, 0)).optional()?)
}

pub(super) fn active_observations(connection: &Connection) -> Result<Vec<ActiveObservation>, StoreError> {
    all(connection, "SELECT record FROM active ORDER BY token", (), |row| record(row, 0))
}

pub(super) fn configs(connection: &Connection) -> Result<Vec<(String, ClientConfig)>, StoreError> {
    all(connection, "SELECT endpoint, awake_s FROM config ORDER BY endpoint", (), |row| {
        Ok((row.get(0)?, ClientConfig { awake_s: row.get(1)? }))
    })
}

pub(super) fn commands(connection: &Connection) -> Result<Vec<Arc<Command>>, StoreError> {
    all(
        connection,
        "SELECT id, endpoint, operation.record, author, force, created_at, deadline, timeout_ms, attempts,
             state, changed_at
         FROM command JOIN command_operation AS operation USING (id) ORDER BY id",
        (),
        |row| {
            Ok(Arc::new(Command {
                id: CommandId(row.get(0)?),
                endpoint: row.get(1)?,
                operation: record(row, 2)?,
                author: row.get(3)?,
                force: row.get(4)?,
                created_at: instant(row, 5)?,
                deadline: instant(row, 6)?,
                timeout: Duration::from_millis(row.get(7)?),
                attempts: row.get(8)?,
                state: record(row, 9)?,
                changed_at: instant(row, 10)?,
            }))
        },
    )
}

pub(super) fn last_command(connection: &Connection) -> Result<Option<CommandId>, StoreError> {
    let highest = "SELECT seq FROM sqlite_sequence WHERE name = 'command'";
    Ok(connection.query_row(highest, (), |row| row.get(0)).optional()?.map(CommandId))
}

/// What a statement finds, each row read.
pub(super) fn all<T>(
    connection: &Connection,
    statement: &str,
    with: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(statement)?;
    Ok(statement.query_map(with, read)?.collect::<rusqlite::Result<_>>()?)
}

/// The record in a column.
fn record<R: Record>(row: &Row<'_>, column: usize) -> rusqlite::Result<R> {
    let bytes = row.get_ref(column)?.as_blob()?;
    decode(bytes).map_err(|error: RecordError| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, Box::new(error))
    })
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Instant> {
    row.get(column).map(Instant::from_millis)
}
