use std::collections::{BTreeMap, BTreeSet};

use coap::Message;
use lwm2m_codec::{Level, Path, Record, registration::LwM2mVersion};

use super::{
    config::ClientConfig,
    content_formats, limits,
    object_tree::{ObjectTree, Resource},
    payload::{self, Values, check_value, internal},
    refusal::Refusal,
};

/// The two meanings of Write (LwM2M 1.0 TS §5.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteMode {
    Replace,
    PartialUpdate,
}

/// Writes the payload to an object instance, resource or resource instance, or changes nothing at all.
///
/// Returns what was written. Whether the server may write there is decided before.
pub(super) fn write(
    tree: &mut ObjectTree,
    config: &ClientConfig,
    path: &Path,
    request: &Message,
    mode: WriteMode,
) -> Result<Vec<Record>, Refusal> {
    let (records, empty) = decode(tree, config, path, request)?;
    if records.is_empty() && holds_one_value(tree, path) {
        return Err(Refusal::bad_request(format!("expected a value for {path}, got none")));
    }
    let resources = by_resource(tree, config.version, path, records, &empty)?;
    for records in resources.values() {
        for record in records {
            check_value(tree, record)?;
        }
    }
    check_number_of_instances(tree, path, &resources, mode)?;
    if path.level() == Level::ObjectInstance && mode == WriteMode::Replace {
        remove_unmentioned(tree, path, &resources)?;
    }
    let replace_arrays = mode == WriteMode::Replace && path.level() != Level::ResourceInstance;
    let mut written = Vec::new();
    for (resource, records) in resources {
        apply(tree, &resource, &records, replace_arrays)?;
        written.extend(records);
    }
    Ok(written)
}

fn require_writable(tree: &ObjectTree, path: &Path) -> Result<(), Refusal> {
    if tree.definition(path).is_some_and(|definition| definition.operations.write) {
        Ok(())
    } else {
        Err(Refusal::not_allowed(format!("{path} cannot be written")))
    }
}

/// A single resource or a resource instance. SenML can be empty, and such a target cannot.
fn holds_one_value(tree: &ObjectTree, path: &Path) -> bool {
    match path.level() {
        Level::Resource => tree.definition(path).is_some_and(|definition| !definition.multiple),
        level => level == Level::ResourceInstance,
    }
}

fn decode(
    tree: &ObjectTree,
    config: &ClientConfig,
    path: &Path,
    request: &Message,
) -> Result<Values, Refusal> {
    let format = payload::format(request, content_formats::supported(config.version))?;
    // A Write may leave the ids of its target out (LwM2M Core 1.2 §7.4.6).
    let decoder = payload::decoder(tree, config, format, path).relative_ids();
    decoder.decode_with_empty(payload::bounded(request)?).map_err(|error| payload::refused(&error))
}

/// Groups the records by resource and checks that each of these may be written.
///
/// A resource the client does not support is left out of a write to the whole instance without an error since
/// LwM2M 1.1 (Core §6.3.3).
fn by_resource(
    tree: &ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    records: Vec<Record>,
    empty: &[Path],
) -> Result<BTreeMap<Path, Vec<Record>>, Refusal> {
    let mut resources: BTreeMap<Path, Vec<Record>> = BTreeMap::new();
    let is_supported = |resource: &Path| match (resource.object_id(), resource.resource_id()) {
        (Some(object), Some(id)) if tree.contains(resource) || tree.supports(object, id) => {
            require_writable(tree, resource).map(|()| true)
        }
        _ if version < LwM2mVersion::V1_1 => Err(Refusal::not_found(resource)),
        _ => Ok(false),
    };
    // An empty multiple resource is a legal value, so the resource counts as mentioned without any record.
    if path.level() >= Level::Resource {
        resources.entry(path.truncate(Level::Resource)).or_default();
    }
    for resource in empty.iter().filter(|empty| empty.level() == Level::Resource) {
        if is_supported(resource)? {
            resources.entry(*resource).or_default();
        }
    }
    for record in records {
        if !record.path.starts_with(path) {
            return Err(Refusal::bad_request(format!("expected values below {path}, got {}", record.path)));
        }
        let resource = record.path.truncate(Level::Resource);
        if is_supported(&resource)? {
            resources.entry(resource).or_default().push(record);
        }
    }
    Ok(resources)
}

fn check_number_of_instances(
    tree: &ObjectTree,
    path: &Path,
    resources: &BTreeMap<Path, Vec<Record>>,
    mode: WriteMode,
) -> Result<(), Refusal> {
    for (resource, records) in resources {
        let mut ids: BTreeSet<u16> =
            records.iter().filter_map(|record| record.path.resource_instance_id()).collect();
        if (mode == WriteMode::PartialUpdate || path.level() == Level::ResourceInstance)
            && let Some(Resource::Multiple(held)) = tree.resource(resource)
        {
            ids.extend(held.ids());
        }
        if ids.len() > limits::RESOURCE_INSTANCES {
            let limit = limits::RESOURCE_INSTANCES;
            return Err(Refusal::bad_request(format!("{resource}: expected at most {limit} instances")));
        }
    }
    Ok(())
}

/// A Replace of an instance removes the optional resources that it does not mention. Resources that are mandatory
/// or that the server cannot write stay.
fn remove_unmentioned(
    tree: &mut ObjectTree,
    path: &Path,
    mentioned: &BTreeMap<Path, Vec<Record>>,
) -> Result<(), Refusal> {
    let (Some(object), Some(instance)) = (path.object_id(), path.instance_id()) else { return Ok(()) };
    let held: Vec<Path> = tree
        .instance(object, instance)
        .into_iter()
        .flat_map(|resources| resources.ids())
        .map(|id| Path::resource(object, instance, id))
        .collect();
    for resource in held {
        let removable = tree
            .definition(&resource)
            .is_some_and(|definition| definition.operations.write && !definition.mandatory);
        if removable && !mentioned.contains_key(&resource) {
            tree.remove(resource).map_err(internal)?;
        }
    }
    Ok(())
}

fn apply(
    tree: &mut ObjectTree,
    resource: &Path,
    records: &[Record],
    replace_array: bool,
) -> Result<(), Refusal> {
    if replace_array && matches!(tree.resource(resource), Some(Resource::Multiple(_))) {
        let values = records
            .iter()
            .filter_map(|record| Some((record.path.resource_instance_id()?, record.value.clone())))
            .collect();
        return tree.replace_multiple(*resource, values).map_err(internal);
    }
    for record in records {
        if tree.value(&record.path) != Some(&record.value) {
            tree.insert(record.path, record.value.clone()).map_err(internal)?;
        }
    }
    Ok(())
}
