//! Documents in the words of their writers: read from the store, and written by the thread that owns it.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use store::{Audit, Document, DocumentChange, DocumentOutcome, StoreError};

use crate::{
    clock::Clock,
    runtime::{Operations, Storage},
};

#[derive(Clone)]
pub(crate) struct Documents {
    pub(crate) storage: Arc<Storage>,
    pub(crate) operations: Operations,
    pub(crate) clock: Clock,
}

/// A document as it is kept.
pub(crate) struct Kept<T> {
    pub(crate) key: String,
    pub(crate) version: u64,
    pub(crate) saved_at_ms: u64,
    pub(crate) author: String,
    pub(crate) content: T,
}

/// Why a document was not read or not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("somebody else has saved it meanwhile")]
    Outdated {
        /// The version that is kept.
        kept: u64,
    },
    #[error("{0}")]
    NotStored(String),
    #[error("the server is stopping")]
    Stopping,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a document is not what it should be: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl Documents {
    pub(crate) fn one<T: DeserializeOwned>(
        &self,
        kind: &str,
        key: &str,
    ) -> Result<Option<Kept<T>>, DocumentError> {
        self.storage.documents().document(kind, key)?.map(Kept::read).transpose()
    }

    /// Those whose keys begin so, by key.
    pub(crate) fn all<T: DeserializeOwned>(
        &self,
        kind: &str,
        prefix: &str,
    ) -> Result<Vec<Kept<T>>, DocumentError> {
        self.storage.documents().documents(kind, prefix)?.into_iter().map(Kept::read).collect()
    }

    pub(crate) fn saved<T: Serialize>(
        &self,
        kind: &str,
        key: &str,
        version: u64,
        author: &str,
        content: &T,
    ) -> Result<DocumentChange, DocumentError> {
        Ok(DocumentChange::Saved(Document {
            kind: kind.to_owned(),
            key: key.to_owned(),
            version,
            saved_at: self.clock.now(),
            author: author.to_owned(),
            content: serde_json::to_vec(content)?,
        }))
    }

    /// Waits until all of it is stored, or nothing is.
    pub(crate) async fn keep(
        &self,
        changes: Vec<DocumentChange>,
        audits: Vec<Audit>,
    ) -> Result<(), DocumentError> {
        match self.operations.keep(changes, audits).await.ok_or(DocumentError::Stopping)? {
            DocumentOutcome::Stored => Ok(()),
            DocumentOutcome::Outdated { kept, .. } => Err(DocumentError::Outdated { kept }),
            DocumentOutcome::Failed(why) => Err(DocumentError::NotStored(why)),
        }
    }
}

impl<T: DeserializeOwned> Kept<T> {
    pub(crate) fn read(document: Document) -> Result<Self, DocumentError> {
        let Document { key, version, saved_at, author, content, .. } = document;
        let content = serde_json::from_slice(&content)?;
        Ok(Self { key, version, saved_at_ms: saved_at.as_millis(), author, content })
    }
}
