use std::{fmt, str::FromStr};

use serde::Deserialize;

/// Longest pre-shared key that has to work (RFC 7925 §4.1).
const LONGEST: usize = 64;

/// A pre-shared key, which is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = format!("expected a key of 1 to {LONGEST} bytes in hexadecimal");
        let digits = text.as_bytes();
        if digits.len() % 2 == 1 || digits.is_empty() || digits.len() > 2 * LONGEST {
            return Err(format!("{expected}, got {} characters", digits.len()));
        }
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.map(Self).ok_or_else(|| format!("{expected}, got other characters"))
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
