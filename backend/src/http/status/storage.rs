use console_api::{StorageState, StorageStatus};
use store::sqlite;

use crate::runtime::Storage;

pub(super) fn status(storage: &Storage) -> StorageStatus {
    let condition = storage.condition();
    // What cannot be read has no length; that it cannot be written is told as such.
    let history = storage.history().extent().unwrap_or_default();
    StorageStatus {
        engine: format!("SQLite {}", sqlite::version()),
        directory: storage.directory().display().to_string(),
        bytes: sqlite::bytes(storage.directory()),
        history_bytes: history.bytes,
        oldest_day: history.oldest.map(|day| day.to_string()),
        state: if condition.fault.is_some() { StorageState::Failing } else { StorageState::Good },
        since_ms: condition.since_ms,
        why: condition.fault,
    }
}
