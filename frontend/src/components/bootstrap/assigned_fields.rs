use bootstrap_configuration::fits;
use console_api::{BootstrapAssignment, ClientList};
use leptos::prelude::*;

use super::fields::{Wrong, wrong};
use super::probe::Probe;
use crate::api;
use crate::bootstrap::{assignment_told, literal};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;
use crate::pages::EditorState;
use crate::routing::{Route, percent_encode};

/// Devices of the fleet that are looked at to count those that fit.
const LOOKED_AT: usize = 500;

/// Which devices receive the configuration.
#[component]
pub(super) fn AssignedFields(state: EditorState) -> impl IntoView {
    let assigned = memo(move || state.draft.with(|draft| draft.assigned.clone()));
    let wrong = wrong(state, "assigned");
    let chips = move || {
        let chip = |(index, assigned): (usize, BootstrapAssignment)| {
            let told = assignment_told(&assigned);
            let remove = move |_| {
                state.edit(|draft| {
                    if index < draft.assigned.len() {
                        draft.assigned.remove(index);
                    }
                });
            };
            view! {
                <li class="bs-assigned" data-testid="assigned">
                    <span class="chip on filter-chip">
                        <bdi>{told.clone()}</bdi>
                        <button type="button" aria-label=format!("Not for {told}") on:click=remove>
                            <Glyph icon=Icon::Close />
                        </button>
                    </span>
                    <Matching assigned=assigned />
                </li>
            }
        };
        assigned.get().into_iter().enumerate().map(chip).collect_view()
    };
    view! {
        <fieldset class="bs-group" data-field="assigned" tabindex="-1">
            <legend class="caption">"Which devices"</legend>
            {move || assigned.with(Vec::is_empty).then(|| view! {
                <p class="muted">"No device receives this configuration yet."</p>
            })}
            <ul class="bs-assigned-list">{chips}</ul>
            <AddAssignment state=state />
            <Wrong wrong=wrong />
            <Probe />
        </fieldset>
    }
}

#[component]
fn AddAssignment(state: EditorState) -> impl IntoView {
    let kind = RwSignal::new("pattern".to_owned());
    let text = RwSignal::new(String::new());
    let named = memo(move || kind.get() != "default");
    let placeholder = move || match kind.get().as_str() {
        "endpoint" => "urn:dev:ops:32473-Meter-1",
        _ => "urn:dev:ops:32473-*",
    };
    let add = move || {
        let typed = text.get_untracked().trim().to_owned();
        let assignment = match (kind.get_untracked().as_str(), typed.is_empty()) {
            ("default", _) => BootstrapAssignment::Default,
            (_, true) => return,
            ("endpoint", _) => BootstrapAssignment::Endpoint(typed),
            _ => BootstrapAssignment::Pattern(typed),
        };
        text.set(String::new());
        state.edit(|draft| {
            if !draft.assigned.contains(&assignment) {
                draft.assigned.push(assignment);
            }
        });
    };
    view! {
        <div class="form-line">
            <select
                class="field" aria-label="Kind of assignment" data-testid="assign-kind"
                on:change=move |event| kind.set(event_target_value(&event))
            >
                <option value="pattern">"Pattern"</option>
                <option value="endpoint">"Endpoint"</option>
                <option value="default">"Everyone else"</option>
            </select>
            {move || named.get().then(|| view! {
                <input
                    class="field mono bs-grow"
                    aria-label="Endpoint name or pattern"
                    placeholder=placeholder
                    autocomplete="off"
                    spellcheck="false"
                    data-testid="assign-text"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            event.prevent_default();
                            add();
                        }
                    }
                />
            })}
            <button type="button" class="button" data-testid="assign-add" on:click=move |_| add()>
                <Glyph icon=Icon::Add />"Assign"
            </button>
        </div>
    }
}

/// Which known devices an assignment fits.
#[component]
fn Matching(assigned: BootstrapAssignment) -> impl IntoView {
    let found = RwSignal::new(None::<(usize, bool, Option<String>)>);
    let search = match &assigned {
        BootstrapAssignment::Endpoint(endpoint) => Some(endpoint.clone()),
        BootstrapAssignment::Pattern(pattern) => Some(literal(pattern).to_owned()),
        BootstrapAssignment::Default => None,
    };
    if let Some(search) = search {
        leptos::task::spawn_local(async move {
            let text = percent_encode(&search);
            let address = format!("/api/v1/clients?text={text}&status=any&limit={LOOKED_AT}");
            // How many there are is only a hint.
            let Ok(list) = api::answer_to::<ClientList>(&address).await else { return };
            let names = list.clients.iter().map(|client| client.endpoint.as_str());
            let fitting: Vec<&str> = names.filter(|name| fits(&assigned, name)).collect();
            let first = fitting.first().map(|name| (*name).to_owned());
            found.try_set(Some((fitting.len(), list.total > list.clients.len(), first)));
        });
    }
    move || {
        found.get().map(|(count, more, first)| {
            let told = match (count, more) {
                (0, _) => "no known device".to_owned(),
                (count, false) => format::plural(count, "known device"),
                (count, true) => format!("more than {}", format::plural(count, "known device")),
            };
            let example = first.map(|endpoint| {
                let address = Route::Device { endpoint: endpoint.clone() }.address();
                view! { ", such as " <a class="mono" href=address><bdi>{endpoint}</bdi></a> }
            });
            view! { <span class="muted wrap" data-testid="assigned-count">{told}{example}</span> }
        })
    }
}
