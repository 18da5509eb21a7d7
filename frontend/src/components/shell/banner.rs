use leptos::prelude::*;

use super::storage_banner::StorageBanner;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::frame::Unsaved;
use crate::live::{self, Definitions, Live, Phase};
use crate::memo::memo;
use crate::time::Civil;

/// How long the page says that changes were dropped.
const LAGGED_SHOWN_MS: u64 = 15_000;

/// What is wrong with everything on the page, above it.
#[component]
pub(crate) fn Banner() -> impl IntoView {
    let live = expect_context::<Live>();
    let outdated = memo(move || live.connection.with(|connection| connection.outdated));
    let newer = memo(move || live.connection.with(|connection| connection.newer_build));
    let lagged = memo(move || {
        let (missed, at_ms) = live.connection.with(|connection| connection.lagged)?;
        (live.now_ms.get() < at_ms + LAGGED_SHOWN_MS).then_some(missed)
    });
    let undefined = move || match live.definitions.get() {
        Definitions::Failed(message) => Some(message),
        _ => None,
    };
    view! {
        {move || outdated.get().then(|| view! {
            <div class="banner bad" role="alert" data-testid="outdated">
                <Glyph icon=Icon::Warning />
                <span>"The server was updated and speaks another protocol than this page: nothing here is live any more."</span>
                <Reload />
            </div>
        })}
        <Offline />
        <StorageBanner />
        {move || (newer.get() && !outdated.get()).then(|| view! {
            <div class="banner" role="status" data-testid="newer-build">
                <Glyph icon=Icon::Warning />
                <span>"The server has a newer version of this page."</span>
                <Reload />
            </div>
        })}
        {move || lagged.get().map(|missed| view! {
            <div class="banner" role="status" data-testid="lagged">
                <Glyph icon=Icon::Warning />
                <span>{format!("This page was too slow: {missed} changes were skipped. The latest values have been loaded again.")}</span>
            </div>
        })}
        {move || undefined().map(|message| view! {
            <div class="banner warn" role="status">
                <Glyph icon=Icon::Warning />
                <span>{format!("The object registry could not be loaded ({message}). Names are missing and values are shown as bytes.")}</span>
                <button type="button" class="button small" on:click=move |_| live.load_definitions()>"Try again"</button>
            </div>
        })}
    }
}

/// No connection: since when, why, how old the values are, and when the next attempt is due.
#[component]
fn Offline() -> impl IntoView {
    let live = expect_context::<Live>();
    let told = memo(move || {
        live.connection.with(|connection| match connection.phase {
            Phase::Offline { since_ms, values_ms, why } if !connection.outdated => {
                let values = match values_ms {
                    Some(at_ms) => format!("What you see is from {}.", clock(at_ms)),
                    None => "Nothing has been loaded yet.".to_owned(),
                };
                Some(format!("No connection since {}: {}. {values}", clock(since_ms), why.reason()))
            }
            _ => None,
        })
    });
    let next = memo(move || match live.connection.with(|connection| connection.retry_at_ms) {
        Some(at_ms) => {
            format!("Next attempt in {} s", at_ms.saturating_sub(live.now_ms.get()).div_ceil(1000).max(1))
        }
        None => "Connecting…".to_owned(),
    });
    // The countdown is no news: it stands outside of what is read aloud.
    view! {
        {move || told.get().map(|told| view! {
            <div class="banner warn" data-testid="offline">
                <Glyph icon=Icon::Warning />
                <span role="status">{told}</span>
                <span class="banner-next" aria-hidden="true">{next}</span>
                <button type="button" class="button small" on:click=move |_| live::connect(live)>"Try now"</button>
            </div>
        })}
    }
}

/// Never by itself, and with what is typed only when that is meant.
#[component]
fn Reload() -> impl IntoView {
    let unsaved = expect_context::<Unsaved>();
    view! {
        {move || if unsaved.any() {
            view! {
                <span>"What you have typed is not sent yet and would be lost."</span>
                <button type="button" class="button small" on:click=move |_| browser::reload()>"Reload and lose it"</button>
            }
            .into_any()
        } else {
            view! { <button type="button" class="button small" on:click=move |_| browser::reload()>"Reload"</button> }
                .into_any()
        }}
    }
}

pub(super) fn clock(at_ms: u64) -> String {
    let epoch_s = (at_ms / 1000) as i64;
    Civil::from_epoch(epoch_s, browser::east_min(epoch_s)).clock()
}
