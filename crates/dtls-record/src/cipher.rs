//! The AEAD algorithms. The key schedule is worked out for each record, which is a fifth of the time of a short one:
//! kept, it would take 700 bytes for each direction of each session.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    /// Both ways, and with the last bit of the tag changed.
    fn check(suite: Suite, key: &str, nonce: &str, additional: &str, text: &str, sealed: &str) {
        let (key, nonce) = (hex(key).try_into().unwrap(), hex(nonce).try_into().unwrap());
        let (additional, plaintext, sealed) = (hex(additional), hex(text), hex(sealed));
        let (mut text, mut tag) = (plaintext.clone(), vec![0; suite.tag_length()]);
        assert!(encrypt(suite, &key, &nonce, &additional, &mut text, &mut tag).is_ok());
        assert_eq!([&text[..], &tag].concat(), sealed);
        assert!(decrypt(suite, &key, &nonce, &additional, &mut text, &tag).is_ok());
        assert_eq!(text, plaintext);
        let mut changed = sealed[..text.len()].to_vec();
        *tag.last_mut().unwrap() ^= 1;
        assert!(decrypt(suite, &key, &nonce, &additional, &mut changed, &tag).is_err());
        assert!(changed.is_empty() || changed != plaintext, "nothing unauthentic is left");
    }

    /// NIST SP 800-38C, appendix C.3: its nonce and its tag have the lengths of TLS.
    #[test]
    fn ccm_8_example_3_of_sp_800_38c() {
        check(
            Suite::Aes128Ccm8,
            "404142434445464748494a4b4c4d4e4f",
            "101112131415161718191a1b",
            "000102030405060708090a0b0c0d0e0f10111213",
            "202122232425262728292a2b2c2d2e2f3031323334353637",
            "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5 484392fbc1b09951",
        );
    }

    /// The same input with the long tag. The published examples have none with a nonce of 12 bytes and a tag of 16; this
    /// one was worked out with OpenSSL.
    #[test]
    fn ccm_with_a_tag_of_16_bytes() {
        check(
            Suite::Aes128Ccm,
            "404142434445464748494a4b4c4d4e4f",
            "101112131415161718191a1b",
            "000102030405060708090a0b0c0d0e0f10111213",
            "202122232425262728292a2b2c2d2e2f3031323334353637",
            "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5c87ae488918de93f17dd3e4934347f44",
        );
    }

    /// The GCM specification (McGrew and Viega), test cases 1, 2 and 4.
    #[test]
    fn gcm_test_cases_of_its_specification() {
        let zero = "00000000000000000000000000000000";
        let nonce = "000000000000000000000000";
        check(Suite::Aes128Gcm, zero, nonce, "", "", "58e2fccefa7e3061367f1d57a4e7455a");
        let sealed = "0388dace60b6a392f328c2b971b2fe78 ab6e47d42cec13bdf53a67b21257bddf";
        check(Suite::Aes128Gcm, zero, nonce, "", zero, sealed);
        check(
            Suite::Aes128Gcm,
            "feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
             21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
             5bc94fbc3221a5db94fae95ae7121a47",
        );
    }
}
