use console_api::{CredentialMode, CredentialServer};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::credential_fields::{Fields, TextField};
use crate::browser;
use crate::components::Modal;
use crate::memo::memo;
use crate::pages::SecurityState;
use crate::security::{self, Draft, Field, MODES, Problem, SERVERS};

/// Another credential, or another version of one.
#[component]
pub(crate) fn AddDialog(state: SecurityState) -> impl IntoView {
    let open = memo(move || state.draft.with(Option::is_some));
    let title = move || {
        let rotates = state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.rotates.is_some()));
        if rotates { "Rotate the credential" } else { "Add a credential" }.to_owned()
    };
    view! {
        <Modal
            open=open
            on_close=move || state.draft.set(None)
            title=Signal::derive(title)
            name="credential-dialog"
        >
            {state.draft.get_untracked().map(|draft| view! { <AddForm state=state first=draft /> })}
        </Modal>
    }
}

#[component]
fn AddForm(state: SecurityState, first: Draft) -> impl IntoView {
    let rotates = first.rotates.is_some();
    let draft = RwSignal::new(first);
    let problem = RwSignal::new(None::<Problem>);
    let refused = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let begin =
        if rotates { "[data-testid=credential-identity]" } else { "[data-testid=credential-endpoint]" };
    request_animation_frame(move || _ = browser::focus(begin));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        refused.set(None);
        let asked = match draft.with_untracked(Draft::asked) {
            Ok(asked) => asked,
            Err(found) => {
                problem.set(Some(found));
                request_animation_frame(|| _ = browser::focus("dialog[open] [aria-invalid=true]"));
                return;
            }
        };
        problem.set(None);
        busy.set(true);
        leptos::task::spawn_local(async move {
            match security::add(&asked).await {
                Ok(added) => {
                    state.draft.try_set(None);
                    state.added.try_set(Some(added));
                    state.ask();
                }
                Err(failure) => match Problem::refused(&failure) {
                    Some(found) => _ = problem.try_set(Some(found)),
                    None => _ = refused.try_set(Some(failure.told())),
                },
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="credential-form" on:submit=submit>
            {(!rotates).then(|| view! {
                <Servers draft=draft />
                <Modes draft=draft />
                <TextField
                    draft=draft problem=problem field=Field::Endpoint
                    label="Endpoint Client Name" testid="credential-endpoint"
                    part=|draft| &mut draft.endpoint
                />
            })}
            {rotates.then(|| view! {
                <p class="muted">
                    "The new version counts at once. The one before counts beside it until the time below is over, so "
                    "that the device can change in between."
                </p>
            })}
            <Fields draft=draft problem=problem />
            {rotates.then(|| view! {
                <TextField
                    draft=draft problem=problem field=Field::RetireDays
                    label="The version before counts for (days)" testid="credential-retire"
                    part=|draft| &mut draft.retire_days
                />
            })}
            <label class="form-field">
                <span>"Note"</span>
                <input
                    class="field"
                    autocomplete="off"
                    data-testid="credential-note"
                    prop:value=move || draft.with(|draft| draft.note.clone())
                    on:input=move |event| draft.update(|draft| draft.note = event_target_value(&event))
                />
            </label>
            {move || refused.get().map(|why| view! { <p class="form-problem" role="alert" data-testid="credential-refused">{why}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="credential-submit" disabled=busy>
                    {if rotates { "Rotate" } else { "Add" }}
                </button>
                <button type="button" class="button" on:click=move |_| state.draft.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}

/// Whom the device connects to with it.
#[component]
fn Servers(draft: RwSignal<Draft>) -> impl IntoView {
    let server = memo(move || draft.with(|draft| draft.server));
    let one = move |(wanted, word, title): (CredentialServer, &'static str, &'static str)| {
        view! {
            <button
                type="button"
                class="segment"
                data-server=word
                aria-pressed=move || (server.get() == wanted).to_string()
                on:click=move |_| draft.update(|draft| draft.server = wanted)
            >
                {title}
            </button>
        }
    };
    view! { <div class="segments credential-modes" role="group" aria-label="Server">{SERVERS.map(one)}</div> }
}

#[component]
fn Modes(draft: RwSignal<Draft>) -> impl IntoView {
    let mode = memo(move || draft.with(|draft| draft.mode));
    let one = move |(wanted, word, title): (CredentialMode, &'static str, &'static str)| {
        view! {
            <button
                type="button"
                class="segment"
                data-mode=word
                aria-pressed=move || (mode.get() == wanted).to_string()
                on:click=move |_| draft.update(|draft| draft.mode = wanted)
            >
                {title}
            </button>
        }
    };
    view! { <div class="segments credential-modes" role="group" aria-label="Mode">{MODES.map(one)}</div> }
}
