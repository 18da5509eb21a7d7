use std::collections::BTreeSet;

use lwm2m_codec::ValueType;

use super::element::Element;
use super::error::DdfError;
use crate::definition::{ObjectDefinition, ResourceDefinition, operations};
use crate::limits::RESOURCES_MAX;
use crate::quoted::quoted;
use crate::version::ObjectVersion;

/// How a definition file names the types (LwM2M Core Appendix C).
const TYPES: [(&str, ValueType); 9] = [
    ("String", ValueType::String),
    ("Integer", ValueType::Integer),
    ("Unsigned Integer", ValueType::Unsigned),
    ("Float", ValueType::Float),
    ("Boolean", ValueType::Boolean),
    ("Opaque", ValueType::Opaque),
    ("Time", ValueType::Time),
    ("Objlnk", ValueType::ObjectLink),
    ("Corelnk", ValueType::CoreLink),
];

/// The object an `<Object>` element defines.
pub(super) fn object(element: Element) -> Result<ObjectDefinition, DdfError> {
    match element.attribute("ObjectType") {
        None | Some("MODefinition") => {}
        Some(other) => return Err(element.error("ObjectType=\"MODefinition\"", quoted(other))),
    }
    let id_element = element.required("ObjectID")?;
    let id_text = id_element.text()?;
    let id =
        id(&id_text).ok_or_else(|| id_element.error("an object id from 0 to 65534", quoted(&id_text)))?;
    let urn = element.required("ObjectURN")?.text()?;
    let lwm2m_version = match element.optional_text("LWM2MVersion")? {
        text if text.is_empty() => "1.0".to_owned(),
        text => text,
    };
    Ok(ObjectDefinition {
        id,
        name: name(element)?,
        version: version(element, &urn)?,
        lwm2m_version,
        urn,
        multiple: element.choice("MultipleInstances", "Multiple", "Single")?,
        mandatory: element.choice("Mandatory", "Mandatory", "Optional")?,
        description: element.optional_text("Description1")?,
        description2: element.optional_text("Description2")?,
        // A definition file states them in a comment, in words of its own.
        licence: String::new(),
        copyright: String::new(),
        resources: resources(element.required("Resources")?)?,
    })
}

/// Files of LwM2M 1.0 have no ObjectVersion; their URN may have one, and 1.0 is meant otherwise (LwM2M Core §7.2).
fn version(element: Element, urn: &str) -> Result<ObjectVersion, DdfError> {
    if let Some(child) = element.optional("ObjectVersion")? {
        let text = child.text()?;
        if !text.is_empty() {
            let version = text.parse();
            return version.map_err(|_| child.error("an object version major.minor", quoted(&text)));
        }
    }
    // urn:oma:lwm2m:{oma,ext,x}:{id}[:{version}]
    let in_urn = urn.split(':').nth(5).and_then(|text| text.parse().ok());
    Ok(in_urn.unwrap_or(ObjectVersion::V1_0))
}

fn resources(element: Element) -> Result<Vec<ResourceDefinition>, DdfError> {
    let mut resources = Vec::new();
    let mut seen = BTreeSet::new();
    for item in element.children("Item") {
        if resources.len() == RESOURCES_MAX {
            return Err(item.error(format!("at most {RESOURCES_MAX} resources of an object"), "more"));
        }
        let definition = resource(item)?;
        if !seen.insert(definition.id) {
            return Err(item.error("every resource once", format!("resource {} again", definition.id)));
        }
        resources.push(definition);
    }
    resources.sort_by_key(|resource| resource.id);
    Ok(resources)
}

fn resource(item: Element) -> Result<ResourceDefinition, DdfError> {
    let id_text = item.attribute("ID").ok_or_else(|| item.error("an attribute ID of <Item>", "none"))?;
    let id = id(id_text).ok_or_else(|| item.error("a resource id from 0 to 65534", quoted(id_text)))?;
    let letters_element = item.required("Operations")?;
    let letters = letters_element.text()?;
    let operations = operations(&letters)
        .ok_or_else(|| letters_element.error("R, W, RW, E or nothing in <Operations>", quoted(&letters)))?;
    let type_element = item.required("Type")?;
    let type_name = type_element.text()?;
    let value_type = value_type(&type_name)
        .ok_or_else(|| type_element.error("a type or nothing in <Type>", quoted(&type_name)))?;
    let multiple = item.choice("MultipleInstances", "Multiple", "Single")?;
    // An executable resource has no value and is single (LwM2M Core §7.1). One that can be read and names no type is
    // let pass: its values stay raw.
    if operations.execute && value_type.is_some() {
        return Err(type_element.error("no type of an executable resource", quoted(&type_name)));
    }
    if operations.execute && multiple {
        let element = item.required("MultipleInstances")?;
        return Err(element.error("Single of an executable resource", quoted("Multiple")));
    }
    Ok(ResourceDefinition {
        id,
        name: name(item)?,
        operations,
        multiple,
        mandatory: item.choice("Mandatory", "Mandatory", "Optional")?,
        value_type,
        range: item.optional_text("RangeEnumeration")?,
        units: item.optional_text("Units")?,
        description: item.optional_text("Description")?,
    })
}

/// A name is one line, however it is laid out in the file.
fn name(element: Element) -> Result<String, DdfError> {
    let child = element.required("Name")?;
    let text = child.text()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { Err(child.error("a text in <Name>", "none")) } else { Ok(words.join(" ")) }
}

/// 65535 is reserved at every level (LwM2M Core §7.1).
fn id(text: &str) -> Option<u16> {
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| decimal && *id != u16::MAX)
}

/// `None`: no type has this name.
fn value_type(name: &str) -> Option<Option<ValueType>> {
    if name.is_empty() {
        return Some(None);
    }
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, value_type)| Some(*value_type))
}
