use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{insert_all, text};
use crate::security::AccountKeys;

/// Where the account with the Bootstrap-Server is: behind the one that a first server gets.
const BOOTSTRAP_INSTANCE: u16 = 1;

/// The Security object with the account of the Bootstrap-Server alone; without keys there is no security.
pub(crate) fn insert_bootstrap_account(
    tree: &mut ObjectTree,
    server_uri: &str,
    keys: Option<AccountKeys>,
) -> Result<(), TreeError> {
    const NO_SEC: i64 = 3;
    let resource = |id| Path::resource(0, BOOTSTRAP_INSTANCE, id);
    let usage = keys.as_ref().and_then(|keys| keys.certificate_usage);
    let (mode, identity, server, secret) = match keys {
        Some(AccountKeys { mode, identity, server, secret, .. }) => (mode, identity, server, secret.to_vec()),
        None => (NO_SEC, Vec::new(), Vec::new(), Vec::new()),
    };
    insert_all(
        tree,
        [
            (resource(0), text(server_uri)),
            (resource(1), Value::Boolean(true)),
            (resource(2), Value::Integer(mode)),
            (resource(3), Value::opaque(identity)),
            (resource(4), Value::opaque(server)),
            (resource(5), Value::opaque(secret)),
        ],
    )?;
    usage.map_or(Ok(()), |usage| tree.insert(resource(15), Value::Unsigned(usage)))
}

/// The Security object with the account of the one server. No server sees it: it is never listed and cannot be read
/// (LwM2M 1.0 TS App. E.1).
pub(crate) fn insert_security_object(tree: &mut ObjectTree, server_uri: &str) -> Result<(), TreeError> {
    const NO_SEC: i64 = 3;
    let resource = |id| Path::resource(0, 0, id);
    insert_all(
        tree,
        [
            (resource(0), text(server_uri)),
            (resource(1), Value::Boolean(false)),
            (resource(2), Value::Integer(NO_SEC)),
            (resource(3), Value::opaque([])),
            (resource(4), Value::opaque([])),
            (resource(5), Value::opaque([])),
            (resource(10), Value::Integer(1)),
        ],
    )
}
