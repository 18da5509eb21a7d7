use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::format;
use crate::pages::SecurityState;
use crate::routing::{Route, Router};
use crate::security::{Draft, MODES, Question, SERVERS, STATES};

/// Which credentials, and how others come.
#[component]
pub(crate) fn SecurityToolbar(state: SecurityState) -> impl IntoView {
    let narrow = move |change: &dyn Fn(&mut Question)| {
        state.question.update(|question| {
            change(question);
            question.page = 0;
        });
    };
    let count =
        move || state.list.with(|list| list.as_ref().map(|list| format::plural(list.total, "credential")));
    let add = move |_| {
        let endpoint = state.question.with_untracked(|question| question.endpoint.clone());
        state.draft.set(Some(Draft::new(endpoint.unwrap_or_default())));
    };
    view! {
        <div class="toolbar">
            <label class="search">
                <Glyph icon=Icon::Search />
                <span class="visually-hidden">"Filter credentials"</span>
                <input
                    type="search"
                    data-testid="security-search"
                    data-search=""
                    placeholder="Device, identity or note"
                    prop:value=move || state.question.with(|question| question.text.clone())
                    on:input=move |event| narrow(&|question| question.text = event_target_value(&event))
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <select
                class="field"
                aria-label="Server"
                data-testid="security-server"
                on:change=move |event| {
                    let word = event_target_value(&event);
                    let server = SERVERS.iter().find(|(_, known, _)| *known == word).map(|(server, ..)| *server);
                    narrow(&|question| question.server = server);
                }
            >
                <option value="" selected=move || state.question.with(|question| question.server.is_none())>"Any server"</option>
                {SERVERS.map(|(server, word, title)| view! {
                    <option value=word selected=move || state.question.with(|question| question.server == Some(server))>{title}</option>
                })}
            </select>
            <select
                class="field"
                aria-label="Mode"
                data-testid="security-mode"
                on:change=move |event| {
                    let word = event_target_value(&event);
                    let mode = MODES.iter().find(|(_, known, _)| *known == word).map(|(mode, ..)| *mode);
                    narrow(&|question| question.mode = mode);
                }
            >
                <option value="" selected=move || state.question.with(|question| question.mode.is_none())>"Any mode"</option>
                {MODES.map(|(mode, word, title)| view! {
                    <option value=word selected=move || state.question.with(|question| question.mode == Some(mode))>{title}</option>
                })}
            </select>
            <select
                class="field"
                aria-label="State"
                data-testid="security-state"
                on:change=move |event| {
                    let word = event_target_value(&event);
                    let wanted = STATES.iter().find(|(_, known, ..)| *known == word).map(|(state, ..)| *state);
                    narrow(&|question| question.state = wanted);
                }
            >
                <option value="" selected=move || state.question.with(|question| question.state.is_none())>"Any state"</option>
                {STATES.map(|(one, word, title, _)| view! {
                    <option value=word selected=move || state.question.with(|question| question.state == Some(one))>{title}</option>
                })}
            </select>
            <OfOne state=state />
            <span class="muted" role="status" data-testid="security-count">{count}</span>
            <span class="spacer"></span>
            <button class="button" data-testid="security-import" on:click=move |_| state.importing.set(true)>
                <Glyph icon=Icon::Upload />"Import"
            </button>
            <button class="button primary" data-testid="security-add" on:click=add>
                <Glyph icon=Icon::Add />"Add"
            </button>
        </div>
    }
}

/// The one device whose credentials are shown.
#[component]
fn OfOne(state: SecurityState) -> impl IntoView {
    let router = expect_context::<Router>();
    let endpoint = move || state.question.with(|question| question.endpoint.clone());
    move || {
        endpoint().map(|endpoint| {
            view! {
                <span class="chip on filter-chip" data-testid="security-device">
                    <bdi>{endpoint}</bdi>
                    <button
                        aria-label="Show the credentials of all devices"
                        on:click=move |_| router.open(Route::Security { endpoint: None })
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </span>
            }
        })
    }
}
