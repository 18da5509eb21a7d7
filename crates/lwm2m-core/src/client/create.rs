//! Create (LwM2M Core §6.3.6): new instances of an object, all of those in the payload or none.

use std::collections::BTreeMap;

use coap::{Code, Message};
use lwm2m_codec::{ContentFormat, Level, Path, Record, registration::LwM2mVersion};
use lwm2m_model::{
    ResourceDefinition,
    access_control::{Effect, Operation, Requester},
};

use super::{
    access_control,
    config::ClientConfig,
    content_formats, limits,
    object_tree::{ObjectInstance, ObjectTree, Resource, TreeError},
    payload::{self, Values, check_value, internal},
    refusal::Refusal,
    template::Template,
};

const DEVICE: u16 = 3;

/// The formats that can say more than one value.
const WITH_SEVERAL_VALUES: [ContentFormat; 5] = [
    ContentFormat::TLV,
    ContentFormat::JSON,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::LWM2M_CBOR,
];

/// Performs a Create on `/object`; returns the paths of the new instances.
pub(super) fn create(
    tree: &mut ObjectTree,
    config: &ClientConfig,
    requester: Requester,
    object: u16,
    request: &Message,
) -> Result<Vec<Path>, Refusal> {
    let operation = Operation::Create { object, instance: None };
    let effects = access_control::permit(tree, requester, &operation)?.effects;
    let Some(template) = tree.template(object).filter(|_| object != DEVICE).cloned() else {
        return Err(Refusal::not_allowed(format!("instances of /{object} cannot be created")));
    };
    let given = given(tree, config, object, request)?;
    check_ids(tree, object, given.keys().copied())?;
    let owner = effects.iter().find_map(|effect| match effect {
        Effect::GuardCreated { owner, .. } => Some(*owner),
        Effect::GuardRemoved { .. } => None,
    });
    if owner.is_some() && !access_control::has_room(tree, given.len()) {
        return Err(full(access_control::ACCESS_CONTROL));
    }
    let version = config.version;
    let instances: Result<Vec<_>, Refusal> = given
        .into_iter()
        .map(|(instance, values)| {
            Ok((instance, New { tree, version, template: &template, instance }.instance(values)?))
        })
        .collect();
    let mut created = Vec::new();
    for (instance, resources) in instances? {
        tree.insert_instance(object, instance, resources).map_err(internal)?;
        if let Some(owner) = owner {
            access_control::add_guard(tree, object, instance, owner).map_err(internal)?;
        }
        created.push(Path::instance(object, instance));
    }
    Ok(created)
}

/// What the payload says, by instance. A payload that names no instance is about one whose id the client chooses.
fn given(
    tree: &ObjectTree,
    config: &ClientConfig,
    object: u16,
    request: &Message,
) -> Result<BTreeMap<u16, Values>, Refusal> {
    let fresh = tree.free_instance_id(object).ok_or_else(|| full(object))?;
    let values = if request.payload.is_empty() && request.options.content_format().is_none() {
        if config.version < LwM2mVersion::V1_2 {
            return Err(Refusal::bad_request("expected a payload, which Create needs before LwM2M 1.2"));
        }
        Values::default()
    } else {
        let usable = |format: &ContentFormat| WITH_SEVERAL_VALUES.contains(format);
        let supported: Vec<_> =
            content_formats::supported(config.version).iter().copied().filter(usable).collect();
        decode(tree, config, &Path::instance(object, fresh), payload::format(request, &supported)?, request)?
    };
    let (records, empty) = values;
    let mut given: BTreeMap<u16, Values> = BTreeMap::new();
    for record in records {
        let instance = record.path.instance_id().unwrap_or(fresh);
        given.entry(instance).or_default().0.push(record);
    }
    for path in empty {
        let values = given.entry(path.instance_id().unwrap_or(fresh)).or_default();
        values.1.extend((path.level() == Level::Resource).then_some(path));
    }
    if given.is_empty() {
        given.insert(fresh, Values::default());
    }
    Ok(given)
}

