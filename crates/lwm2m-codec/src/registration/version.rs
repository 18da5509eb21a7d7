use core::fmt;
use core::str::FromStr;

/// A version of the LwM2M enabler that we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LwM2mVersion {
    /// Also what a client means that does not say.
    #[default]
    V1_0,
    V1_1,
    V1_2,
}

impl fmt::Display for LwM2mVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        })
    }
}

/// Why a text is no version that we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionError {
    /// Not of the form `major.minor`: 4.00.
    Malformed,
    /// A version that we do not speak: 4.12 (LwM2M Core §6.2.1).
    Unsupported,
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "expected a version of the form major.minor",
            Self::Unsupported => "expected version 1.0, 1.1 or 1.2",
        })
    }
}

impl core::error::Error for VersionError {}

/// `1.0`, `1.1`, `1.2`, each also with a patch number (`1.0.2`), which makes no difference on the wire.
impl FromStr for LwM2mVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.split('.');
        let (Some(major), Some(minor), patch, None) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        else {
            return Err(VersionError::Malformed);
        };
        if ![major, minor].into_iter().chain(patch).all(is_number) {
            return Err(VersionError::Malformed);
        }
        match (major, minor) {
            ("1", "0") => Ok(Self::V1_0),
            ("1", "1") => Ok(Self::V1_1),
            ("1", "2") => Ok(Self::V1_2),
            _ => Err(VersionError::Unsupported),
        }
    }
}

/// A number of a version: decimal, no leading zeros.
pub(crate) fn is_number(text: &str) -> bool {
    let decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    decimal && (text.len() == 1 || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_unsupported_and_malformed_are_told_apart() {
        let cases = [
            ("1.0", LwM2mVersion::V1_0),
            ("1.0.2", LwM2mVersion::V1_0),
            ("1.1.1", LwM2mVersion::V1_1),
            ("1.2", LwM2mVersion::V1_2),
        ];
        for (text, version) in cases {
            assert_eq!(text.parse(), Ok(version));
        }
        for text in ["1.3", "2.0", "0.9", "1.10", "1.3.1", "99999999999999999999.0"] {
            assert_eq!(text.parse::<LwM2mVersion>(), Err(VersionError::Unsupported), "{text}");
        }
        for text in ["", "1", "1.", ".1", "a.b", "1.0.2.3", "-1.0", "1.x", "01.0", "1.00", " 1.0", "1.0."] {
            assert_eq!(text.parse::<LwM2mVersion>(), Err(VersionError::Malformed), "{text}");
        }
    }
}
