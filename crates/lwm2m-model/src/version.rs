use std::fmt;
use std::str::FromStr;

use crate::quoted::quoted;

/// The version of an object definition, `major.minor` (LwM2M Core §7.2).
///
/// Another major version is another object to a reader; another minor version adds optional resources only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectVersion {
    pub major: u16,
    pub minor: u16,
}

impl ObjectVersion {
    /// What is meant where a URN or a registration names no version (LwM2M Core §7.2).
    pub const V1_0: Self = Self::new(1, 0);

    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is no [`ObjectVersion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectVersionError {
    pub got: String,
}

impl fmt::Display for ObjectVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected an object version major.minor, got {}", self.got)
    }
}

impl std::error::Error for ObjectVersionError {}

impl FromStr for ObjectVersion {
    type Err = ObjectVersionError;

    fn from_str(text: &str) -> Result<Self, ObjectVersionError> {
        let version = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self { major: number(major)?, minor: number(minor)? }));
        version.ok_or_else(|| ObjectVersionError { got: quoted(text) })
    }
}

/// Decimal, no sign, no leading zeros.
fn number(text: &str) -> Option<u16> {
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.len() == 1 || !text.starts_with('0');
    text.parse().ok().filter(|_| decimal && plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number() {
        let mut versions: Vec<ObjectVersion> =
            ["1.10", "2.0", "1.2", "1.0"].iter().map(|text| text.parse().unwrap()).collect();
        versions.sort();
        let texts: Vec<String> = versions.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1.0", "1.2", "1.10", "2.0"]);
        assert_eq!(ObjectVersion::V1_0, ObjectVersion::new(1, 0));
    }

    #[test]
    fn malformed_versions_are_refused() {
        for text in ["", "1", "1.", ".0", "1.0.0", "01.0", "1.00", "+1.0", "1.-1", " 1.0", "65536.0", "a.b"] {
            let error = text.parse::<ObjectVersion>().unwrap_err();
            assert_eq!(error.to_string(), format!("expected an object version major.minor, got {text:?}"));
        }
    }
}
