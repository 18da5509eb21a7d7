use leptos::prelude::*;

use crate::browser;
use crate::live::{Live, Phase};
use crate::memo::memo;
use crate::time::Civil;

/// Whether what is shown is live.
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
        Phase::Live => match live.round_trip_ms.get() {
            Some(ms) => format!("live · {ms} ms"),
            None => "live".to_owned(),
        },
        Phase::Paused { .. } => "paused".to_owned(),
        Phase::Offline { since_ms, .. } => {
            let epoch_s = (since_ms / 1000) as i64;
            let since = Civil::from_epoch(epoch_s, browser::east_min(epoch_s));
            format!("reconnecting since {}", since.hour_minute())
        }
    };
    view! {
        <span class="connection" data-testid="connection" data-state=state role="status">
            <span class="dot" aria-hidden="true"></span>
            <span class="connection-text">{text}</span>
        </span>
    }
}
