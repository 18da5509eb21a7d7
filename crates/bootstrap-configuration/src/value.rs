//! Values of a configuration by the definitions of their Resources.

use console_api::{ValueContent, hex_decode};
use lwm2m_codec::{Level, Node, Path, Value, ValueType};
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

/// A Resource of an account by its number. One with several instances is a text with commas between the values, which
/// are numbered from 0; a single value is its instance 0.
///
/// # Errors
/// When the Resource cannot have this value.
pub fn resource(
    object: u16,
    number: u16,
    content: &ValueContent,
    registry: &Registry,
) -> Result<Node, Mismatch> {
    // The instance is left open, and plays no part.
    let path = Path::resource(object, 0, number);
    let Some(definition) = registry.resource(object, number).filter(|definition| definition.multiple) else {
        return Ok(Node::Value(typed(&path, content, registry)?));
    };
    let contents = match content {
        ValueContent::Text(text) => {
            let values = text.split(',').map(|text| in_json(definition.value_type, text.trim()));
            values.collect()
        }
        content => vec![content.clone()],
    };
    let values = (0..u16::MAX).zip(contents).map(|(instance, content)| {
        let path = Path::resource_instance(object, 0, number, instance);
        Ok((instance, Node::Value(typed(&path, &content, registry)?)))
    });
    Ok(Node::Children(values.collect::<Result<_, _>>()?))
}

/// The path of a value below its Object Instance: `10` and `10/0`, or a whole one.
#[must_use]
pub fn value_path(instance: &Path, text: &str) -> Option<Path> {
    let path: Path = match text.strip_prefix('/') {
        Some(_) => text.parse().ok()?,
        None => format!("{instance}/{text}").parse().ok()?,
    };
    (path.starts_with(instance) && path.level() >= Level::Resource).then_some(path)
}

/// A value of a list as it would be in JSON.
fn in_json(value_type: Option<ValueType>, text: &str) -> ValueContent {
    let number = || {
        let integer = text.parse().map(ValueContent::Integer).ok();
        integer.or_else(|| text.parse().map(ValueContent::Unsigned).ok())
    };
    let read = match value_type {
        Some(ValueType::Integer | ValueType::Unsigned | ValueType::Time) => number(),
        Some(ValueType::Float) => text.parse().map(ValueContent::Float).ok(),
        Some(ValueType::Boolean) => text.parse().map(ValueContent::Boolean).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| ValueContent::Text(text.to_owned()))
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
