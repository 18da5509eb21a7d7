use console_api::{hex_decode, hex_encode};
use lwm2m_codec::{Value, ValueType};

use crate::format;
use crate::time::Civil;

/// How bytes are typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Notation {
    #[default]
    Hex,
    Base64,
    /// Only bytes that are UTF-8.
    Text,
}

/// Minutes ahead of UTC at a time.
pub(crate) type Zone = fn(i64) -> i32;

/// The value as its input field shows it.
pub(crate) fn to_input(value: &Value, notation: Notation, zone: Zone) -> String {
    match value {
        Value::Opaque(bytes) | Value::Raw(bytes) => match notation {
            Notation::Hex => hex_encode(bytes),
            Notation::Base64 => Value::Opaque(bytes.clone()).to_text(),
            Notation::Text => String::from_utf8_lossy(bytes).into_owned(),
        },
        Value::Time(epoch_s) => Civil::from_epoch(*epoch_s, zone(*epoch_s)).to_input(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Float(number) => decimal(*number),
        other => other.to_text(),
    }
}

/// Without the digits of a widened 32-bit float, and without an exponent, which the codec does not read.
fn decimal(number: f64) -> String {
    let short = format::float(number);
    if short.parse::<f64>().is_ok() && !short.contains('e') { short } else { Value::Float(number).to_text() }
}

/// Reads an input field. The error is for the line below it.
pub(crate) fn from_input(
    value_type: ValueType,
    text: &str,
    notation: Notation,
    zone: Zone,
) -> Result<Value, String> {
    match value_type {
        ValueType::Opaque if notation == Notation::Hex => hex(text),
        ValueType::Opaque if notation == Notation::Text => Ok(Value::opaque(text.as_bytes())),
        ValueType::Time => time(text, zone),
        ValueType::Boolean => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" | "" => Ok(Value::Boolean(false)),
            _ => Err("expected on or off".into()),
        },
        ValueType::String | ValueType::CoreLink => parse(value_type, text),
        _ => parse(value_type, text.trim()),
    }
}

fn parse(value_type: ValueType, text: &str) -> Result<Value, String> {
    if text.is_empty() && !matches!(value_type, ValueType::String | ValueType::CoreLink | ValueType::Opaque) {
        return Err(format!("expected {} {value_type}", article(value_type)));
    }
    Value::parse(value_type, text).map_err(|error| error.to_string())
}

fn article(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Integer | ValueType::Unsigned | ValueType::ObjectLink | ValueType::Opaque => "an",
        _ => "a",
    }
}

/// Spaces, colons and a leading `0x` are how people copy bytes.
fn hex(text: &str) -> Result<Value, String> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(format!("expected hexadecimal digits, got “{other}”"));
    }
    let bytes = hex_decode(&digits);
    bytes.map(Value::opaque).ok_or_else(|| "expected two digits per byte, one is missing".into())
}

fn time(text: &str, zone: Zone) -> Result<Value, String> {
    let civil = Civil::from_input(text).ok_or("expected a date and a time")?;
    // The offset depends on the time that it leads to; once around is enough but for the skipped hour.
    let near = civil.epoch(zone(civil.epoch(0)));
    Ok(Value::Time(civil.epoch(zone(near))))
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::ObjectLink;

    use super::*;

    fn utc(_: i64) -> i32 {
        0
    }

    fn read(value_type: ValueType, text: &str) -> Result<Value, String> {
        from_input(value_type, text, Notation::Hex, utc)
    }

    #[test]
    fn every_type_survives_its_field() {
        for value in [
            Value::String("a b\n".into()),
            Value::Integer(-5),
            Value::Unsigned(u64::MAX),
            Value::Float(21.5),
            Value::Boolean(true),
            Value::opaque([0, 255]),
            Value::Time(1_763_808_296),
            Value::ObjectLink(ObjectLink { object: 66, instance: 0 }),
            Value::CoreLink("</3/0>".into()),
        ] {
            for notation in [Notation::Hex, Notation::Base64] {
                let text = to_input(&value, notation, utc);
                let read = from_input(value.value_type().unwrap(), &text, notation, utc);
                assert_eq!(read.as_ref(), Ok(&value), "{text}");
            }
        }
    }

    #[test]
    fn what_people_type() {
        assert_eq!(read(ValueType::Opaque, " 0x0a:FF 01 "), Ok(Value::opaque([10, 255, 1])));
        assert_eq!(read(ValueType::Integer, " 7 "), Ok(Value::Integer(7)));
        assert_eq!(read(ValueType::Opaque, ""), Ok(Value::opaque([])));
        for (value_type, text) in [
            (ValueType::Integer, ""),
            (ValueType::Integer, "7a"),
            (ValueType::Unsigned, "-1"),
            (ValueType::Float, "x"),
            (ValueType::Opaque, "0g"),
            (ValueType::Opaque, "012"),
            (ValueType::Time, "yesterday"),
            (ValueType::ObjectLink, "66"),
            (ValueType::Boolean, "maybe"),
        ] {
            assert!(read(value_type, text).is_err(), "{value_type} {text}");
        }
    }

    #[test]
    fn times_are_of_the_operators_zone() {
        // An hour ahead from 1000 s on: a change of summer time.
        fn zone(epoch_s: i64) -> i32 {
            if epoch_s >= 100_000 { 60 } else { 0 }
        }
        for epoch_s in [0, 99_999, 100_000, 200_000] {
            let text = to_input(&Value::Time(epoch_s), Notation::Hex, zone);
            assert_eq!(from_input(ValueType::Time, &text, Notation::Hex, zone), Ok(Value::Time(epoch_s)));
        }
    }
}
