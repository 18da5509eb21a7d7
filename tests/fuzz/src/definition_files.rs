//! Object definitions: in XML, in JSON, and a whole registry in its compact form.

use std::collections::BTreeSet;

use lwm2m_codec::registration::LwM2mVersion;
use lwm2m_model::{
    DefinitionFileError, ObjectDefinition, Registry, ResourceDefinition,
    ddf::{self, DdfError},
    read_definitions,
};

use crate::{allocation, answers};

/// An object definition file.
pub fn ddf_xml(data: &[u8]) {
    match allocation::defining(data.len(), || ddf::parse(data)) {
        Err(error) => check_place(&error, data),
        Ok(definitions) => {
            assert!(!definitions.is_empty(), "a file without an object");
            let mut seen = BTreeSet::new();
            for definition in &definitions {
                assert!(seen.insert((definition.id, definition.version)), "twice: {definition:?}");
                check_name(&definition.name);
                definition.resources.iter().for_each(check_resource);
            }
            check_registry(&registry_of(definitions));
        }
    }
}

/// Says what was expected and what came, at a place within the file.
fn check_place(error: &DdfError, data: &[u8]) {
    assert!(!error.expected.is_empty() && !error.got.is_empty(), "says too little: {error:?}");
    answers::check_message(&error.to_string());
    let text = String::from_utf8_lossy(data);
    let line = (error.line as usize).checked_sub(1).and_then(|above| text.split('\n').nth(above));
    // An error at the end stands behind the last character.
    let columns = line.map(|line| 1..=line.chars().count() + 1);
    let within = columns.is_some_and(|columns| columns.contains(&(error.column as usize)));
    assert!(within, "beyond the end: {error:?}");
}

fn check_name(name: &str) {
    assert!(!name.trim().is_empty() && !name.contains('\n'), "no name: {name:?}");
}

fn check_resource(resource: &ResourceDefinition) {
    check_name(&resource.name);
    let executable = resource.operations.execute;
    assert!(!executable || (resource.value_type.is_none() && !resource.multiple), "{resource:?}");
}

/// The first byte says which: definitions in any form, or the compact form. The next three are about a search: how many
/// hits at most, and what part of the rest is looked for.
pub fn definitions(data: &[u8]) {
    let Some((&[selector, limit, start, length], file)) = data.split_first_chunk() else { return };
    let registry = if selector & 1 == 0 { read(file) } else { read_compact(file) };
    let Some(registry) = registry else { return };
    check_registry(&registry);
    let part = usize::from(start)..usize::from(start) + usize::from(length);
    let query = String::from_utf8_lossy(file.get(part).unwrap_or_default());
    check_search(&registry, &query, usize::from(limit));
}

fn read(file: &[u8]) -> Option<Registry> {
    match allocation::defining(file.len(), || read_definitions(file)) {
        Ok(definitions) => Some(registry_of(definitions)),
        Err(error) => {
            match &error {
                DefinitionFileError::Ddf(error) => check_place(error, file),
                other => answers::check_message(&other.to_string()),
            }
            None
        }
    }
}

fn read_compact(bytes: &[u8]) -> Option<Registry> {
    match allocation::expanding(bytes.len(), || Registry::from_bytes(bytes)) {
        Ok(registry) => Some(registry),
        Err(error) => {
            answers::check_message(&error.to_string());
            None
        }
    }
}

fn registry_of(definitions: Vec<ObjectDefinition>) -> Registry {
    let mut registry = Registry::new();
    registry.add(definitions);
    registry
}

/// Ids are legal and in order, every version is found, and the compact form says the same.
fn check_registry(registry: &Registry) {
    let mut before = None;
    for definition in registry.definitions() {
        let key = (definition.id, definition.version);
        assert!(before < Some(key) && definition.id != u16::MAX, "out of order: {definition:?}");
        before = Some(key);
        let ids: Vec<u16> = definition.resources.iter().map(|resource| resource.id).collect();
        assert!(ids.is_sorted_by(|one, next| one < next) && !ids.contains(&u16::MAX), "{ids:?}");
        assert_eq!(registry.definition(definition.id, definition.version), Some(definition));
        let version = definition.version.to_string();
        let client = registry.for_client(LwM2mVersion::V1_1, [(definition.id, version.as_str())]);
        assert_eq!(client.object(definition.id), Some(definition));
        for range in definition.resources.iter().filter_map(ResourceDefinition::value_range) {
            answers::check_message(&range.to_string());
        }
    }
    check_compact(registry);
}

/// Nothing but prose is lost.
fn check_compact(registry: &Registry) {
    let bytes = match registry.to_bytes() {
        Ok(bytes) => bytes,
        Err(error) => {
            assert!(error.expected.contains("U+0000"), "{error}");
            return;
        }
    };
    let again = Registry::from_bytes(&bytes).unwrap_or_else(|error| panic!("{error}\nfrom {registry:?}"));
    let without_prose = registry.definitions().cloned().map(|mut definition| {
        definition.description.clear();
        definition.description2.clear();
        definition.resources.iter_mut().for_each(|resource| resource.description.clear());
        definition
    });
    assert_eq!(again, registry_of(without_prose.collect()));
}

/// A bound on the hits cuts the list and changes nothing else.
fn check_search(registry: &Registry, query: &str, limit: usize) {
    let hits = registry.search(query, limit);
    assert!(hits.len() <= limit, "{} hits, {limit} were asked for", hits.len());
    let all = registry.search(query, usize::MAX);
    assert_eq!(hits, all[..all.len().min(limit)], "for {query:?}");
    for hit in all {
        assert_eq!(registry.object(hit.object.id), Some(hit.object), "not a current one");
        let own = hit.resource.is_none_or(|resource| hit.object.resource(resource.id) == Some(resource));
        assert!(own, "of another object: {hit:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise they would be no first inputs.
    #[test]
    fn the_first_inputs_in_compact_form_are_as_they_are_written() {
        let inputs: [&[u8]; 2] = [
            include_bytes!("../seeds/definitions/one_object"),
            include_bytes!("../seeds/definitions/versions"),
        ];
        for input in inputs {
            assert_eq!(Registry::from_bytes(input).unwrap().to_bytes().unwrap(), input);
        }
    }
}
