use thiserror::Error;
use zeroize::Zeroizing;

use crate::identity::Identity;

/// What is known of the peers. It answers in the midst of a handshake, and so from memory and at once.
pub trait Credentials: Send + Sync {
    /// The key of a PSK identity, at most [`crate::limits::PSK_LENGTH`] bytes.
    fn psk(&self, identity: &[u8]) -> Option<Zeroizing<Vec<u8>>>;

    /// Whether the peer may connect, now that it has proven who it is. Asked before the session counts as connected,
    /// and again when a session is resumed.
    fn admits(&self, identity: &Identity) -> Result<(), NotAdmitted>;
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum NotAdmitted {
    #[error("is not registered here")]
    Unknown,
    #[error("was revoked")]
    Revoked,
    /// Known, but not for this server or not at this time.
    #[error("may not connect")]
    Forbidden,
}
