use lwm2m_codec::Value;
use lwm2m_model::Range;

use crate::format;

/// Why the device may refuse the value. Only a remark: devices are tested with such values too.
pub(super) fn remark(range: Range, value: &Value) -> Option<String> {
    if range.allows(value) {
        return None;
    }
    let got = match value {
        Value::String(text) | Value::CoreLink(text) => text.len().to_string(),
        Value::Opaque(bytes) => bytes.len().to_string(),
        Value::Float(number) => format::float(*number),
        other => other.to_string(),
    };
    Some(format!("The definition says {range}, this is {got}. The device may refuse it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_value_and_texts_by_length() {
        let range = Range::Integers { low: 0, high: 3 };
        assert_eq!(remark(range, &Value::Integer(3)), None);
        assert!(remark(range, &Value::Integer(4)).unwrap().contains("0 to 3, this is 4"));
        assert!(remark(range, &Value::Float(-0.5)).is_some());
        assert!(
            remark(Range::Decimals { low: -1.5, high: 1.0 }, &Value::Float(1.1))
                .unwrap()
                .contains("-1.5 to 1")
        );
        let length = Range::Length { low: 0, high: 3 };
        assert_eq!(remark(length, &Value::String("äa".into())), None);
        assert!(remark(length, &Value::String("ää".into())).unwrap().contains("0 to 3 bytes, this is 4"));
        assert!(remark(length, &Value::opaque([0; 4])).is_some());
        assert_eq!(remark(length, &Value::Boolean(true)), None);
    }
}
