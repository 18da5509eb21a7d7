use lwm2m_codec::Value;

/// Whether `value` lies in the range a definition declares.
///
/// The registry's column is free text. Only the clear form `a..b` with two numbers is enforced: for numbers on
/// the value, for strings and opaque values on the length in bytes. Anything else allows every value.
pub(super) fn allows(range: &str, value: &Value) -> bool {
    let Some((low, high)) = range.trim().split_once("..") else { return true };
    match value {
        Value::Float(value) => match (low.trim().parse::<f64>(), high.trim().parse::<f64>()) {
            (Ok(low), Ok(high)) => (low..=high).contains(value),
            _ => true,
        },
        Value::Integer(value) | Value::Time(value) => integers(low, high, i128::from(*value)),
        Value::Unsigned(value) => integers(low, high, i128::from(*value)),
        Value::String(text) | Value::CoreLink(text) => length(low, high, text.len()),
        Value::Opaque(bytes) => length(low, high, bytes.len()),
        Value::Boolean(_) | Value::ObjectLink(_) | Value::Raw(_) => true,
    }
}

fn integers(low: &str, high: &str, value: i128) -> bool {
    match (low.trim().parse::<i128>(), high.trim().parse::<i128>()) {
        (Ok(low), Ok(high)) => (low..=high).contains(&value),
        _ => true,
    }
}

fn length(low: &str, high: &str, length: usize) -> bool {
    i128::try_from(length).is_ok_and(|length| integers(low, high, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_with_the_declared_bounds() {
        assert!(allows("0..100", &Value::Integer(100)));
        assert!(!allows("0..100", &Value::Integer(101)));
        assert!(!allows("0..100", &Value::Integer(-1)));
        assert!(allows("-1..1", &Value::Float(-0.5)));
        assert!(!allows("-1..1", &Value::Float(1.01)));
        assert!(!allows("-1..1", &Value::Float(f64::NAN)));
        assert!(allows("0..18446744073709551615", &Value::Unsigned(u64::MAX)));
    }

    #[test]
    fn strings_are_compared_by_length() {
        assert!(allows("0..3", &Value::String("abc".into())));
        assert!(!allows("0..3", &Value::String("abcd".into())));
        assert!(!allows("1..4", &Value::opaque([])));
    }

    #[test]
    fn free_text_restricts_nothing() {
        for range in ["", "16,32,48", "8-Bits", "0..255 bytes", "1...15"] {
            assert!(allows(range, &Value::Integer(1_000_000)), "{range}");
        }
    }
}
