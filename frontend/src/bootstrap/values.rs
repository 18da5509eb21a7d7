use console_api::{NamedValue, ValueContent, hex_decode, hex_encode};
use lwm2m_codec::{Path, Record, Value, ValueType};

use crate::live::Content;

/// The value behind its form in JSON. Without a definition it is of the type that it has there.
pub(crate) fn value(value_type: Option<ValueType>, content: &ValueContent) -> Option<Value> {
    let Some(value_type) = value_type else {
        return Some(match content {
            ValueContent::Boolean(value) => Value::Boolean(*value),
            ValueContent::Integer(value) => Value::Integer(*value),
            ValueContent::Unsigned(value) => Value::Unsigned(*value),
            ValueContent::Float(value) => Value::Float(*value),
            ValueContent::Text(text) => Value::string(text.as_str()),
        });
    };
    match (value_type, content) {
        (ValueType::Opaque, ValueContent::Text(text)) => hex_decode(text).map(Value::opaque),
        (_, ValueContent::Text(text)) => Value::parse(value_type, text).ok(),
        (ValueType::Boolean, ValueContent::Boolean(value)) => Some(Value::Boolean(*value)),
        (ValueType::Time, ValueContent::Integer(value)) => Some(Value::Time(*value)),
        (_, ValueContent::Integer(value)) => Value::parse(value_type, &value.to_string()).ok(),
        (_, ValueContent::Unsigned(value)) => Value::parse(value_type, &value.to_string()).ok(),
        (ValueType::Float, ValueContent::Float(value)) => Some(Value::Float(*value)),
        _ => None,
    }
}

/// The form of a value in JSON.
pub(crate) fn content(value: &Value) -> ValueContent {
    match value {
        Value::String(text) | Value::CoreLink(text) => ValueContent::Text(text.to_string()),
        Value::Integer(value) | Value::Time(value) => ValueContent::Integer(*value),
        Value::Unsigned(value) => ValueContent::Unsigned(*value),
        Value::Float(value) => ValueContent::Float(*value),
        Value::Boolean(value) => ValueContent::Boolean(*value),
        Value::Opaque(bytes) | Value::Raw(bytes) => ValueContent::Text(hex_encode(bytes)),
        Value::ObjectLink(link) => ValueContent::Text(link.to_string()),
    }
}

/// Resource and Resource Instance of a path below an Object Instance: `10` or `10/0`.
fn ids(path: &str) -> Option<(u16, Option<u16>)> {
    match path.split_once('/') {
        Some((resource, instance)) => Some((resource.parse().ok()?, Some(instance.parse().ok()?))),
        None => Some((path.parse().ok()?, None)),
    }
}

/// Whether it is a value of that Resource.
pub(crate) fn is_of(named: &NamedValue, id: u16) -> bool {
    ids(&named.path).is_some_and(|(resource, _)| resource == id)
}

/// Resources that have a value, each once, in ascending order.
pub(crate) fn resources(values: &[NamedValue]) -> Vec<u16> {
    let mut found: Vec<u16> = values.iter().filter_map(|value| ids(&value.path).map(|(id, _)| id)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What a Resource has, as the fields for it take it.
pub(crate) fn of_resource(values: &[NamedValue], id: u16, value_type: Option<ValueType>) -> Option<Content> {
    let own = values.iter().filter_map(|named| {
        let (resource, instance) = ids(&named.path)?;
        (resource == id).then(|| Some((instance, value(value_type, &named.value)?)))?
    });
    let own: Vec<(Option<u16>, Value)> = own.collect();
    match own.as_slice() {
        [] => None,
        [(None, value)] => Some(Content::Single(value.clone())),
        _ => Some(Content::Multiple(
            own.into_iter().map(|(instance, value)| (instance.unwrap_or_default(), value)).collect(),
        )),
    }
}

/// Puts what was typed for a Resource in place of what it had.
pub(crate) fn put(values: &mut Vec<NamedValue>, id: u16, records: &[Record]) {
    remove(values, id);
    values.extend(
        records.iter().map(|record| NamedValue { path: below(&record.path), value: content(&record.value) }),
    );
    values.sort_by_key(|named| ids(&named.path));
}

pub(crate) fn remove(values: &mut Vec<NamedValue>, id: u16) {
    values.retain(|named| !is_of(named, id));
}

fn below(path: &Path) -> String {
    let ids: Vec<String> = path.ids().iter().skip(2).map(u16::to_string).collect();
    ids.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_json() {
        for one in [
            Value::String("a".into()),
            Value::Integer(-3),
            Value::Unsigned(u64::MAX),
            Value::Float(0.5),
            Value::Boolean(true),
            Value::opaque([0, 255]),
            Value::Time(1_763_808_296),
            Value::ObjectLink(lwm2m_codec::ObjectLink { object: 21, instance: 0 }),
            Value::CoreLink("</3>".into()),
        ] {
            assert_eq!(value(one.value_type(), &content(&one)), Some(one.clone()), "{one:?}");
        }
        assert_eq!(value(None, &ValueContent::Integer(5)), Some(Value::Integer(5)));
        assert_eq!(value(Some(ValueType::Opaque), &ValueContent::Text("xyz".into())), None);
        assert_eq!(value(Some(ValueType::Float), &ValueContent::Integer(2)), Some(Value::Float(2.0)));
    }

    #[test]
    fn a_resource_is_put_and_taken_out_as_a_whole() {
        let mut values = Vec::new();
        let multiple = [(0, 5), (2, 7)].map(|(instance, number)| {
            Record::new(Path::resource_instance(16, 0, 1, instance), Value::Integer(number))
        });
        put(&mut values, 1, &multiple);
        put(&mut values, 0, &[Record::new(Path::resource(16, 0, 0), Value::string("a"))]);
        let paths: Vec<&str> = values.iter().map(|named| named.path.as_str()).collect();
        assert_eq!((paths.as_slice(), resources(&values)), (&["0", "1/0", "1/2"][..], vec![0, 1]));
        let of = |id| of_resource(&values, id, None);
        assert_eq!(of(0), Some(Content::Single(Value::string("a"))));
        let several = vec![(0, Value::Integer(5)), (2, Value::Integer(7))];
        assert_eq!((of(1), of(9)), (Some(Content::Multiple(several)), None));
        remove(&mut values, 1);
        assert_eq!(resources(&values), [0]);
    }
}
