//! Numbers as attributes write them.

use alloc::format;
use alloc::string::{String, ToString};

use crate::error::quoted;
use crate::limits::{ATTRIBUTE_NUMBER_MAX, FLOAT_TEXT_MAX};

pub(super) const INTEGER: &str = "an integer from 0 to 4294967295";
pub(super) const FLOAT: &str = "a finite decimal number";

pub(super) fn integer(text: &str) -> Result<u32, String> {
    // `parse` would accept a leading plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| quoted(text))
}

/// `[-]digits[.digits][(e|E)[+|-]digits]`. The grammar of the standard (LwM2M Core §5.1.2) has neither sign nor
/// exponent; a threshold below zero needs the one and clients send the other.
pub(super) fn float(text: &str) -> Result<f64, String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let decimal = match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    };
    let exponent = exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    if !decimal || !exponent || text.len() > FLOAT_TEXT_MAX {
        return Err(quoted(text));
    }
    match text.parse::<f64>() {
        // Adding zero makes a negative zero a plain one, so that no sign is written for it.
        Ok(number) if number.is_finite() => Ok(number + 0.0),
        _ => Err(quoted(text)),
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A plain decimal number, with a sign only below zero; [`float`] reads back exactly the same number.
///
/// Only what would be too long for an option is written with an exponent, since it could not be sent otherwise.
pub(super) fn float_text(number: f64) -> String {
    let plain = (number + 0.0).to_string();
    if plain.len() > ATTRIBUTE_NUMBER_MAX { format!("{number:e}") } else { plain }
}
