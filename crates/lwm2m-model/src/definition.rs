use lwm2m_codec::{Operations, ResourceShape, ValueType};

/// One object of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectDefinition {
    pub id: u16,
    pub name: String,
    /// `major.minor`.
    pub version: String,
    pub urn: String,
    /// Whether a client may have several instances.
    pub multiple: bool,
    pub mandatory: bool,
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
}

impl ResourceDefinition {
    /// What the codec needs to know.
    #[must_use]
    pub const fn shape(&self) -> ResourceShape {
        ResourceShape { value_type: self.value_type, multiple: self.multiple, operations: self.operations }
    }
}
