//! What operators have changed.

use std::path::PathBuf;

use coap::Instant;
use rusqlite::{Connection, params};

use super::{fault::Refused, open};
use crate::{Audit, StoreError, limits};

/// Reads what operators have changed, from any thread.
#[derive(Clone)]
pub struct AuditReader {
    file: PathBuf,
}

impl AuditReader {
    pub(super) const fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// The newest first, of all clients or of one: a page of them, each with its number. The next page is that `after`
    /// the last number of this one.
    pub fn page(
        &self,
        endpoint: Option<&str>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, Audit)>, StoreError> {
        let connection = open::to_read(&self.file).map_err(|error| StoreError(error.to_string()))?;
        let before = after.and_then(|after| i64::try_from(after).ok()).unwrap_or(i64::MAX);
        let mut page = connection.prepare(match endpoint {
            Some(_) => {
                "SELECT id, at, author, what, endpoint, details FROM audit
                 WHERE endpoint = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2"
            }
            None => {
                "SELECT id, at, author, what, endpoint, details FROM audit
                 WHERE id < ?1 AND ?3 IS NULL ORDER BY id DESC LIMIT ?2"
            }
        })?;
        let page = page.query_map(params![before, limit, endpoint], |row| {
            let audit = Audit {
                at: Instant::from_millis(row.get(1)?),
                author: row.get(2)?,
                what: row.get(3)?,
                endpoint: row.get(4)?,
                details: row.get(5)?,
            };
            Ok((row.get(0)?, audit))
        })?;
        Ok(page.collect::<rusqlite::Result<_>>()?)
    }
}

/// The oldest goes when there are too many.
pub(super) fn put(connection: &Connection, audit: &Audit) -> Result<(), Refused> {
    let Audit { at, author, what, endpoint, details } = audit;
    connection
        .prepare_cached(
            "INSERT INTO audit (at, author, what, endpoint, details) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![at.as_millis(), author, what, endpoint, details])?;
    let oldest = connection.last_insert_rowid().saturating_sub_unsigned(limits::AUDITS);
    connection.prepare_cached("DELETE FROM audit WHERE id <= ?1")?.execute([oldest])?;
    Ok(())
}
