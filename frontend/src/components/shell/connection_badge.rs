use leptos::prelude::*;

use crate::browser;
use crate::live::{Live, Phase};
use crate::memo::memo;
use crate::time::Civil;

/// Whether what is shown is live, and how far away the server is.
#[component]
pub(crate) fn ConnectionBadge() -> impl IntoView {
    let live = expect_context::<Live>();
    let phase = memo(move || live.connection.with(|connection| connection.phase));
    let state = move || match phase.get() {
        Phase::Connecting => "connecting",
        Phase::Live => "live",
        Phase::Paused { .. } => "paused",
        Phase::Offline { .. } => "offline",
    };
    let text = move || match phase.get() {
        Phase::Connecting => "connecting".to_owned(),
        Phase::Live => "live".to_owned(),
        Phase::Paused { since_ms, .. } => format!("paused at {}", hour_minute(since_ms)),
        Phase::Offline { since_ms, .. } => format!("offline since {}", hour_minute(since_ms)),
    };
    // Not read aloud: it changes every few seconds.
    let round_trip = move || match (phase.get(), live.round_trip_ms.get()) {
        (Phase::Live, Some(ms)) => Some(format!(" · {ms} ms")),
        _ => None,
    };
    view! {
        <span class="connection" data-testid="connection" data-state=state title=explain(phase)>
            <span class="dot" aria-hidden="true"></span>
            <span class="connection-text">
                <span role="status">{text}</span>
                <span class="connection-time" aria-hidden="true" data-testid="round-trip">{round_trip}</span>
            </span>
        </span>
    }
}

fn explain(phase: Memo<Phase>) -> impl Fn() -> &'static str {
    move || match phase.get() {
        Phase::Connecting => "Connecting to the server",
        Phase::Live => "Changes are shown as they happen; the time is that of an answer of the server",
        Phase::Paused { .. } => "Nothing was asked for while this tab was hidden",
        Phase::Offline { .. } => "The values shown are not live",
    }
}

fn hour_minute(at_ms: u64) -> String {
    let epoch_s = (at_ms / 1000) as i64;
    Civil::from_epoch(epoch_s, browser::east_min(epoch_s)).hour_minute()
}
