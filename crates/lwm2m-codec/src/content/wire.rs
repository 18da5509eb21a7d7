//! Values of the formats that say themselves what a value is: JSON, SenML and CBOR.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::base64::Base64;
use super::number::Number;
use super::text::object_link;
use crate::error::{DecodeError, ErrorClass};
use crate::value::{ObjectLink, Value, ValueType};

/// A value before it is known what type its resource has.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wire<'a> {
    Text(Cow<'a, str>),
    Number(Number<'a>),
    Boolean(bool),
    Bytes(Cow<'a, [u8]>),
    /// Bytes as Base64 for URLs.
    Base64Url(Cow<'a, str>),
    Link(Cow<'a, str>),
    /// Seconds since 1970 that are marked as a time.
    Time(i64),
    /// What no type of LwM2M looks like.
    Other(&'static str),
}

/// Where the formats differ in what stands for which type (LwM2M Core, Appendix C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Opaque is a text in Base64.
    Json,
    SenmlJson,
    SenmlCbor,
    /// An object link is a text, and an integer is never written as a float.
    Cbor,
}

impl Wire<'_> {
    /// The value for a resource of that type; without one, what the format itself says.
    pub(super) fn typed(self, value_type: Option<ValueType>, dialect: Dialect) -> Result<Value, DecodeError> {
        let Some(value_type) = value_type else { return self.untyped() };
        match (value_type, self) {
            (ValueType::String, Self::Text(text)) => Ok(Value::String(boxed(text))),
            (ValueType::CoreLink, Self::Text(text)) => Ok(Value::CoreLink(boxed(text))),
            (ValueType::Opaque, Self::Text(text)) if dialect == Dialect::Json => {
                Base64::Standard.decode(&text).map(Value::Opaque)
            }
            (ValueType::ObjectLink, Self::Text(text)) if dialect == Dialect::Cbor => {
                object_link(&text).map(Value::ObjectLink)
            }
            (ValueType::Opaque, Self::Bytes(bytes)) => Ok(Value::Opaque(bytes.into_owned().into())),
            (ValueType::Opaque, Self::Base64Url(text)) => Base64::Url.decode(&text).map(Value::Opaque),
            (ValueType::ObjectLink, Self::Link(text)) => link(&text).map(Value::ObjectLink),
            (ValueType::Boolean, Self::Boolean(truth)) => Ok(Value::Boolean(truth)),
            (ValueType::Float, Self::Number(number)) => number.float().map(Value::Float),
            (ValueType::Time, Self::Time(seconds)) => Ok(Value::Time(seconds)),
            (value_type, Self::Number(number)) if dialect != Dialect::Cbor || number.is_integer() => {
                match value_type {
                    ValueType::Integer => number.integer().map(Value::Integer),
                    ValueType::Unsigned => number.unsigned().map(Value::Unsigned),
                    ValueType::Time => number.integer().map(Value::Time),
                    _ => Err(mismatch(value_type, &Self::Number(number))),
                }
            }
            (value_type, other) => Err(mismatch(value_type, &other)),
        }
    }

    fn untyped(self) -> Result<Value, DecodeError> {
        match self {
            Self::Text(text) => Ok(Value::String(boxed(text))),
            Self::Number(number) => number.untyped(),
            Self::Boolean(truth) => Ok(Value::Boolean(truth)),
            Self::Bytes(bytes) => Ok(Value::Opaque(bytes.into_owned().into())),
            Self::Base64Url(text) => Base64::Url.decode(&text).map(Value::Opaque),
            Self::Link(text) => link(&text).map(Value::ObjectLink),
            Self::Time(seconds) => Ok(Value::Time(seconds)),
            Self::Other(found) => Err(DecodeError::new(ErrorClass::ValueTypeMismatch, "a value", found)),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(_) => String::from("a text"),
            Self::Number(number) => format!("the number {}", number.shown()),
            Self::Boolean(truth) => format!("{truth}"),
            Self::Bytes(_) | Self::Base64Url(_) => String::from("bytes"),
            Self::Link(_) => String::from("an object link"),
            Self::Time(seconds) => format!("the time {seconds}"),
            Self::Other(found) => String::from(*found),
        }
    }
}

fn boxed(text: Cow<'_, str>) -> Box<str> {
    text.into_owned().into_boxed_str()
}

fn mismatch(value_type: ValueType, wire: &Wire<'_>) -> DecodeError {
    let expected = format!("a value of type {value_type}");
    DecodeError::new(ErrorClass::ValueTypeMismatch, expected, wire.shown())
}

/// An object link in JSON or SenML. The standard's own examples write the link to nothing in hexadecimal.
fn link(text: &str) -> Result<ObjectLink, DecodeError> {
    if text.eq_ignore_ascii_case("ffff:ffff") { Ok(ObjectLink::NULL) } else { object_link(text) }
}
