//! The AEAD algorithms. The key schedule is worked out for each record: kept, it would take 700 bytes for each
//! direction of each session, and with instructions for AES it takes less time than the tag.

use aes::Aes128;
use aes_gcm::Aes128Gcm;
use ccm::{
    Ccm, KeyInit,
    aead::{AeadInPlace, Nonce, Tag},
    consts::{U8, U12, U16},
};

use crate::suite::Suite;

pub(crate) const KEY_LENGTH: usize = 16;
pub(crate) const NONCE_LENGTH: usize = 12;

type Aes128Ccm8 = Ccm<Aes128, U8, U12>;
type Aes128Ccm = Ccm<Aes128, U16, U12>;

pub(crate) struct AeadError;

/// Encrypts `text` in place and appends nothing: the tag goes to `tag`, which has the length of the suite.
pub(crate) fn encrypt(
    suite: Suite,
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    additional: &[u8],
    text: &mut [u8],
    tag: &mut [u8],
) -> Result<(), AeadError> {
    match suite {
        Suite::Aes128Ccm8 => encrypt_by::<Aes128Ccm8>(key, nonce, additional, text, tag),
        Suite::Aes128Ccm => encrypt_by::<Aes128Ccm>(key, nonce, additional, text, tag),
        Suite::Aes128Gcm => encrypt_by::<Aes128Gcm>(key, nonce, additional, text, tag),
    }
}

/// Decrypts `text` in place. After an error `text` is worthless, and holds nothing that was decrypted. The tag is
/// compared in constant time.
pub(crate) fn decrypt(
    suite: Suite,
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    additional: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> Result<(), AeadError> {
    match suite {
        Suite::Aes128Ccm8 => decrypt_by::<Aes128Ccm8>(key, nonce, additional, text, tag),
        Suite::Aes128Ccm => decrypt_by::<Aes128Ccm>(key, nonce, additional, text, tag),
        Suite::Aes128Gcm => decrypt_by::<Aes128Gcm>(key, nonce, additional, text, tag),
    }
}

fn encrypt_by<A: KeyInit + AeadInPlace>(
    key: &[u8],
    nonce: &[u8],
    additional: &[u8],
    text: &mut [u8],
    tag: &mut [u8],
) -> Result<(), AeadError> {
    let cipher = A::new_from_slice(key).map_err(|_| AeadError)?;
    let computed = cipher
        .encrypt_in_place_detached(Nonce::<A>::from_slice(nonce), additional, text)
        .map_err(|_| AeadError)?;
    tag.copy_from_slice(&computed);
    Ok(())
}

fn decrypt_by<A: KeyInit + AeadInPlace>(
    key: &[u8],
    nonce: &[u8],
    additional: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> Result<(), AeadError> {
    let cipher = A::new_from_slice(key).map_err(|_| AeadError)?;
    cipher
        .decrypt_in_place_detached(Nonce::<A>::from_slice(nonce), additional, text, Tag::<A>::from_slice(tag))
        .map_err(|_| AeadError)
}
