use std::time::Duration;

use console_api::SavedBootstrapConfiguration;
use leptos::prelude::*;

use super::sessions_state::SessionsState;
use crate::components::bootstrap::{
    ConfigurationsCard, DeleteConfigurationDialog, ImportConfigurationsDialog, NewestSession, SessionsCard,
};
use crate::frame::PageKeys;
use crate::keys::Command;
use crate::live::Live;
use crate::{bootstrap, browser};

/// How often the configurations are asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// The configurations there are.
#[derive(Clone, Copy)]
pub(crate) struct BootstrapPageState {
    /// None while they are on their way.
    pub(crate) configurations: RwSignal<Option<Vec<SavedBootstrapConfiguration>>>,
    /// Why what is shown is not up to date.
    pub(crate) stale: RwSignal<Option<String>>,
    pub(crate) importing: RwSignal<bool>,
    /// Asked about before it is deleted.
    pub(crate) deleting: RwSignal<Option<SavedBootstrapConfiguration>>,
}

impl BootstrapPageState {
    fn new() -> Self {
        Self {
            configurations: RwSignal::default(),
            stale: RwSignal::default(),
            importing: RwSignal::default(),
            deleting: RwSignal::default(),
        }
    }

    pub(crate) fn ask(self) {
        leptos::task::spawn_local(async move {
            match bootstrap::list().await {
                Ok(list) => {
                    self.stale.try_set(None);
                    let same = self
                        .configurations
                        .try_with_untracked(|shown| shown.as_ref() == Some(&list.configurations));
                    if same == Some(false) {
                        self.configurations.set(Some(list.configurations));
                    }
                }
                Err(failure) => _ = self.stale.try_set(Some(failure.told())),
            }
        });
    }
}

/// What devices receive, and how it went.
#[component]
pub(crate) fn BootstrapPage(endpoint: Option<String>) -> impl IntoView {
    browser::set_title("Bootstrap · LwM2M Console");
    let live = expect_context::<Live>();
    let state = BootstrapPageState::new();
    live.every(ASK_EVERY, move || state.ask());
    let sessions = SessionsState::new(live, endpoint.clone());
    sessions.follow(live);
    expect_context::<PageKeys>().listen(move |command| {
        if command == Command::Close {
            sessions.clear();
        }
    });
    view! {
        <div class="bs-page" data-testid="bootstrap-page">
            <h1 class="visually-hidden">"Bootstrap"</h1>
            {move || state.stale.get().map(|why| view! {
                <p class="observations-stale" role="status" data-testid="bootstrap-stale">{format!("Not up to date: {why}")}</p>
            })}
            {endpoint.is_some().then(|| view! { <NewestSession sessions=sessions /> })}
            <ConfigurationsCard state=state />
            <SessionsCard state=sessions endpoint=endpoint />
        </div>
        <ImportConfigurationsDialog state=state />
        <DeleteConfigurationDialog state=state />
    }
}
