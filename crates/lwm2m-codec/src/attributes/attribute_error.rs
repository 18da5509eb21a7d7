use alloc::string::String;
use core::fmt;

use super::attribute::Attribute;

/// Why an attribute could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributeError {
    /// A value that is no value of this attribute.
    Malformed {
        attribute: Attribute,
        expected: &'static str,
        got: String,
    },
    /// A name the standard does not have.
    Unknown {
        got: String,
    },
    Duplicate {
        attribute: Attribute,
    },
    /// An attribute that tells about a node and cannot be written.
    ReadOnly {
        attribute: Attribute,
    },
    /// A name without a value where only values make sense.
    NoValue {
        attribute: Attribute,
        expected: &'static str,
    },
}

impl fmt::Display for AttributeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { attribute, expected, got } => {
                write!(f, "attribute {attribute}: expected {expected}, got {got}")
            }
            Self::Unknown { got } => {
                f.write_str(
                    "expected an attribute (pmin, pmax, gt, lt, st, epmin, epmax, edge, con, hqmax), got ",
                )?;
                f.write_str(got)
            }
            Self::Duplicate { attribute } => write!(f, "expected attribute {attribute} once, got it again"),
            Self::ReadOnly { attribute } => {
                write!(
                    f,
                    "expected an attribute that can be written, got {attribute}, which only tells about the node"
                )
            }
            Self::NoValue { attribute, expected } => {
                write!(f, "attribute {attribute}: expected {expected}, got no value")
            }
        }
    }
}

impl core::error::Error for AttributeError {}
