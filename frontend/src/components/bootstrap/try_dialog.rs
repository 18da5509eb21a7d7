use console_api::{BootstrapAssignment, BootstrapNowBy};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::Modal;
use crate::frame::Notices;
use crate::pages::EditorState;
use crate::routing::Router;
use crate::{api, bootstrap, browser};

/// Devices that are offered for what was typed.
const OFFERED: usize = 20;

/// One device receives the configuration first; its session is shown beside.
#[component]
pub(crate) fn TryDialog(state: EditorState) -> impl IntoView {
    view! {
        <Modal
            open=state.trying
            on_close=move || state.trying.set(false)
            title=Signal::derive(|| "Try on one device".to_owned())
            name="try-dialog"
        >
            <TryForm state=state />
        </Modal>
    }
}

#[component]
fn TryForm(state: EditorState) -> impl IntoView {
    let (router, notices) = (expect_context::<Router>(), expect_context::<Notices>());
    let endpoint = RwSignal::new(String::new());
    let assign = RwSignal::new(true);
    let offered = RwSignal::new(Vec::<String>::new());
    request_animation_frame(|| _ = browser::focus("[data-testid=try-endpoint]"));
    let typed = move |text: String| {
        endpoint.set(text.clone());
        leptos::task::spawn_local(async move {
            // What is offered is only a help.
            let Ok(found) = api::find_clients(text.trim(), OFFERED).await else { return };
            if endpoint.try_get_untracked() == Some(text) {
                offered.try_set(found.clients.into_iter().map(|client| client.endpoint).collect());
            }
        });
    };
    typed(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let whom = endpoint.get_untracked().trim().to_owned();
        if whom.is_empty() {
            return;
        }
        if assign.get_untracked() {
            let exactly = BootstrapAssignment::Endpoint(whom.clone());
            state.edit(|draft| {
                if !draft.assigned.contains(&exactly) {
                    draft.assigned.push(exactly);
                }
            });
        }
        state.trying.set(false);
        let begin = move || begin(state, whom, notices);
        if state.changed.get_untracked() { state.save(router, notices, begin) } else { begin() }
    };
    view! {
        <form class="credential-form" on:submit=submit>
            <label class="form-field">
                <span>"Endpoint Client Name"</span>
                <input
                    class="field mono" list="try-offered" autocomplete="off" spellcheck="false" data-testid="try-endpoint"
                    prop:value=endpoint on:input=move |event| typed(event_target_value(&event))
                />
                <datalist id="try-offered">
                    {move || offered.get().into_iter().map(|one| view! { <option value=one></option> }).collect_view()}
                </datalist>
            </label>
            <label class="form-tick">
                <input
                    type="checkbox" data-testid="try-assign" prop:checked=assign
                    on:change=move |event| assign.set(event_target_checked(&event))
                />
                <span>"Assign this configuration to exactly this device first (saves a new version)"</span>
            </label>
            <p class="muted">
                "A registered device is made to bootstrap at once; any other receives it when it asks next. Its session appears "
                "beside the configuration."
            </p>
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="try-submit" disabled=move || endpoint.with(|it| it.trim().is_empty())>
                    "Try"
                </button>
                <button type="button" class="button" on:click=move |_| state.trying.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

/// Shows the sessions of the device and makes it begin one.
fn begin(state: EditorState, endpoint: String, notices: Notices) {
    state.tried.set(Some(endpoint.clone()));
    leptos::task::spawn_local(async move {
        match bootstrap::bootstrap_now(&endpoint).await {
            Ok(begun) => notices.say(match begun.by {
                BootstrapNowBy::Trigger => format!("{endpoint} is asked to bootstrap"),
                BootstrapNowBy::Session => format!("{endpoint} is bootstrapped unasked, over its session"),
            }),
            Err(failure) => notices.fail(format!("It receives this when it asks next: {}", failure.told())),
        }
    });
}
