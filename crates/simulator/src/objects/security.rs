use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{insert_all, text};

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
