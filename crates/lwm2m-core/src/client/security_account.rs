//! The Security object as it lies in the tree: with whom there are accounts (LwM2M Core §5.2.5.1, App. E.1).

use lwm2m_codec::{Path, Value};

use super::object_tree::ObjectTree;

pub(super) const SECURITY: u16 = 0;
pub(super) const SERVER: u16 = 1;
const OSCORE: u16 = 21;

/// One instance of the Security object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecurityAccount {
    pub(super) instance: u16,
    pub(super) bootstrap_server: bool,
    pub(super) uri: String,
    pub(super) short_server_id: Option<u16>,
    /// The instance of the OSCORE object that Resource 17 links to.
    pub(super) oscore: Option<u16>,
}

pub(super) fn security_accounts(tree: &ObjectTree) -> Vec<SecurityAccount> {
    let instances = tree.instances(SECURITY).into_iter().flatten();
    instances.map(|instance| security_account(tree, instance)).collect()
}

/// The account with the Bootstrap-Server, of which there is at most one.
pub(super) fn bootstrap_account(tree: &ObjectTree) -> Option<SecurityAccount> {
    security_accounts(tree).into_iter().find(|account| account.bootstrap_server)
}

fn security_account(tree: &ObjectTree, instance: u16) -> SecurityAccount {
    let value = |resource| tree.value(&Path::resource(SECURITY, instance, resource));
    let oscore = match value(17) {
        Some(Value::ObjectLink(link)) if link.object == OSCORE => Some(link.instance),
        _ => None,
    };
    SecurityAccount {
        instance,
        bootstrap_server: value(1) == Some(&Value::Boolean(true)),
        uri: match value(0) {
            Some(Value::String(uri)) => uri.to_string(),
            _ => String::new(),
        },
        short_server_id: value(10).and_then(number).and_then(|number| number.try_into().ok()),
        oscore,
    }
}

/// An account with a LwM2M Server: instances of the Security and the Server object with the same Short Server ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ManagementAccount {
    pub(super) short_server_id: u16,
    pub(super) security_instance: u16,
    pub(super) server_instance: u16,
}

/// In the order of the instances of the Server object.
pub(super) fn management_accounts(tree: &ObjectTree) -> Vec<ManagementAccount> {
    let security = security_accounts(tree);
    let account = |server_instance| {
        let short_server_id = short_server_id(tree, server_instance)?;
        let security = security
            .iter()
            .find(|account| !account.bootstrap_server && account.short_server_id == Some(short_server_id))?;
        Some(ManagementAccount { short_server_id, security_instance: security.instance, server_instance })
    };
    tree.instances(SERVER).into_iter().flatten().filter_map(account).collect()
}

/// `/1/x/0`
pub(super) fn short_server_id(tree: &ObjectTree, server_instance: u16) -> Option<u16> {
    number(tree.value(&Path::resource(SERVER, server_instance, 0))?)?.try_into().ok()
}

/// A number of an instance of the Security object; a larger one is as good as the largest.
pub(super) fn security_number(tree: &ObjectTree, instance: u16, resource: u16) -> Option<u32> {
    let value = tree.value(&Path::resource(SECURITY, instance, resource))?;
    Some(u32::try_from(number(value)?).unwrap_or(u32::MAX))
}

pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::Unsigned(number) => Some(*number),
        _ => None,
    }
}
