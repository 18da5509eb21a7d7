//! Values of a configuration by the definitions of their Resources.

use console_api::{ValueContent, hex_decode};
use lwm2m_codec::{Level, Path, Value, ValueType};
use lwm2m_model::{Registry, ResourceDefinition};

use crate::limits;

/// Why a value is none of its Resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub expected: String,
    pub got: String,
}

/// The value of a Resource or Resource Instance by its current definition, checked against type, range and number of
/// instances (LwM2M 1.1 Core §7.1). Opaque values are hexadecimal. Without a definition it is what it is in JSON.
///
/// # Errors
/// When the Resource cannot have this value.
pub fn typed(path: &Path, content: &ValueContent, registry: &Registry) -> Result<Value, Mismatch> {
    let definition = match (path.object_id(), path.resource_id()) {
        (Some(object), Some(resource)) => registry.resource(object, resource),
        _ => None,
    };
    let Some(definition) = definition else { return Ok(untyped(content)) };
    check_instances(path, definition)?;
    let Some(value_type) = definition.value_type else {
        return Err(mismatch("a Resource with a value", format!("{path}, which can only be executed")));
    };
    let value = of_type(value_type, content)?;
    match definition.value_range() {
        Some(range) if !range.allows(&value) => Err(mismatch(format!("{range}"), shown(content))),
        _ => Ok(value),
    }
}

fn check_instances(path: &Path, definition: &ResourceDefinition) -> Result<(), Mismatch> {
    match (path.level(), definition.multiple) {
        (Level::Resource, true) => {
            Err(mismatch(format!("{path}/0, as the Resource has several instances"), format!("{path}")))
        }
        (Level::ResourceInstance, false) => {
            let resource = path.truncate(Level::Resource);
            Err(mismatch(format!("{resource}, as the Resource has no instances"), format!("{path}")))
        }
        _ => Ok(()),
    }
}

fn of_type(value_type: ValueType, content: &ValueContent) -> Result<Value, Mismatch> {
    let wrong = || mismatch(value_type.name(), shown(content));
    let read = |text: &str| Value::parse(value_type, text).map_err(|_| wrong());
    match (value_type, content) {
        (ValueType::Boolean, ValueContent::Boolean(value)) => Ok(Value::Boolean(*value)),
        (ValueType::Integer, ValueContent::Integer(value)) => Ok(Value::Integer(*value)),
        (ValueType::Time, ValueContent::Integer(value)) => Ok(Value::Time(*value)),
        (ValueType::Unsigned, ValueContent::Integer(value)) => {
            u64::try_from(*value).map(Value::Unsigned).map_err(|_| wrong())
        }
        (ValueType::Unsigned, ValueContent::Unsigned(value)) => Ok(Value::Unsigned(*value)),
        (ValueType::Float, ValueContent::Float(value)) if value.is_finite() => Ok(Value::Float(*value)),
        (ValueType::Float, ValueContent::Integer(value)) => read(&value.to_string()),
        (ValueType::Float, ValueContent::Unsigned(value)) => read(&value.to_string()),
        (ValueType::Opaque, ValueContent::Text(text)) => hex_decode(text)
            .map(Value::opaque)
            .ok_or_else(|| mismatch("bytes in hexadecimal", shown(content))),
        (ValueType::String | ValueType::ObjectLink | ValueType::CoreLink, ValueContent::Text(text)) => {
            read(text)
        }
        _ => Err(wrong()),
    }
}

fn untyped(content: &ValueContent) -> Value {
    match content {
        ValueContent::Boolean(value) => Value::Boolean(*value),
        ValueContent::Integer(value) => Value::Integer(*value),
        ValueContent::Unsigned(value) => Value::Unsigned(*value),
        ValueContent::Float(value) => Value::Float(*value),
        ValueContent::Text(text) => Value::string(text.as_str()),
    }
}

fn mismatch(expected: impl Into<String>, got: impl Into<String>) -> Mismatch {
    Mismatch { expected: expected.into(), got: got.into() }
}

/// The value as it came, in quotes when it is a text.
fn shown(content: &ValueContent) -> String {
    match content {
        ValueContent::Boolean(value) => value.to_string(),
        ValueContent::Integer(value) => value.to_string(),
        ValueContent::Unsigned(value) => value.to_string(),
        ValueContent::Float(value) => value.to_string(),
        ValueContent::Text(text) => quoted(text),
    }
}

/// The beginning of a text, in quotes and with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String =
        characters.by_ref().take(limits::QUOTED_CHARACTERS).flat_map(char::escape_debug).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}
