//! Whether a client can live with what it was given (LwM2M 1.1 Core §6.1.6): asked at Bootstrap-Finish.

use std::collections::BTreeSet;

use lwm2m_codec::{
    Path, Value,
    registration::{Binding, LwM2mVersion},
};
use thiserror::Error;

use super::{
    access_control::ACCESS_CONTROL,
    object_tree::ObjectTree,
    security_account::{
        SECURITY, SERVER, SecurityAccount, management_accounts, number, security_accounts, short_server_id,
    },
};

/// What is wrong, as the diagnostic payload of 4.06 says it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Inconsistency {
    #[error("expected an account with a LwM2M Server (Security and Server instance), got none")]
    NoServer,
    #[error("expected a Security instance for {path} with Short Server ID {server}, got none")]
    NoSecurity { path: Path, server: u16 },
    #[error("expected a Server instance for {path} with Short Server ID {server}, got none")]
    NoServerInstance { path: Path, server: u16 },
    #[error("expected each Short Server ID once, got {server} in {path} again")]
    Twice { path: Path, server: u16 },
    #[error("expected at most one account with a Bootstrap-Server, got a second one in {0}")]
    SecondBootstrapServer(Path),
    #[error("{path} {name} is mandatory and missing")]
    Missing { path: Path, name: String },
    #[error("{path}: expected coap:// or coaps:// as its Security Mode needs, got {got:?}")]
    Uri { path: Path, got: String },
    #[error("{path}: expected Security Mode 0, 1, 2 or 3, got {got}")]
    Mode { path: Path, got: i64 },
    #[error("{path}: expected key material for Security Mode {mode}, got none")]
    NoKey { path: Path, mode: i64 },
    #[error("{path}: expected a binding of LwM2M {version}, got {got:?}")]
    Binding { path: Path, version: LwM2mVersion, got: String },
    #[error("{path}: expected a lifetime of at least 1 s, got {got}")]
    Lifetime { path: Path, got: i64 },
    #[error("{path} guards {guarded}, which does not exist")]
    NothingToGuard { path: Path, guarded: Path },
    #[error("{0} links to an OSCORE instance that does not exist")]
    Oscore(Path),
}

/// The first thing that is wrong.
pub(super) fn check(tree: &ObjectTree, version: LwM2mVersion) -> Result<(), Inconsistency> {
    let accounts = security_accounts(tree);
    for object in [SECURITY, SERVER, ACCESS_CONTROL] {
        check_mandatory(tree, object)?;
    }
    accounts.iter().try_for_each(|account| check_security(tree, account))?;
    check_pairs(tree, &accounts)?;
    let servers = tree.instances(SERVER).into_iter().flatten();
    servers.into_iter().try_for_each(|instance| check_server(tree, version, instance))?;
    if management_accounts(tree).is_empty() {
        return Err(Inconsistency::NoServer);
    }
    check_access_control(tree)
}

fn check_mandatory(tree: &ObjectTree, object: u16) -> Result<(), Inconsistency> {
    let definitions = tree.registry().object(object).into_iter();
    let mandatory: Vec<_> =
        definitions.flat_map(|object| &object.resources).filter(|resource| resource.mandatory).collect();
    for instance in tree.instances(object).into_iter().flatten() {
        for resource in &mandatory {
            let path = Path::resource(object, instance, resource.id);
            if !tree.contains(&path) {
                return Err(Inconsistency::Missing { path, name: resource.name.clone() });
            }
        }
    }
    Ok(())
}

