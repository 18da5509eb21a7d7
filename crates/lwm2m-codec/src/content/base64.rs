//! Base64 with the standard alphabet and padding (RFC 4648 §4).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{DecodeError, ErrorClass, quoted};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            (0..3).fold(0u32, |group, at| group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for position in 0..4 {
            text.push(if position <= chunk.len() { letter(group >> (18 - 6 * position)) } else { '=' });
        }
    }
    text
}

fn letter(bits: u32) -> char {
    ALPHABET.get((bits & 0x3F) as usize).map_or('=', |letter| char::from(*letter))
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, DecodeError> {
    decoded(text.as_bytes()).ok_or_else(|| {
        let message = format!("expected Base64 with padding (A-Z a-z 0-9 + / =), got {}", quoted(text));
        DecodeError::new(ErrorClass::BadBase64, message)
    })
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, []) = text.as_chunks::<4>() else { return None };
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for (position, group) in groups.iter().enumerate() {
        let last = position + 1 == groups.len();
        let length = match group {
            [_, _, b'=', b'='] if last => 1,
            [_, _, _, b'='] if last => 2,
            _ => 3,
        };
        let bits = group
            .iter()
            .take(length + 1)
            .try_fold(0u32, |bits, letter| Some(bits << 6 | sextet(*letter)?))?;
        let [_, decoded @ ..] = (bits << (6 * (3 - length))).to_be_bytes();
        let (kept, padding) = decoded.split_at_checked(length)?;
        // RFC 4648 §3.5: bits that carry nothing must be zero, so that a value has one text only.
        if padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
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
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm8=Zm9v", "Zm9v\n", "Z g=", "Zh==", "Zm9=", "_-==",
            "=Zg=",
        ] {
            assert!(decode(text).is_err(), "{text:?}");
        }
    }
}
