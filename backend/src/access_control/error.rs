use std::sync::Arc;

use lwm2m_core::server::{Command, OperationError};

use crate::{commands::why_not_answered, documents::DocumentError};

/// Why something about access control is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessControlError {
    #[error("no client is registered as {0:?}")]
    UnknownClient(String),
    #[error("the device sleeps: what it has cannot be read before it wakes")]
    Asleep,
    #[error("which server this is cannot be told from the accounts that the device shows")]
    UnknownServer,
    #[error("{message}")]
    Bad { message: String, expected: String, got: String },
    /// There is no such template, draft or run.
    #[error("{message}")]
    Unknown { code: &'static str, message: String },
    /// It is not as the caller thinks.
    #[error("{message}")]
    Conflict { code: &'static str, message: String, expected: String, got: String },
    #[error("{0}")]
    Refused(OperationError),
    #[error("{}", why_not_answered(.0).message)]
    NotAnswered(Arc<Command>),
    #[error("{0}")]
    Encode(#[from] lwm2m_codec::EncodeError),
    #[error("the server is stopping")]
    Stopping,
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl AccessControlError {
    pub(super) fn bad(
        message: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self::Bad { message: message.into(), expected: expected.into(), got: got.into() }
    }

    pub(super) const fn is_stopping(&self) -> bool {
        matches!(self, Self::Stopping | Self::Document(DocumentError::Stopping))
    }
}
