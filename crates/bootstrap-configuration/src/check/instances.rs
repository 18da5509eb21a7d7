//! Instances of any other Object.

use std::collections::BTreeSet;

use console_api::{BootstrapInstance, NamedValue};
use lwm2m_codec::{Level, Path};
use lwm2m_model::{ObjectDefinition, Registry};

use super::findings::Findings;
use crate::{
    limits,
    value::{quoted, typed, value_path},
};

/// Objects with fields of their own.
const ELSEWHERE: [u16; 3] = [0, 1, 2];

pub(super) fn check(instances: &[BootstrapInstance], registry: &Registry, findings: &mut Findings) {
    findings.check_count("instances", "instances", instances.len(), limits::INSTANCES);
    let mut known = BTreeSet::new();
    for (position, instance) in instances.iter().enumerate().take(limits::INSTANCES) {
        let field = format!("instances/{position}");
        let Some(path) = check_path(&field, instance, registry, findings) else { continue };
        if !known.insert(path) {
            findings.problem(&format!("{field}/path"), "each instance once", format!("{path} again"));
        }
        check_values(&field, &path, &instance.values, registry, findings);
    }
}

fn check_path(
    field: &str,
    instance: &BootstrapInstance,
    registry: &Registry,
    findings: &mut Findings,
) -> Option<Path> {
    let field = format!("{field}/path");
    let path: Path = match instance.path.parse() {
        Ok(path) => path,
        Err(error) => {
            findings.problem(&field, "an Object Instance such as /3442/0", format!("{error}"));
            return None;
        }
    };
    let (Some(object), Some(id), Level::ObjectInstance) =
        (path.object_id(), path.instance_id(), path.level())
    else {
        findings.problem(&field, "an Object Instance such as /3442/0", quoted(&instance.path));
        return None;
    };
    if ELSEWHERE.contains(&object) {
        let expected = "another Object than 0, 1 and 2, which are accounts and access control";
        findings.problem(&field, expected, quoted(&instance.path));
        return None;
    }
    match registry.object(object) {
        None => {
            let expected = "an Object with a definition, so that its values can be checked";
            findings.warning(&field, expected, format!("/{object}"));
        }
        Some(definition) if !definition.multiple && id != 0 => {
            let expected = format!("/{object}/0, as {} has one instance", definition.name);
            findings.problem(&field, expected, format!("{path}"));
        }
        Some(_) => {}
    }
    Some(path)
}

fn check_values(
    field: &str,
    instance: &Path,
    values: &[NamedValue],
    registry: &Registry,
    findings: &mut Findings,
) {
    let field = format!("{field}/values");
    findings.check_count(&field, "values", values.len(), limits::VALUES_PER_INSTANCE);
    let mut known: BTreeSet<Path> = BTreeSet::new();
    for (position, named) in values.iter().enumerate().take(limits::VALUES_PER_INSTANCE) {
        let at = |name: &str| format!("{field}/{position}/{name}");
        let Some(path) = value_path(instance, &named.path) else {
            let expected = format!("a Resource below {instance}: 10, or 10/0 of one with several instances");
            findings.problem(&at("path"), expected, quoted(&named.path));
            continue;
        };
        if known.iter().any(|before| before.starts_with(&path) || path.starts_with(before)) {
            findings.problem(&at("path"), "each value once", format!("{path} again"));
        }
        known.insert(path);
        let definition = path.object_id().and_then(|object| registry.object(object));
        let resource = path.resource_id().unwrap_or_default();
        match definition {
            Some(definition) if definition.resource(resource).is_none() => {
                let expected = format!("a Resource of {}", definition.name);
                findings.problem(&at("path"), expected, resource.to_string());
            }
            _ => {
                if let Err(mismatch) = typed(&path, &named.value, registry) {
                    findings.problem(&at("value"), mismatch.expected, mismatch.got);
                }
            }
        }
    }
    if let Some(definition) = instance.object_id().and_then(|object| registry.object(object)) {
        check_mandatory(&field, definition, &known, findings);
    }
}

/// The device may have values of its own for what is not written.
fn check_mandatory(
    field: &str,
    definition: &ObjectDefinition,
    given: &BTreeSet<Path>,
    findings: &mut Findings,
) {
    let is_given = |resource| given.iter().any(|path| path.resource_id() == Some(resource));
    let missing = definition
        .resources
        .iter()
        .filter(|resource| resource.mandatory && !resource.operations.execute && !is_given(resource.id));
    let missing: Vec<String> = missing.map(|resource| format!("{} {}", resource.id, resource.name)).collect();
    if !missing.is_empty() {
        let expected = format!("all mandatory Resources of {}", definition.name);
        findings.warning(field, expected, format!("none for {}", missing.join(", ")));
    }
}
