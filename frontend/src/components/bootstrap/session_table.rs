use console_api::{BootstrapSession, BootstrapState};
use leptos::prelude::*;

use crate::bootstrap::{PAGE, STATES, standing, state_chip, state_word, taken};
use crate::components::{EmptyState, Glyph, Icon, Loading, Pager, move_focus};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::SessionsState;
use crate::routing::{Route, Router};

/// What devices and the Bootstrap-Server have said to each other, newest first.
#[component]
pub(crate) fn SessionsCard(state: SessionsState, endpoint: Option<String>) -> impl IntoView {
    let of_one = endpoint.is_some();
    let none = memo(move || state.ids.with(Vec::is_empty));
    let running = move || {
        (state.running.get() > 0).then(|| format!("{} running", format::count(state.running.get().into())))
    };
    let body = move || {
        match (state.loaded.get(), none.get(), state.is_filtered() || of_one) {
        (false, ..) => view! { <div class="card-note"><Loading label="Loading the sessions" rows=4 /></div> }.into_any(),
        (_, true, false) => view! {
            <p class="card-note muted" data-testid="sessions-empty">
                "No device has bootstrapped yet. Each session is kept here, message by message, also one that fails."
            </p>
        }
        .into_any(),
        (_, true, true) => view! {
            <EmptyState title="No session matches" testid="sessions-nothing">
                <p>"Words are looked for in endpoint name, address, configuration and failure."</p>
                <button class="button" on:click=move |_| state.clear()>"Clear the filter"</button>
            </EmptyState>
        }
        .into_any(),
        _ => view! { <SessionTable state=state /> }.into_any(),
    }
    };
    view! {
        <section class="card bs-sessions" aria-labelledby="sessions-title">
            <div class="card-head">
                <h2 id="sessions-title">"Sessions"</h2>
                <span class="muted" role="status" data-testid="sessions-count">
                    {move || state.loaded.get().then(|| format::plural(state.matching.get() as usize, "session"))}
                </span>
                <span class="muted">{running}</span>
            </div>
            <Filter state=state endpoint=endpoint />
            {body}
        </section>
    }
}

#[component]
fn Filter(state: SessionsState, endpoint: Option<String>) -> impl IntoView {
    let router = expect_context::<Router>();
    let segment = move |wanted: Option<BootstrapState>, title: &'static str| {
        view! {
            <button
                type="button" class="segment" data-state=wanted.map_or("all", state_word)
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
    view! {
        <div class="toolbar bs-filter">
            <label class="search">
                <Glyph icon=Icon::Search />
                <span class="visually-hidden">"Filter sessions"</span>
                <input
                    type="search" data-testid="sessions-search" data-search="" placeholder="Device, configuration or failure"
                    prop:value=state.text
                    on:input=move |event| {
                        state.page.set(0);
                        state.text.set(event_target_value(&event));
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            {endpoint.map(|endpoint| view! {
                <span class="chip on filter-chip" data-testid="sessions-device">
                    <bdi>{endpoint}</bdi>
                    <button
                        aria-label="Show the sessions of all devices"
                        on:click=move |_| router.open(Route::Bootstrap { endpoint: None })
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </span>
            })}
            <div class="segments" role="group" aria-label="State">
                {segment(None, "All")}
                {STATES.map(|(wanted, _, title, _)| segment(Some(wanted), title))}
            </div>
        </div>
    }
}

#[component]
fn SessionTable(state: SessionsState) -> impl IntoView {
    let page = Signal::derive(move || state.page.get() as usize);
    let total = Signal::derive(move || state.matching.get() as usize);
    let turn = move |page: usize| state.page.set(u32::try_from(page).unwrap_or(u32::MAX));
    view! {
        <div class="bs-table-body">
            <table class="plain-table" aria-label="Sessions">
                <thead>
                    <tr>
                        <th scope="col">"State"</th>
                        <th scope="col">"Device"</th>
                        <th scope="col">"Configuration"</th>
                        <th scope="col">"How it stands"</th>
                        <th scope="col" class="number">"Took"</th>
                        <th scope="col" class="number">"Begun"</th>
                    </tr>
                </thead>
                <tbody on:keydown=move |event| move_focus(&event)>
                    <For each=move || state.ids.get() key=|id| *id let:id>
                        <SessionRow id=id state=state />
                    </For>
                </tbody>
            </table>
        </div>
        <Pager page=page size=PAGE as usize total=total on_turn=turn />
    }
}

#[component]
fn SessionRow(id: u64, state: SessionsState) -> impl IntoView {
    let live = expect_context::<Live>();
    let session = memo(move || state.session(id));
    let address = Route::BootstrapSession { id }.address();
    let endpoint = session.get_untracked().map(|it| it.endpoint).unwrap_or_default();
    let (title, shown) = (endpoint.clone(), endpoint.clone());
    let part = move |part: fn(&BootstrapSession, u64) -> String| {
        move || session.with(|it| it.as_ref().map(|it| part(it, live.now_ms.get())))
    };
    let chip = move || {
        session.with(|it| it.as_ref().map(|it| state_chip(it.state))).map(|(title, class)| {
            view! { <span class=format!("chip {class}")><span class="dot" aria-hidden="true"></span>{title}</span> }
        })
    };
    let configuration = move || {
        session.with(|it| it.as_ref().and_then(|it| it.configuration.clone())).map(|it| {
            let address = Route::BootstrapConfiguration { id: it.id }.address();
            view! { <a href=address>{it.name}</a> <span class="muted">{format!(" v{}", it.version)}</span> }
        })
    };
    view! {
        <tr
            class="bs-session" data-testid="session-row" data-id=id.to_string() data-endpoint=endpoint
            data-state=move || session.with(|it| it.as_ref().map(|it| state_word(it.state)))
        >
            <td class="bs-state">{chip}</td>
            <td class="bs-cut bs-device"><a class="mono" href=address title=title><bdi>{shown}</bdi></a></td>
            <td class="bs-cut">{configuration}</td>
            <td class="bs-cut bs-standing">{part(|session, _| standing(session))}</td>
            <td class="number muted bs-took">{part(taken)}</td>
            <td class="number muted bs-begun">{part(|session, now_ms| ago(session.started_at_ms, now_ms))}</td>
        </tr>
    }
}

fn ago(at_ms: u64, now_ms: u64) -> String {
    let age = format::age(at_ms, now_ms);
    if age == "now" { age } else { format!("{age} ago") }
}
