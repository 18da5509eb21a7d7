//! Object 2 as it lies in the tree, and the question whether a server may do what it asks for (LwM2M Core §8).

use std::collections::BTreeSet;

use coap::Code;
use lwm2m_codec::{Lookup, Path, Value};
use lwm2m_model::access_control::{
    AccessControlContext, AccessControlInstance, AccessRights, Decision, Operation, Presence, Requester,
    ResourcePresence, ResponseCode,
};

use super::{
    limits,
    object_tree::{ObjectTree, Resource, TreeError},
    refusal::Refusal,
};

const SERVER: u16 = 1;
pub(super) const ACCESS_CONTROL: u16 = 2;

/// The server whose account is `/1/{server_instance}`. One without a Short Server ID is called 0, which no entry
/// but the default one names.
pub(super) fn requester(tree: &ObjectTree, server_instance: u16) -> Requester {
    Requester::Server(short_server_id(tree, server_instance).unwrap_or_default())
}

/// What the operation reaches, or why the client does not perform it.
///
/// This is where the order of checks is decided: forbidden objects, level, existence, right, existence of the
/// resource, and whether it supports the operation.
pub(super) fn permit(
    tree: &ObjectTree,
    requester: Requester,
    operation: &Operation,
) -> Result<Decision, Refusal> {
    let decision = context(tree, requester).decide(requester, operation, tree);
    if decision.is_allowed() {
        return Ok(decision);
    }
    // A notification or a Send that may not go out has no code of its own.
    let (class, detail) = decision.code().unwrap_or(ResponseCode::Unauthorized).parts();
    Err(Refusal::new(Code::new(class, detail), format!("{}", decision.reason)))
}

/// Whether a notification or a Send may tell the value at `path`.
pub(super) fn may_read(tree: &ObjectTree, requester: Requester, path: &Path) -> bool {
    // Without Object 2 there is nothing to look up for each value.
    let is_guarded = tree.instances(ACCESS_CONTROL).is_some_and(|mut instances| instances.next().is_some());
    !is_guarded || permit(tree, requester, &Operation::Notify(vec![*path])).is_ok()
}

/// Whether Object 2 can have that many more instances.
pub(super) fn has_room(tree: &ObjectTree, more: usize) -> bool {
    let held = tree.instances(ACCESS_CONTROL).into_iter().flatten().count();
    held + more <= limits::OBJECT_INSTANCES
}

/// Adds the instance of Object 2 that guards a new object instance. Its owner has all rights (LwM2M Core §8.1).
pub(super) fn add_guard(
    tree: &mut ObjectTree,
    object: u16,
    instance: u16,
    owner: u16,
) -> Result<(), TreeError> {
    let limit = limits::OBJECT_INSTANCES;
    let full =
        TreeError::TooMany { path: Path::object(ACCESS_CONTROL), limit, what: "instances of an object" };
    let id = tree.free_instance_id(ACCESS_CONTROL).ok_or(full)?;
    let number = |number: u16| Value::Integer(number.into());
    let resource = |resource| Path::resource(ACCESS_CONTROL, id, resource);
    let all = number(AccessRights::ALL_OF_INSTANCE.bits());
    tree.insert(resource(0), number(object))?;
    tree.insert(resource(1), number(instance))?;
    tree.insert(Path::resource_instance(ACCESS_CONTROL, id, 2, owner), all)?;
    tree.insert(resource(3), number(owner))
}

fn context(tree: &ObjectTree, requester: Requester) -> AccessControlContext {
    let accounts = tree.instances(SERVER).into_iter().flatten();
    let mut servers: BTreeSet<u16> = accounts.filter_map(|account| short_server_id(tree, account)).collect();
    if let Requester::Server(server) = requester {
        servers.insert(server);
    }
    let guards = tree.instances(ACCESS_CONTROL).into_iter().flatten();
    let instances: Vec<_> = guards.filter_map(|id| guard(tree, id)).collect();
    AccessControlContext { enabled: !instances.is_empty(), servers, instances }
}

/// An instance of Object 2; none while it does not say what it guards.
fn guard(tree: &ObjectTree, id: u16) -> Option<AccessControlInstance> {
    let value = |resource| tree.value(&Path::resource(ACCESS_CONTROL, id, resource)).and_then(number);
    let acl = match tree.resource(&Path::resource(ACCESS_CONTROL, id, 2)) {
        Some(Resource::Multiple(entries)) => entries
            .iter()
            .filter_map(|(server, value)| Some((server, AccessRights::from_bits(number(value)?))))
            .collect(),
        _ => Default::default(),
    };
    Some(AccessControlInstance {
        id,
        object: value(0)?,
        instance: value(1)?,
        owner: value(3).unwrap_or(u16::MAX),
        acl,
    })
}

fn short_server_id(tree: &ObjectTree, server_instance: u16) -> Option<u16> {
    tree.value(&Path::resource(SERVER, server_instance, 0)).and_then(number)
}

fn number(value: &Value) -> Option<u16> {
    match value {
        Value::Integer(number) => u16::try_from(*number).ok(),
        Value::Unsigned(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

impl Presence for ObjectTree {
    fn objects(&self) -> Vec<u16> {
        Self::objects(self).collect()
    }

    fn instances(&self, object: u16) -> Vec<u16> {
        Self::instances(self, object).into_iter().flatten().collect()
    }

    fn resource(&self, object: u16, instance: u16, resource: u16) -> ResourcePresence {
        if !self.contains(&Path::resource(object, instance, resource)) {
            return ResourcePresence::Absent;
        }
        Lookup::resource(self.registry(), object, resource)
            .map_or(ResourcePresence::Undefined, ResourcePresence::Defined)
    }

    fn resource_instance(&self, object: u16, instance: u16, resource: u16, id: u16) -> bool {
        self.contains(&Path::resource_instance(object, instance, resource, id))
    }
}
