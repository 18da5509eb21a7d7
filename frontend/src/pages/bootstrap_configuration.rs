use console_api::BootstrapConfiguration;
use leptos::prelude::*;

use super::editor_state::{EditorState, load_definitions};
use super::sessions_state::SessionsState;
use crate::api::Failure;
use crate::components::bootstrap::{Editor, EditorHead, LatestSession, TryDialog, VersionsDialog};
use crate::components::{EmptyState, Loading};
use crate::frame::{Notices, PageAction, PageActions, PageKeys, Unsaved};
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};
use crate::{bootstrap, browser};

/// Keys of the page of a configuration.
const KEYS: &[(char, &str)] = &[('s', "Save"), ('t', "Try on one device"), ('v', "Versions")];

/// A configuration that is saved, with what devices made of it.
#[component]
pub(crate) fn BootstrapConfigurationPage(id: u64) -> impl IntoView {
    let live = expect_context::<Live>();
    let state = editor(live);
    let loaded = RwSignal::new(None::<Result<(), Failure>>);
    leptos::task::spawn_local(async move {
        let answer = bootstrap::configuration(id).await;
        loaded.try_set(Some(answer.map(|saved| state.show(saved))));
    });
    let sessions = SessionsState::new(live, None);
    sessions.follow(live);
    let title = memo(move || state.draft.with(|draft| draft.name.clone()));
    Effect::new(move |_| browser::set_title(&format!("{} · Bootstrap · LwM2M Console", title.get())));
    offer_actions(state);
    view! {
        <div class="bs-page bs-editor-page" data-testid="configuration-page">
            {move || match loaded.get() {
                None => view! { <h1 class="visually-hidden">"Configuration"</h1> <Loading label="Loading the configuration" /> }.into_any(),
                Some(Err(failure)) => view! { <NotThere failure=failure /> }.into_any(),
                Some(Ok(())) => view! {
                    <EditorHead state=state />
                    <div class="bs-columns">
                        <Editor state=state />
                        <LatestSession state=state sessions=sessions />
                    </div>
                }
                .into_any(),
            }}
        </div>
        <VersionsDialog state=state />
        <TryDialog state=state />
    }
}

/// A configuration that is to be; `like`: it begins as that one is.
#[component]
pub(crate) fn NewBootstrapConfigurationPage(like: Option<u64>) -> impl IntoView {
    let live = expect_context::<Live>();
    browser::set_title("New configuration · Bootstrap · LwM2M Console");
    let state = editor(live);
    let loaded = RwSignal::new(like.is_none());
    if let Some(like) = like {
        leptos::task::spawn_local(async move {
            if let Ok(saved) = bootstrap::configuration(like).await {
                state.redraw(|draft| *draft = copy(saved.configuration));
            }
            loaded.try_set(true);
        });
    }
    view! {
        <div class="bs-page bs-editor-page" data-testid="configuration-page">
            {move || {
                if loaded.get() {
                    view! { <EditorHead state=state /> <Editor state=state /> }.into_any()
                } else {
                    view! { <Loading label="Loading the configuration" /> }.into_any()
                }
            }}
        </div>
    }
}

/// Nobody is for it yet, and secrets do not go along.
fn copy(configuration: BootstrapConfiguration) -> BootstrapConfiguration {
    let name = format!("{} (copy)", configuration.name);
    let mut copy = BootstrapConfiguration { name, assigned: Vec::new(), ..configuration };
    for account in &mut copy.servers {
        account.has_secret_key = false;
    }
    copy
}

fn editor(live: Live) -> EditorState {
    load_definitions(live);
    let state = EditorState::new(live, BootstrapConfiguration::default());
    state.ask_server();
    expect_context::<Unsaved>().hold(move || state.changed.get());
    state
}

fn offer_actions(state: EditorState) {
    let router = expect_context::<Router>();
    let notices = expect_context::<Notices>();
    expect_context::<PageKeys>().add("This configuration", KEYS, move |letter| match letter {
        's' => state.save(router, notices, || {}),
        't' => state.trying.set(true),
        _ => state.versions_open.set(true),
    });
    let action = |title: &str, run: Callback<()>| PageAction { title: title.into(), run };
    expect_context::<PageActions>().offer(move || {
        vec![
            action("Try on one device", Callback::new(move |()| state.trying.set(true))),
            action("Versions of this configuration", Callback::new(move |()| state.versions_open.set(true))),
            action(
                "All bootstrap configurations",
                Callback::new(move |()| router.open(Route::Bootstrap { endpoint: None })),
            ),
        ]
    });
}

#[component]
fn NotThere(failure: Failure) -> impl IntoView {
    view! {
        <h1 class="visually-hidden">"Configuration"</h1>
        <EmptyState title="This configuration cannot be shown" testid="no-configuration">
            <p class="wrap">{failure.told()}</p>
            <p><a class="button primary" href=Route::Bootstrap { endpoint: None }.address()>"All configurations"</a></p>
        </EmptyState>
    }
}
