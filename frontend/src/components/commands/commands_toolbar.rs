use console_api::CommandState;
use leptos::prelude::*;

use crate::commands::{STATES, word};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::pages::CommandsState;
use crate::routing::{Route, Router};

/// Which commands: words, device, state, and how many there are.
#[component]
pub(crate) fn CommandsToolbar(state: CommandsState, endpoint: Option<String>) -> impl IntoView {
    let router = expect_context::<Router>();
    let segment = move |wanted: Option<CommandState>, title: &'static str| {
        view! {
            <button
                class="segment"
                data-state=wanted.map_or("all", word)
                aria-pressed=move || (state.wanted.get() == wanted).to_string()
                on:click=move |_| {
                    state.page.set(0);
                    state.wanted.set(wanted);
                }
            >
                {title}
            </button>
        }
    };
    let count = move || state.loaded.get().then(|| format::plural(state.matching.get() as usize, "command"));
    let open = move || {
        (state.open.get() > 0).then(|| format!("{} not over", format::count(state.open.get().into())))
    };
    view! {
        <div class="toolbar">
            <label class="search">
                <Glyph icon=Icon::Search />
                <span class="visually-hidden">"Filter commands"</span>
                <input
                    type="search"
                    data-testid="commands-search"
                    data-search=""
                    placeholder="Device, operation, path or who asked"
                    prop:value=state.text
                    on:input=move |event| {
                        state.page.set(0);
                        state.text.set(event_target_value(&event));
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            {endpoint.map(|endpoint| view! {
                <span class="chip on filter-chip" data-testid="commands-device">
                    <bdi>{endpoint}</bdi>
                    <button
                        aria-label="Show the commands of all devices"
                        on:click=move |_| router.open(Route::Commands { endpoint: None })
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </span>
            })}
            <div class="command-states">
                <div class="segments" role="group" aria-label="State">
                    {segment(None, "All")}
                    {STATES.map(|(wanted, _, title, _)| segment(Some(wanted), title))}
                </div>
            </div>
            <span class="muted" role="status" data-testid="commands-count">{count}</span>
            <span class="muted">{open}</span>
        </div>
    }
}
