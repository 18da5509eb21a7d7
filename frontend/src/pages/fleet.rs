use std::sync::Arc;
use std::time::Duration;

use console_api::{FleetView, Topic};
use leptos::prelude::*;

use crate::components::fleet::{FleetCards, FleetEmpty, FleetTable};
use crate::fleet::{Filter, Sort, order};
use crate::live::Live;
use crate::memo::memo;
use crate::{browser, format};

/// The registry is fetched when the fleet stands, so that a device page finds it there.
const PREFETCH_AFTER: Duration = Duration::from_millis(1500);

/// How the operator left the table; it is the same when they come back.
#[derive(Clone, Copy, Default)]
pub(crate) struct FleetState {
    search: RwSignal<String>,
    sort: RwSignal<Sort>,
    scroll_px: RwSignal<f64>,
}

/// All registered devices.
#[component]
pub(crate) fn FleetPage() -> impl IntoView {
    let live = expect_context::<Live>();
    browser::set_title("Fleet · LwM2M Console");
    let topic = Topic::Fleet(FleetView { limit: FleetView::ROWS, ..FleetView::default() });
    live.subscribe(topic.clone());
    on_cleanup(move || live.unsubscribe(&topic));
    set_timeout(move || live.load_definitions(), PREFETCH_AFTER);

    let FleetState { search, sort, scroll_px } = expect_context();
    let order = memo(move || {
        let sort = sort.get();
        live.fleet_members.track();
        if sort.follows_updates() {
            live.fleet_rows.track();
        }
        let filter = search.with(|search| Filter::parse(search));
        Arc::new(live.with_store(|store| order(store.fleet.clients(), &filter, sort)))
    });
    let state = memo(move || {
        live.fleet_members.track();
        live.with_store(|store| (store.fleet.loaded, store.fleet.len() == 0))
    });
    // Another question is answered from the top.
    Effect::new(move |before: Option<()>| {
        search.track();
        sort.track();
        if before.is_some()
            && let Some(table) = browser::find(".fleet-body")
        {
            table.set_scroll_top(0);
        }
    });
    let nothing_matches = memo(move || order.with(|order| order.is_empty()));
    let shown = move || {
        let (shown, total) = (order.with(|order| order.len()), live.with_store(|store| store.fleet.len()));
        if search.with(|search| Filter::parse(search).is_empty()) {
            format::plural(total, "device")
        } else {
            format!("{} of {}", format::count(shown as u64), format::plural(total, "device"))
        }
    };
    view! {
        <div class="fleet-page">
            <FleetCards />
            {move || match state.get() {
                (false, _) => view! { <FleetLoading /> }.into_any(),
                (true, true) => view! { <FleetEmpty /> }.into_any(),
                (true, false) => view! {
                    <div class="toolbar">
                        <label class="search">
                            <span class="visually-hidden">"Search devices"</span>
                            <input
                                type="search"
                                data-testid="fleet-search"
                                data-search=""
                                placeholder="Endpoint, or an object like /3303"
                                prop:value=search
                                on:input=move |event| search.set(event_target_value(&event))
                            />
                            <kbd aria-hidden="true">"/"</kbd>
                        </label>
                        <span class="muted" role="status">{shown}</span>
                    </div>
                    {move || if nothing_matches.get() {
                        view! {
                            <section class="card empty-state">
                                <h2>"No device matches"</h2>
                                <p>"Every word must be in the endpoint name; a word like " <code>"/3303"</code> " asks for an Object."</p>
                                <button class="button" on:click=move |_| search.set(String::new())>"Clear the search"</button>
                            </section>
                        }
                        .into_any()
                    } else {
                        view! { <FleetTable order=order sort=sort scroll_px=scroll_px /> }.into_any()
                    }}
                }
                .into_any(),
            }}
        </div>
    }
}

/// Before the first snapshot.
#[component]
fn FleetLoading() -> impl IntoView {
    view! {
        <section class="card fleet-loading" aria-busy="true" data-testid="fleet-loading">
            <span class="visually-hidden">"Loading the fleet"</span>
            {(0..8).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
        </section>
    }
}
