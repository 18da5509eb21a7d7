//! When to notify: observations that live through made-up samples and times.

mod conditions;
mod node;
mod resource;

use crate::script::Script;

/// Most steps of one input. With the longest steps and the shortest periods that is some ten thousand timers.
const STEPS_MAX: usize = 256;

/// The first byte says what is observed: one resource, or several.
pub fn notification(data: &[u8]) {
    let mut script = Script::new(data);
    if script.byte() & 1 == 0 { resource::live(&mut script) } else { node::live(&mut script) }
}

/// How long nothing happens: up to 25 seconds in tenths.
fn pause_ms(script: &mut Script) -> u64 {
    u64::from(script.byte()) * 100
}
