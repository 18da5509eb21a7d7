use lwm2m_codec::{Operations, ResourceShape, ValueType};

use crate::range::Range;
use crate::version::ObjectVersion;

/// One version of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectDefinition {
    pub id: u16,
    pub name: String,
    pub version: ObjectVersion,
    /// The LwM2M version the definition was written for, as it says.
    pub lwm2m_version: String,
    pub urn: String,
    /// Whether a client may have several instances.
    pub multiple: bool,
    pub mandatory: bool,
    /// What the object is for: Description1. Empty where the source has no prose, as the bundled registry.
    pub description: String,
    /// What the definition says behind its resources: Description2.
    pub description2: String,
    /// The licence of the definition by its SPDX name, `none-stated` where the file states none. Empty where the
    /// source does not tell.
    pub licence: String,
    /// The copyright notice of the definition, empty where there is none.
    pub copyright: String,
    /// In ascending order of their ids.
    pub resources: Vec<ResourceDefinition>,
}

impl ObjectDefinition {
    #[must_use]
    pub fn resource(&self, id: u16) -> Option<&ResourceDefinition> {
        let position = self.resources.binary_search_by_key(&id, |resource| resource.id).ok()?;
        self.resources.get(position)
    }
}

/// One resource of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDefinition {
    pub id: u16,
    pub name: String,
    pub operations: Operations,
    pub multiple: bool,
    pub mandatory: bool,
    /// `None` for an executable resource.
    pub value_type: Option<ValueType>,
    /// As the registry words it: `0..255`, an enumeration, or free text.
    pub range: String,
    pub units: String,
    /// Empty where the source has no prose, as the bundled registry.
    pub description: String,
}

impl ResourceDefinition {
    /// What the codec needs to know.
    #[must_use]
    pub const fn shape(&self) -> ResourceShape {
        ResourceShape { value_type: self.value_type, multiple: self.multiple, operations: self.operations }
    }

    /// The values that are allowed, where the definition limits them clearly.
    #[must_use]
    pub fn value_range(&self) -> Option<Range> {
        Range::parse(&self.range, self.value_type?)
    }
}

/// The letters of a definition; none at all means that only a Bootstrap-Server reaches the resource.
pub(crate) fn operations(letters: &str) -> Option<Operations> {
    match letters {
        "" => Some(Operations::default()),
        "R" => Some(Operations { read: true, ..Operations::default() }),
        "W" => Some(Operations { write: true, ..Operations::default() }),
        "RW" => Some(Operations { read: true, write: true, execute: false }),
        "E" => Some(Operations { execute: true, ..Operations::default() }),
        _ => None,
    }
}
