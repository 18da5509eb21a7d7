use lwm2m_codec::{ObjectLink, Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{insert_all, text};

/// The Server object with the account of the one server, in full as the version of the device defines it.
pub(crate) fn insert_server_object(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    lifetime_s: u32,
    queue_mode: bool,
) -> Result<(), TreeError> {
    const SHORT_SERVER_ID: i64 = 1;
    // Since 1.1 Queue Mode is no binding any more (1.1 Core §6.2.1.2).
    let binding = if queue_mode && version < LwM2mVersion::V1_1 { "UQ" } else { "U" };
    insert_all(
        tree,
        [
            (resource(0), Value::Integer(SHORT_SERVER_ID)),
            (resource(1), Value::Integer(lifetime_s.into())),
            (resource(2), Value::Integer(0)),
            // Disable Timeout: short, so that a disabled device can be seen to come back.
            (resource(5), Value::Integer(60)),
            (resource(6), Value::Boolean(true)),
            (resource(7), text(binding)),
        ],
    )?;
    tree.insert_executable(resource(4))?;
    tree.insert_executable(resource(8))?;
    if version >= LwM2mVersion::V1_1 {
        insert_registration_procedure(tree)?;
    }
    if version >= LwM2mVersion::V1_2 {
        insert_all(
            tree,
            [
                (instance(24), Value::ObjectLink(NO_LINK)),
                (instance(25), text("1.2")),
                // Default Notification Mode: non-confirmable.
                (resource(26), Value::Integer(0)),
                // Profile ID Hash Algorithm: SHA-256.
                (resource(27), Value::Unsigned(1)),
            ],
        )?;
    }
    Ok(())
}

/// A link to nothing.
const NO_LINK: ObjectLink = ObjectLink { object: u16::MAX, instance: u16::MAX };

/// What came with LwM2M 1.1 (Core §6.2.1.1, App. E.2). A device comes back soon after its server does, and never
/// gives up.
fn insert_registration_procedure(tree: &mut ObjectTree) -> Result<(), TreeError> {
    tree.insert_executable(resource(9))?;
    insert_all(
        tree,
        [
            (resource(10), Value::ObjectLink(NO_LINK)),
            // No alert yet: 0 is close_notify (RFC 5246 §7.2).
            (resource(11), Value::Unsigned(0)),
            (resource(12), Value::Time(0)),
            (resource(13), Value::Unsigned(0)),
            // Initial Registration Delay Timer
            (resource(14), Value::Unsigned(0)),
            // Registration Failure Block, Bootstrap on Registration Failure
            (resource(15), Value::Boolean(false)),
            (resource(16), Value::Boolean(false)),
            // Communication Retry Count and Timer, Communication Sequence Delay Timer and Retry Count
            (resource(17), Value::Unsigned(4)),
            (resource(18), Value::Unsigned(1)),
            (resource(19), Value::Unsigned(8)),
            (resource(20), Value::Unsigned(1_000_000)),
            (resource(21), Value::Boolean(false)),
            (resource(22), text("U")),
            // Mute Send
            (resource(23), Value::Boolean(false)),
        ],
    )
}

const fn resource(id: u16) -> Path {
    Path::resource(1, 0, id)
}

const fn instance(id: u16) -> Path {
    Path::resource_instance(1, 0, id, 0)
}