fn check_security(tree: &ObjectTree, account: &SecurityAccount) -> Result<(), Inconsistency> {
    const PSK: i64 = 0;
    const CERTIFICATE: i64 = 2;
    const NO_SEC: i64 = 3;
    let resource = |resource| Path::resource(SECURITY, account.instance, resource);
    let mode = match tree.value(&resource(2)) {
        Some(Value::Integer(mode)) => *mode,
        _ => NO_SEC,
    };
    if !(PSK..=NO_SEC).contains(&mode) {
        return Err(Inconsistency::Mode { path: resource(2), got: mode });
    }
    let scheme = if mode == NO_SEC { "coap://" } else { "coaps://" };
    if !account.uri.to_ascii_lowercase().starts_with(scheme) {
        return Err(Inconsistency::Uri { path: resource(0), got: account.uri.clone() });
    }
    let needed: &[u16] = match mode {
        PSK => &[3, 5],
        NO_SEC => &[],
        // Identity, what the server has to show, and the private key.
        1..=CERTIFICATE => &[3, 4, 5],
        _ => &[],
    };
    let is_empty = |id: &&u16| match tree.value(&resource(**id)) {
        Some(Value::Opaque(bytes)) => bytes.is_empty(),
        _ => true,
    };
    if let Some(empty) = needed.iter().find(is_empty) {
        return Err(Inconsistency::NoKey { path: resource(*empty), mode });
    }
    let linked = account.oscore.map(|instance| Path::instance(21, instance));
    match linked {
        Some(oscore) if !tree.contains(&oscore) => Err(Inconsistency::Oscore(resource(17))),
        _ => Ok(()),
    }
}

/// LwM2M Core §6.1.6: Security and Server instances come in pairs, but for the Bootstrap-Server's.
fn check_pairs(tree: &ObjectTree, accounts: &[SecurityAccount]) -> Result<(), Inconsistency> {
    if let Some(second) = accounts.iter().filter(|account| account.bootstrap_server).nth(1) {
        return Err(Inconsistency::SecondBootstrapServer(Path::instance(SECURITY, second.instance)));
    }
    let mut secured = BTreeSet::new();
    for account in accounts.iter().filter(|account| !account.bootstrap_server) {
        let path = Path::resource(SECURITY, account.instance, 10);
        let Some(server) = account.short_server_id else {
            return Err(Inconsistency::Missing { path, name: "Short Server ID".to_owned() });
        };
        if !secured.insert(server) {
            return Err(Inconsistency::Twice { path, server });
        }
    }
    let mut served = BTreeSet::new();
    for instance in tree.instances(SERVER).into_iter().flatten() {
        let path = Path::resource(SERVER, instance, 0);
        let Some(server) = short_server_id(tree, instance) else { continue };
        if !served.insert(server) {
            return Err(Inconsistency::Twice { path, server });
        }
        if !secured.contains(&server) {
            return Err(Inconsistency::NoSecurity { path: Path::instance(SERVER, instance), server });
        }
    }
    let unserved = accounts.iter().find_map(|account| {
        let server =
            account.short_server_id.filter(|server| !account.bootstrap_server && !served.contains(server))?;
        Some(Inconsistency::NoServerInstance { path: Path::instance(SECURITY, account.instance), server })
    });
    unserved.map_or(Ok(()), Err)
}

fn check_server(tree: &ObjectTree, version: LwM2mVersion, instance: u16) -> Result<(), Inconsistency> {
    let resource = |resource| Path::resource(SERVER, instance, resource);
    if let Some(Value::Integer(lifetime)) = tree.value(&resource(1))
        && *lifetime < 1
    {
        return Err(Inconsistency::Lifetime { path: resource(1), got: *lifetime });
    }
    match tree.value(&resource(7)) {
        Some(Value::String(letters)) if Binding::parse(letters, version).is_err() => {
            Err(Inconsistency::Binding { path: resource(7), version, got: letters.to_string() })
        }
        _ => Ok(()),
    }
}

fn check_access_control(tree: &ObjectTree) -> Result<(), Inconsistency> {
    for instance in tree.instances(ACCESS_CONTROL).into_iter().flatten() {
        let value = |resource| {
            let value = tree.value(&Path::resource(ACCESS_CONTROL, instance, resource)).and_then(number)?;
            u16::try_from(value).ok()
        };
        let guarded = match value(0).zip(value(1)) {
            // Who may create: that is about the Object itself.
            Some((object, u16::MAX)) => Path::object(object),
            Some((object, instance)) => Path::instance(object, instance),
            None => continue,
        };
        if !tree.contains(&guarded) {
            let path = Path::instance(ACCESS_CONTROL, instance);
            return Err(Inconsistency::NothingToGuard { path, guarded });
        }
    }
    Ok(())
}
