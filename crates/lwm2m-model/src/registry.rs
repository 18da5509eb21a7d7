use std::fmt;

use lwm2m_codec::{Lookup, Operations, ResourceShape, UnknownValueType, ValueType};
use serde::Deserialize;

use crate::definition::{ObjectDefinition, ResourceDefinition};

/// All objects with a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    // In ascending order of ids, so that a lookup is a binary search and a listing needs no sorting.
    objects: Vec<ObjectDefinition>,
}

impl Registry {
    /// Reads the registry text, `{"objects":[{"id", "name", …, "resources":[…]}]}`.
    ///
    /// # Errors
    /// When the text is no such JSON, an id is reserved or used twice, or a type or operation is unknown.
    pub fn from_json(text: &str) -> Result<Self, RegistryError> {
        let source: RegistrySource =
            serde_json::from_str(text).map_err(|error| RegistryError::Json { message: error.to_string() })?;
        let mut objects: Vec<ObjectDefinition> =
            source.objects.into_iter().map(ObjectSource::into_definition).collect::<Result<_, _>>()?;
        objects.sort_by_key(|object| object.id);
        match duplicate(objects.iter().map(|object| object.id)) {
            Some(object) => Err(RegistryError::DuplicateObject { object }),
            None => Ok(Self { objects }),
        }
    }

    #[must_use]
    pub fn object(&self, id: u16) -> Option<&ObjectDefinition> {
        let position = self.objects.binary_search_by_key(&id, |object| object.id).ok()?;
        self.objects.get(position)
    }

    #[must_use]
    pub fn resource(&self, object: u16, resource: u16) -> Option<&ResourceDefinition> {
        self.object(object)?.resource(resource)
    }

    /// All objects in ascending order of their ids.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectDefinition> {
        self.objects.iter()
    }
}

impl Lookup for Registry {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        Self::resource(self, object, resource).map(ResourceDefinition::shape)
    }
}

/// Why a registry text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    Json { message: String },
    ReservedId { object: u16, resource: Option<u16> },
    DuplicateObject { object: u16 },
    DuplicateResource { object: u16, resource: u16 },
    UnknownOperations { object: u16, resource: u16, got: String },
    UnknownType { object: u16, resource: u16, source: UnknownValueType },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { message } => write!(f, "expected a registry in JSON: {message}"),
            Self::ReservedId { object, resource: None } => {
                write!(f, "expected object ids from 0 to 65534, got {object}")
            }
            Self::ReservedId { object, resource: Some(resource) } => {
                write!(f, "expected resource ids from 0 to 65534, got {resource} in object {object}")
            }
            Self::DuplicateObject { object } => write!(f, "expected every object once, got {object} again"),
            Self::DuplicateResource { object, resource } => {
                write!(f, "expected every resource once, got {resource} again in object {object}")
            }
            Self::UnknownOperations { object, resource, got } => {
                write!(f, "expected operations \"\", R, W, RW or E, got {got:?} for /{object}/x/{resource}")
            }
            Self::UnknownType { object, resource, source } => {
                write!(f, "type of /{object}/x/{resource}: {source}")
            }
        }
    }
}

