//! Bootstrap-Write (LwM2M Core §6.1.7.5): creates or replaces, whoever may do what otherwise, and whether or not the
//! target is there.

use std::collections::BTreeMap;

use coap::Message;
use lwm2m_codec::{Decoder, Level, Path, Record, registration::LwM2mVersion};

use super::{
    content_formats,
    create::put,
    object_tree::{ObjectInstance, ObjectTree, Resource},
    payload::{self, Values},
    refusal::Refusal,
    security_account::{SECURITY, SERVER},
};

const ACCESS_CONTROL: u16 = 2;

/// Writes the payload to an Object, an instance or a resource, or changes nothing at all. Returns what was written.
pub(super) fn write(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    request: &Message,
) -> Result<Vec<Record>, Refusal> {
    let expected = "expected an Object, an Object Instance or a Resource";
    if !matches!(path.level(), Level::Object | Level::ObjectInstance | Level::Resource) {
        return Err(Refusal::bad_request(format!("{expected}, got {path}")));
    }
    let format = payload::format(request, content_formats::supported(version))?;
    // This interface knows no alternate path (LwM2M 1.1 Transport, Alternate Path).
    let decoder = Decoder::new(format, path, tree.registry()).relative_ids();
    let values = decoder.decode_with_empty(payload::bounded(request)?);
    let values = values.map_err(|error| Refusal::bad_request(format!("{}: {error}", error.class.name())))?;
    if let Some(outside) = values.0.iter().find(|record| !record.path.starts_with(path)) {
        return Err(Refusal::bad_request(format!("expected values below {path}, got {}", outside.path)));
    }
    write_values(tree, version, path, values)
}

/// What is written at and below `path`, which may be the root for a Bootstrap-Pack.
pub(super) fn write_values(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    values: Values,
) -> Result<Vec<Record>, Refusal> {
    let given = by_instance(path, values)?;
    let made: Result<Vec<_>, Refusal> = given
        .into_iter()
        .map(|(at, values)| {
            Writing { tree, version, at, whole: path.level() != Level::Resource }.made(values)
        })
        .collect();
    let mut written = Vec::new();
    for Made { at: (object, instance), resources, records } in made? {
        let inserted = tree.insert_instance(object, instance, resources);
        inserted.map_err(|error| Refusal::bad_request(format!("{error}")))?;
        written.extend(records);
    }
    Ok(written)
}

/// The values of each instance, given as Object and instance.
fn by_instance(path: &Path, (records, empty): Values) -> Result<BTreeMap<(u16, u16), Values>, Refusal> {
    let mut given: BTreeMap<(u16, u16), Values> = BTreeMap::new();
    given.extend(path.object_id().zip(path.instance_id()).map(|at| (at, Values::default())));
    for record in records {
        let Some(at) = record.path.object_id().zip(record.path.instance_id()) else {
            return Err(Refusal::bad_request(format!("{}: expected an Object Instance", record.path)));
        };
        given.entry(at).or_default().0.push(record);
    }
    for path in empty {
        if let Some(at) = path.object_id().zip(path.instance_id()) {
            let values = given.entry(at).or_default();
            values.1.extend((path.level() == Level::Resource).then_some(path));
        }
    }
    Ok(given)
}

/// One instance in the making.
struct Writing<'a> {
    tree: &'a ObjectTree,
    version: LwM2mVersion,
    at: (u16, u16),
    /// The whole instance is written, and not one of its resources.
    whole: bool,
}

struct Made {
    at: (u16, u16),
    resources: ObjectInstance,
    records: Vec<Record>,
}

impl Writing<'_> {
    fn made(&self, (records, empty): Values) -> Result<Made, Refusal> {
        let (object, instance) = self.at;
        if !is_core(object) && !self.tree.contains(&Path::object(object)) {
            return Err(Refusal::bad_request(format!("expected an Object of this client, got /{object}")));
        }
        let room = self.tree.make_room(object, instance);
        room.map_err(|error| Refusal::bad_request(format!("{error}")))?;
        let mut resources = self.base();
        let mut written = Vec::new();
        for path in empty {
            if let Some(resource) = self.supported(&path) {
                resources.insert(resource, Resource::none());
            }
        }
        let mut begun = std::collections::BTreeSet::new();
        for record in records {
            let Some(resource) = self.supported(&record.path) else { continue };
            let checked = self.tree.check(&record.path, &record.value);
            checked.map_err(|error| Refusal::bad_request(format!("{error}")))?;
            if begun.insert(resource) {
                // What was there before is replaced, all instances of a multiple resource included.
                resources.remove(resource);
            }
            put(&mut resources, resource, record.clone())?;
            written.push(record);
        }
        Ok(Made { at: self.at, resources, records: written })
    }

    /// What the instance has besides what is written: for a resource all that is there, else only what no server
    /// writes anyway.
    fn base(&self) -> ObjectInstance {
        let (object, instance) = self.at;
        let held = self.tree.instance(object, instance);
        if let (Some(held), false) = (held, self.whole) {
            return held.clone();
        }
        if object == SERVER {
            return executables(self.version);
        }
        if is_core(object) {
            return ObjectInstance::default();
        }
        let is_own = |resource: &u16| {
            let definition = self.tree.definition(&Path::resource(object, instance, *resource));
            definition.is_some_and(|definition| !definition.operations.write)
        };
        match (held, self.tree.template(object)) {
            (Some(held), _) => {
                let own = held.iter().filter(|(resource, _)| is_own(resource));
                own.map(|(resource, content)| (resource, content.clone())).collect()
            }
            (None, Some(template)) => template.initial().clone(),
            (None, None) => ObjectInstance::default(),
        }
    }

    /// The resource that a value is for; what the client does not support is passed over, which is no error.
    fn supported(&self, path: &Path) -> Option<u16> {
        let (object, resource) = path.object_id().zip(path.resource_id())?;
        let defined = self.tree.definition(path)?.value_type.is_some();
        let supported = match of_core(self.version, object) {
            Some(last) => resource <= last,
            None => {
                let template = self.tree.template(object);
                self.tree.supports(object, resource) || template.is_some_and(|it| it.supports(resource))
            }
        };
        (defined && supported).then_some(resource)
    }
}

pub(super) const fn is_core(object: u16) -> bool {
    matches!(object, SECURITY | SERVER | ACCESS_CONTROL)
}

/// The last resource that this client supports of an Object that bootstrap is about; it has all before it.
const fn of_core(version: LwM2mVersion, object: u16) -> Option<u16> {
    Some(match (object, version) {
        (SECURITY, LwM2mVersion::V1_0) => 12,
        (SECURITY, _) => 17,
        (SERVER, LwM2mVersion::V1_0) => 8,
        (SERVER, LwM2mVersion::V1_1) => 23,
        (SERVER, LwM2mVersion::V1_2) => 27,
        (ACCESS_CONTROL, _) => 3,
        _ => return None,
    })
}

/// Disable, Registration Update Trigger and, since 1.1, Bootstrap-Request Trigger: they come with the account.
fn executables(version: LwM2mVersion) -> ObjectInstance {
    let since_1_1 = (version >= LwM2mVersion::V1_1).then_some(9);
    [4, 8].into_iter().chain(since_1_1).map(|resource| (resource, Resource::Executable)).collect()
}
