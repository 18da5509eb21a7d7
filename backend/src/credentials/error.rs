use credentials::{CredentialId, Wrong, authority::AuthorityError};

/// Why something about credentials was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeskError {
    /// What was written down is wrong in these places; there is one at least.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Wrong(Vec<Wrong>),
    #[error("there is no credential {}", .0.0)]
    Unknown(CredentialId),
    #[error("there is no authority with this fingerprint")]
    UnknownAuthority,
    /// It does not go with what there is.
    #[error("{message}")]
    Conflict { message: &'static str, expected: String, got: String },
    #[error("it cannot be stored: {0}")]
    NotStored(String),
    #[error("the server is stopping")]
    Stopping,
    #[error("{0}")]
    Failed(String),
}

impl From<Wrong> for DeskError {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(vec![wrong])
    }
}

impl From<AuthorityError> for DeskError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Wrong(wrong) => wrong.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<credentials::VaultError> for DeskError {
    fn from(error: credentials::VaultError) -> Self {
        Self::Failed(error.to_string())
    }
}
