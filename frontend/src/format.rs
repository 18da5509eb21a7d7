//! Numbers, ages and values as people read them.

use lwm2m_codec::{AnnotationKind, Value};

use crate::time::Civil;

/// Bytes of an opaque value that a row shows before it is cut.
const ROW_BYTES: usize = 12;

/// `3 s`, `41 m`, `3 h`, `2 d`: one unit, rounded down.
pub(crate) fn span(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} m", s / 60),
        3600..172_800 => format!("{} h", s / 3600),
        _ => format!("{} d", s / 86_400),
    }
}

/// How long ago: `now`, `3 s`, …
pub(crate) fn age(at_ms: u64, now_ms: u64) -> String {
    let ms = now_ms.saturating_sub(at_ms);
    if ms < 1000 { "now".into() } else { span(ms) }
}

/// Two units for things that are watched running down: `1 h 19 m`, `4 m 20 s`.
pub(crate) fn span_precise(ms: u64) -> String {
    let s = ms / 1000;
    let (large, small) = match s {
        0..60 => return format!("{s} s"),
        60..3600 => ((s / 60, "m"), (s % 60, "s")),
        3600..86_400 => ((s / 3600, "h"), (s / 60 % 60, "m")),
        _ => ((s / 86_400, "d"), (s / 3600 % 24, "h")),
    };
    if small.0 == 0 {
        format!("{} {}", large.0, large.1)
    } else {
        format!("{} {} {} {}", large.0, large.1, small.0, small.1)
    }
}

/// `12,480`
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `42 MB`
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", count(bytes / 1_000_000))
}

/// `512 B`, `1.5 kB`, `42.0 MB`: a number of bytes at a glance.
pub(crate) fn bytes(bytes: f64) -> String {
    match bytes {
        _ if bytes < 1e3 => format!("{bytes:.0} B"),
        _ if bytes < 1e6 => format!("{:.1} kB", bytes / 1e3),
        _ if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

/// `1 byte`, `2 bytes`
pub(crate) fn plural(number: usize, word: &str) -> String {
    format!("{} {word}{}", count(number as u64), if number == 1 { "" } else { "s" })
}

/// A float without the digits that only come from widening a 32-bit float.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    let magnitude = value.abs();
    let exponent = magnitude != 0.0 && !(1e-6..1e15).contains(&magnitude);
    let single = value as f32;
    let widened = f64::from(single) == value;
    match (widened, exponent) {
        (true, false) => single.to_string(),
        (true, true) => format!("{single:e}"),
        (false, false) => value.to_string(),
        (false, true) => format!("{value:e}"),
    }
}

/// `0a 0b 0c`
pub(crate) fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// SenML unit names as people write them (RFC 8428 §12.1 and the registry).
pub(crate) fn unit(name: &str) -> &str {
    match name {
        "Cel" | "C" => "°C",
        "/100" | "%RH" | "%EL" => "%",
        "deg" => "°",
        "ug/m3" => "µg/m³",
        "m3" => "m³",
        "m3/s" => "m³/s",
        "m2" => "m²",
        other => other,
    }
}

/// A value on one line, without its unit.
pub(crate) fn value(value: &Value, east_min: i32) -> String {
    match value {
        Value::String(text) | Value::CoreLink(text) => text.replace(['\r', '\n'], "␊"),
        Value::Integer(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Boolean(flag) => flag.to_string(),
        Value::Time(epoch_s) => Civil::from_epoch(*epoch_s, east_min).date_time(),
        Value::ObjectLink(link) => link.to_string(),
        Value::Opaque(bytes) => octets(bytes),
        Value::Raw(bytes) => raw(bytes),
    }
}

/// The first bytes in hexadecimal, and how many there are.
pub(crate) fn octets(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "empty".into();
    }
    let shown = hex(bytes.get(..ROW_BYTES).unwrap_or(bytes));
    if bytes.len() > ROW_BYTES { format!("{shown} … {} B", bytes.len()) } else { shown }
}

/// Bytes that nobody has a definition for: hex, and what they could be.
fn raw(bytes: &[u8]) -> String {
    match guess(bytes) {
        Some(text) => format!("{} “{text}”", octets(bytes)),
        None => octets(bytes),
    }
}

/// The bytes as text, when they look like text.
pub(crate) fn guess(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

/// The number behind a value that can be drawn.
pub(crate) fn numeric(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Unsigned(number) => Some(*number as f64),
        Value::Float(number) => number.is_finite().then_some(*number),
        Value::Boolean(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

/// The style class of bytes with that meaning: one colour for each, wherever bytes are shown.
pub(crate) fn annotation_class(kind: AnnotationKind) -> &'static str {
    match kind {
        AnnotationKind::ObjectInstance => "k-instance",
        AnnotationKind::MultipleResource | AnnotationKind::Resource => "k-resource",
        AnnotationKind::ResourceInstance => "k-resource-instance",
        AnnotationKind::Value => "k-value",
        AnnotationKind::Name | AnnotationKind::Link => "k-name",
        AnnotationKind::Time => "k-time",
        AnnotationKind::Structure => "k-structure",
        AnnotationKind::Payload => "k-payload",
        AnnotationKind::Error => "k-error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_ages() {
        assert_eq!(age(5000, 5900), "now");
        assert_eq!(age(5000, 4000), "now", "a clock that is behind");
        assert_eq!(span(59_999), "59 s");
        assert_eq!(span(3_600_000), "1 h");
        assert_eq!(span(200_000_000), "2 d");
        assert_eq!(span_precise(4_740_000), "1 h 19 m");
        assert_eq!(span_precise(260_000), "4 m 20 s");
        assert_eq!(span_precise(86_400_000), "1 d");
    }

    #[test]
    fn numbers() {
        assert_eq!(count(0), "0");
        assert_eq!(count(146_201), "146,201");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(float(f64::from(21.4_f32)), "21.4");
        assert_eq!(float(21.4), "21.4");
        assert_eq!(float(0.0), "0");
        assert_eq!(float(-1e20), "-1e20");
        assert_eq!(float(f64::NEG_INFINITY), "−∞");
        assert_eq!(plural(1, "byte"), "1 byte");
        assert_eq!(plural(1200, "byte"), "1,200 bytes");
    }

    #[test]
    fn values() {
        assert_eq!(value(&Value::opaque([0x0a, 0xff]), 0), "0a ff");
        assert_eq!(value(&Value::opaque([]), 0), "empty");
        assert_eq!(value(&Value::opaque([0; 20]), 0), format!("{} … 20 B", hex(&[0; 12])));
        assert_eq!(value(&Value::Raw(b"hi"[..].into()), 0), "68 69 “hi”");
        assert_eq!(value(&Value::Raw([0].into()), 0), "00");
        assert_eq!(value(&Value::Time(0), 60), "1970-01-01 01:00:00");
        assert_eq!(value(&Value::String("a\nb".into()), 0), "a␊b");
        assert_eq!(unit("Cel"), "°C");
        assert_eq!(numeric(&Value::Boolean(true)), Some(1.0));
        assert_eq!(numeric(&Value::Float(f64::NAN)), None);
    }
}
