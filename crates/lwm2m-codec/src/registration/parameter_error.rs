use alloc::string::String;
use core::fmt;

/// Why the parameters of a Register or Update were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterError {
    /// A value that does not fit its parameter.
    Malformed {
        name: &'static str,
        expected: &'static str,
        got: String,
    },
    /// A parameter without a name.
    Unnamed {
        got: String,
    },
    Duplicate {
        name: String,
    },
    TooLong {
        max: usize,
        got: usize,
    },
    TooMany {
        max: usize,
    },
    /// A version that we do not speak; the one error that is not answered with 4.00.
    UnsupportedVersion {
        got: String,
    },
}

impl ParameterError {
    /// Whether the client speaks a version that we do not, which is answered with 4.12 Precondition Failed
    /// (LwM2M Core §6.2.1).
    #[must_use]
    pub const fn unsupported_version(&self) -> bool {
        matches!(self, Self::UnsupportedVersion { .. })
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { name, expected, got } => {
                write!(f, "parameter {name}: expected {expected}, got {got}")
            }
            Self::Unnamed { got } => write!(f, "expected a parameter name=value, got {got}"),
            Self::Duplicate { name } => write!(f, "expected parameter {name} once, got it again"),
            Self::TooLong { max, got } => write!(f, "expected a parameter of at most {max} bytes, got {got}"),
            Self::TooMany { max } => write!(f, "expected at most {max} parameters, got more"),
            Self::UnsupportedVersion { got } => {
                write!(f, "parameter lwm2m: expected version 1.0, 1.1 or 1.2, got {got}")
            }
        }
    }
}

impl core::error::Error for ParameterError {}
