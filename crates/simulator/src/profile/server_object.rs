use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{insert_all, text};

/// The Server object with the account of the one server a simulated device has.
pub(crate) fn insert_server_object(tree: &mut ObjectTree, lifetime_s: u32) -> Result<(), TreeError> {
    const SHORT_SERVER_ID: i64 = 1;
    let resource = |id| Path::resource(1, 0, id);
    insert_all(
        tree,
        [
            (resource(0), Value::Integer(SHORT_SERVER_ID)),
            (resource(1), Value::Integer(lifetime_s.into())),
            // Disable Timeout: short, so that a disabled device can be seen to come back.
            (resource(5), Value::Integer(60)),
            (resource(6), Value::Boolean(true)),
            (resource(7), text("U")),
        ],
    )?;
    tree.insert_executable(resource(4))?;
    tree.insert_executable(resource(8))
}
