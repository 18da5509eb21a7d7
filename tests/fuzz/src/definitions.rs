//! What is defined while fuzzing.

use lwm2m_codec::{Lookup, Operations, ResourceShape, ValueType};

/// Object 3442, whose registered definition has a resource for every type, single and multiple. Its resource 0 is
/// executable. Nothing else is defined.
pub(crate) struct EveryType;

const OBJECT: u16 = 3442;
const EXECUTABLE: u16 = 0;
/// The multiple resource of a type is that far above the single one.
const MULTIPLE: u16 = 1000;

const fn value_type(single: u16) -> Option<ValueType> {
    Some(match single {
        110 => ValueType::String,
        120 => ValueType::Integer,
        125 => ValueType::Unsigned,
        130 => ValueType::Float,
        140 => ValueType::Boolean,
        150 => ValueType::Opaque,
        160 => ValueType::Time,
        170 => ValueType::ObjectLink,
        180 => ValueType::CoreLink,
        _ => return None,
    })
}

impl Lookup for EveryType {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        if object != OBJECT {
            return None;
        }
        if resource == EXECUTABLE {
            let operations = Operations { execute: true, ..Operations::default() };
            return Some(ResourceShape { value_type: None, multiple: false, operations });
        }
        let multiple = resource >= MULTIPLE;
        let value_type = value_type(if multiple { resource - MULTIPLE } else { resource })?;
        let operations = Operations { read: true, write: true, execute: false };
        Some(ResourceShape { value_type: Some(value_type), multiple, operations })
    }
}
