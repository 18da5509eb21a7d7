use std::collections::BTreeMap;

use lwm2m_codec::{Path, Value};
use lwm2m_model::{ObjectDefinition, Registry};

use super::{
    by_id::ById,
    object_tree::{ObjectInstance, Resource, TreeError, check_value},
};

/// What the instances that a server creates are made of: the resources the client supports and their first values.
///
/// One template may serve all clients of a process.
#[derive(Clone, Debug)]
pub struct Template {
    object: u16,
    /// Those with a first value: read-only and executable ones, and writable ones that have a sensible default.
    initial: ObjectInstance,
    /// Those that are there only when the server gives them a value.
    supported: ById<()>,
}

impl Template {
    /// A template with the mandatory resources that a server can give.
    ///
    /// `initial` has what the client itself provides: for `/O/0/R` or `/O/0/R/RI` the first value. Mandatory resources
    /// that a server cannot write must be among them, and executable ones are named by `executable`.
    pub fn new(
        registry: &Registry,
        object: u16,
        initial: impl IntoIterator<Item = (Path, Value)>,
        executable: impl IntoIterator<Item = u16>,
    ) -> Result<Self, TreeError> {
        let definition = registry.object(object).ok_or(TreeError::Undefined(Path::object(object)))?;
        let mut values: BTreeMap<u16, Resource> = BTreeMap::new();
        for (path, value) in initial {
            check_value(registry, &path, &value)?;
            let foreign = TreeError::WrongLevel { path, expected: "a resource of the object" };
            let Some(resource) = path.resource_id().filter(|_| path.object_id() == Some(object)) else {
                return Err(foreign);
            };
            match (path.resource_instance_id(), values.entry(resource).or_insert_with(Resource::none)) {
                (Some(id), Resource::Multiple(instances)) => instances.insert(id, value),
                (Some(_), _) => return Err(foreign),
                (None, held) => *held = Resource::Single(value),
            }
        }
        for resource in executable {
            let path = Path::resource(object, 0, resource);
            let found = definition.resource(resource).ok_or(TreeError::Undefined(path))?;
            if found.value_type.is_some() {
                return Err(TreeError::WrongLevel { path, expected: "an executable resource" });
            }
            values.insert(resource, Resource::Executable);
        }
        let template =
            Self { object, initial: values.into_iter().collect(), supported: mandatory(definition) };
        match template.lacking(definition) {
            Some(resource) => Err(TreeError::NotFound(Path::resource(object, 0, resource))),
            None => Ok(template),
        }
    }

    /// Adds optional resources that a server may give a value, and that are not there otherwise.
    #[must_use]
    pub fn with_optional(mut self, resources: impl IntoIterator<Item = u16>) -> Self {
        resources.into_iter().for_each(|resource| self.supported.insert(resource, ()));
        self
    }

    pub(super) fn object(&self) -> u16 {
        self.object
    }

    pub(super) fn initial(&self) -> &ObjectInstance {
        &self.initial
    }

    pub(super) fn supports(&self, resource: u16) -> bool {
        self.supported.contains(resource) || self.initial.contains(resource)
    }

    /// A mandatory resource that no server could provide, and that this template does not either.
    fn lacking(&self, definition: &ObjectDefinition) -> Option<u16> {
        let missing = definition.resources.iter().find(|resource| {
            resource.mandatory && !resource.operations.write && !self.initial.contains(resource.id)
        });
        missing.map(|resource| resource.id)
    }
}

/// The mandatory resources of an object, which every client supports.
fn mandatory(definition: &ObjectDefinition) -> ById<()> {
    let mandatory = definition.resources.iter().filter(|resource| resource.mandatory);
    mandatory.map(|resource| (resource.id, ())).collect()
}
