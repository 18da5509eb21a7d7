use console_api::Departure;
use leptos::prelude::*;

use super::registration_card::date_time;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::Workbench;

/// What everyone has to know before asking the device anything.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Departed(Departure, u64),
    /// Since it was heard last.
    Asleep(u64),
    /// Values were too many to keep them all.
    Truncated,
}

/// Says that the device is away or asleep, since when, and what that means for requests.
#[component]
pub(crate) fn DeviceState() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = expect_context::<Live>();
    let heard = memo(move || {
        live.exchanges.track();
        bench.with_client(|client| (client.queue_mode, client.heard_at_ms))
    });
    let asleep = memo(move || {
        let (queue_mode, heard_at_ms) = heard.get()?;
        let sleeps = queue_mode && live.now_ms.get() > heard_at_ms + console_api::Client::AWAKE_MS;
        sleeps.then_some(heard_at_ms)
    });
    let state = memo(move || {
        live.structure.track();
        let (departed, left_out) = live.with_device(|device| (device.departed, device.left_out))?;
        match departed {
            Some((why, at_ms)) => Some(State::Departed(why, at_ms)),
            None if asleep.get().is_some() => asleep.get().map(State::Asleep),
            None => left_out.then_some(State::Truncated),
        }
    });
    move || {
        state.get().map(|state| {
            let class = match state {
                State::Departed(..) => "device-state bad",
                State::Asleep(_) => "device-state",
                State::Truncated => "device-state warn",
            };
            let icon = if matches!(state, State::Asleep(_)) { Icon::Dark } else { Icon::Warning };
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
            };
            let since = format::span(now_ms.saturating_sub(*at_ms));
            format!(
                "{how} {since} ago, at {}. Values are from before; requests need it to register again.",
                date_time(*at_ms)
            )
        }
        State::Asleep(heard_ms) => {
            let since = format::span(now_ms.saturating_sub(*heard_ms));
            format!(
                "Asleep: queue mode, last heard {since} ago. A request is tried at once and most likely times out; \
                 the device listens again when it sends something."
            )
        }
        State::Truncated => {
            "The device has more values than this page keeps; those beyond are in the wire view only.".into()
        }
    }
}
