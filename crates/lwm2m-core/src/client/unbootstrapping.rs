//! What goes with the account of a server whose Security instance was deleted (LwM2M 1.1 Transport, Unbootstrapping).

use lwm2m_codec::{Path, Value};
use lwm2m_model::access_control::AccessRights;

use super::{
    access_control::ACCESS_CONTROL,
    by_id::ById,
    object_tree::{ObjectTree, Resource, TreeError},
    security_account::{SERVER, number, short_server_id},
};

const OSCORE: u16 = 21;
const DEVICE: Path = Path::instance(3, 0);
const ACL: u16 = 2;
const OWNER: u16 = 3;

/// Removes the Server instance of `server`, what only it could reach, and its share in everything else. Registration
/// and observations end with the account.
pub(super) fn unbootstrap(tree: &mut ObjectTree, server: u16, oscore: Option<u16>) -> Result<(), TreeError> {
    let accounts: Vec<u16> = tree.instances(SERVER).into_iter().flatten().collect();
    for instance in accounts {
        if short_server_id(tree, instance) == Some(server) {
            tree.remove(Path::instance(SERVER, instance))?;
        }
    }
    if let Some(oscore) = oscore.map(|instance| Path::instance(OSCORE, instance))
        && tree.contains(&oscore)
    {
        tree.remove(oscore)?;
    }
    let guards: Vec<u16> = tree.instances(ACCESS_CONTROL).into_iter().flatten().collect();
    guards.into_iter().try_for_each(|guard| leave(tree, guard, server))
}

/// Takes `server` out of one instance of Object 2.
fn leave(tree: &mut ObjectTree, guard: u16, server: u16) -> Result<(), TreeError> {
    let resource = |resource| Path::resource(ACCESS_CONTROL, guard, resource);
    let value = |tree: &ObjectTree, id| tree.value(&resource(id)).and_then(number);
    let owns = value(tree, OWNER) == Some(server.into());
    let mut acl = match tree.resource(&resource(ACL)) {
        Some(Resource::Multiple(entries)) => entries.clone(),
        _ => ById::default(),
    };
    let had_entry = acl.remove(server);
    if !owns && !had_entry {
        return Ok(());
    }
    let heir = heir(&acl);
    if owns && heir.is_none() && !others_have_rights(&acl) {
        let guarded = value(tree, 0).zip(value(tree, 1));
        tree.remove(Path::instance(ACCESS_CONTROL, guard))?;
        let guarded = guarded
            .and_then(|(object, instance)| Some((object.try_into().ok()?, instance.try_into().ok()?)))
            .map(|(object, instance)| Path::instance(object, instance));
        // No client is without its Device instance.
        return match guarded.filter(|path| *path != DEVICE && tree.contains(path)) {
            Some(path) => tree.remove(path),
            None => Ok(()),
        };
    }
    if had_entry {
        let entries = acl.iter().map(|(id, rights)| (id, rights.clone())).collect();
        tree.replace_multiple(resource(ACL), entries)?;
    }
    match heir {
        Some(heir) if owns => tree.insert(resource(OWNER), Value::Integer(heir.into())),
        _ => Ok(()),
    }
}

/// Who owns next: the server with most of Write and Delete, of several the lowest.
fn heir(acl: &ById<Value>) -> Option<u16> {
    let entries = acl.iter().filter(|(server, value)| *server != 0 && rights(value) != AccessRights::NONE);
    entries
        .max_by_key(|(server, value)| (weight(value), core::cmp::Reverse(*server)))
        .map(|(server, _)| server)
}

fn others_have_rights(acl: &ById<Value>) -> bool {
    acl.iter().any(|(_, value)| rights(value) != AccessRights::NONE)
}

fn weight(value: &Value) -> usize {
    let rights = rights(value);
    usize::from(rights.contains(AccessRights::WRITE)) + usize::from(rights.contains(AccessRights::DELETE))
}

fn rights(value: &Value) -> AccessRights {
    let bits = number(value).and_then(|bits| u16::try_from(bits).ok()).unwrap_or_default();
    AccessRights::from_bits(bits)
}
