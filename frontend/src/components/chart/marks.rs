//! What happened to a device while its values came.

use console_api::{Command, Departure, Operation};
use leptos::prelude::*;

use super::state::ChartState;
use crate::answers::operation_name;
use crate::chart::Mark;
use crate::live::Device;

/// Marks of a chart: more cannot be told apart. The newest are shown.
const MARKS: usize = 40;

/// When the device registered and when that ended, and what it was asked meanwhile. Nothing where several devices are shown:
/// nobody could tell whose it is.
pub(super) fn marks(state: ChartState) -> Vec<Mark> {
    state.live.structure.track();
    state.live.commands.track();
    let device = state.primary.device;
    if state.targets.with(|targets| targets.iter().any(|target| target.device != device)) {
        return Vec::new();
    }
    state.live.with_device_of(device, of_device).unwrap_or_default()
}

fn of_device(device: &Device) -> Vec<Mark> {
    let mark = |at_ms: u64, text: &str| Mark { at_ms: at_ms as f64, text: text.to_owned() };
    let registered = device.client.as_ref().map(|client| mark(client.registered_at_ms, "registered"));
    let departed = device.departed.map(|(why, at_ms)| {
        let text = match why {
            Departure::Deregistered => "de-registered",
            Departure::Expired => "expired",
            Departure::Revoked => "revoked",
        };
        mark(at_ms, text)
    });
    let mut commands: Vec<Mark> =
        device.commands().rev().filter_map(|command| of_command(command)).take(MARKS).collect();
    commands.extend(registered.into_iter().chain(departed));
    commands.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    commands
}

/// When the device answered what changes something on it.
fn of_command(command: &Command) -> Option<Mark> {
    let changes = matches!(
        command.op,
        Operation::Write
            | Operation::Execute
            | Operation::WriteAttributes
            | Operation::Create
            | Operation::Delete
            | Operation::WriteComposite
    );
    let answer = command.answer.as_ref().filter(|_| changes)?;
    let text = format!("{} {} {}", operation_name(command.op), command.path, answer.code);
    Some(Mark { at_ms: command.changed_at_ms as f64, text })
}
