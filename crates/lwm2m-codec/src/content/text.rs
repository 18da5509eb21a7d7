//! text/plain: one value as text, and the text form of values in general (LwM2M Core, Appendix C).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::base64::Base64;
use super::collector::Collector;
use super::record::Record;
use super::{executable, not_readable, single};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass, quoted};
use crate::limits::{FLOAT_TEXT_MAX, INTEGER_TEXT_MAX};
use crate::lookup::ResourceShape;
use crate::path::Path;
use crate::value::{ObjectLink, Value, ValueType};

pub(super) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let value = match single::shape(ContentFormat::TEXT, collector)? {
        Some(shape) if executable(shape) => return Err(not_readable(collector.request())),
        Some(ResourceShape { value_type: Some(value_type), .. }) => {
            let path = *collector.request();
            // The value is the whole payload, so what is wrong with it begins with it.
            Value::parse(value_type, utf8(payload)?).map_err(|error| error.about(path).at(0))?
        }
        _ => Value::Raw(payload.into()),
    };
    single::take(value, payload, collector)
}

pub(super) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    match &single::record(ContentFormat::TEXT, path, records)?.value {
        Value::Float(number) if !number.is_finite() => Err(EncodeError::NotFinite { path: *path }),
        Value::Raw(bytes) => Ok(bytes.to_vec()),
        value => Ok(value.to_text().into_bytes()),
    }
}

/// Reads bytes as UTF-8; the error points at the first byte that is wrong.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    core::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let found = match bytes.get(offset) {
            Some(byte) => format!("0x{byte:02x}"),
            None => "the end".to_owned(),
        };
        DecodeError::new(ErrorClass::BadUtf8, "UTF-8", found).at(offset)
    })
}

impl Value {
    /// Reads the text form of a value: numbers in decimal, booleans `0` or `1`, time in seconds since 1970,
    /// opaque in padded Base64, links as `66:0`.
    ///
    /// # Errors
    /// When the text is not of that form or the number does not fit.
    pub fn parse(value_type: ValueType, text: &str) -> Result<Self, DecodeError> {
        match value_type {
            ValueType::String => Ok(Self::String(Box::from(text))),
            ValueType::CoreLink => Ok(Self::CoreLink(Box::from(text))),
            ValueType::Integer => integer(text).map(Self::Integer),
            ValueType::Time => integer(text).map(Self::Time),
            ValueType::Unsigned => unsigned(text).map(Self::Unsigned),
            ValueType::Float => float(text).map(Self::Float),
            ValueType::Boolean => boolean(text).map(Self::Boolean),
            ValueType::Opaque => Base64::Standard.decode(text).map(Self::Opaque),
            ValueType::ObjectLink => object_link(text).map(Self::ObjectLink),
        }
    }

    /// The text form, which [`Value::parse`] reads back. Raw bytes are given in Base64 like opaque ones.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Boolean(truth) => String::from(if *truth { "1" } else { "0" }),
            Self::Opaque(bytes) | Self::Raw(bytes) => Base64::Standard.encode(bytes),
            // Floats are shown without an exponent, which is also the only form of the standard's text.
            other => other.to_string(),
        }
    }
}

pub(super) const INTEGER_RANGE: &str = "an integer from -9223372036854775808 to 9223372036854775807";
pub(super) const UNSIGNED_RANGE: &str = "an integer from 0 to 18446744073709551615";
pub(super) const FLOAT_RANGE: &str = "a number that fits a double precision float";

/// Splits an optional sign from an otherwise decimal number; none when it is anything else.
fn signed_digits(text: &str) -> Option<(bool, &str)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    is_digits(digits).then_some((negative, digits))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn out_of_range(expected: &'static str, text: &str) -> DecodeError {
    DecodeError::new(ErrorClass::ValueOutOfRange, expected, quoted(text))
}

fn bad_integer(text: &str) -> DecodeError {
    DecodeError::new(ErrorClass::BadInteger, "a decimal integer", quoted(text))
}

fn integer(text: &str) -> Result<i64, DecodeError> {
    signed_digits(text).ok_or_else(|| bad_integer(text))?;
    if text.len() > INTEGER_TEXT_MAX {
        return Err(out_of_range(INTEGER_RANGE, text));
    }
    text.parse().map_err(|_| out_of_range(INTEGER_RANGE, text))
}

fn unsigned(text: &str) -> Result<u64, DecodeError> {
    let (negative, digits) = signed_digits(text).ok_or_else(|| bad_integer(text))?;
    if text.len() > INTEGER_TEXT_MAX {
        return Err(out_of_range(UNSIGNED_RANGE, text));
    }
    match digits.parse() {
        Ok(number) if !negative || number == 0 => Ok(number),
        _ => Err(out_of_range(UNSIGNED_RANGE, text)),
    }
}

/// `[-]digits[.digits][(e|E)[+|-]digits]`. The standard's text has no exponent; clients send it all the same.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let decimal = match unsigned.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(unsigned),
    };
    decimal && exponent.is_none_or(|digits| is_digits(digits.strip_prefix(['+', '-']).unwrap_or(digits)))
}

fn float(text: &str) -> Result<f64, DecodeError> {
    if !is_float(text) {
        return Err(DecodeError::new(ErrorClass::BadFloat, "a decimal number", quoted(text)));
    }
    finite(text)
}

/// The number nearest to a text that has the form of one.
pub(super) fn finite(text: &str) -> Result<f64, DecodeError> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && text.len() <= FLOAT_TEXT_MAX => Ok(number),
        _ => Err(out_of_range(FLOAT_RANGE, text)),
    }
}

fn boolean(text: &str) -> Result<bool, DecodeError> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(DecodeError::new(ErrorClass::BadBooleanValue, "\"0\" or \"1\" for a boolean", quoted(text))),
    }
}

pub(super) fn object_link(text: &str) -> Result<ObjectLink, DecodeError> {
    let ids = text.split_once(':').filter(|(object, instance)| is_digits(object) && is_digits(instance));
    let link = ids.and_then(|(object, instance)| {
        Some(ObjectLink { object: object.parse().ok()?, instance: instance.parse().ok()? })
    });
    link.filter(|link| is_legal_link(*link)).ok_or_else(|| {
        DecodeError::new(ErrorClass::BadObjectLink, "\"object:instance\" in decimal", quoted(text))
    })
}

/// Object 65535 exists only in the link to nothing, 65535:65535 (LwM2M Core, Appendix C).
pub(super) fn is_legal_link(link: ObjectLink) -> bool {
    link.object != u16::MAX || link == ObjectLink::NULL
}
