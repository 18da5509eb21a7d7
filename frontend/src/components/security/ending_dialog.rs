use leptos::prelude::*;

use crate::components::{Glyph, Icon, Modal};
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::{Ending, SecurityState};
use crate::security;

/// Asks before a credential is revoked or forgotten.
#[component]
pub(crate) fn EndingDialog(state: SecurityState) -> impl IntoView {
    let open = memo(move || state.ending.with(Option::is_some));
    let title = move || match state.ending.get() {
        Some(Ending::Delete(_)) => "Delete this credential?".to_owned(),
        _ => "Revoke this credential?".to_owned(),
    };
    view! {
        <Modal open=open on_close=move || state.ending.set(None) title=Signal::derive(title) name="ending-dialog">
            {state.ending.get_untracked().map(|ending| view! { <Ask ending=ending state=state /> })}
        </Modal>
    }
}

#[component]
fn Ask(ending: Ending, state: SecurityState) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let (credential, told, title) = match &ending {
        Ending::Revoke(credential) => (
            credential,
            "The device cannot connect with it any more. A session that uses it ends now, and so does the \
             registration that came over it. This cannot be taken back: give the device another credential first if \
             it is to stay.",
            "Revoke it",
        ),
        Ending::Delete(credential) => (
            credential,
            "That there was such a credential is forgotten here. It opens nothing already.",
            "Delete it",
        ),
    };
    let (id, of) = (credential.id, format!("{}, version {}", credential.endpoint, credential.version));
    let revokes = matches!(ending, Ending::Revoke(_));
    let perform = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = if revokes { security::revoke(id).await } else { security::delete(id).await };
            match answer {
                Ok(()) => {
                    state.ending.try_set(None);
                    notices.say(if revokes { "Revoked" } else { "Deleted" });
                    state.ask();
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <p class="dialog-danger"><Glyph icon=Icon::Warning /><span>{told}</span></p>
        <p class="dialog-endpoint">"Credential of " <code>{of}</code></p>
        {move || problem.get().map(|why| view! { <p class="form-problem" role="alert">{why}</p> })}
        <div class="form-actions">
            <button class="button primary danger" data-testid="ending-submit" disabled=busy on:click=perform>{title}</button>
            <button class="button" autofocus="" on:click=move |_| state.ending.set(None)>"Cancel"</button>
        </div>
    }
}