/// TLV and LwM2M CBOR may begin with the instance or, where the client is to choose its id, with the resources.
fn decode(
    tree: &ObjectTree,
    config: &ClientConfig,
    fresh: &Path,
    format: ContentFormat,
    request: &Message,
) -> Result<Values, Refusal> {
    let bytes = payload::bounded(request)?;
    let below =
        |path: &Path| payload::decoder(tree, config, format, path).relative_ids().decode_with_empty(bytes);
    let with_ids = match below(&fresh.truncate(Level::Object)) {
        Ok(values) => return Ok(values),
        Err(error) => error,
    };
    let may_be_without = [ContentFormat::TLV, ContentFormat::LWM2M_CBOR].contains(&format);
    match below(fresh) {
        Ok(values) if may_be_without => Ok(values),
        // Bits 7 and 6 of a TLV of a resource.
        Err(error) if format == ContentFormat::TLV && bytes.first().is_some_and(|byte| byte & 0x80 != 0) => {
            Err(payload::refused(&error))
        }
        _ => Err(payload::refused(&with_ids)),
    }
}

/// Checks that each id is free and legal, and that there is room.
fn check_ids(
    tree: &ObjectTree,
    object: u16,
    instances: impl ExactSizeIterator<Item = u16>,
) -> Result<(), Refusal> {
    let held = tree.instances(object).into_iter().flatten().count();
    if held + instances.len() > limits::OBJECT_INSTANCES {
        return Err(full(object));
    }
    let single = tree.registry().object(object).is_some_and(|definition| !definition.multiple);
    for instance in instances {
        let path = Path::instance(object, instance);
        if tree.contains(&path) {
            return Err(Refusal::bad_request(format!("{path} exists already")));
        }
        if single && instance != 0 {
            return Err(Refusal::bad_request(format!("{}", TreeError::SingleInstance { path })));
        }
    }
    Ok(())
}

fn full(object: u16) -> Refusal {
    let text = format!("/{object} holds as many instances as it can");
    Refusal::new(Code::SERVICE_UNAVAILABLE, text)
}

/// One instance in the making.
struct New<'a> {
    tree: &'a ObjectTree,
    version: LwM2mVersion,
    template: &'a Template,
    instance: u16,
}

impl New<'_> {
    fn instance(&self, (records, empty): Values) -> Result<ObjectInstance, Refusal> {
        let mut resources = ObjectInstance::default();
        for path in empty {
            if let Some(resource) = self.takes(&path) {
                resources.insert(resource, Resource::none());
            }
        }
        for record in records {
            if let Some(resource) = self.takes(&record.path) {
                check_value(self.tree, &record)?;
                put(&mut resources, resource, record)?;
            }
        }
        self.complete(resources)
    }

    /// The resource that a value is for. What servers cannot write, and what the client does not support, is passed
    /// over (LwM2M Core §6.3.6).
    fn takes(&self, path: &Path) -> Option<u16> {
        let definition = self.tree.definition(path)?;
        (definition.operations.write && self.template.supports(definition.id)).then_some(definition.id)
    }

    /// Adds what the client provides, and checks that nothing mandatory is missing.
    fn complete(&self, mut resources: ObjectInstance) -> Result<ObjectInstance, Refusal> {
        let object = self.template.object();
        for (id, initial) in self.template.initial().iter() {
            let definition = self.tree.definition(&Path::resource(object, self.instance, id));
            // LwM2M 1.2 Core §6.3.6: what the server leaves out may have a default. Before, it leaves out nothing.
            let provided = self.version >= LwM2mVersion::V1_2
                || !definition.is_some_and(|definition| definition.operations.write);
            if provided && !resources.contains(id) {
                resources.insert(id, initial.clone());
            }
        }
        let definitions = self.tree.registry().object(object).into_iter();
        let is_missing =
            |definition: &&ResourceDefinition| definition.mandatory && !resources.contains(definition.id);
        match definitions.flat_map(|object| &object.resources).find(is_missing) {
            Some(missing) => {
                let path = Path::resource(object, self.instance, missing.id);
                Err(Refusal::bad_request(format!("{path} {} is mandatory and missing", missing.name)))
            }
            None => Ok(resources),
        }
    }
}

pub(super) fn put(resources: &mut ObjectInstance, resource: u16, record: Record) -> Result<(), Refusal> {
    let Some(id) = record.path.resource_instance_id() else {
        resources.insert(resource, Resource::Single(record.value));
        return Ok(());
    };
    if !resources.contains(resource) {
        resources.insert(resource, Resource::none());
    }
    let Some(Resource::Multiple(instances)) = resources.at_mut(resource) else {
        return Err(Refusal::bad_request(format!("{}: expected one value", record.path)));
    };
    instances.insert(id, record.value);
    if instances.len() > limits::RESOURCE_INSTANCES {
        let limit = limits::RESOURCE_INSTANCES;
        let text = format!("{}: expected at most {limit} resource instances", record.path);
        return Err(Refusal::bad_request(text));
    }
    Ok(())
}
