use console_api::{ClientQuery, StatusFilter};
use leptos::prelude::*;

use super::connect_guide::ConnectGuide;
use crate::fleet::FleetState;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Router;

/// No device is known: how the first one gets here.
#[component]
pub(crate) fn FleetEmpty() -> impl IntoView {
    view! {
        <section class="card empty-state" data-testid="fleet-empty">
            <h2>"No device has registered yet"</h2>
            <ConnectGuide />
        </section>
    }
}

/// Devices are known, but none is what was asked for.
#[component]
pub(crate) fn FleetNoMatch() -> impl IntoView {
    let live = expect_context::<Live>();
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let known = memo(move || {
        live.fleet_window.track();
        live.with_store(|store| store.fleet.known)
    });
    // Nothing but the status was asked for.
    let only_status = memo(move || {
        state.query.with(|query| {
            let ClientQuery { status, sort, descending, .. } = *query;
            *query == ClientQuery { status, sort, descending, ..ClientQuery::default() }
        })
    });
    let registered = memo(move || state.query.with(|query| query.status == StatusFilter::Registered));
    let title = move || match (only_status.get(), registered.get()) {
        (true, true) => "No device is registered now",
        (true, false) => "No device is in this state",
        (false, _) => "No device matches",
    };
    let advice = move || {
        let known = format::plural(known.get(), "device");
        if only_status.get() && registered.get() {
            format!("{known} known from before: de-registered, or expired without an Update.")
        } else if only_status.get() {
            format!("{known} known.")
        } else {
            format!(
                "{known} known. All words and filters must match; a word like /3303 asks for an Object. \
                 Take a filter away, or look among all states."
            )
        }
    };
    let any_status = memo(move || state.query.with(|query| query.status == StatusFilter::Any));
    view! {
        <section class="card empty-state" data-testid="fleet-no-match">
            <h2>{title}</h2>
            <p>{advice}</p>
            <div class="form-actions">
                {move || (!any_status.get()).then(|| view! {
                    <button
                        class="button primary"
                        data-testid="show-any"
                        on:click=move |_| state.ask(router, true, |query| query.status = StatusFilter::Any)
                    >
                        "Look among all known devices"
                    </button>
                })}
                {move || (!only_status.get()).then(|| view! {
                    <button
                        class="button"
                        data-testid="clear-filters"
                        on:click=move |_| state.ask(router, true, |query| {
                            let ClientQuery { sort, descending, .. } = *query;
                            *query = ClientQuery { sort, descending, ..ClientQuery::default() };
                        })
                    >
                        "Clear search and filters"
                    </button>
                })}
                {move || only_status.get().then(|| view! {
                    <button class="button" on:click=move |_| state.connecting.set(true)>"Connect a device"</button>
                })}
            </div>
        </section>
    }
}
