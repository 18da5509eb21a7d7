use std::time::Duration;

use console_api::{CertificateView, Credential, CredentialList, FailedHandshake, ServerSecurity};
use leptos::prelude::*;

use crate::browser;
use crate::components::security::{
    AddDialog, AddedDialog, CredentialTable, EndingDialog, HandshakesCard, IdentityCard, ImportDialog,
    SecurityEmpty, SecurityToolbar,
};
use crate::components::{EmptyState, Loading};
use crate::frame::PageKeys;
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::security::{self, Added, Draft, Question};

/// How often the lists are asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// What is about to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Revoke(Credential),
    Delete(Credential),
}

#[derive(Clone, Copy)]
pub(crate) struct SecurityState {
    pub(crate) question: RwSignal<Question>,
    pub(crate) list: RwSignal<Option<CredentialList>>,
    /// Why what is shown is not up to date.
    stale: RwSignal<Option<String>>,
    pub(crate) server: RwSignal<Option<ServerSecurity>>,
    /// Those of others whose certificates are believed.
    pub(crate) authorities: RwSignal<Vec<CertificateView>>,
    pub(crate) failures: RwSignal<Vec<FailedHandshake>>,
    /// The form is open with this.
    pub(crate) draft: RwSignal<Option<Draft>>,
    /// Shown once.
    pub(crate) added: RwSignal<Option<Added>>,
    pub(crate) importing: RwSignal<bool>,
    pub(crate) ending: RwSignal<Option<Ending>>,
}

impl SecurityState {
    fn new(endpoint: Option<String>) -> Self {
        Self {
            question: RwSignal::new(Question { endpoint, ..Question::default() }),
            list: RwSignal::default(),
            stale: RwSignal::default(),
            server: RwSignal::default(),
            authorities: RwSignal::default(),
            failures: RwSignal::default(),
            draft: RwSignal::default(),
            added: RwSignal::default(),
            importing: RwSignal::default(),
            ending: RwSignal::default(),
        }
    }

    pub(crate) fn credential(self, id: u64) -> Option<Credential> {
        self.list.with(|list| list.as_ref()?.items.iter().find(|credential| credential.id == id).cloned())
    }

    /// Asks for everything that is shown.
    pub(crate) fn ask(self) {
        self.ask_list();
        leptos::task::spawn_local(async move {
            // Shown anew without a reason, it would lose what is typed into it.
            if let Ok(server) = security::server().await
                && self.server.try_with_untracked(|shown| shown.as_ref() != Some(&server)) == Some(true)
            {
                self.server.try_set(Some(server));
            }
            if let Ok(known) = security::authorities().await {
                self.authorities.try_set(known.items);
            }
            if let Ok(failed) = security::handshakes().await {
                self.failures.try_set(failed.items);
            }
        });
    }

    fn ask_list(self) {
        let question = self.question.get_untracked();
        leptos::task::spawn_local(async move {
            let answer = security::list(&question.query()).await;
            // An answer to an earlier question is none to this one.
            if self.question.try_get_untracked() != Some(question) {
                return;
            }
            match answer {
                Ok(list) => {
                    self.stale.set(None);
                    if self.list.with_untracked(|shown| shown.as_ref() != Some(&list)) {
                        self.list.set(Some(list));
                    }
                }
                Err(failure) => self.stale.set(Some(failure.told())),
            }
        });
    }

    fn clear(self) {
        self.question.set(Question::default());
    }
}

/// Who may connect, as whom the server answers, and who could not connect.
#[component]
pub(crate) fn SecurityPage(endpoint: Option<String>) -> impl IntoView {
    browser::set_title("Security · LwM2M Console");
    let live = expect_context::<Live>();
    let state = SecurityState::new(endpoint);
    live.every(ASK_EVERY, move || state.ask());
    // Another question is asked at once.
    Effect::new(move |before: Option<()>| {
        state.question.track();
        if before.is_some() {
            state.ask_list();
        }
    });
    expect_context::<PageKeys>().listen(move |command| {
        if command == Command::Close {
            state.clear();
        }
    });
    let loaded = memo(move || state.list.with(Option::is_some));
    let none = memo(move || state.list.with(|list| list.as_ref().is_none_or(|list| list.items.is_empty())));
    let narrow = memo(move || state.question.with(Question::is_narrow));
    let body = move || match (loaded.get(), none.get(), narrow.get()) {
        (false, ..) => view! { <Loading label="Loading the credentials" /> }.into_any(),
        (_, true, false) => view! { <SecurityEmpty state=state /> }.into_any(),
        (_, true, true) => view! { <NothingMatches state=state /> }.into_any(),
        _ => view! { <CredentialTable state=state /> }.into_any(),
    };
    view! {
        <div class="security-page" data-testid="security-page">
            <h1 class="visually-hidden">"Security"</h1>
            <SecurityToolbar state=state />
            {move || state.stale.get().map(|why| view! {
                <p class="observations-stale" role="status" data-testid="security-stale">
                    {format!("Not up to date: {why}")}
                </p>
            })}
            {body}
            <div class="security-cards">
                <HandshakesCard state=state />
                <IdentityCard state=state />
            </div>
        </div>
        <AddDialog state=state />
        <AddedDialog state=state />
        <ImportDialog state=state />
        <EndingDialog state=state />
    }
}

#[component]
fn NothingMatches(state: SecurityState) -> impl IntoView {
    let add = move |_| {
        let endpoint = state.question.with_untracked(|question| question.endpoint.clone());
        state.draft.set(Some(Draft::new(endpoint.unwrap_or_default())));
    };
    view! {
        <EmptyState title="No credential matches" testid="security-nothing">
            <p>"Words are looked for in endpoint, identity and note; mode and state are chosen beside the search."</p>
            <p class="actions">
                <button class="button" on:click=move |_| state.clear()>"Clear the filter"</button>
                <button class="button primary" on:click=add>"Add a credential"</button>
            </p>
        </EmptyState>
    }
}
