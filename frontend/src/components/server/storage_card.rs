use console_api::{Retention, StorageState, StorageStatus};
use leptos::prelude::*;

use crate::api;
use crate::components::date_time;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::frame::Notices;
use crate::live::Live;
use crate::memo::memo;
use crate::server_page::{GIGABYTE, retention};

/// What is kept, where, how much of it, for how long, and whether it can be kept.
#[component]
pub(crate) fn StorageCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let figure = move |part: fn(&StorageStatus) -> String| {
        memo(move || {
            live.server.with(|server| server.as_ref().map(|server| part(&server.storage))).unwrap_or_default()
        })
    };
    let state = memo(move || {
        live.server
            .with(|server| server.as_ref().map(|server| (server.storage.state, server.storage.why.clone())))
    });
    view! {
        <section class="card storage-card" aria-labelledby="storage-title" data-testid="storage">
            <div class="card-head">
                <h2 id="storage-title">"Storage"</h2>
                {move || state.get().map(|(state, _)| {
                    let (class, word) = match state {
                        StorageState::Good => ("chip ok", "Good"),
                        StorageState::Failing => ("chip bad", "Failing"),
                    };
                    view! { <span class=class data-testid="storage-state"><span class="dot" aria-hidden="true"></span>{word}</span> }
                })}
                <span class="muted">{figure(|storage| format!("since {}", date_time(storage.since_ms)))}</span>
            </div>
            {move || state.get().and_then(|(_, why)| why).map(|why| view! {
                <p class="card-note storage-why" role="alert">{why}</p>
            })}
            <dl class="server-facts">
                <dt>"Engine"</dt>
                <dd>{figure(|storage| storage.engine.clone())}</dd>
                <dt>"Directory"</dt>
                <dd class="mono" data-testid="storage-directory">{figure(|storage| storage.directory.clone())}</dd>
                <dt>"Registrations, commands"</dt>
                <dd>{figure(|storage| format::bytes(storage.bytes as f64))}</dd>
                <dt>"History"</dt>
                <dd data-testid="storage-history">{figure(history)}</dd>
            </dl>
            <RetentionForm />
            <p class="storage-files">
                <a class="button small" href="/api/v1/history.csv" download=""><Glyph icon=Icon::Download />"All history as CSV"</a>
                <a class="button small" href="/api/v1/history.jsonl" download=""><Glyph icon=Icon::Download />"As JSON lines"</a>
            </p>
        </section>
    }
}

fn history(storage: &StorageStatus) -> String {
    let size = format::bytes(storage.history_bytes as f64);
    match &storage.oldest_day {
        Some(day) => format!("{size} since {day}"),
        None => format!("{size}, no day yet"),
    }
}

/// How much of the past is kept: by age, and by size.
#[component]
fn RetentionForm() -> impl IntoView {
    let notices = expect_context::<Notices>();
    let (days, gigabytes) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let show = move |kept: Retention| {
        days.try_set(kept.days.to_string());
        gigabytes.try_set(format::float(kept.bytes as f64 / GIGABYTE));
    };
    leptos::task::spawn_local(async move {
        match api::retention().await {
            Ok(kept) => show(kept),
            Err(failure) => {
                notices.fail(format!("How long history is kept is not known: {}", failure.told()));
            }
        }
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let asked = retention(&days.get_untracked(), &gigabytes.get_untracked());
        let kept = match asked {
            Ok(kept) => kept,
            Err(expected) => return notices.fail(expected),
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::retain(&kept).await {
                Ok(()) => {
                    notices.say(format!("History is kept for {}", format::plural(kept.days as usize, "day")));
                }
                Err(failure) => notices.fail(format!("Not changed: {}", failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="retention" data-testid="retention" on:submit=save>
            <label class="simulated-field">
                <span>"Keep history for (days)"</span>
                <input
                    class="field" type="number" min="1" required data-testid="retention-days"
                    prop:value=days on:input=move |event| days.set(event_target_value(&event))
                />
            </label>
            <label class="simulated-field">
                <span>"but no more than (GB)"</span>
                <input
                    class="field" type="text" inputmode="decimal" required data-testid="retention-size"
                    prop:value=gigabytes on:input=move |event| gigabytes.set(event_target_value(&event))
                />
            </label>
            <button class="button" disabled=busy data-testid="retention-save">"Save"</button>
            <span class="muted retention-note">"The oldest days go first, never today."</span>
        </form>
    }
}
