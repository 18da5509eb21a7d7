//! Numbers as attributes write them.

use alloc::format;
use alloc::string::{String, ToString};

use crate::error::quoted;
use crate::limits::ATTRIBUTE_NUMBER_MAX;
use crate::value::{Value, ValueType};

pub(super) const INTEGER: &str = "an integer from 0 to 4294967295";
pub(super) const FLOAT: &str = "a finite decimal number";

pub(super) fn integer(text: &str) -> Result<u32, String> {
    // `parse` would accept a leading plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| quoted(text))
}

/// A number as in text/plain. The grammar of attributes (LwM2M Core §5.1.2) has neither sign nor exponent; a
/// threshold below zero needs the one and clients send the other.
pub(super) fn float(text: &str) -> Result<f64, String> {
    match Value::parse(ValueType::Float, text) {
        // Adding zero makes a negative zero a plain one, so that no sign is written for it.
        Ok(Value::Float(number)) => Ok(number + 0.0),
        _ => Err(quoted(text)),
    }
}

/// A plain decimal number, with a sign only below zero; [`float`] reads back exactly the same number.
///
/// Only what would be too long for an option is written with an exponent, since it could not be sent otherwise.
pub(super) fn float_text(number: f64) -> String {
    let plain = (number + 0.0).to_string();
    if plain.len() > ATTRIBUTE_NUMBER_MAX { format!("{number:e}") } else { plain }
}
