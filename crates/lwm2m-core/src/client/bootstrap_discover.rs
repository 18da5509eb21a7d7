//! Bootstrap-Discover (LwM2M 1.0 TS §5.2.7.3, 1.1 Core §6.1.7.3): which Objects and instances are there, and whose.

use lwm2m_codec::{
    Level, Path,
    link::{self, Link},
    registration::LwM2mVersion,
};

use super::{
    bootstrap_write::is_core,
    discover::version_to_announce,
    object_tree::ObjectTree,
    refusal::Refusal,
    security_account::{SECURITY, SERVER, SecurityAccount, security_accounts, short_server_id},
};

const OSCORE: u16 = 21;

/// The links below the root or an Object.
pub(super) fn discover(tree: &ObjectTree, version: LwM2mVersion, path: &Path) -> Result<String, Refusal> {
    match path.level() {
        Level::Root => {}
        Level::Object if path.object_id().is_some_and(is_core) || tree.contains(path) => {}
        Level::Object => return Err(Refusal::not_found(path)),
        _ => return Err(Refusal::bad_request(format!("expected the root or an Object, got {path}"))),
    }
    let selected = tree.objects().filter(|object| path.object_id().is_none_or(|wanted| wanted == *object));
    let links: Vec<Link> = selected.flat_map(|object| of_object(tree, version, object)).collect();
    Ok(match (enabler(version), link::write(&links)) {
        (enabler, links) if links.is_empty() => enabler,
        (enabler, links) => format!("{enabler},{links}"),
    })
}

/// The version of the enabler comes first: since 1.1 on the root, before by itself.
fn enabler(version: LwM2mVersion) -> String {
    match version {
        LwM2mVersion::V1_0 => "lwm2m=\"1.0\"".to_owned(),
        version => format!("</>;lwm2m={version}"),
    }
}

/// An Object has a link of its own where there is something to say of it: its version, or that it has no instance.
fn of_object(tree: &ObjectTree, version: LwM2mVersion, object: u16) -> Vec<Link> {
    let mut links = Vec::new();
    let announced = version_to_announce(tree, version, object);
    let mut instances = tree.instances(object).into_iter().flatten().peekable();
    if announced.is_some() || instances.peek().is_none() {
        let mut link = Link::new(Path::object(object).to_string());
        link.attributes.extend(announced.map(|announced| ("ver".to_owned(), Some(announced))));
        links.push(link);
    }
    let accounts = security_accounts(tree);
    for instance in instances {
        let mut link = Link::new(Path::instance(object, instance).to_string());
        link.attributes = attributes(tree, version, &accounts, object, instance);
        links.push(link);
    }
    links
}

/// Whose account an instance belongs to. What belongs to the Bootstrap-Server itself shows no Short Server ID.
fn attributes(
    tree: &ObjectTree,
    version: LwM2mVersion,
    accounts: &[SecurityAccount],
    object: u16,
    instance: u16,
) -> Vec<(String, Option<String>)> {
    let servers = accounts.iter().filter(|account| !account.bootstrap_server);
    let (server, uri) = match object {
        SECURITY => match servers.into_iter().find(|account| account.instance == instance) {
            Some(account) => (account.short_server_id, Some(account.uri.clone())),
            None => (None, None),
        },
        SERVER => (short_server_id(tree, instance), None),
        OSCORE => {
            let account = servers.into_iter().find(|account| account.oscore == Some(instance));
            (account.and_then(|account| account.short_server_id), None)
        }
        _ => (None, None),
    };
    let uri = uri.filter(|_| version >= LwM2mVersion::V1_1);
    let server = server.map(|server| ("ssid".to_owned(), Some(server.to_string())));
    server.into_iter().chain(uri.map(|uri| ("uri".to_owned(), Some(uri)))).collect()
}
