use std::sync::Arc;

use console_api::{Client, SecurityMode};
use leptos::prelude::*;

use crate::components::Age;
use crate::components::device::{SecurityChip, binding};
use crate::fleet::Window;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// Height of a row; the style sheet says the same.
pub(crate) const ROW_PX: f64 = 32.0;

/// Room for the chips of the Objects, with the padding of each, in letters.
const OBJECTS_LETTERS: usize = 28;
const CHIP_LETTERS: usize = 3;

/// What a row shows of a client.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    index: usize,
    endpoint: String,
    binding: String,
    version: String,
    security: SecurityMode,
    objects: Vec<(u16, usize)>,
    lifetime_ms: u64,
    expires_at_ms: u64,
    updated_at_ms: u64,
}

impl Line {
    fn new(index: usize, client: &Client) -> Self {
        Self {
            index,
            endpoint: client.endpoint.clone(),
            binding: binding(client),
            version: client.lwm2m_version.clone(),
            security: client.security,
            objects: client.objects.iter().map(|object| (object.id, object.instances.len())).collect(),
            lifetime_ms: u64::from(client.lifetime_s) * 1000,
            expires_at_ms: client.expires_at_ms,
            updated_at_ms: client.updated_at_ms,
        }
    }
}

/// One slot of the table: whatever row scrolls into it.
#[component]
pub(crate) fn FleetRow(
    place: usize,
    window: Memo<Window>,
    order: Memo<Arc<Vec<u32>>>,
    /// Index of the row that the keys are at.
    active: RwSignal<usize>,
    /// Index of the row that the Tab key goes to.
    tab_stop: Memo<usize>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let line = memo(move || {
        live.fleet_rows.track();
        let index = window.get().index(place)?;
        let id = order.with(|order| order.get(index).copied())?;
        live.with_client(id, |client| Line::new(index, client))
    });
    let text = move |part: fn(&Line) -> String| move || line.with(|line| line.as_ref().map(part));
    let top = move || line.with(|line| line.as_ref().map(|line| format!("{}px", line.index as f64 * ROW_PX)));
    let address = move || {
        line.with(|line| {
            line.as_ref().map(|line| Route::Device { endpoint: line.endpoint.clone() }.address())
        })
    };
    let left = memo(move || {
        line.with(|line| {
            line.as_ref().map(|line| (line.expires_at_ms.saturating_sub(live.now_ms.get()), line.lifetime_ms))
        })
    });
    let is_tab_stop =
        move || line.with(|line| line.as_ref().is_some_and(|line| line.index == tab_stop.get()));
    view! {
        <div
            class="fleet-row fleet-grid"
            role="row"
            data-testid="fleet-row"
            data-endpoint=text(|line| line.endpoint.clone())
            data-index=text(|line| line.index.to_string())
            aria-rowindex=text(|line| (line.index + 2).to_string())
            style:top=top
            hidden=move || line.with(Option::is_none)
        >
            <div role="gridcell" class="fleet-status"><Status left=left /></div>
            <div role="gridcell" class="fleet-endpoint">
                <a
                    class="mono"
                    href=address
                    title=text(|line| line.endpoint.clone())
                    tabindex=move || if is_tab_stop() { "0" } else { "-1" }
                    on:focus=move |_| {
                        if let Some(index) = line.with_untracked(|line| line.as_ref().map(|line| line.index)) {
                            active.set(index);
                        }
                    }
                >
                    <bdi>{text(|line| line.endpoint.clone())}</bdi>
                </a>
            </div>
            <div role="gridcell" class="fleet-lifetime"><Lifetime left=left /></div>
            <div role="gridcell" class="fleet-binding mono">{text(|line| line.binding.clone())}</div>
            <div role="gridcell" class="fleet-version mono">{text(|line| line.version.clone())}</div>
            <div role="gridcell" class="fleet-security">
                {move || line.with(|line| line.as_ref().map(|line| view! { <SecurityChip mode=line.security /> }))}
            </div>
            <div role="gridcell" class="fleet-objects"><Objects line=line /></div>
            <div role="gridcell" class="fleet-updated number muted">
                <Age at_ms=Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.updated_at_ms))) />
            </div>
        </div>
    }
}

#[component]
fn Status(left: Memo<Option<(u64, u64)>>) -> impl IntoView {
    // Past its lifetime, and the server has not told yet.
    let overdue = memo(move || left.get().is_some_and(|(left_ms, _)| left_ms == 0));
    view! {
        <span class="chip" class:ok=move || !overdue.get() class:bad=overdue>
            <span class="dot" aria-hidden="true"></span>
            <span class="fleet-status-text">{move || if overdue.get() { "Overdue" } else { "Registered" }}</span>
        </span>
    }
}

/// How much of the lifetime is left.
#[component]
fn Lifetime(left: Memo<Option<(u64, u64)>>) -> impl IntoView {
    let percent = memo(move || {
        let (left_ms, whole_ms) = left.get().unwrap_or_default();
        left_ms.saturating_mul(100).checked_div(whole_ms).unwrap_or_default().min(100)
    });
    let span = memo(move || left.get().map(|(left_ms, _)| format::span(left_ms)));
    view! {
        <span class="bar" class:warn=move || percent.get() < 30 class:bad=move || percent.get() < 10 aria-hidden="true">
            <i style:width=move || format!("{}%", percent.get())></i>
        </span>
        <span class="muted">{span}</span>
    }
}

#[component]
fn Objects(line: Memo<Option<Line>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let objects =
        memo(move || line.with(|line| line.as_ref().map(|line| line.objects.clone())).unwrap_or_default());
    let chips = move || {
        let objects = objects.get();
        let shown = shown(&objects);
        let more = objects.len() - shown;
        let chip = |(id, instances): (u16, usize)| {
            let name = live.definitions.with(|definitions| {
                definitions
                    .registry()
                    .and_then(|registry| registry.object(id))
                    .map(|object| object.name.clone())
            });
            view! { <span class="chip" title=name>{label(id, instances)}</span> }
        };
        view! {
            {objects.into_iter().take(shown).map(chip).collect_view()}
            {(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })}
        }
    };
    view! { {chips} }
}

fn label(object: u16, instances: usize) -> String {
    if instances > 1 { format!("{object} ×{instances}") } else { object.to_string() }
}

/// How many Objects there is room for, so that none is cut off.
fn shown(objects: &[(u16, usize)]) -> usize {
    let letters = objects.iter().scan(0, |sum, (object, instances)| {
        *sum += label(*object, *instances).chars().count() + CHIP_LETTERS;
        Some(*sum)
    });
    letters.take_while(|sum| *sum <= OBJECTS_LETTERS).count()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn as_many_objects_are_shown_as_there_is_room_for() {
        assert_eq!(shown(&[1, 3, 5, 7, 16, 3301, 3303].map(|object| (object, 1))), 6);
        assert_eq!(shown(&[(3, 1), (3303, 12), (10242, 1)]), 3);
        assert_eq!(shown(&[]), 0);
    }
}
