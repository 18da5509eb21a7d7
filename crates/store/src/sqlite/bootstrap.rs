//! What the Bootstrap-Server has to say, and what it has said.

use std::path::PathBuf;

use coap::Instant;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{fault::Refused, open, read::all, write::execute};
use crate::{KeptBootstrap, KeptConfiguration, KeptStep, Sealed, StoreError, limits};

/// Reads bootstrap sessions and configurations, from any thread.
#[derive(Clone)]
pub struct BootstrapReader {
    file: PathBuf,
}

impl BootstrapReader {
    pub(super) const fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// The steps of a session, by number.
    pub fn steps(&self, session: u64) -> Result<Vec<KeptStep>, StoreError> {
        let connection = open::to_read(&self.file).map_err(|error| StoreError(error.to_string()))?;
        steps(&connection, session)
    }

    /// All versions of a configuration, the newest first.
    pub fn versions(&self, id: u64) -> Result<Vec<KeptConfiguration>, StoreError> {
        let connection = open::to_read(&self.file).map_err(|error| StoreError(error.to_string()))?;
        all(
            &connection,
            "SELECT id, version, saved_at, author, content, sealed FROM configuration_version
             WHERE id = ?1 ORDER BY version DESC",
            [id],
            configuration,
        )
    }
}

/// The oldest version goes when there are too many.
pub(super) fn keep_configuration(connection: &Connection, kept: &KeptConfiguration) -> Result<(), Refused> {
    let KeptConfiguration { id, version, saved_at, author, content, sealed } = kept;
    execute(connection, "INSERT OR IGNORE INTO configuration (id) VALUES (?1)", [id])?;
    execute(
        connection,
        "INSERT INTO configuration_version (id, version, saved_at, author, content, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET saved_at = excluded.saved_at, author = excluded.author,
             content = excluded.content, sealed = excluded.sealed",
        params![id, version, saved_at.as_millis(), author, content, sealed.as_ref().map(|sealed| &sealed.0)],
    )?;
    let oldest = version.saturating_sub(limits::CONFIGURATION_VERSIONS);
    execute(
        connection,
        "DELETE FROM configuration_version WHERE id = ?1 AND version <= ?2",
        params![id, oldest],
    )
}

pub(super) fn forget_configuration(connection: &Connection, id: u64) -> Result<(), Refused> {
    execute(connection, "DELETE FROM configuration_version WHERE id = ?1", [id])?;
    execute(connection, "DELETE FROM configuration WHERE id = ?1", [id])
}

/// The oldest ones that are over go when there are too many, or when they are too old.
pub(super) fn keep(connection: &Connection, kept: &KeptBootstrap) -> Result<(), Refused> {
    let KeptBootstrap { id, endpoint, begun_at, is_over, content } = kept;
    execute(
        connection,
        "INSERT INTO bootstrap (id, endpoint, begun_at, over, content) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET endpoint = excluded.endpoint, begun_at = excluded.begun_at,
             over = excluded.over, content = excluded.content",
        params![id, endpoint, begun_at.as_millis(), is_over, content],
    )?;
    let kept_ms = u64::try_from(limits::BOOTSTRAP_KEPT.as_millis()).unwrap_or(u64::MAX);
    let too_old = begun_at.as_millis().saturating_sub(kept_ms);
    let beyond = id.saturating_sub(limits::BOOTSTRAPS);
    let oldest = "SELECT id FROM (SELECT id, begun_at, over FROM bootstrap ORDER BY id LIMIT ?1)
         WHERE over AND (begun_at < ?2 OR id <= ?3)";
    let mut statement = connection.prepare_cached(oldest)?;
    let oldest =
        statement.query_map(params![limits::BOOTSTRAPS_DROPPED, too_old, beyond], |row| row.get(0))?;
    for id in oldest.collect::<rusqlite::Result<Vec<i64>>>()? {
        execute(connection, "DELETE FROM bootstrap_step WHERE session = ?1", [id])?;
        execute(connection, "DELETE FROM bootstrap WHERE id = ?1", [id])?;
    }
    Ok(())
}

pub(super) fn keep_step(connection: &Connection, step: &KeptStep) -> Result<(), Refused> {
    let KeptStep { session, number, content } = step;
    execute(
        connection,
        "INSERT INTO bootstrap_step (session, number, content) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET content = excluded.content",
        params![session, number, content],
    )
}

pub(super) fn configurations(connection: &Connection) -> Result<Vec<KeptConfiguration>, StoreError> {
    all(
        connection,
        "SELECT id, version, saved_at, author, content, sealed FROM configuration_version ORDER BY id, version",
        (),
        configuration,
    )
}

fn configuration(row: &Row<'_>) -> rusqlite::Result<KeptConfiguration> {
    Ok(KeptConfiguration {
        id: row.get(0)?,
        version: row.get(1)?,
        saved_at: Instant::from_millis(row.get(2)?),
        author: row.get(3)?,
        content: row.get(4)?,
        sealed: row.get::<_, Option<Vec<u8>>>(5)?.map(Sealed),
    })
}

pub(super) fn bootstraps(connection: &Connection) -> Result<Vec<KeptBootstrap>, StoreError> {
    all(connection, "SELECT id, endpoint, begun_at, over, content FROM bootstrap ORDER BY id", (), |row| {
        Ok(KeptBootstrap {
            id: row.get(0)?,
            endpoint: row.get(1)?,
            begun_at: Instant::from_millis(row.get(2)?),
            is_over: row.get(3)?,
            content: row.get(4)?,
        })
    })
}

pub(super) fn steps(connection: &Connection, session: u64) -> Result<Vec<KeptStep>, StoreError> {
    let steps = "SELECT session, number, content FROM bootstrap_step WHERE session = ?1 ORDER BY number";
    all(connection, steps, [session], |row| {
        Ok(KeptStep { session: row.get(0)?, number: row.get(1)?, content: row.get(2)? })
    })
}

/// The highest id that was ever in this table.
pub(super) fn last(connection: &Connection, table: &str) -> Result<u64, StoreError> {
    let highest = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
    Ok(connection.query_row(highest, [table], |row| row.get(0)).optional()?.unwrap_or(0))
}
