use lwm2m_codec::Value;

use crate::format;

/// The range of a definition where it is two numbers: `0..100`, `0..64 bytes`. Anything else is words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    low: f64,
    high: f64,
}

impl Range {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix("bytes").unwrap_or(text);
        let (low, high) = text.split_once("..")?;
        let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        (low <= high).then_some(Self { low, high })
    }

    /// Why the device may refuse the value. Only a remark: devices are tested with such values too.
    pub(crate) fn remark(self, value: &Value) -> Option<String> {
        let Self { low, high } = self;
        let (got, of) = match value {
            Value::String(text) | Value::CoreLink(text) => (text.len() as f64, " bytes"),
            Value::Opaque(bytes) => (bytes.len() as f64, " bytes"),
            Value::Boolean(_) => return None,
            other => (format::numeric(other)?, ""),
        };
        let outside = got < low || got > high;
        outside.then(|| {
            let (low, high, got) = (format::float(low), format::float(high), format::float(got));
            format!("The definition says {low} to {high}{of}, this is {got}. The device may refuse it.")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_the_registry() {
        assert_eq!(Range::parse("0..100"), Some(Range { low: 0.0, high: 100.0 }));
        assert_eq!(Range::parse("-1.5..1"), Some(Range { low: -1.5, high: 1.0 }));
        assert_eq!(Range::parse("0..64 bytes"), Some(Range { low: 0.0, high: 64.0 }));
        for text in ["", "255", "10,26", "0: OFF\n 1: ON", "2 Instances", "..", "5..1"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_by_value_and_texts_by_length() {
        let range = Range { low: 0.0, high: 3.0 };
        assert_eq!(range.remark(&Value::Integer(3)), None);
        assert!(range.remark(&Value::Integer(4)).unwrap().contains("0 to 3, this is 4"));
        assert!(range.remark(&Value::Float(-0.5)).is_some());
        assert_eq!(range.remark(&Value::String("äa".into())), None);
        assert!(range.remark(&Value::String("ää".into())).unwrap().contains("4"));
        assert!(range.remark(&Value::Opaque(vec![0; 4])).is_some());
        assert_eq!(range.remark(&Value::Boolean(true)), None);
    }
}
