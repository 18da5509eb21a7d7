//! Values between JSON and the codec.

use console_api::{DecodedValue, ValueContent, hex_decode, hex_encode};
use lwm2m_codec::{ContentFormat, Level, ObjectLink, Path, Record, Value, ValueType};
use lwm2m_model::{ClientModel, ResourceDefinition};

use crate::http::error::Failure;

/// A value by the definition of its Resource, checked against type, range and number of instances
/// (LwM2M 1.1 Core §7.1).
pub(super) fn value(path: &Path, content: &ValueContent, model: &ClientModel) -> Result<Value, Failure> {
    let definition = match (path.object_id(), path.resource_id()) {
        (Some(object), Some(resource)) => model.resource(object, resource),
        _ => None,
    };
    let Some(definition) = definition else { return Ok(untyped(content)) };
    check_instances(path, definition)?;
    let Some(value_type) = definition.value_type else {
        let failure = Failure::bad_request(format!("{path} can only be executed"));
        return Err(failure.expected("a Resource with a value", path.to_string()));
    };
    let value = typed(path, value_type, content)?;
    match definition.value_range() {
        Some(range) if !range.allows(&value) => {
            let failure = Failure::bad_request(format!("the value is out of the range of {path}"));
            Err(failure.expected(range.to_string(), shown(content)))
        }
        _ => Ok(value),
    }
}

pub(super) fn decoded(record: Record, format: ContentFormat, now_s: f64) -> DecodedValue {
    let value_type = record.value.type_name().to_owned();
    let time_s = record.time().map(|time| format.absolute_time(time, now_s));
    let value = match record.value {
        Value::String(text) | Value::CoreLink(text) => ValueContent::Text(text.into()),
        Value::Integer(value) | Value::Time(value) => ValueContent::Integer(value),
        Value::Unsigned(value) => ValueContent::Unsigned(value),
        // JSON has no NaN and no infinity.
        Value::Float(value) if !value.is_finite() => ValueContent::Text(value.to_string()),
        Value::Float(value) => ValueContent::Float(value),
        Value::Boolean(value) => ValueContent::Boolean(value),
        Value::Opaque(bytes) | Value::Raw(bytes) => ValueContent::Text(hex_encode(&bytes)),
        Value::ObjectLink(ObjectLink { object, instance }) => {
            ValueContent::Text(format!("{object}:{instance}"))
        }
    };
    DecodedValue { path: record.path.to_string(), value_type, value, time_s }
}

fn check_instances(path: &Path, definition: &ResourceDefinition) -> Result<(), Failure> {
    match (path.level(), definition.multiple) {
        (Level::Resource, true) => {
            let failure = Failure::bad_request(format!("{path} has several instances; a value is for one"));
            Err(failure.expected(format!("{path}/0"), path.to_string()))
        }
        (Level::ResourceInstance, false) => {
            let resource = path.truncate(Level::Resource).to_string();
            let failure = Failure::bad_request(format!("{resource} has no instances"));
            Err(failure.expected(resource, path.to_string()))
        }
        _ => Ok(()),
    }
}

fn typed(path: &Path, value_type: ValueType, content: &ValueContent) -> Result<Value, Failure> {
    let mismatch = || {
        Failure::bad_request(format!("the value does not fit the type of {path}"))
            .expected(value_type.name(), shown(content))
    };
    let read = |text: &str| {
        Value::parse(value_type, text)
            .map_err(|error| mismatch().expected(value_type.name(), error.to_string()))
    };
    match (value_type, content) {
        (ValueType::Boolean, ValueContent::Boolean(value)) => Ok(Value::Boolean(*value)),
        (ValueType::Integer, ValueContent::Integer(value)) => Ok(Value::Integer(*value)),
        (ValueType::Time, ValueContent::Integer(value)) => Ok(Value::Time(*value)),
        (ValueType::Unsigned, ValueContent::Integer(value)) => {
            u64::try_from(*value).map(Value::Unsigned).map_err(|_| mismatch())
        }
        (ValueType::Unsigned, ValueContent::Unsigned(value)) => Ok(Value::Unsigned(*value)),
        (ValueType::Float, ValueContent::Float(value)) => Ok(Value::Float(*value)),
        (ValueType::Float, ValueContent::Integer(value)) => read(&value.to_string()),
        (ValueType::Float, ValueContent::Unsigned(value)) => read(&value.to_string()),
        (ValueType::Opaque, ValueContent::Text(text)) => {
            hex_decode(text).map(Value::opaque).ok_or_else(mismatch)
        }
        (ValueType::String | ValueType::ObjectLink | ValueType::CoreLink, ValueContent::Text(text)) => {
            read(text)
        }
        _ => Err(mismatch()),
    }
}

/// Without a definition the value is of the type that it has in JSON.
fn untyped(content: &ValueContent) -> Value {
    match content {
        ValueContent::Boolean(value) => Value::Boolean(*value),
        ValueContent::Integer(value) => Value::Integer(*value),
        ValueContent::Unsigned(value) => Value::Unsigned(*value),
        ValueContent::Float(value) => Value::Float(*value),
        ValueContent::Text(text) => Value::string(text.as_str()),
    }
}

fn shown(content: &ValueContent) -> String {
    serde_json::to_string(content).unwrap_or_default()
}
