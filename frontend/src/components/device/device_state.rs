use console_api::Departure;
use leptos::prelude::*;

use crate::components::{Glyph, Icon, date_time};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::Workbench;

/// What everyone has to know before asking the device anything.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Departed(Departure, u64),
    /// Since when, and how many commands wait.
    Asleep(Option<u64>, u32),
    /// Values were too many to keep them all.
    Truncated,
}

/// Says that the device is away or asleep, since when, and what that means for requests.
#[component]
pub(crate) fn DeviceState() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = expect_context::<Live>();
    let queue = memo(move || {
        live.commands.track();
        bench.with_client(|client| client.queue).filter(|queue| !queue.awake)
    });
    let state = memo(move || {
        live.structure.track();
        let (departed, left_out) = live.with_device(|device| (device.departed, device.left_out))?;
        match departed {
            Some((why, at_ms)) => Some(State::Departed(why, at_ms)),
            None => match queue.get() {
                Some(queue) => Some(State::Asleep(queue.until_ms, queue.queued)),
                None => left_out.then_some(State::Truncated),
            },
        }
    });
    move || {
        state.get().map(|state| {
            let class = match state {
                State::Departed(..) => "device-state bad",
                State::Asleep(..) => "device-state sleep",
                State::Truncated => "device-state warn",
            };
            let icon = if matches!(state, State::Asleep(..)) { Icon::Dark } else { Icon::Warning };
            view! {
                <p class=class role="status" data-testid="device-state">
                    <Glyph icon=icon />
                    <span>{move || text(&state, live.now_ms.get())}</span>
                </p>
            }
        })
    }
}

fn text(state: &State, now_ms: u64) -> String {
    match state {
        State::Departed(why, at_ms) => {
            let how = match why {
                Departure::Deregistered => "The device de-registered",
                Departure::Expired => "The registration expired without an Update",
                Departure::Revoked => "The credential of the device was revoked",
            };
            let since = format::span(now_ms.saturating_sub(*at_ms));
            format!(
                "{how} {since} ago, at {}. Values are from before; requests need it to register again.",
                date_time(*at_ms)
            )
        }
        State::Asleep(since_ms, queued) => {
            let since =
                since_ms.map(|since_ms| format!(" since {}", format::span(now_ms.saturating_sub(since_ms))));
            let waiting = match queued {
                0 => "What you ask now waits".to_owned(),
                1 => "1 command waits".to_owned(),
                more => format!("{} wait", format::plural(*more as usize, "command")),
            };
            format!(
                "Asleep{}: queue mode. {waiting} until the device sends an Update or a notification.",
                since.unwrap_or_default()
            )
        }
        State::Truncated => {
            "The device has more values than this page keeps; those beyond are in the wire view only.".into()
        }
    }
}
