use leptos::prelude::*;

use super::sessions_state::follow_session;
use crate::browser;
use crate::components::bootstrap::{NoSession, SequenceCard, SessionFacts};
use crate::frame::PageKeys;
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::editor_state::load_definitions;
use crate::routing::{Route, Router};

/// One session with the Bootstrap-Server, message by message, as it happens or afterwards.
#[component]
pub(crate) fn BootstrapSessionPage(id: u64) -> impl IntoView {
    let live = expect_context::<Live>();
    let router = expect_context::<Router>();
    browser::set_title(&format!("Session {id} · Bootstrap · LwM2M Console"));
    load_definitions(live);
    let conversation = follow_session(live, Signal::stored(Some(id)));
    let gone = memo(move || {
        live.conversation.with(|told| told.as_ref().is_some_and(|told| told.id == id && told.told.is_none()))
    });
    expect_context::<PageKeys>().listen(move |command| {
        if command == Command::Close {
            router.open(Route::Bootstrap { endpoint: None });
        }
    });
    view! {
        <div class="bs-page bs-session-page" data-testid="session-page">
            <h1 class="visually-hidden">{format!("Bootstrap session {id}")}</h1>
            {move || {
                if gone.get() {
                    view! { <NoSession /> }.into_any()
                } else {
                    view! {
                        <section class="card card-note" aria-label="About the session"><SessionFacts conversation=conversation /></section>
                        <SequenceCard conversation=conversation />
                    }
                    .into_any()
                }
            }}
        </div>
    }
}
