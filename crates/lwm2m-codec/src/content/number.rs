//! Numbers as JSON and CBOR carry them, and their exact conversion to the types of LwM2M.

use alloc::format;
use alloc::string::{String, ToString};

use super::text::{FLOAT_RANGE, INTEGER_RANGE, UNSIGNED_RANGE, finite};
use crate::error::{DecodeError, ErrorClass, quoted};
use crate::value::Value;

/// A number that has not been rounded to anything yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number<'a> {
    /// As JSON writes it.
    Text(&'a str),
    Integer(i128),
    Float(f64),
    /// `mantissa` × 10^`exponent` (RFC 8949 §3.4.4).
    Decimal {
        mantissa: i128,
        exponent: i64,
    },
}

/// Largest power of ten that an `i128` can hold.
const POWER_MAX: u32 = 38;

impl Number<'_> {
    pub(super) fn integer(self) -> Result<i64, DecodeError> {
        if let Self::Text(text) = self
            && let Some(number) = short_integer(text)
        {
            return Ok(number);
        }
        let exact = self.exact(INTEGER_RANGE)?;
        i64::try_from(exact).map_err(|_| self.out_of_range(INTEGER_RANGE))
    }

    pub(super) fn unsigned(self) -> Result<u64, DecodeError> {
        let exact = self.exact(UNSIGNED_RANGE)?;
        u64::try_from(exact).map_err(|_| self.out_of_range(UNSIGNED_RANGE))
    }

    pub(super) fn float(self) -> Result<f64, DecodeError> {
        match self {
            Self::Text(text) => finite(text),
            Self::Integer(number) => Ok(number as f64),
            Self::Float(number) if number.is_finite() => Ok(number),
            Self::Float(_) => Err(self.out_of_range(FLOAT_RANGE)),
            Self::Decimal { mantissa, exponent } => finite(&format!("{mantissa}e{exponent}")),
        }
    }

    /// What the number is when nobody knows the type of its resource: an integer if it is written as one.
    pub(super) fn untyped(self) -> Result<Value, DecodeError> {
        let whole = match self {
            Self::Text(text) => !text.contains(['.', 'e', 'E']),
            Self::Integer(_) => true,
            Self::Float(_) | Self::Decimal { .. } => false,
        };
        if whole && let Ok(number) = self.integer() {
            return Ok(Value::Integer(number));
        }
        if whole && let Ok(number) = self.unsigned() {
            return Ok(Value::Unsigned(number));
        }
        self.float().map(Value::Float)
    }

    /// Whether it is one of the integers of CBOR, not a number that happens to be whole.
    pub(super) const fn is_integer(self) -> bool {
        matches!(self, Self::Integer(_))
    }

    /// The number as an integer, if it is whole and not too long.
    fn exact(self, range: &'static str) -> Result<i128, DecodeError> {
        let whole = match self {
            Self::Integer(number) => return Ok(number),
            Self::Float(number) => whole_float(number),
            Self::Decimal { mantissa, exponent } => scaled(mantissa, exponent),
            Self::Text(text) => decimal(text).and_then(|(mantissa, exponent)| scaled(mantissa, exponent)),
        };
        whole.map_err(|kind| match kind {
            Inexact::Fraction => self.not_integer(),
            Inexact::TooLarge => self.out_of_range(range),
        })
    }

    fn not_integer(self) -> DecodeError {
        DecodeError::new(ErrorClass::ValueNotInteger, "an integer", self.shown())
    }

    fn out_of_range(self, range: &'static str) -> DecodeError {
        DecodeError::new(ErrorClass::ValueOutOfRange, range, self.shown())
    }

    pub(super) fn shown(self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Decimal { mantissa, exponent } => format!("{mantissa}e{exponent}"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Inexact {
    Fraction,
    TooLarge,
}

/// The usual case: few digits and nothing else.
fn short_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let short = digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if short { text.parse().ok() } else { None }
}

fn whole_float(number: f64) -> Result<i128, Inexact> {
    /// Beyond every integer of LwM2M, within an `i128`.
    const BEYOND: f64 = 1e20;
    if !number.is_finite() || number.abs() > BEYOND {
        return Err(Inexact::TooLarge);
    }
    let whole = number as i128;
    if whole as f64 == number { Ok(whole) } else { Err(Inexact::Fraction) }
}

/// Mantissa and exponent of a JSON number. Zeros at both ends are dropped first, so that only numbers with many
/// digits that matter are too long.
fn decimal(text: &str) -> Result<(i128, i64), Inexact> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let negative = whole.starts_with('-');
    let digits = whole.trim_start_matches('-').bytes().chain(fraction.bytes());
    let mut significant: i128 = 0;
    // Zeros that count only when another digit follows.
    let mut pending: u32 = 0;
    let mut overflow = false;
    for digit in digits {
        let digit = i128::from(digit.wrapping_sub(b'0'));
        if digit == 0 {
            pending += u32::from(significant != 0);
            continue;
        }
        let shifted = 10_i128.checked_pow(pending + 1).and_then(|power| significant.checked_mul(power));
        match shifted.and_then(|shifted| shifted.checked_add(digit)) {
            Some(next) => significant = next,
            None => overflow = true,
        }
        pending = 0;
    }
    if significant == 0 {
        return Ok((0, 0));
    }
    let negative_exponent = exponent.starts_with('-');
    let exponent = exponent.trim_start_matches(['+', '-']).parse::<i64>().unwrap_or(i64::MAX / 2);
    let exponent = if negative_exponent { -exponent } else { exponent };
    let fraction_digits = i64::try_from(fraction.len()).unwrap_or(i64::MAX / 2);
    let exponent = exponent.saturating_sub(fraction_digits).saturating_add(i64::from(pending));
    if overflow {
        return Err(if exponent < 0 { Inexact::Fraction } else { Inexact::TooLarge });
    }
    Ok((if negative { -significant } else { significant }, exponent))
}

