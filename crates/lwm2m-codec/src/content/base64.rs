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

/// What is no six bits.
const NO_LETTER: u8 = 0xFF;

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

    /// The six bits of a letter, or [`NO_LETTER`].
    const fn sextet(self, letter: u8) -> u8 {
        match (letter, self) {
            (b'A'..=b'Z', _) => letter - b'A',
            (b'a'..=b'z', _) => letter - b'a' + 26,
            (b'0'..=b'9', _) => letter - b'0' + 52,
            (b'+', Self::Standard) | (b'-', Self::Url) => 62,
            (b'/', Self::Standard) | (b'_', Self::Url) => 63,
            _ => NO_LETTER,
        }
    }

    /// Four letters for three bytes.
    fn letters(self, [a, b, c]: [u8; 3]) -> [u8; 4] {
        let group = u32::from_be_bytes([0, a, b, c]);
        let letter =
            |shift: u32| self.alphabet().get((group >> shift & 0x3F) as usize).copied().unwrap_or(b'=');
        [letter(18), letter(12), letter(6), letter(0)]
    }

    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
        let (groups, rest) = bytes.as_chunks::<3>();
        for group in groups {
            text.extend_from_slice(&self.letters(*group));
        }
        let last = match *rest {
            [a] => Some(self.letters([a, 0, 0])),
            [a, b] => Some(self.letters([a, b, 0])),
            _ => None,
        };
        if let Some(letters) = last {
            text.extend(letters.iter().take(rest.len() + 1));
            let padding = if self == Self::Standard { 3 - rest.len() } else { 0 };
            text.extend(core::iter::repeat_n(b'=', padding));
        }
        // All of them are letters.
        String::from_utf8(text).unwrap_or_default()
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
        let (groups, rest) = letters.as_chunks::<4>();
        for group in groups {
            let sextets = group.map(|letter| self.sextet(letter));
            if sextets.contains(&NO_LETTER) {
                return None;
            }
            let [a, b, c, d] = sextets.map(u32::from);
            let [_, decoded @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
            bytes.extend_from_slice(&decoded);
        }
        // RFC 4648 §3.5: bits that carry nothing must be zero, so that a value has one text only.
        let sextet = |letter| Some(self.sextet(letter)).filter(|sextet| *sextet != NO_LETTER);
        match *rest {
            [] => {}
            [a, b] => {
                let (a, b) = (sextet(a)?, sextet(b)?);
                bytes.push(a << 2 | b >> 4);
                (b & 0xF == 0).then_some(())?;
            }
            [a, b, c] => {
                let (a, b, c) = (sextet(a)?, sextet(b)?, sextet(c)?);
                bytes.extend([a << 2 | b >> 4, b << 4 | c >> 2]);
                (c & 0x3 == 0).then_some(())?;
            }
            _ => return None,
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
