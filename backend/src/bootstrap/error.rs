use console_api::BootstrapCheck;
use store::StoreError;

use crate::credentials::DeskError;

/// Why something about bootstrap was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BootstrapError {
    #[error("there is no configuration {0}")]
    Unknown(u64),
    #[error("configuration {id} has no version {version}, or no longer")]
    UnknownVersion { id: u64, version: u32 },
    /// There is one problem at least.
    #[error("{}", problems(.0))]
    Refused(BootstrapCheck),
    #[error("somebody else has saved it meanwhile")]
    Saved { expected: u32, got: u32 },
    #[error("at most {} configurations are kept", super::limits::CONFIGURATIONS)]
    NoRoom,
    #[error(transparent)]
    NotReadable(#[from] StoreError),
    #[error(transparent)]
    Desk(#[from] DeskError),
}

fn problems(check: &BootstrapCheck) -> String {
    let told = check.problems.iter().map(|problem| {
        let console_api::BootstrapProblem { field, expected, got } = problem;
        format!("{field}: expected {expected}, got {got}")
    });
    told.collect::<Vec<_>>().join("; ")
}

impl From<credentials::VaultError> for BootstrapError {
    fn from(error: credentials::VaultError) -> Self {
        Self::Desk(error.into())
    }
}
