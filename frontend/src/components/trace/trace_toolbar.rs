use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::format;
use crate::pages::TraceState;
use crate::routing::{Route, percent_encode};
use crate::trace::{Shown, Way};

/// Which datagrams are listed, and what can be done with them.
#[component]
pub(crate) fn TraceToolbar(
    state: TraceState,
    /// The client that the trace is limited to.
    endpoint: Option<String>,
) -> impl IntoView {
    let way = move |way: Way, title: &'static str| {
        view! {
            <button
                class="segment"
                aria-pressed=move || (state.way.get() == way).to_string()
                on:click=move |_| state.way.set(way)
            >
                {title}
            </button>
        }
    };
    let shown = move || {
        let (shown, all) = (state.shown.with(Shown::len), state.listed.with(Shown::len));
        if shown == all {
            format::plural(all, "datagram")
        } else {
            format!("{} of {}", format::count(shown as u64), format::plural(all, "datagram"))
        }
    };
    let lost = move || {
        let (dropped, missed) = state.lost.get();
        let mut words = Vec::new();
        if dropped > 0 {
            words.push(format!("{} older ones dropped", format::count(dropped)));
        }
        if missed > 0 {
            words.push(format!("{} missed", format::count(missed)));
        }
        (!words.is_empty()).then(|| format!(" · {}", words.join(" · ")))
    };
    view! {
        <div class="toolbar">
            <label class="search">
                <span class="visually-hidden">"Filter datagrams"</span>
                <input
                    type="search"
                    data-testid="trace-search"
                    data-search=""
                    placeholder="Device, 2.05, GET, /3303, CON, token…"
                    prop:value=state.text
                    on:input=move |event| state.text.set(event_target_value(&event))
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <div class="segments" role="group" aria-label="Direction">
                {way(Way::Both, "Both")}
                {way(Way::Received, "Received")}
                {way(Way::Sent, "Sent")}
            </div>
            <button
                class="button small"
                class:on=state.failures
                data-testid="trace-failures"
                aria-pressed=move || state.failures.get().to_string()
                on:click=move |_| state.failures.update(|only| *only = !*only)
            >
                <Glyph icon=Icon::Warning />
                "Only errors"
            </button>
            {endpoint.clone().map(|endpoint| view! { <Limit endpoint=endpoint /> })}
            <span class="muted" role="status" data-testid="trace-count">{shown}{lost}</span>
            <span class="spacer"></span>
            <Actions state=state endpoint=endpoint />
        </div>
    }
}

/// The client that the trace is limited to.
#[component]
fn Limit(endpoint: String) -> impl IntoView {
    let device = Route::Device { endpoint: endpoint.clone() }.address();
    let title = endpoint.clone();
    view! {
        <span class="chip on trace-limit">
            <a class="mono" href=device title=title><bdi>{endpoint}</bdi></a>
            <a class="trace-all" href=Route::Trace { endpoint: None }.address() aria-label="All devices" title="All devices">
                <Glyph icon=Icon::Close />
            </a>
        </span>
    }
}

#[component]
fn Actions(state: TraceState, endpoint: Option<String>) -> impl IntoView {
    let capture = match &endpoint {
        Some(endpoint) => format!("/api/v1/trace.pcap?endpoint={}", percent_encode(endpoint)),
        None => "/api/v1/trace.pcap".to_owned(),
    };
    let waiting = move || match state.newer.get() {
        0 => String::new(),
        newer => format!(" · {} newer", format::count(newer)),
    };
    view! {
        <div class="trace-actions">
            <button class="button small" data-testid="trace-pause" on:click=move |_| state.toggle_pause()>
                {move || if state.paused.get() {
                    view! { <Glyph icon=Icon::Execute /> "Resume" {waiting} }.into_any()
                } else {
                    view! { <Glyph icon=Icon::Pause /> "Pause" }.into_any()
                }}
            </button>
            <button class="button small" data-testid="trace-clear" on:click=move |_| state.clear()>"Clear"</button>
            <a class="button small" data-testid="trace-pcap" href=capture download="lwm2m-trace.pcap" title="What the server has, for Wireshark">
                <Glyph icon=Icon::Download />
                "pcap"
            </a>
            <button class="button small" data-testid="trace-lines" title="What is listed, one JSON object a line" on:click=move |_| state.save_lines()>
                <Glyph icon=Icon::Download />
                "JSON"
            </button>
        </div>
    }
}
