use crate::documents::DocumentError;

/// Why something about boards is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BoardError {
    #[error("there is no board {0}")]
    Unknown(u64),
    #[error("somebody else has saved the board meanwhile")]
    Outdated { kept: u64, got: u64 },
    #[error("{message}")]
    Bad { message: String, expected: String, got: String },
    #[error("at most {} boards are kept", super::limits::BOARDS)]
    NoRoom,
    #[error(transparent)]
    Document(#[from] DocumentError),
}
