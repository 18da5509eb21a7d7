//! The registry as JSON: `{"objects":[{"id", "name", …, "resources":[…]}]}`.

use std::collections::BTreeSet;

use lwm2m_codec::{UnknownValueType, ValueType};
use serde::Deserialize;

use crate::definition::{ObjectDefinition, ResourceDefinition, operations};
use crate::quoted::{quoted, shortened};
use crate::registry::Registry;
use crate::registry_error::RegistryError;

impl Registry {
    /// Reads the registry text, `{"objects":[{"id", "name", …, "resources":[…]}]}`.
    ///
    /// # Errors
    /// When the text is no such JSON, an id is reserved, a version of an object or a resource of it is there twice, or
    /// a version, type or operation is unknown.
    pub fn from_json(text: &str) -> Result<Self, RegistryError> {
        let mut registry = Self::new();
        registry.add(definitions(text)?);
        Ok(registry)
    }
}

/// The definitions of a registry text.
pub(crate) fn definitions(text: &str) -> Result<Vec<ObjectDefinition>, RegistryError> {
    let source: RegistrySource = serde_json::from_str(text)
        .map_err(|error| RegistryError::Json { message: shortened(&error.to_string()) })?;
    let mut seen = BTreeSet::new();
    let mut definitions = Vec::new();
    for source in source.objects {
        let definition = source.into_definition()?;
        let (object, version) = (definition.id, definition.version);
        if !seen.insert((object, version)) {
            return Err(RegistryError::DuplicateObject { object, version });
        }
        definitions.push(definition);
    }
    Ok(definitions)
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
    #[serde(default = "v1_0")]
    lwm2m_version: String,
    urn: String,
    multiple: bool,
    mandatory: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    copyright: Option<String>,
    resources: Vec<ResourceSource>,
}

/// What a definition file means that names no LwM2M version (LWM2M.xsd).
fn v1_0() -> String {
    "1.0".to_owned()
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
    #[serde(default)]
    description: String,
}

/// An object of the bare form, which names nothing.
#[derive(Deserialize)]
pub(crate) struct BareObject {
    multiple: bool,
    resources: Vec<BareResource>,
}

#[derive(Deserialize)]
struct BareResource {
    id: u16,
    #[serde(rename = "type")]
    value_type: String,
    multiple: bool,
    operations: String,
    mandatory: bool,
}

impl BareObject {
    pub(crate) fn into_definition(self, id: u16) -> Result<ObjectDefinition, RegistryError> {
        let resource = |bare: BareResource| ResourceSource {
            id: bare.id,
            name: format!("Resource {}", bare.id),
            operations: bare.operations,
            multiple: bare.multiple,
            mandatory: bare.mandatory,
            value_type: bare.value_type,
            range: String::new(),
            units: String::new(),
            description: String::new(),
        };
        let object = ObjectSource {
            id,
            name: format!("Object {id}"),
            version: v1_0(),
            lwm2m_version: v1_0(),
            urn: String::new(),
            multiple: self.multiple,
            mandatory: false,
            description: String::new(),
            licence: String::new(),
            copyright: None,
            resources: self.resources.into_iter().map(resource).collect(),
        };
        object.into_definition()
    }
}

impl ObjectSource {
    fn into_definition(self) -> Result<ObjectDefinition, RegistryError> {
        let object = self.id;
        if object == u16::MAX {
            return Err(RegistryError::ReservedId { object, resource: None });
        }
        let version = self.version.parse().map_err(|source| RegistryError::BadVersion { object, source })?;
        let resources = self.resources.into_iter().map(|resource| resource.into_definition(object));
        let mut resources: Vec<ResourceDefinition> = resources.collect::<Result<_, _>>()?;
        resources.sort_by_key(|resource| resource.id);
        if let Some(resource) = duplicate(&resources) {
            return Err(RegistryError::DuplicateResource { object, resource });
        }
        Ok(ObjectDefinition {
            id: object,
            name: self.name,
            version,
            lwm2m_version: self.lwm2m_version,
            urn: self.urn,
            multiple: self.multiple,
            mandatory: self.mandatory,
            description: self.description,
            description2: String::new(),
            licence: self.licence,
            copyright: self.copyright.unwrap_or_default(),
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
        let operations = operations(&self.operations).ok_or_else(|| RegistryError::UnknownOperations {
            object,
            resource,
            got: quoted(&self.operations),
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
            description: self.description,
        })
    }
}

fn value_type(name: &str) -> Result<Option<ValueType>, UnknownValueType> {
    if name == "none" { Ok(None) } else { name.parse().map(Some) }
}

/// The first id that appears twice in an ascending listing.
fn duplicate(resources: &[ResourceDefinition]) -> Option<u16> {
    let next = resources.iter().skip(1);
    resources.iter().zip(next).find(|(first, second)| first.id == second.id).map(|(first, _)| first.id)
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::{Lookup, Operations};

    use super::*;
    use crate::version::ObjectVersion;

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
            Err(RegistryError::DuplicateObject { object: 7, version: ObjectVersion::V1_0 })
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
        let error = read(&[registry(7, &[]).replace("\"1.0\"", "\"1\"")]).unwrap_err();
        assert_eq!(error.to_string(), r#"object 7: expected an object version major.minor, got "1""#);
    }
}
