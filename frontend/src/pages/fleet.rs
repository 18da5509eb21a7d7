use std::time::Duration;

use console_api::{FleetView, Topic};
use leptos::prelude::*;

use crate::browser;
use crate::components::fleet::{FleetCards, FleetNoMatch, FleetTable, FleetToolbar};
use crate::fleet::{FleetState, from_address, hidden_columns, to_address, wanted};
use crate::live::{Live, Phase};
use crate::memo::memo;
use crate::routing::{Route, Router};

use super::{fleet_dialogs, fleet_empty, load_dialogs, opening, when_wanted};

/// The registry is fetched when the fleet stands: values of the rows are decoded with it.
const REGISTRY_AFTER: Duration = Duration::from_millis(200);

/// While the table scrolls, other rows are asked for at most this often.
const VIEW_PACE: Duration = Duration::from_millis(50);

/// All devices that are known.
#[component]
pub(crate) fn FleetPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let router = expect_context::<Router>();
    let state = expect_context::<FleetState>();
    browser::set_title("Fleet · LwM2M Console");
    state.hidden.set(hidden_columns());
    follow_address(state, router);
    subscribe(live, state);
    set_timeout(move || live.load_definitions(), REGISTRY_AFTER);

    let content = memo(move || {
        live.fleet_window.track();
        live.with_store(|store| {
            let fleet = &store.fleet;
            match (fleet.loaded, fleet.known, fleet.matching) {
                (false, ..) => Content::Loading,
                (true, 0, _) => Content::Empty,
                (true, _, 0) => Content::NoMatch,
                _ => Content::Table,
            }
        })
    });
    // The toolbar stays while one types, whatever matches.
    let frame = memo(move || match content.get() {
        Content::NoMatch => Content::Table,
        other => other,
    });
    let no_match = memo(move || content.get() == Content::NoMatch);
    let stale =
        memo(move || live.connection.with(|connection| matches!(connection.phase, Phase::Offline { .. })));
    let dialog_wanted = memo(move || {
        state.connecting.get()
            || state.labelling.with(Option::is_some)
            || state.bulk_step.with(Option::is_some)
    });
    view! {
        <div class="fleet-page" class:stale=stale>
            <h1 class="visually-hidden">"Fleet"</h1>
            <FleetCards />
            {move || match frame.get() {
                Content::Loading => view! { <FleetLoading /> }.into_any(),
                Content::Empty => opening(load_dialogs, fleet_empty),
                Content::NoMatch | Content::Table => view! {
                    <FleetToolbar />
                    {move || if no_match.get() {
                        view! { <FleetNoMatch /> }.into_any()
                    } else {
                        view! { <FleetTable /> }.into_any()
                    }}
                }
                .into_any(),
            }}
        </div>
        {when_wanted(dialog_wanted, load_dialogs, fleet_dialogs)}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Loading,
    Empty,
    NoMatch,
    Table,
}

/// The address says which devices; without a word it is those that were looked at last.
fn follow_address(state: FleetState, router: Router) {
    let at_first = router.query.get_untracked();
    if at_first.is_empty() {
        let left = state.query.with_untracked(to_address);
        if !left.is_empty() {
            router.set_query(&left, false);
        }
    } else {
        state.show(from_address(&at_first));
    }
    Effect::new(move |before: Option<()>| {
        let query = router.query.get();
        if before.is_some() && router.route.get_untracked() == Route::Fleet {
            state.show(from_address(&query));
        }
    });
}

/// Asks for the rows that are on the screen, and others while it scrolls.
fn subscribe(live: Live, state: FleetState) {
    let view = memo(move || {
        let (first, rows) = state.mounted.get();
        wanted(state.query.get(), first, rows)
    });
    let waiting = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        let now = view.get();
        if before.is_none() {
            live.subscribe(Topic::Fleet(now));
        } else if waiting.try_update_value(|waiting| std::mem::replace(waiting, true)) == Some(false) {
            let ask = move || {
                waiting.try_set_value(false);
                if let Some(now) = view.try_get_untracked() {
                    live.subscribe(Topic::Fleet(now));
                }
            };
            set_timeout(ask, VIEW_PACE);
        }
    });
    on_cleanup(move || live.unsubscribe(&Topic::Fleet(FleetView::default())));
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