/// `mantissa` × 10^`exponent`, when that is an integer.
fn scaled(mut mantissa: i128, mut exponent: i64) -> Result<i128, Inexact> {
    if mantissa == 0 {
        return Ok(0);
    }
    while exponent < 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    if exponent < 0 {
        return Err(Inexact::Fraction);
    }
    let power = u32::try_from(exponent).ok().filter(|exponent| *exponent <= POWER_MAX);
    let power = power.and_then(|exponent| 10_i128.checked_pow(exponent));
    power.and_then(|power| mantissa.checked_mul(power)).ok_or(Inexact::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn class(number: Number<'_>) -> &'static str {
        number.integer().unwrap_err().class.name()
    }

    #[test]
    fn json_numbers_are_integers_when_they_are_whole() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("0.000", 0),
            ("0e999999999999999999999", 0),
            ("5.0", 5),
            ("1e3", 1_000),
            ("-1.5E1", -15),
            ("100e-2", 1),
            ("0.0010e+4", 10),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807000000000000000000000000000000000000e-36", i64::MAX),
        ] {
            assert_eq!(Number::Text(text).integer(), Ok(number), "{text}");
        }
    }

    #[test]
    fn fractions_and_large_numbers_are_told_apart() {
        for text in ["1.25", "1e-1", "-0.5", "100.0001", "1e-99999999999999999999"] {
            assert_eq!(class(Number::Text(text)), "VALUE_NOT_INTEGER", "{text}");
        }
        let long = "1234567890123456789012345678901234567890";
        for text in ["9223372036854775808", "1e19", "1e39", "1e99999999999999999999", long] {
            assert_eq!(class(Number::Text(text)), "VALUE_OUT_OF_RANGE", "{text}");
        }
        assert_eq!(class(Number::Text(&format!("{long}.5"))), "VALUE_NOT_INTEGER");
        assert_eq!(class(Number::Float(1.5)), "VALUE_NOT_INTEGER");
        assert_eq!(class(Number::Float(1e300)), "VALUE_OUT_OF_RANGE");
        assert_eq!(class(Number::Float(f64::NAN)), "VALUE_OUT_OF_RANGE");
        // The nearest double of 2^63 - 1 is 2^63.
        assert_eq!(class(Number::Float(9_223_372_036_854_775_807.0)), "VALUE_OUT_OF_RANGE");
    }

    #[test]
    fn decimal_fractions_are_rounded_once() {
        let number = Number::Decimal { mantissa: 224, exponent: -1 };
        assert_eq!(number.float(), Ok(22.4));
        let whole = Number::Decimal { mantissa: 2_240, exponent: -1 };
        assert_eq!(whole.integer(), Ok(224));
        assert_eq!(class(Number::Decimal { mantissa: 1, exponent: i64::MIN }), "VALUE_NOT_INTEGER");
        assert_eq!(class(Number::Decimal { mantissa: 1, exponent: i64::MAX }), "VALUE_OUT_OF_RANGE");
        assert!(Number::Decimal { mantissa: 1, exponent: i64::MAX }.float().is_err());
    }

    #[test]
    fn without_a_type_the_form_decides() {
        assert_eq!(Number::Text("5").untyped(), Ok(Value::Integer(5)));
        assert_eq!(Number::Text("5.0").untyped(), Ok(Value::Float(5.0)));
        assert_eq!(Number::Text("18446744073709551615").untyped(), Ok(Value::Unsigned(u64::MAX)));
        assert_eq!(
            Number::Text("18446744073709551616").untyped(),
            Ok(Value::Float(18_446_744_073_709_551_616.0))
        );
        assert_eq!(Number::Integer(-1).untyped(), Ok(Value::Integer(-1)));
    }

    proptest! {
        #[test]
        fn any_integer_in_any_clothes(number: i64, zeros in 0_usize..20) {
            let fraction = format!("{number}.{}", "0".repeat(zeros + 1));
            prop_assert_eq!(Number::Text(&fraction).integer(), Ok(number));
            let shifted = format!("{number}{}e-{zeros}", "0".repeat(zeros));
            prop_assert_eq!(Number::Text(&shifted).integer(), Ok(number));
        }
    }
}
