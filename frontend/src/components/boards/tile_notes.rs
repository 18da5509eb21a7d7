//! What an operator has to know of the devices of a tile: which are not there, and which report nothing.

use console_api::{Operation, OperationRequest};
use leptos::prelude::*;

use crate::answers::is_success;
use crate::api::{self, Operated};
use crate::components::chart::{ChartState, without_axis};
use crate::format;
use crate::live::{Device, Live, Target};
use crate::memo::memo;
use crate::pages::BoardState;

/// How a device stands to what is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing has been heard of it yet in this page.
    Asked,
    Unknown,
    Gone,
    /// It is there and reports nothing of this.
    Silent,
    Observed,
}

pub(super) fn standing(live: Live, target: &Target) -> Standing {
    live.structure.track();
    let of = |device: &Device| match &device.client {
        _ if !device.loaded => Standing::Asked,
        None => Standing::Unknown,
        Some(_) if device.departed.is_some() => Standing::Gone,
        Some(_) if device.observed(&target.path) || device.covering_observation(&target.path).is_some() => {
            Standing::Observed
        }
        Some(_) => Standing::Silent,
    };
    live.with_device_of(target.device, of).unwrap_or(Standing::Asked)
}

/// Begins to observe, and says what does not go.
pub(super) fn observe(state: BoardState, targets: Vec<Target>) {
    for target in targets {
        let endpoint = state.live.with_device_of(target.device, |device| device.endpoint.clone());
        let Some(endpoint) = endpoint else { continue };
        let request = OperationRequest::new(Operation::Observe, target.path.to_string());
        leptos::task::spawn_local(async move {
            let why = match api::operate(&endpoint, &request).await {
                Ok(Operated::Queued(_)) => {
                    return state.notices.say(format!("{endpoint} sleeps: it is asked when it wakes"));
                }
                Ok(Operated::Answered(answer)) if is_success(&answer.code) => return,
                Ok(Operated::Answered(answer)) => format!("the device answered {}", answer.code),
                Err(failure) => failure.told(),
            };
            state.notices.fail(format!("{} of {endpoint} is not observed: {why}", target.path));
        });
    }
}

#[component]
pub(super) fn TileNotes(state: BoardState, chart: ChartState) -> impl IntoView {
    let of = move |wanted: Standing| {
        memo(move || {
            let targets = chart.targets.get().into_iter();
            targets.filter(|target| standing(state.live, target) == wanted).collect::<Vec<_>>()
        })
    };
    let (silent, unknown, gone) = (of(Standing::Silent), of(Standing::Unknown), of(Standing::Gone));
    let named = move |targets: Memo<Vec<Target>>, what: &'static str| {
        move || {
            targets.with(|targets| {
                let first = targets.first().map(|target| state.live.name_of(target.device))?;
                let more = match targets.len() {
                    1 => String::new(),
                    many => format!(" and {} more", many - 1),
                };
                Some(view! { <p class="tile-note muted">{format!("{first}{more} {what}")}</p> })
            })
        }
    };
    let without_axis = memo(move || without_axis(chart).first().map(|target| chart.name(target)));
    view! {
        {named(unknown, "not known here: it may register later")}
        {named(gone, "not registered: the past is shown")}
        {move || (!silent.with(Vec::is_empty)).then(|| view! {
            <p class="tile-note">
                <span class="muted">{move || format!("{} not observed", format::plural(silent.with(Vec::len), "Resource"))}</span>
                <button class="button small" data-testid="tile-observe" on:click=move |_| observe(state, silent.get_untracked())>
                    "Observe"
                </button>
            </p>
        })}
        {move || without_axis.get().map(|name| view! {
            <p class="tile-note warn">{format!("{name} has a third unit, and a chart has two axes.")}</p>
        })}
    }
}
