use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use coap::Instant;
use store::{
    history::HistoryReader,
    sqlite::{AuditReader, BootstrapReader, DocumentReader, Sqlite},
};

/// What is kept where, and whether it can be at present.
pub(crate) struct Storage {
    directory: PathBuf,
    history: HistoryReader,
    audit: AuditReader,
    bootstrap: BootstrapReader,
    documents: DocumentReader,
    condition: Mutex<Condition>,
}

#[derive(Clone)]
pub(crate) struct Condition {
    pub(crate) since_ms: u64,
    /// Why nothing can be stored: devices and operators are told so, and ask again.
    pub(crate) fault: Option<String>,
}

impl Storage {
    pub(crate) fn new(directory: &Path, store: &Sqlite, now: Instant) -> Self {
        let condition = Condition { since_ms: now.as_millis(), fault: None };
        Self {
            directory: directory.to_owned(),
            history: store.history(),
            audit: store.audit_reader(),
            bootstrap: store.bootstrap_reader(),
            documents: store.document_reader(),
            condition: Mutex::new(condition),
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) const fn history(&self) -> &HistoryReader {
        &self.history
    }

    pub(crate) const fn audit(&self) -> &AuditReader {
        &self.audit
    }

    pub(crate) const fn bootstrap(&self) -> &BootstrapReader {
        &self.bootstrap
    }

    pub(crate) const fn documents(&self) -> &DocumentReader {
        &self.documents
    }

    pub(crate) fn condition(&self) -> Condition {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what the engine says.
    pub(super) fn note(&self, now: Instant, fault: Option<&str>) {
        let mut condition = self.condition.lock().unwrap_or_else(PoisonError::into_inner);
        if condition.fault.as_deref() == fault {
            return;
        }
        match fault {
            Some(why) => tracing::error!("nothing is acknowledged: {why}"),
            None => tracing::info!("the storage works again"),
        }
        if condition.fault.is_some() != fault.is_some() {
            condition.since_ms = now.as_millis();
        }
        condition.fault = fault.map(str::to_owned);
    }
}
