//! Bootstrap-Delete (LwM2M Core §6.1.7.6): everything but the account with the Bootstrap-Server and `/3/0`.

use std::collections::BTreeSet;

use lwm2m_codec::{Level, Path};

use super::{
    bootstrap_write::is_core,
    object_tree::ObjectTree,
    payload::internal,
    refusal::Refusal,
    security_account::{SECURITY, security_accounts},
    unbootstrapping::unbootstrap,
};

const DEVICE: Path = Path::instance(3, 0);
const OSCORE: u16 = 21;

/// Deletes below `path`; `bootstrap` is the Security instance of the Bootstrap-Server. Returns the instances that went.
pub(super) fn delete(
    tree: &mut ObjectTree,
    bootstrap: Option<u16>,
    path: &Path,
) -> Result<Vec<Path>, Refusal> {
    let spared = spared(tree, bootstrap);
    match path.level() {
        Level::Root => {}
        Level::Object if path.object_id().is_some_and(is_core) || tree.contains(path) => {}
        Level::ObjectInstance if spared.contains(path) => {
            return Err(Refusal::bad_request(format!("{path} is what a Bootstrap-Delete leaves alone")));
        }
        Level::ObjectInstance if tree.contains(path) => {}
        Level::Object | Level::ObjectInstance => {
            return Err(Refusal::bad_request(format!("{path} does not exist")));
        }
        Level::Resource | Level::ResourceInstance => {
            let expected = "expected the root, an Object or an Object Instance";
            return Err(Refusal::bad_request(format!("{expected}, got {path}")));
        }
    }
    remove(tree, path, &spared)
}

/// Deletes the instances of an Object but those that a Bootstrap-Delete spares.
pub(super) fn clear(tree: &mut ObjectTree, bootstrap: Option<u16>, object: u16) -> Result<(), Refusal> {
    let spared = spared(tree, bootstrap);
    remove(tree, &Path::object(object), &spared).map(drop)
}

fn remove(tree: &mut ObjectTree, path: &Path, spared: &BTreeSet<Path>) -> Result<Vec<Path>, Refusal> {
    let gone: Vec<Path> = instances(tree)
        .into_iter()
        .filter(|instance| instance.starts_with(path) && !spared.contains(instance))
        .collect();
    let accounts = security_accounts(tree);
    for instance in &gone {
        tree.remove(*instance).map_err(internal)?;
    }
    for account in accounts {
        let is_gone = gone.contains(&Path::instance(SECURITY, account.instance));
        if let (true, Some(server)) = (is_gone && !account.bootstrap_server, account.short_server_id) {
            unbootstrap(tree, server, account.oscore).map_err(internal)?;
        }
    }
    Ok(gone)
}

fn spared(tree: &ObjectTree, bootstrap: Option<u16>) -> BTreeSet<Path> {
    let account = bootstrap.and_then(|instance| {
        security_accounts(tree).into_iter().find(|account| account.instance == instance)
    });
    let oscore = account.as_ref().and_then(|account| account.oscore);
    let account = account.map(|account| Path::instance(SECURITY, account.instance));
    let oscore = oscore.map(|instance| Path::instance(OSCORE, instance));
    [DEVICE].into_iter().chain(account).chain(oscore).collect()
}

fn instances(tree: &ObjectTree) -> Vec<Path> {
    let of = |object| tree.instances(object).into_iter().flatten().map(move |id| Path::instance(object, id));
    tree.objects().flat_map(of).collect()
}
