use std::fmt;

use lwm2m_codec::{Value, ValueType};

/// The values a definition allows, where its RangeEnumeration says so clearly.
///
/// That column is free text. Two numbers, `0..100` or `0-100`, limit a number, or the length in bytes of a string
/// or opaque value, and may then be followed by `bytes`. Everything else (`16,32,48`, `8 bit`, `ON;OFF`) is for
/// people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    Integers {
        low: i128,
        high: i128,
    },
    Decimals {
        low: f64,
        high: f64,
    },
    /// In bytes.
    Length {
        low: u64,
        high: u64,
    },
}

impl Range {
    /// The limits that `text` sets for values of a type; none when it sets no clear ones.
    #[must_use]
    pub fn parse(text: &str, value_type: ValueType) -> Option<Self> {
        let (bounds, in_bytes) = without_bytes(text.trim());
        let (low, high) = split(bounds)?;
        match value_type {
            ValueType::String | ValueType::CoreLink | ValueType::Opaque => {
                let (low, high) = (low.parse().ok()?, high.parse().ok()?);
                (low <= high).then_some(Self::Length { low, high })
            }
            ValueType::Boolean | ValueType::ObjectLink => None,
            // A length says nothing about a number.
            _ if in_bytes => None,
            ValueType::Integer | ValueType::Unsigned | ValueType::Time | ValueType::Float => {
                if let (Ok(low), Ok(high)) = (low.parse(), high.parse()) {
                    return (low <= high).then_some(Self::Integers { low, high });
                }
                let (low, high) = (low.parse().ok()?, high.parse().ok()?);
                (low <= high).then_some(Self::Decimals { low, high })
            }
        }
    }

    /// Whether a value lies inside. Values of a type the range says nothing about do.
    #[must_use]
    pub fn allows(&self, value: &Value) -> bool {
        match value {
            Value::Integer(number) | Value::Time(number) => self.allows_integer(i128::from(*number)),
            Value::Unsigned(number) => self.allows_integer(i128::from(*number)),
            Value::Float(number) => self.allows_decimal(*number),
            Value::String(text) | Value::CoreLink(text) => self.allows_length(text.len()),
            Value::Opaque(bytes) => self.allows_length(bytes.len()),
            Value::Boolean(_) | Value::ObjectLink(_) | Value::Raw(_) => true,
        }
    }

    fn allows_integer(&self, number: i128) -> bool {
        match *self {
            Self::Integers { low, high } => (low..=high).contains(&number),
            Self::Decimals { low, high } => (low..=high).contains(&(number as f64)),
            Self::Length { .. } => true,
        }
    }

    fn allows_decimal(&self, number: f64) -> bool {
        match *self {
            Self::Integers { low, high } => (low as f64..=high as f64).contains(&number),
            Self::Decimals { low, high } => (low..=high).contains(&number),
            Self::Length { .. } => true,
        }
    }

    fn allows_length(&self, length: usize) -> bool {
        match *self {
            Self::Length { low, high } => {
                u64::try_from(length).is_ok_and(|length| (low..=high).contains(&length))
            }
            Self::Integers { .. } | Self::Decimals { .. } => true,
        }
    }
}

/// `0 to 100`, `0 to 255 bytes`
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integers { low, high } => write!(f, "{low} to {high}"),
            Self::Decimals { low, high } => write!(f, "{low} to {high}"),
            Self::Length { low, high } => write!(f, "{low} to {high} bytes"),
        }
    }
}

/// The text before the word `bytes`, and whether the word was there.
fn without_bytes(text: &str) -> (&str, bool) {
    const WORD: &str = "bytes";
    let split = text.len().checked_sub(WORD.len()).and_then(|at| text.split_at_checked(at));
    match split {
        Some((before, word)) if word.eq_ignore_ascii_case(WORD) => (before.trim_end(), true),
        _ => (text, false),
    }
}

/// The two numbers of `low..high` or `low-high`. With a dash they cannot be negative: `-5-10` is not clear.
fn split(text: &str) -> Option<(&str, &str)> {
    let (low, high) = match text.split_once("..") {
        Some((low, high)) => (low.trim(), high.trim()),
        None => {
            let (low, high) = text.split_once('-')?;
            (low.trim(), high.trim())
        }
    };
    (is_number(low) && is_number(high)).then_some((low, high))
}

/// Digits with at most a sign before and a fraction behind them.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(range: &str, value: &Value) -> bool {
        let value_type = value.value_type().unwrap();
        Range::parse(range, value_type).is_none_or(|range| range.allows(value))
    }

    #[test]
    fn numbers_are_compared_with_the_bounds() {
        assert!(allows("0..100", &Value::Integer(100)));
        assert!(!allows("0..100", &Value::Integer(101)));
        assert!(!allows("0-100", &Value::Time(-1)));
        assert!(allows("-1..1", &Value::Float(-0.5)));
        assert!(!allows("-1..1", &Value::Float(1.01)));
        assert!(!allows("-1..1", &Value::Float(f64::NAN)));
        assert!(!allows("0.0..86400.0", &Value::Integer(86_401)));
        assert!(allows("0..18446744073709551615", &Value::Unsigned(u64::MAX)));
        assert!(!allows("0..18446744073709551614", &Value::Unsigned(u64::MAX)));
    }

    #[test]
    fn texts_and_bytes_are_compared_by_their_length_in_bytes() {
        assert!(allows("0..3", &Value::String("äa".into())));
        assert!(!allows("0..3", &Value::String("ää".into())));
        assert!(!allows("1..64 Bytes", &Value::opaque([])));
        assert!(!allows("0-1 bytes", &Value::CoreLink("</>".into())));
        // A length is a whole number and not negative.
        assert_eq!(Range::parse("-1..1", ValueType::String), None);
        assert_eq!(Range::parse("0.0..1.0", ValueType::Opaque), None);
    }

    #[test]
    fn what_is_not_clear_restricts_nothing() {
        for text in [
            "",
            "16,32,48",
            "8-Bits",
            "1...15",
            "-30..-120",
            "16-32-48",
            "..",
            "0..",
            "-5-10",
            "0..1, 9",
            "é",
        ] {
            assert_eq!(Range::parse(text, ValueType::Integer), None, "{text}");
        }
        assert_eq!(Range::parse("0..255 bytes", ValueType::Integer), None);
        assert_eq!(Range::parse("0..1", ValueType::Boolean), None);
        let length = Range::Length { low: 0, high: 1 };
        assert!(length.allows(&Value::Integer(5)) && length.allows(&Value::Raw([0; 5].into())));
    }

    #[test]
    fn shown_for_people() {
        let shown = |text, value_type| Range::parse(text, value_type).unwrap().to_string();
        assert_eq!(shown("0-7", ValueType::Integer), "0 to 7");
        assert_eq!(shown("-1.50..1", ValueType::Float), "-1.5 to 1");
        assert_eq!(shown("0..255", ValueType::String), "0 to 255 bytes");
    }
}
