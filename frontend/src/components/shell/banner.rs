use leptos::prelude::*;

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::live::{self, Definitions, Live, Phase};
use crate::time::Civil;

/// How long the page says that changes were dropped.
const LAGGED_SHOWN_MS: u64 = 15_000;

/// What is wrong with everything on the page, above it.
#[component]
pub(crate) fn Banner() -> impl IntoView {
    let live = expect_context::<Live>();
    let outdated = move || live.connection.with(|connection| connection.outdated);
    let offline = move || match live.connection.with(|connection| connection.phase) {
        Phase::Offline { since_ms, values_ms, .. } if !outdated() => Some((since_ms, values_ms)),
        _ => None,
    };
    let lagged = move || {
        let (missed, at_ms) = live.connection.with(|connection| connection.lagged)?;
        (live.now_ms.get() < at_ms + LAGGED_SHOWN_MS).then_some(missed)
    };
    let undefined = move || match live.definitions.get() {
        Definitions::Failed(message) => Some(message),
        _ => None,
    };
    view! {
        {move || outdated().then(|| view! {
            <div class="banner bad" role="alert">
                <Glyph icon=Icon::Warning />
                <span>"The server was updated and speaks another protocol than this page. What is being typed is lost by reloading."</span>
                <button class="button small" on:click=move |_| browser::reload()>"Reload"</button>
            </div>
        })}
        {move || offline().map(|(since_ms, values_ms)| view! {
            <div class="banner warn" role="status">
                <Glyph icon=Icon::Warning />
                <span>
                    {format!("No connection to the server since {}. ", clock(since_ms))}
                    {values_ms.map(|at| format!("What you see is from {}. ", clock(at)))}
                    "Trying again by itself."
                </span>
                <button class="button small" on:click=move |_| live::connect(live)>"Try now"</button>
            </div>
        })}
        {move || lagged().map(|missed| view! {
            <div class="banner" role="status">
                <Glyph icon=Icon::Warning />
                <span>{format!("This page was too slow: {missed} changes were skipped. The latest values have been loaded again.")}</span>
            </div>
        })}
        {move || undefined().map(|message| view! {
            <div class="banner warn" role="status">
                <Glyph icon=Icon::Warning />
                <span>{format!("The object registry could not be loaded ({message}). Names are missing and values are shown as bytes.")}</span>
                <button class="button small" on:click=move |_| live.load_definitions()>"Try again"</button>
            </div>
        })}
    }
}

fn clock(at_ms: u64) -> String {
    let epoch_s = (at_ms / 1000) as i64;
    Civil::from_epoch(epoch_s, browser::east_min(epoch_s)).hour_minute()
}
