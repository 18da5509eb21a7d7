//! Documents.

use std::path::PathBuf;

use coap::Instant;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::{
    audit,
    fault::{Fault, Refused},
    open,
    write::execute,
};
use crate::{Audit, Document, DocumentChange, DocumentOutcome, StoreError, limits};

const COLUMNS: &str = "SELECT kind, key, version, saved_at, author, content FROM document";

/// Reads documents, from any thread.
#[derive(Clone)]
pub struct DocumentReader {
    file: PathBuf,
}

impl DocumentReader {
    pub(super) const fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// See [`Store::documents`](crate::Store::documents).
    pub fn documents(&self, kind: &str, prefix: &str) -> Result<Vec<Document>, StoreError> {
        documents(&self.connection()?, kind, prefix)
    }

    pub fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        let connection = self.connection()?;
        let mut statement = connection.prepare(&format!("{COLUMNS} WHERE kind = ?1 AND key = ?2"))?;
        Ok(statement.query_row([kind, key], document).optional()?)
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        open::to_read(&self.file).map_err(|error| StoreError(error.to_string()))
    }
}

/// All of it in one transaction, or nothing.
pub(super) fn keep(
    connection: &mut Connection,
    changes: &[DocumentChange],
    audits: &[Audit],
) -> Result<DocumentOutcome, Fault> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    match put_all(&transaction, changes, audits) {
        Ok(None) => {
            transaction.commit()?;
            Ok(DocumentOutcome::Stored)
        }
        Ok(Some(outdated)) => Ok(outdated),
        Err(Refused::Change(why)) => Ok(DocumentOutcome::Failed(why)),
        Err(Refused::Storage(fault)) => Err(fault),
    }
}

/// The first that is outdated, if there is one.
fn put_all(
    connection: &Connection,
    changes: &[DocumentChange],
    audits: &[Audit],
) -> Result<Option<DocumentOutcome>, Refused> {
    for change in changes {
        match change {
            DocumentChange::Saved(document) => {
                if let Some(kept) = save(connection, document)? {
                    return Ok(Some(DocumentOutcome::Outdated { key: document.key.clone(), kept }));
                }
            }
            DocumentChange::Removed { kind, key } => {
                execute(connection, "DELETE FROM document WHERE kind = ?1 AND key = ?2", [kind, key])?;
            }
        }
    }
    audits.iter().try_for_each(|audit| audit::put(connection, audit))?;
    Ok(None)
}

/// The version that is kept, where this one is none that follows it.
fn save(connection: &Connection, document: &Document) -> Result<Option<u64>, Refused> {
    let Document { kind, key, version, saved_at, author, content } = document;
    if content.len() > limits::DOCUMENT_BYTES {
        let got = content.len();
        let why = format!("expected {} bytes at most in a document, got {got}", limits::DOCUMENT_BYTES);
        return Err(Refused::Change(why));
    }
    let kept = "SELECT version FROM document WHERE kind = ?1 AND key = ?2";
    let kept = connection.prepare_cached(kept)?.query_row([kind, key], |row| row.get::<_, u64>(0));
    let statement = match kept.optional()? {
        Some(kept) if kept >= *version => return Ok(Some(kept)),
        Some(_) => {
            "UPDATE document SET version = ?3, saved_at = ?4, author = ?5, content = ?6 WHERE kind = ?1 AND key = ?2"
        }
        None => {
            room_for_one(connection, kind)?;
            "INSERT INTO document (kind, key, version, saved_at, author, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        }
    };
    execute(connection, statement, params![kind, key, version, saved_at.as_millis(), author, content])?;
    Ok(None)
}

fn room_for_one(connection: &Connection, kind: &str) -> Result<(), Refused> {
    let there = "SELECT documents FROM document_kind WHERE kind = ?1";
    let there = connection.prepare_cached(there)?.query_row([kind], |row| row.get::<_, u64>(0)).optional()?;
    if there.is_some_and(|there| there >= limits::DOCUMENTS_OF_A_KIND) {
        let why = format!("expected {} documents of kind {kind} at most", limits::DOCUMENTS_OF_A_KIND);
        return Err(Refused::Change(why));
    }
    Ok(())
}

/// Those of a client that is forgotten go.
pub(super) fn forget(connection: &Connection, endpoint: &str) -> Result<(), Refused> {
    let of_client = "DELETE FROM document WHERE key = ?1 AND substr(kind, 1, length(?2)) = ?2";
    execute(connection, of_client, [endpoint, Document::OF_CLIENT])
}

pub(super) fn documents(
    connection: &Connection,
    kind: &str,
    prefix: &str,
) -> Result<Vec<Document>, StoreError> {
    let from = format!("{COLUMNS} WHERE kind = ?1 AND key >= ?2 ORDER BY key");
    let mut statement = connection.prepare_cached(&from)?;
    let mut found = Vec::new();
    for one in statement.query_map([kind, prefix], document)? {
        let one = one?;
        if !one.key.starts_with(prefix) {
            break;
        }
        found.push(one);
    }
    Ok(found)
}

/// Whether every document can be read.
pub(super) fn read_all(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare(COLUMNS)?;
    for document in statement.query_map((), document)? {
        document?;
    }
    Ok(())
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        kind: row.get(0)?,
        key: row.get(1)?,
        version: row.get(2)?,
        saved_at: Instant::from_millis(row.get(3)?),
        author: row.get(4)?,
        content: row.get(5)?,
    })
}
