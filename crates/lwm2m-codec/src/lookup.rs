use crate::value::ValueType;

/// What the Device Management interface may do with a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Operations {
    pub read: bool,
    pub write: bool,
    pub execute: bool,
}

/// What a payload reader must know about a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceShape {
    /// `None`: the resource has no value, it is executable.
    pub value_type: Option<ValueType>,
    pub multiple: bool,
    pub operations: Operations,
}

/// Where definitions of resources are found.
pub trait Lookup {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape>;
}

/// A lookup without any definition: every value is read as [`Value::Raw`](crate::Value::Raw).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDefinitions;

impl Lookup for NoDefinitions {
    fn resource(&self, _object: u16, _resource: u16) -> Option<ResourceShape> {
        None
    }
}
