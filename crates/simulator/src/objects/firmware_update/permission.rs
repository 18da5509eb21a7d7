use lwm2m_codec::{Path, Value};
use lwm2m_core::client::ObjectTree;

use super::{CANCEL, PACKAGE, PACKAGE_URI, STATE, State, UPDATE, image};

/// What the state of an update rules out (LwM2M 1.2 Core App. E.6).
pub(crate) fn permission(tree: &ObjectTree, path: &Path, value: Option<&Value>) -> Result<(), &'static str> {
    let state = match tree.value(&STATE) {
        Some(Value::Integer(state)) => *state,
        _ => return Ok(()),
    };
    let is_one_of = |states: &[State]| states.iter().any(|allowed| *allowed as i64 == state);
    let allowed = |states: &[State], why| if is_one_of(states) { Ok(()) } else { Err(why) };
    let can_stop = &[State::Downloading, State::Downloaded];
    let can_reset = &[State::Idle, State::Downloading, State::Downloaded];
    match (*path, value) {
        (UPDATE, None) => allowed(&[State::Downloaded], "the state is not Downloaded"),
        (CANCEL, None) => allowed(can_stop, "the state is neither Downloading nor Downloaded"),
        (PACKAGE, Some(Value::Opaque(bytes))) if image::resets(bytes) => {
            allowed(can_reset, "the firmware is being updated")
        }
        (PACKAGE_URI, Some(Value::String(uri))) if uri.is_empty() => {
            allowed(can_reset, "the firmware is being updated")
        }
        (PACKAGE | PACKAGE_URI, Some(_)) => {
            allowed(&[State::Idle], "the state is not Idle; an empty Package URI resets it")
        }
        _ => Ok(()),
    }
}
