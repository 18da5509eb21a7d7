use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::error::quoted;

/// The data types of LwM2M resources (LwM2M Core, Appendix C).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    String,
    Integer,
    Unsigned,
    Float,
    Boolean,
    Opaque,
    Time,
    ObjectLink,
    CoreLink,
}

impl ValueType {
    pub const ALL: [Self; 9] = [
        Self::String,
        Self::Integer,
        Self::Unsigned,
        Self::Float,
        Self::Boolean,
        Self::Opaque,
        Self::Time,
        Self::ObjectLink,
        Self::CoreLink,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Unsigned => "unsigned",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Opaque => "opaque",
            Self::Time => "time",
            Self::ObjectLink => "objlnk",
            Self::CoreLink => "corelnk",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`ValueType`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValueType {
    pub got: String,
}

impl fmt::Display for UnknownValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of ")?;
        for (position, value_type) in ValueType::ALL.iter().enumerate() {
            write!(f, "{}{value_type}", if position == 0 { "" } else { ", " })?;
        }
        write!(f, "; got {}", self.got)
    }
}

impl core::error::Error for UnknownValueType {}

impl FromStr for ValueType {
    type Err = UnknownValueType;

    fn from_str(text: &str) -> Result<Self, UnknownValueType> {
        let found = Self::ALL.into_iter().find(|value_type| value_type.name() == text);
        found.ok_or_else(|| UnknownValueType { got: quoted(text) })
    }
}

/// A link to an object instance, `66:0`. Instance 65535 means the object itself, 65535:65535 means no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectLink {
    pub object: u16,
    pub instance: u16,
}

impl ObjectLink {
    /// The link to nothing.
    pub const NULL: Self = Self { object: u16::MAX, instance: u16::MAX };
}

impl fmt::Display for ObjectLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.object, self.instance)
    }
}

/// The value of one resource or resource instance.
///
/// Texts and bytes are boxed, so that a value takes no more than 24 bytes: a payload may hold tens of thousands.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    String(Box<str>),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
    Opaque(Box<[u8]>),
    /// Seconds since 1970-01-01 UTC; negative before it.
    Time(i64),
    ObjectLink(ObjectLink),
    /// A text in CoRE link format.
    CoreLink(Box<str>),
    /// The bytes of a resource nobody has a definition for.
    Raw(Box<[u8]>),
}

impl Value {
    /// A [`Value::String`].
    #[must_use]
    pub fn string(text: impl Into<Box<str>>) -> Self {
        Self::String(text.into())
    }

    /// A [`Value::Opaque`].
    #[must_use]
    pub fn opaque(bytes: impl Into<Box<[u8]>>) -> Self {
        Self::Opaque(bytes.into())
    }

    /// The type; none for [`Value::Raw`].
    #[must_use]
    pub const fn value_type(&self) -> Option<ValueType> {
        match self {
            Self::String(_) => Some(ValueType::String),
            Self::Integer(_) => Some(ValueType::Integer),
            Self::Unsigned(_) => Some(ValueType::Unsigned),
            Self::Float(_) => Some(ValueType::Float),
            Self::Boolean(_) => Some(ValueType::Boolean),
            Self::Opaque(_) => Some(ValueType::Opaque),
            Self::Time(_) => Some(ValueType::Time),
            Self::ObjectLink(_) => Some(ValueType::ObjectLink),
            Self::CoreLink(_) => Some(ValueType::CoreLink),
            Self::Raw(_) => None,
        }
    }

    /// The name of the type, `raw` included.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.value_type() {
            Some(value_type) => value_type.name(),
            None => "raw",
        }
    }
}

/// For people: bytes in hexadecimal, booleans as words, the rest as in text/plain.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) | Self::CoreLink(text) => f.write_str(text),
            Self::Integer(number) | Self::Time(number) => write!(f, "{number}"),
            Self::Unsigned(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::ObjectLink(link) => write!(f, "{link}"),
            Self::Opaque(bytes) | Self::Raw(bytes) => {
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn type_names_and_back() {
        for value_type in ValueType::ALL {
            assert_eq!(value_type.name().parse(), Ok(value_type));
        }
        let error = "none".parse::<ValueType>().unwrap_err();
        assert!(error.to_string().ends_with("objlnk, corelnk; got \"none\""), "{error}");
    }

    #[test]
    fn shown_for_people() {
        assert_eq!(Value::Raw(Box::from([0x0A, 0xFF])).to_string(), "0aff");
        assert_eq!(Value::Boolean(true).to_string(), "true");
        assert_eq!(Value::ObjectLink(ObjectLink { object: 66, instance: 0 }).to_string(), "66:0");
        assert_eq!(Value::Raw(Box::default()).type_name(), "raw");
    }
}