impl std::error::Error for RegistryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownType { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct RegistrySource {
    objects: Vec<ObjectSource>,
}

#[derive(Deserialize)]
struct ObjectSource {
    id: u16,
    name: String,
    version: String,
    urn: String,
    multiple: bool,
    mandatory: bool,
    resources: Vec<ResourceSource>,
}

#[derive(Deserialize)]
struct ResourceSource {
    id: u16,
    name: String,
    operations: String,
    multiple: bool,
    mandatory: bool,
    #[serde(rename = "type")]
    value_type: String,
    range: String,
    units: String,
}

impl ObjectSource {
    fn into_definition(self) -> Result<ObjectDefinition, RegistryError> {
        let object = self.id;
        if object == u16::MAX {
            return Err(RegistryError::ReservedId { object, resource: None });
        }
        let resources = self.resources.into_iter().map(|resource| resource.into_definition(object));
        let mut resources: Vec<ResourceDefinition> = resources.collect::<Result<_, _>>()?;
        resources.sort_by_key(|resource| resource.id);
        if let Some(resource) = duplicate(resources.iter().map(|resource| resource.id)) {
            return Err(RegistryError::DuplicateResource { object, resource });
        }
        Ok(ObjectDefinition {
            id: object,
            name: self.name,
            version: self.version,
            urn: self.urn,
            multiple: self.multiple,
            mandatory: self.mandatory,
            resources,
        })
    }
}

impl ResourceSource {
    fn into_definition(self, object: u16) -> Result<ResourceDefinition, RegistryError> {
        let resource = self.id;
        if resource == u16::MAX {
            return Err(RegistryError::ReservedId { object, resource: Some(resource) });
        }
        let operations = operations(&self.operations).ok_or(RegistryError::UnknownOperations {
            object,
            resource,
            got: self.operations,
        })?;
        let value_type = value_type(&self.value_type).map_err(|source| RegistryError::UnknownType {
            object,
            resource,
            source,
        })?;
        Ok(ResourceDefinition {
            id: resource,
            name: self.name,
            operations,
            multiple: self.multiple,
            mandatory: self.mandatory,
            value_type,
            range: self.range,
            units: self.units,
        })
    }
}

/// The letters of the object definition file; none at all means that only bootstrap reaches the resource.
fn operations(letters: &str) -> Option<Operations> {
    match letters {
        "" => Some(Operations::default()),
        "R" => Some(Operations { read: true, ..Operations::default() }),
        "W" => Some(Operations { write: true, ..Operations::default() }),
        "RW" => Some(Operations { read: true, write: true, execute: false }),
        "E" => Some(Operations { execute: true, ..Operations::default() }),
        _ => None,
    }
}

fn value_type(name: &str) -> Result<Option<ValueType>, UnknownValueType> {
    if name == "none" { Ok(None) } else { name.parse().map(Some) }
}

/// The first id that appears twice in an ascending listing.
fn duplicate(ids: impl Iterator<Item = u16> + Clone) -> Option<u16> {
    let next = ids.clone().skip(1);
    ids.zip(next).find(|(first, second)| first == second).map(|(first, _)| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A registry of one object with one resource, each with the given members.
    fn registry(object: u16, resources: &[(u16, &str, &str)]) -> String {
        let resources: Vec<String> = resources
            .iter()
            .map(|(id, operations, value_type)| {
                format!(
                    r#"{{"id":{id},"name":"R{id}","operations":"{operations}","multiple":false,"mandatory":true,
                        "type":"{value_type}","range":"","units":""}}"#
                )
            })
            .collect();
        let resources = resources.join(",");
        format!(
            r#"{{"id":{object},"name":"O","version":"1.0","urn":"u","multiple":true,"mandatory":false,
                "resources":[{resources}]}}"#
        )
    }

    fn read(objects: &[String]) -> Result<Registry, RegistryError> {
        Registry::from_json(&format!(r#"{{"meta":{{}},"objects":[{}]}}"#, objects.join(",")))
    }

    #[test]
    fn objects_and_resources_are_listed_in_order() {
        let first = registry(7, &[(5, "E", "none"), (1, "RW", "float")]);
        let registry = read(&[first, registry(2, &[])]).unwrap();
        assert_eq!(registry.objects().map(|object| object.id).collect::<Vec<_>>(), [2, 7]);
        let shape = Lookup::resource(&registry, 7, 1).unwrap();
        assert_eq!(shape.value_type, Some(ValueType::Float));
        assert_eq!(shape.operations, Operations { read: true, write: true, execute: false });
        let executable = Lookup::resource(&registry, 7, 5).unwrap();
        assert_eq!((executable.value_type, executable.operations.execute), (None, true));
        assert_eq!(Lookup::resource(&registry, 7, 2), None);
        assert_eq!(Lookup::resource(&registry, 8, 1), None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let resource = |id| (id, "R", "integer");
        assert!(matches!(Registry::from_json("{"), Err(RegistryError::Json { .. })));
        assert_eq!(
            read(&[registry(7, &[]), registry(7, &[])]),
            Err(RegistryError::DuplicateObject { object: 7 })
        );
        assert_eq!(
            read(&[registry(7, &[resource(1), resource(1)])]),
            Err(RegistryError::DuplicateResource { object: 7, resource: 1 })
        );
        let reserved = RegistryError::ReservedId { object: 65535, resource: None };
        assert_eq!(read(&[registry(65535, &[])]), Err(reserved));
        let reserved = RegistryError::ReservedId { object: 7, resource: Some(65535) };
        assert_eq!(read(&[registry(7, &[resource(65535)])]), Err(reserved));
        let error = read(&[registry(7, &[(1, "RWE", "integer")])]).unwrap_err();
        assert_eq!(error.to_string(), r#"expected operations "", R, W, RW or E, got "RWE" for /7/x/1"#);
        let error = read(&[registry(7, &[(1, "R", "number")])]).unwrap_err();
        assert!(error.to_string().starts_with("type of /7/x/1: expected one of string, integer"), "{error}");
    }
}
