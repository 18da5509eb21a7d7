//! The newest payload by path.

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::{
    fault::Refused,
    read::{all, record},
    record::encode,
    write::execute,
};
use crate::{Reported, StoreError, limits};

pub(super) fn report(connection: &Connection, reported: &Reported) -> Result<(), Refused> {
    if !reported.current {
        return Ok(());
    }
    execute(
        connection,
        "INSERT INTO latest (endpoint, subject, at, record) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET at = excluded.at, record = excluded.record",
        params![reported.endpoint, encode(&reported.subject())?, reported.at.as_millis(), encode(reported)?],
    )?;
    execute(
        connection,
        "DELETE FROM latest WHERE endpoint = ?1 AND subject IN
             (SELECT subject FROM latest WHERE endpoint = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2)",
        params![reported.endpoint, limits::LATEST_PER_CLIENT],
    )
}

pub(super) fn of(connection: &Connection, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
    let latest = "SELECT record FROM latest WHERE endpoint = ?1 ORDER BY at";
    all(connection, latest, [endpoint], |row| Ok(Arc::new(record(row, 0)?)))
}
