use std::collections::{BTreeMap, BTreeSet};

use coap::{Code, Message};
use lwm2m_codec::{
    ContentFormat, Decoder, ErrorClass, Level, Path, Record, Value, registration::LwM2mVersion,
};

use super::{
    content_formats, limits,
    object_tree::{ObjectTree, Resource},
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
/// Returns what was written.
pub(super) fn write(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    request: &Message,
    mode: WriteMode,
) -> Result<Vec<Record>, Refusal> {
    if path.level() >= Level::Resource {
        require_writable(tree, path)?;
    }
    let (records, empty) = decode_payload(tree, version, path, request)?;
    if records.is_empty() && holds_one_value(tree, path) {
        return Err(Refusal::bad_request(format!("expected a value for {path}, got none")));
    }
    let resources = by_resource(tree, path, records, &empty)?;
    for records in resources.values() {
        for record in records {
            check_value(tree, record)?;
        }
    }
    check_number_of_instances(tree, &resources, mode)?;
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

/// The values, and the multiple resources that are given with nothing in them.
fn decode_payload(
    tree: &ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    request: &Message,
) -> Result<(Vec<Record>, Vec<Path>), Refusal> {
    let Some(format) = request.options.content_format().map(ContentFormat) else {
        return Err(Refusal::bad_request("Write needs a Content-Format"));
    };
    let format = format.canonical();
    let supported = content_formats::supported(version);
    if !supported.contains(&format) {
        let names: Vec<String> = supported.iter().map(|format| content_formats::shown(*format)).collect();
        let text = format!("expected {}, got {}", names.join(", "), content_formats::shown(format));
        return Err(Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, text));
    }
    // A Write may leave the ids of its target out (LwM2M Core 1.2 §7.4.6).
    let decoder = Decoder::new(format, path, tree.registry()).relative_ids();
    decoder.decode_with_empty(bounded_payload(request)?).map_err(|error| {
        let text = format!("{}: {error}", error.class.name());
        match error.class {
            // An executable resource among the values: no resource without the operation W can be written.
            ErrorClass::ResourceNotReadable => Refusal::not_allowed(text),
            _ => Refusal::bad_request(text),
        }
    })
}

/// The payload, unless it is longer than this client takes.
pub(super) fn bounded_payload(request: &Message) -> Result<&[u8], Refusal> {
    let (limit, length) = (limits::REQUEST_PAYLOAD_BYTES, request.payload.len());
    if length > limit {
        let text = format!("expected at most {limit} bytes, got {length}");
        return Err(Refusal::new(Code::REQUEST_ENTITY_TOO_LARGE, text));
    }
    Ok(&request.payload)
}

/// Groups the records by resource and checks that each of these may be written.
///
/// A resource the client does not support is left out of a write to the whole instance without an error
/// (LwM2M 1.1 Core §6.3.3).
fn by_resource(
    tree: &ObjectTree,
    path: &Path,
    records: Vec<Record>,
    empty: &[Path],
) -> Result<BTreeMap<Path, Vec<Record>>, Refusal> {
    let mut resources: BTreeMap<Path, Vec<Record>> = BTreeMap::new();
    let is_supported = |resource: &Path| match (resource.object_id(), resource.resource_id()) {
        (Some(object), Some(id)) => tree.contains(resource) || tree.supports(object, id),
        _ => false,
    };
    // An empty multiple resource is a legal value, so the resource counts as mentioned without any record.
    if path.level() >= Level::Resource {
        resources.entry(path.truncate(Level::Resource)).or_default();
    }
    for resource in empty.iter().filter(|resource| is_supported(resource)) {
        require_writable(tree, resource)?;
        resources.entry(*resource).or_default();
    }
    for record in records {
        if !record.path.starts_with(path) {
            return Err(Refusal::bad_request(format!("expected values below {path}, got {}", record.path)));
        }
        let resource = record.path.truncate(Level::Resource);
        if is_supported(&resource) {
            require_writable(tree, &resource)?;
            resources.entry(resource).or_default().push(record);
        }
    }
    Ok(resources)
}

fn check_value(tree: &ObjectTree, record: &Record) -> Result<(), Refusal> {
    let path = &record.path;
    tree.check(path, &record.value).map_err(|error| Refusal::bad_request(format!("{error}")))?;
    let permitted = tree.permits(path, Some(&record.value));
    permitted.map_err(|why| Refusal::not_allowed(format!("{path} cannot be written: {why}")))?;
    match (&record.value, path.object_id(), path.resource_id()) {
        (Value::ObjectLink(link), ..) => {
            // 65535:65535 is the null link, n:65535 a link to the object itself.
            let target = match (link.object, link.instance) {
                (u16::MAX, u16::MAX) => return Ok(()),
                (object, u16::MAX) => Path::object(object),
                (object, instance) => Path::instance(object, instance),
            };
            if !tree.contains(&target) {
                return Err(Refusal::bad_request(format!("{path} links to {target}, which does not exist")));
            }
        }
        // The lifetime of `/1/x/1` is sent as `lt`, which is a positive number of seconds.
        (Value::Integer(seconds), Some(1), Some(1)) if !(1..=i64::from(u32::MAX)).contains(seconds) => {
            let text = format!("{path}: expected a lifetime of 1..{} s, got {seconds}", u32::MAX);
            return Err(Refusal::bad_request(text));
        }
        _ => {}
    }
    Ok(())
}

fn check_number_of_instances(
    tree: &ObjectTree,
    resources: &BTreeMap<Path, Vec<Record>>,
    mode: WriteMode,
) -> Result<(), Refusal> {
    for (resource, records) in resources {
        let mut ids: BTreeSet<u16> =
            records.iter().filter_map(|record| record.path.resource_instance_id()).collect();
        if mode == WriteMode::PartialUpdate
            && let Some(Resource::Multiple(held)) = tree.resource(resource)
        {
            ids.extend(held.keys());
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
        .flat_map(|resources| resources.keys())
        .map(|&id| Path::resource(object, instance, id))
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

/// Everything was checked before, so a refusal by the tree is a fault of this client.
fn internal(error: super::TreeError) -> Refusal {
    Refusal::new(Code::INTERNAL_SERVER_ERROR, format!("{error}"))
}
