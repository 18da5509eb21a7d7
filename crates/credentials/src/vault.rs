use core::fmt;

use aes_gcm::{AeadInPlace, Aes256Gcm, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

use crate::{CredentialId, Secret};

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Encrypts secrets at rest: AES-256-GCM, a random nonce for each, and the place where it lies as associated data, so
/// that none can be put into the place of another.
///
/// Random nonces of 96 bits may repeat once in 2^32 secrets (NIST SP 800-38D, 8.3): more than are ever kept.
#[derive(Clone)]
pub struct Vault(Aes256Gcm);

/// What the vault has made of a secret: nonce, ciphertext and tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// Where a secret lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Credential(CredentialId, u32),
    /// Of the server itself, by its name.
    Server(&'a str),
    /// Of a DTLS session, by its number.
    Session(u64),
    /// Of a version of a configuration for the Bootstrap-Server.
    Configuration(u64, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("it was encrypted with another key, or changed since")]
    NotOpened,
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl Vault {
    /// Of a key that is kept elsewhere.
    pub fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        Self(Aes256Gcm::new((&**key).into()))
    }

    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, place: Place<'_>, secret: &[u8]) -> Result<Sealed, VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let mut sealed = Vec::with_capacity(NONCE_BYTES + secret.len() + TAG_BYTES);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(secret);
        let (nonce, content) = sealed.split_at_mut(NONCE_BYTES);
        let nonce = Nonce::from_slice(nonce);
        let tag = self.0.encrypt_in_place_detached(nonce, &place.to_bytes(), content);
        // Only of a secret of more than 64 GiB.
        let tag = tag.map_err(|_| VaultError::NotOpened)?;
        sealed.extend_from_slice(&tag);
        Ok(Sealed(sealed))
    }

    /// # Errors
    /// When it was sealed with another key or for another place, or is damaged.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Secret, VaultError> {
        let end = sealed.0.len().checked_sub(TAG_BYTES).ok_or(VaultError::NotOpened)?;
        let (rest, tag) = sealed.0.split_at(end);
        let (nonce, content) = rest.split_at_checked(NONCE_BYTES).ok_or(VaultError::NotOpened)?;
        let mut content = Zeroizing::new(content.to_vec());
        let (nonce, tag) = (Nonce::from_slice(nonce), Tag::from_slice(tag));
        let opened = self.0.decrypt_in_place_detached(nonce, &place.to_bytes(), &mut content, tag);
        opened.map_err(|_| VaultError::NotOpened)?;
        Ok(Secret::new(content))
    }
}

impl Place<'_> {
    fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Credential(id, version) => {
                [b"c".as_slice(), &id.0.to_be_bytes(), &version.to_be_bytes()].concat()
            }
            Self::Server(name) => [b"s".as_slice(), name.as_bytes()].concat(),
            Self::Configuration(id, version) => {
                [b"b".as_slice(), &id.to_be_bytes(), &version.to_be_bytes()].concat()
            }
            Self::Session(id) => [b"d".as_slice(), &id.to_be_bytes()].concat(),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes, sealed)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place::Credential(CredentialId(7), 2);

    fn vault(byte: u8) -> Vault {
        Vault::new(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn what_was_sealed_is_opened_with_the_same_key_at_the_same_place_only() {
        let sealed = vault(1).seal(PLACE, b"a secret").unwrap();
        assert_eq!(vault(1).open(PLACE, &sealed).unwrap().expose(), b"a secret");
        assert_eq!(vault(2).open(PLACE, &sealed), Err(VaultError::NotOpened));
        for other in [
            Place::Credential(CredentialId(7), 3),
            Place::Credential(CredentialId(8), 2),
            Place::Server("a"),
            Place::Session(7),
        ] {
            assert_eq!(vault(1).open(other, &sealed), Err(VaultError::NotOpened), "{other:?}");
        }
    }

    #[test]
    fn every_byte_is_protected() {
        let sealed = vault(1).seal(PLACE, b"a secret").unwrap();
        for position in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[position] ^= 1;
            assert_eq!(vault(1).open(PLACE, &changed), Err(VaultError::NotOpened), "{position}");
            let shorter = Sealed(sealed.0[..position].to_vec());
            assert_eq!(vault(1).open(PLACE, &shorter), Err(VaultError::NotOpened), "{position}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let (one, other) = (vault(1).seal(PLACE, b"").unwrap(), vault(1).seal(PLACE, b"").unwrap());
        assert_ne!(one, other);
        assert_eq!(vault(1).open(PLACE, &one).unwrap().expose(), b"");
    }
}
