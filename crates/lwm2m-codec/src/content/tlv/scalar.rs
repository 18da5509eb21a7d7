//! Values inside TLV: big endian, the shortest form on output, any legal width on input.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use crate::content::text::{is_legal_link, utf8};
use crate::error::{DecodeError, ErrorClass};
use crate::value::{ObjectLink, Value, ValueType};

/// Reads a value; `offset` is its place in the payload. Without a type the bytes stay raw.
pub(super) fn decode(
    value_type: Option<ValueType>,
    bytes: &[u8],
    offset: usize,
) -> Result<Value, DecodeError> {
    let Some(value_type) = value_type else { return Ok(Value::Raw(bytes.into())) };
    let value = match value_type {
        ValueType::String => string(bytes).map(Value::String),
        ValueType::CoreLink => string(bytes).map(Value::CoreLink),
        ValueType::Integer => integer(bytes).map(Value::Integer),
        ValueType::Time => integer(bytes).map(Value::Time),
        ValueType::Unsigned => unsigned(bytes).map(Value::Unsigned),
        ValueType::Float => float(bytes).map(Value::Float),
        ValueType::Boolean => boolean(bytes).map(Value::Boolean),
        ValueType::Opaque => Ok(Value::Opaque(bytes.into())),
        ValueType::ObjectLink => object_link(bytes).map(Value::ObjectLink),
    };
    value.map_err(|error| error.shifted(offset))
}

pub(super) fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) | Value::CoreLink(text) => text.as_bytes().to_vec(),
        Value::Integer(number) | Value::Time(number) => shortest_integer(*number),
        Value::Unsigned(number) => shortest_unsigned(*number),
        Value::Float(number) => shortest_float(*number),
        Value::Boolean(truth) => Vec::from([u8::from(*truth)]),
        Value::Opaque(bytes) | Value::Raw(bytes) => bytes.to_vec(),
        Value::ObjectLink(link) => {
            let object = link.object.to_be_bytes();
            [object, link.instance.to_be_bytes()].concat()
        }
    }
}

fn string(bytes: &[u8]) -> Result<Box<str>, DecodeError> {
    utf8(bytes).map(Box::from)
}

fn wrong_length(class: ErrorClass, expected: &'static str, got: usize) -> DecodeError {
    DecodeError::new(class, expected, format!("{got}"))
}

fn integer(bytes: &[u8]) -> Result<i64, DecodeError> {
    match *bytes {
        [a] => Ok(i64::from(i8::from_be_bytes([a]))),
        [a, b] => Ok(i64::from(i16::from_be_bytes([a, b]))),
        [a, b, c, d] => Ok(i64::from(i32::from_be_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Ok(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
        _ => Err(wrong_length(ErrorClass::BadIntegerLength, "an integer of 1, 2, 4 or 8 bytes", bytes.len())),
    }
}

fn unsigned(bytes: &[u8]) -> Result<u64, DecodeError> {
    if !matches!(bytes.len(), 1 | 2 | 4 | 8) {
        let expected = "an unsigned integer of 1, 2, 4 or 8 bytes";
        return Err(wrong_length(ErrorClass::BadIntegerLength, expected, bytes.len()));
    }
    Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn float(bytes: &[u8]) -> Result<f64, DecodeError> {
    match *bytes {
        [a, b, c, d] => Ok(f64::from(f32::from_be_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Ok(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
        _ => Err(wrong_length(ErrorClass::BadFloatLength, "a float of 4 or 8 bytes", bytes.len())),
    }
}

fn boolean(bytes: &[u8]) -> Result<bool, DecodeError> {
    match bytes {
        [0] => Ok(false),
        [1] => Ok(true),
        [other] => {
            Err(DecodeError::new(ErrorClass::BadBooleanValue, "a boolean of 0 or 1", format!("{other}")))
        }
        _ => Err(wrong_length(ErrorClass::BadBooleanLength, "a boolean of 1 byte", bytes.len())),
    }
}

fn object_link(bytes: &[u8]) -> Result<ObjectLink, DecodeError> {
    let [a, b, c, d] = *bytes else {
        return Err(wrong_length(ErrorClass::BadObjectLinkLength, "an object link of 4 bytes", bytes.len()));
    };
    let link = ObjectLink { object: u16::from_be_bytes([a, b]), instance: u16::from_be_bytes([c, d]) };
    if !is_legal_link(link) {
        let expected = "object 65535 only in the link 65535:65535";
        return Err(DecodeError::new(ErrorClass::BadObjectLink, expected, format!("{link}")));
    }
    Ok(link)
}

fn shortest_integer(number: i64) -> Vec<u8> {
    if let Ok(number) = i8::try_from(number) {
        number.to_be_bytes().to_vec()
    } else if let Ok(number) = i16::try_from(number) {
        number.to_be_bytes().to_vec()
    } else if let Ok(number) = i32::try_from(number) {
        number.to_be_bytes().to_vec()
    } else {
        number.to_be_bytes().to_vec()
    }
}

fn shortest_unsigned(number: u64) -> Vec<u8> {
    if let Ok(number) = u8::try_from(number) {
        number.to_be_bytes().to_vec()
    } else if let Ok(number) = u16::try_from(number) {
        number.to_be_bytes().to_vec()
    } else if let Ok(number) = u32::try_from(number) {
        number.to_be_bytes().to_vec()
    } else {
        number.to_be_bytes().to_vec()
    }
}

/// Four bytes when nothing is lost, compared by bits so that -0.0 and NaN stay what they are.
fn shortest_float(number: f64) -> Vec<u8> {
    let short = number as f32;
    if f64::from(short).to_bits() == number.to_bits() {
        short.to_be_bytes().to_vec()
    } else {
        number.to_be_bytes().to_vec()
    }
}
