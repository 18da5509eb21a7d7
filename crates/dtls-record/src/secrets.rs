use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Which end of the connection we are.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    Client,
    Server,
}

impl Role {
    pub const fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What the handshake agreed upon (RFC 5246 §8.1).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterSecret([u8; Self::LENGTH]);

impl MasterSecret {
    pub const LENGTH: usize = 48;

    /// The caller erases its own copy.
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// `None` unless there are 48 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecret(..)")
    }
}

/// The randoms of both hellos (RFC 5246 §7.4.1.2).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Randoms {
    pub client: [u8; 32],
    pub server: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", MasterSecret::new([0x41; 48])), "MasterSecret(..)");
        assert!(MasterSecret::from_slice(&[0; 47]).is_none());
    }
}
