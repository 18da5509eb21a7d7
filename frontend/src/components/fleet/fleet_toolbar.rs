use std::time::Duration;

use console_api::ClientQuery;
use leptos::prelude::*;

use super::bulk_bar::BulkBar;
use super::filter_menu::FilterMenu;
use super::view_menu::ViewMenu;
use crate::components::{Glyph, Icon};
use crate::fleet::{FleetState, STATUS, security_title, status_title};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::pause::Pause;
use crate::routing::Router;

/// The server is asked when the typing pauses.
const TYPING_PAUSE: Duration = Duration::from_millis(140);

/// Which devices: search, filters, how many there are; and what is done with those that are selected.
#[component]
pub(crate) fn FleetToolbar() -> impl IntoView {
    let live = expect_context::<Live>();
    let state = expect_context::<FleetState>();
    let shown = memo(move || {
        live.fleet_window.track();
        live.with_store(|store| (store.fleet.matching, store.fleet.known))
    });
    let shown = move || {
        let (matching, known) = shown.get();
        if matching == known {
            format::plural(matching, "device")
        } else {
            format!("{} of {}", format::count(matching as u64), format::plural(known, "device"))
        }
    };
    view! {
        <div class="toolbar fleet-toolbar">
            <Search />
            <StatusChoice />
            <Chips />
            <FilterMenu />
            <span class="muted fleet-count" role="status" data-testid="fleet-count">{shown}</span>
            <span class="spacer"></span>
            <BulkBar />
            <ViewMenu />
            <button class="button primary" data-testid="add-device" on:click=move |_| state.connecting.set(true)>
                <Glyph icon=Icon::Add />
                "Add device"
            </button>
        </div>
    }
}

#[component]
fn Search() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    // What is being typed; the query follows.
    let typed = RwSignal::new(state.query.with_untracked(|query| query.text.clone()));
    let pause = Pause::new();
    Effect::new(move |_| {
        let text = state.query.with(|query| query.text.clone());
        if text.trim() != typed.with_untracked(|typed| typed.trim().to_owned()) {
            typed.set(text);
        }
    });
    let on_input = move |text: String| {
        typed.set(text.clone());
        pause.then(TYPING_PAUSE, move || {
            state.ask(router, false, |query| query.text = text.trim().to_owned());
        });
    };
    view! {
        <label class="search">
            <Glyph icon=Icon::Search />
            <span class="visually-hidden">"Search devices"</span>
            <input
                type="search"
                data-testid="fleet-search"
                data-search=""
                placeholder="Endpoint, name, tag, or /3303"
                title="All words must match. A word like /3303 or /3303/1 asks for an Object or Object Instance."
                prop:value=typed
                on:input=move |event| on_input(event_target_value(&event))
            />
            <kbd aria-hidden="true">"/"</kbd>
        </label>
    }
}

#[component]
fn StatusChoice() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let chosen = memo(move || state.query.with(|query| status_title(query.status)));
    view! {
        <label class="chip on chip-select">
            <span>"status:"</span>
            <select
                data-testid="fleet-status-filter"
                aria-label="Status"
                prop:value=chosen
                on:change=move |event| {
                    let title = event_target_value(&event);
                    if let Some((status, ..)) = STATUS.into_iter().find(|(.., known)| *known == title) {
                        state.ask(router, true, |query| query.status = status);
                    }
                }
            >
                {STATUS.map(|(.., title)| view! { <option value=title selected=move || chosen.get() == title>{title}</option> })}
            </select>
        </label>
    }
}

type Removal = fn(&mut ClientQuery);

/// A filter that is set, in words, and how it is removed.
type Chip = (&'static str, String, Removal);

fn chips(query: &ClientQuery) -> Vec<Chip> {
    let security = query.security.map(|mode| security_title(mode).to_owned());
    let filters: [(&'static str, Option<String>, Removal); 6] = [
        ("object", query.object.map(|id| format!("/{id}")), |query| query.object = None),
        ("binding", query.binding.clone(), |query| query.binding = None),
        ("version", query.version.clone(), |query| query.version = None),
        ("security", security, |query| query.security = None),
        ("tag", query.tag.clone(), |query| query.tag = None),
        ("commands", query.queued.then(|| "waiting".to_owned()), |query| query.queued = false),
    ];
    filters.into_iter().filter_map(|(what, value, remove)| Some((what, value?, remove))).collect()
}

#[component]
fn Chips() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let chip = move |(what, value, remove): Chip| {
        let label = format!("Remove the filter {what}: {value}");
        view! {
            <span class="chip on filter-chip" data-testid=format!("filter-{what}")>
                {format!("{what}: {value}")}
                <button aria-label=label on:click=move |_| state.ask(router, true, remove)>
                    <Glyph icon=Icon::Close />
                </button>
            </span>
        }
    };
    move || state.query.with(chips).into_iter().map(chip).collect_view()
}
