use lwm2m_codec::{Lookup, ResourceShape, registration::LwM2mVersion};

use crate::client_model::ClientModel;
use crate::definition::{ObjectDefinition, ResourceDefinition};
use crate::version::ObjectVersion;

/// All objects with a definition, several versions of an object among them.
///
/// The highest version known is called the current one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    // In ascending order of ids and versions: a lookup is a binary search, and a listing needs no sorting.
    definitions: Vec<ObjectDefinition>,
}

impl Registry {
    /// A registry without any definition: to a reader of payloads every value is raw.
    #[must_use]
    pub const fn new() -> Self {
        Self { definitions: Vec::new() }
    }

    /// Adds definitions. Each takes the place of the one that the registry has for that version of the object.
    pub fn add(&mut self, definitions: impl IntoIterator<Item = ObjectDefinition>) {
        for mut definition in definitions {
            definition.resources.sort_by_key(|resource| resource.id);
            match self.position(definition.id, definition.version) {
                Ok(position) => {
                    if let Some(known) = self.definitions.get_mut(position) {
                        *known = definition;
                    }
                }
                Err(position) => self.definitions.insert(position, definition),
            }
        }
    }

    /// The current definition of an object.
    #[must_use]
    pub fn object(&self, id: u16) -> Option<&ObjectDefinition> {
        self.versions(id).last()
    }

    /// The current definition of a resource.
    #[must_use]
    pub fn resource(&self, object: u16, resource: u16) -> Option<&ResourceDefinition> {
        self.object(object)?.resource(resource)
    }

    /// The definition to read an object of this version with: that of the version itself, else of the highest minor
    /// version known, which defines everything that an earlier one does (LwM2M Core §7.2). Another major version is
    /// no help.
    #[must_use]
    pub fn definition(&self, id: u16, version: ObjectVersion) -> Option<&ObjectDefinition> {
        let exact = self.position(id, version).ok().and_then(|position| self.definitions.get(position));
        exact.or_else(|| self.versions(id).rev().find(|known| known.version.major == version.major))
    }

    /// Every version of an object, the current one last.
    pub fn versions(&self, id: u16) -> impl DoubleEndedIterator<Item = &ObjectDefinition> {
        let start = self.definitions.partition_point(|definition| definition.id < id);
        let end = self.definitions.partition_point(|definition| definition.id <= id);
        self.definitions.get(start..end).unwrap_or_default().iter()
    }

    /// The current definitions of all objects in ascending order of their ids.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectDefinition> {
        self.definitions.chunk_by(|one, next| one.id == next.id).filter_map(<[ObjectDefinition]>::last)
    }

    /// Every version of every object, in ascending order.
    pub fn definitions(&self) -> impl Iterator<Item = &ObjectDefinition> {
        self.definitions.iter()
    }

    /// What the objects of one client are: `enabler` is the LwM2M version it registered with, `announced` the
    /// version texts of those objects it gave one for.
    pub fn for_client<'t>(
        &self,
        enabler: LwM2mVersion,
        announced: impl IntoIterator<Item = (u16, &'t str)>,
    ) -> ClientModel<'_> {
        ClientModel::new(self, enabler, announced)
    }

    fn position(&self, id: u16, version: ObjectVersion) -> Result<usize, usize> {
        self.definitions.binary_search_by_key(&(id, version), |known| (known.id, known.version))
    }
}

/// By the current definitions. The payload of a client is read with those of [`Registry::for_client`].
impl Lookup for Registry {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        Self::resource(self, object, resource).map(ResourceDefinition::shape)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use lwm2m_codec::{Operations, ValueType};

    use super::*;

    /// An object with one readable resource, 0.
    pub(crate) fn object(id: u16, version: &str, value_type: ValueType) -> ObjectDefinition {
        let resource = ResourceDefinition {
            id: 0,
            name: "Value".into(),
            operations: Operations { read: true, ..Operations::default() },
            multiple: false,
            mandatory: true,
            value_type: Some(value_type),
            range: String::new(),
            units: String::new(),
            description: String::new(),
        };
        ObjectDefinition {
            id,
            name: format!("Object {id}"),
            version: version.parse().unwrap(),
            lwm2m_version: "1.0".into(),
            urn: format!("urn:oma:lwm2m:x:{id}:{version}"),
            multiple: true,
            mandatory: false,
            description: String::new(),
            description2: String::new(),
            licence: String::new(),
            copyright: String::new(),
            resources: vec![resource],
        }
    }

    pub(crate) fn registry() -> Registry {
        let mut registry = Registry::new();
        registry.add([
            object(7, "2.0", ValueType::Float),
            object(7, "1.0", ValueType::Integer),
            object(7, "1.2", ValueType::Time),
            object(3, "1.1", ValueType::String),
            object(3, "1.0", ValueType::Boolean),
        ]);
        registry
    }

    #[test]
    fn the_current_definition_is_of_the_highest_version() {
        let registry = registry();
        let current: Vec<_> =
            registry.objects().map(|object| (object.id, object.version.to_string())).collect();
        assert_eq!(current, [(3, "1.1".to_owned()), (7, "2.0".to_owned())]);
        assert_eq!(registry.resource(7, 0).unwrap().value_type, Some(ValueType::Float));
        assert_eq!(Lookup::resource(&registry, 3, 0).unwrap().value_type, Some(ValueType::String));
        assert_eq!(registry.versions(7).count(), 3);
        assert_eq!(registry.definitions().count(), 5);
        assert!(registry.object(5).is_none() && registry.resource(7, 1).is_none());
    }

    #[test]
    fn a_version_is_found_exactly_or_by_its_major_number() {
        let registry = registry();
        let cases = [
            ("1.0", Some("1.0")),
            ("1.1", Some("1.2")),
            ("1.2", Some("1.2")),
            ("1.9", Some("1.2")),
            ("2.0", Some("2.0")),
            ("2.1", Some("2.0")),
            ("0.9", None),
            ("3.0", None),
        ];
        for (asked, found) in cases {
            let definition = registry.definition(7, asked.parse().unwrap());
            let version = definition.map(|definition| definition.version.to_string());
            assert_eq!(version.as_deref(), found, "{asked}");
        }
        assert_eq!(registry.definition(3, ObjectVersion::new(2, 0)), None);
        assert_eq!(registry.definition(4, ObjectVersion::V1_0), None);
        assert_eq!(Registry::new().definition(0, ObjectVersion::V1_0), None);
    }

    #[test]
    fn what_is_added_takes_precedence() {
        let mut registry = registry();
        registry.add([object(7, "1.0", ValueType::Opaque), object(9, "1.0", ValueType::Opaque)]);
        assert_eq!(registry.definitions().count(), 6);
        let replaced = registry.definition(7, ObjectVersion::V1_0).unwrap();
        assert_eq!(replaced.resource(0).unwrap().value_type, Some(ValueType::Opaque));
        assert_eq!(registry.object(7).unwrap().version, ObjectVersion::new(2, 0));
    }
}
