//! Base64 (RFC 4648): with the standard alphabet and padding (§4) in text and JSON, with the alphabet for URLs and
//! without padding (§5) in SenML JSON.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{DecodeError, ErrorClass, quoted};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64 {
    Standard,
    Url,
}

impl Base64 {
    const fn alphabet(self) -> &'static [u8; 64] {
        match self {
            Self::Standard => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            Self::Url => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Standard => "Base64 with padding (A-Z a-z 0-9 + / =)",
            Self::Url => "Base64 for URLs without padding (A-Z a-z 0-9 - _)",
        }
    }

    const fn sextet(self, letter: u8) -> Option<u32> {
        let value = match (letter, self) {
            (b'A'..=b'Z', _) => letter - b'A',
            (b'a'..=b'z', _) => letter - b'a' + 26,
            (b'0'..=b'9', _) => letter - b'0' + 52,
            (b'+', Self::Standard) | (b'-', Self::Url) => 62,
            (b'/', Self::Standard) | (b'_', Self::Url) => 63,
            _ => return None,
        };
        Some(value as u32)
    }

    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        for chunk in bytes.chunks(3) {
            let group =
                (0..3).fold(0u32, |group, at| group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
            for position in 0..=chunk.len() {
                let index = (group >> (18 - 6 * position) & 0x3F) as usize;
                text.extend(self.alphabet().get(index).map(|letter| char::from(*letter)));
            }
            if self == Self::Standard {
                text.extend((chunk.len()..3).map(|_| '='));
            }
        }
        text
    }

    pub(crate) fn decode(self, text: &str) -> Result<Box<[u8]>, DecodeError> {
        let letters = match self {
            Self::Standard => unpadded(text.as_bytes()),
            Self::Url => Some(text.as_bytes()),
        };
        letters
            .and_then(|letters| self.decoded(letters))
            .ok_or_else(|| DecodeError::new(ErrorClass::BadBase64, self.expected(), quoted(text)))
    }

    fn decoded(self, letters: &[u8]) -> Option<Box<[u8]>> {
        let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
        for group in letters.chunks(4) {
            let bits = group.iter().try_fold(0u32, |bits, letter| Some(bits << 6 | self.sextet(*letter)?))?;
            let length = group.len().checked_sub(1).filter(|length| *length > 0)?;
            let [_, decoded @ ..] = (bits << (6 * (3 - length))).to_be_bytes();
            let (kept, rest) = decoded.split_at_checked(length)?;
            // RFC 4648 §3.5: bits that carry nothing must be zero, so that a value has one text only.
            if rest.iter().any(|byte| *byte != 0) {
                return None;
            }
            bytes.extend_from_slice(kept);
        }
        Some(bytes.into_boxed_slice())
    }
}

/// The letters before the padding, which must fill the last group.
fn unpadded(text: &[u8]) -> Option<&[u8]> {
    let letters = match text {
        [letters @ .., b'=', b'='] | [letters @ .., b'='] => letters,
        letters => letters,
    };
    let padding = text.len() - letters.len();
    (text.len().is_multiple_of(4) && (padding == 0 || letters.len() % 4 == 4 - padding)).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_test_vectors() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, text) in cases {
            assert_eq!(Base64::Standard.encode(plain.as_bytes()), text);
            assert_eq!(&*Base64::Standard.decode(text).unwrap(), plain.as_bytes());
            let bare = text.trim_end_matches('=');
            assert_eq!(Base64::Url.encode(plain.as_bytes()), bare);
            assert_eq!(&*Base64::Url.decode(bare).unwrap(), plain.as_bytes());
        }
        assert_eq!(Base64::Url.encode(&[0xFB, 0xFF]), "-_8");
        assert_eq!(Base64::Standard.encode(&[0xFB, 0xFF]), "+/8=");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm8=Zm9v", "Zm9v\n", "Z g=", "Zh==", "Zm9=", "_-==",
            "=Zg=", "=", "==", "Zm9v=", "Zm9v==",
        ] {
            assert!(Base64::Standard.decode(text).is_err(), "{text:?}");
        }
        for text in ["Z", "Zg==", "Zm8=", "+/8", "Zm9vY", "Zh", "Zm9", "Z g", "Zm9v\n"] {
            assert!(Base64::Url.decode(text).is_err(), "{text:?}");
        }
    }
}
