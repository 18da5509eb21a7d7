use console_api::FailedHandshake;
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::pages::SecurityState;

/// Who could not connect, why, and what to do about it.
#[component]
pub(crate) fn HandshakesCard(state: SecurityState) -> impl IntoView {
    let live = expect_context::<Live>();
    let rows = move || {
        let now_ms = live.now_ms.get();
        state
            .failures
            .get()
            .into_iter()
            .map(|failed| view! { <Failed failed=failed now_ms=now_ms /> })
            .collect_view()
    };
    let none = move || state.failures.with(Vec::is_empty);
    view! {
        <section class="card handshakes-card" aria-labelledby="handshakes-title" data-testid="handshakes">
            <div class="card-head">
                <h2 id="handshakes-title">"Failed handshakes"</h2>
                <span class="muted">"The newest first"</span>
            </div>
            {move || if none() {
                view! { <p class="card-note muted">"None since the server started."</p> }.into_any()
            } else {
                view! { <ul class="handshakes">{rows}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Failed(failed: FailedHandshake, now_ms: u64) -> impl IntoView {
    let age = match format::age(failed.at_ms, now_ms) {
        now if now == "now" => now,
        age => format!("{age} ago"),
    };
    let often = (failed.count > 1).then(|| {
        let since = format::span(now_ms.saturating_sub(failed.since_ms));
        format!("{} times in {since}", format::count(failed.count))
    });
    view! {
        <li class="handshake" data-testid="handshake">
            <div class="handshake-head">
                <b class="wrap">{failed.what}</b>
                <span class="muted">{age}</span>
            </div>
            <p class="handshake-advice">{failed.advice}</p>
            <p class="muted handshake-from">
                <span class="mono">{failed.from}</span>
                {failed.identity.map(|identity| view! { " as " <bdi class="mono wrap">{identity}</bdi> })}
                {format!(" · {}", failed.stage)}
                {often.map(|often| format!(" · {often}"))}
            </p>
        </li>
    }
}
