//! What happened to a device while its values came.

use console_api::{BootstrapSessionList, BootstrapState, Command, Departure, Operation};
use leptos::prelude::*;

use super::state::ChartState;
use crate::answers::operation_name;
use crate::api;
use crate::chart::Mark;
use crate::live::Device;
use crate::memo::memo;
use crate::routing::percent_encode;

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
    let mut marks = state.live.with_device_of(device, of_device).unwrap_or_default();
    marks.extend(state.bootstraps.get());
    marks.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    marks
}

/// Asks which bootstrap sessions there were, whenever the device registers.
pub(crate) fn follow_bootstraps(state: ChartState) {
    let registration = memo(move || {
        state.live.structure.track();
        let of = |device: &Device| Some(device.client.as_ref()?.registration_id.clone());
        state.live.with_device_of(state.primary.device, of).flatten()
    });
    let bootstraps = memo(move || {
        let of = |server: &console_api::ServerStatus| server.bootstrap_coap.is_some();
        state.live.server.with(|server| server.as_ref().is_some_and(of))
    });
    Effect::new(move |_| {
        if registration.with(Option::is_none) || !bootstraps.get() {
            return;
        }
        let endpoint = untrack(|| state.endpoint(&state.primary));
        let address =
            format!("/api/v1/bootstrap/sessions?endpoint={}&limit={MARKS}", percent_encode(&endpoint));
        leptos::task::spawn_local(async move {
            // A chart without these marks is one all the same.
            if let Ok(BootstrapSessionList { sessions, .. }) = api::answer_to(&address).await {
                let over = sessions.iter().filter_map(|session| {
                    let text = match session.state {
                        BootstrapState::Failed => "bootstrap failed",
                        BootstrapState::Interrupted => "bootstrap interrupted",
                        _ => "bootstrap",
                    };
                    Some(Mark { at_ms: session.ended_at_ms? as f64, text: text.to_owned() })
                });
                state.bootstraps.try_set(over.collect());
            }
        });
    });
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
