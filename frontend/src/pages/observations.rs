use std::collections::BTreeSet;
use std::time::Duration;

use console_api::{ObservationEntry, ObservationList, ObservationState};
use leptos::prelude::*;

use crate::answers::is_success;
use crate::api::Operated;
use crate::components::observations::{ObservationTable, ObservationsEmpty, SelectedObservations};
use crate::components::{EmptyState, Loading};
use crate::frame::{Announcement, PageKeys};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::observations::{Action, Key, Question, word};
use crate::{api, browser, format};

/// How often the list is asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Operations of this page that are under way at once: devices that sleep must not hold up the others.
const AT_ONCE: usize = 8;

/// What the server last told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) total: usize,
    entries: Vec<ObservationEntry>,
}

impl Listed {
    pub(crate) fn entry(&self, key: &Key) -> Option<&ObservationEntry> {
        let same = |entry: &&ObservationEntry| {
            entry.endpoint == key.endpoint && entry.path == key.path && entry.paths == key.paths
        };
        self.entries.iter().find(same)
    }
}

/// How far something is that is done with several observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) action: Action,
    pub(crate) done: usize,
    pub(crate) total: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct ObservationsState {
    live: Live,
    pub(crate) question: RwSignal<Question>,
    pub(crate) list: RwSignal<Option<Listed>>,
    pub(crate) selected: RwSignal<BTreeSet<Key>>,
    /// Those that an operation is under way for.
    pub(crate) pending: RwSignal<BTreeSet<Key>>,
    /// Those that are shown with all that is known of them.
    pub(crate) open: RwSignal<BTreeSet<Key>>,
    /// Of the operations that are under way.
    pub(crate) progress: RwSignal<Option<Progress>>,
    /// What the last operations came to, and whether all went well.
    result: RwSignal<Option<(String, bool)>>,
    /// Since when the server does not tell any more, and why.
    stale: RwSignal<Option<(u64, String)>>,
    announcement: RwSignal<String>,
}

impl ObservationsState {
    fn new(live: Live, announcement: RwSignal<String>) -> Self {
        Self {
            live,
            question: RwSignal::default(),
            list: RwSignal::default(),
            selected: RwSignal::default(),
            pending: RwSignal::default(),
            open: RwSignal::default(),
            progress: RwSignal::default(),
            result: RwSignal::default(),
            stale: RwSignal::default(),
            announcement,
        }
    }

    pub(crate) fn toggle(self, key: &Key) {
        self.selected.update(|selected| toggle(selected, key));
    }

    pub(crate) fn toggle_open(self, key: &Key) {
        self.open.update(|open| toggle(open, key));
    }

    fn ask(self) {
        let question = self.question.get_untracked();
        leptos::task::spawn_local(async move {
            let answer = api::observations(&question.query()).await;
            // An answer to an earlier question is none to this one.
            if self.question.try_get_untracked() != Some(question) {
                return;
            }
            match answer {
                Ok(ObservationList { total, observations }) => {
                    self.stale.set(None);
                    let listed = Some(Listed { total, entries: observations });
                    if self.list.with_untracked(|list| *list != listed) {
                        self.list.set(listed);
                    }
                }
                Err(failure) => self.stale.update(|stale| {
                    let since_ms =
                        stale.as_ref().map_or_else(|| self.live.clock(), |(since_ms, _)| *since_ms);
                    *stale = Some((since_ms, failure.message));
                }),
            }
        });
    }

    /// Does something with observations, several at once.
    pub(crate) fn act(self, keys: Vec<Key>, action: Action) {
        let entries: Vec<_> = self.list.with_untracked(|list| {
            keys.iter().filter_map(|key| list.as_ref()?.entry(key).cloned()).collect()
        });
        let total = entries.len();
        self.pending.update(|pending| pending.extend(entries.iter().map(Key::of)));
        self.result.set(None);
        self.progress.set((total > 0).then_some(Progress { action, done: 0, total }));
        let waiting = StoredValue::new(entries);
        let failures = StoredValue::new(Vec::<String>::new());
        for _ in 0..AT_ONCE.min(total) {
            leptos::task::spawn_local(async move {
                while let Some(entry) = waiting.try_update_value(Vec::pop).flatten() {
                    let key = Key::of(&entry);
                    if let Err(why) = perform(&entry, action).await {
                        failures.try_update_value(|failures| {
                            failures.push(format!("{} of {}: {why}", key.target(), key.endpoint));
                        });
                    }
                    let Some(left) = self.over(&key) else {
                        return; // the page was left
                    };
                    if left == 0 {
                        self.tell(action, total, failures.get_value());
                    }
                }
            });
        }
    }

    /// How many are left.
    fn over(self, key: &Key) -> Option<usize> {
        self.pending.try_update(|pending| pending.remove(key))?;
        self.progress.try_update(|progress| {
            let progress = progress.as_mut()?;
            progress.done += 1;
            Some(progress.total - progress.done)
        })?
    }

    fn tell(self, action: Action, total: usize, failures: Vec<String>) {
        let done = format!("{} {}", format::plural(total - failures.len(), "observation"), action.done());
        let (text, well) = match failures.first() {
            None => (done, true),
            Some(first) => (format!("{done}, {} not: {first}", format::count(failures.len() as u64)), false),
        };
        self.announcement.set(text.clone());
        self.result.set(Some((text, well)));
        self.progress.set(None);
        self.selected.update(BTreeSet::clear);
        self.ask();
    }
}

fn toggle(keys: &mut BTreeSet<Key>, key: &Key) {
    if !keys.remove(key) {
        keys.insert(key.clone());
    }
}

async fn perform(entry: &ObservationEntry, action: Action) -> Result<(), String> {
    for request in action.requests(entry) {
        match api::operate(&entry.endpoint, &request).await {
            // It is asked when it wakes; the list says so until then.
            Ok(Operated::Queued(_)) => {}
            Ok(Operated::Answered(answer)) if is_success(&answer.code) => {}
            Ok(Operated::Answered(answer)) => return Err(format!("the device answered {}", answer.code)),
            Err(failure) => return Err(failure.message),
        }
    }
    Ok(())
}

/// Everything that is observed, and how it goes.
#[component]
pub(crate) fn ObservationsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let Announcement(announcement) = expect_context();
    let state = ObservationsState::new(live, announcement);
    browser::set_title("Observations · LwM2M Console");
    live.load_definitions();
    live.every(ASK_EVERY, move || state.ask());
    // Another question is asked at once.
    Effect::new(move |before: Option<()>| {
        state.question.track();
        if before.is_some() {
            state.ask();
        }
    });
    expect_context::<PageKeys>().listen(move |command| {
        if command == Command::Close {
            state.selected.update(BTreeSet::clear);
        }
    });
    let keys = memo(move || {
        state
            .list
            .with(|list| list.iter().flat_map(|list| list.entries.iter().map(Key::of)).collect::<Vec<_>>())
    });
    let asked_for_all = memo(move || {
        state.question.with(|question| question.text.trim().is_empty() && question.state.is_none())
    });
    let loaded = memo(move || state.list.with(Option::is_some));
    let none = memo(move || keys.with(Vec::is_empty));
    let body = move || match (loaded.get(), none.get(), asked_for_all.get()) {
        (false, ..) => view! { <Loading label="Loading the observations" /> }.into_any(),
        (_, true, true) => view! { <ObservationsEmpty /> }.into_any(),
        (_, true, false) => view! { <NothingMatches state=state /> }.into_any(),
        _ => view! { <ObservationTable state=state keys=keys /> }.into_any(),
    };
    view! {
        <div class="observations-page" data-testid="observations-page">
            <h1 class="visually-hidden">"Observations"</h1>
            <Toolbar state=state keys=keys />
            {move || state.stale.get().map(|(since_ms, why)| {
                let since = format::span(live.now_ms.get().saturating_sub(since_ms));
                view! {
                    <p class="observations-stale" role="status" data-testid="observations-stale">
                        {format!("Not up to date for {since}: {why}")}
                    </p>
                }
            })}
            {body}
        </div>
    }
}

#[component]
fn Toolbar(state: ObservationsState, keys: Memo<Vec<Key>>) -> impl IntoView {
    let segment = move |wanted: Option<ObservationState>, title: &'static str| {
        view! {
            <button
                class="segment"
                data-state=wanted.map_or("all", word)
                aria-pressed=move || state.question.with(|question| question.state == wanted).to_string()
                on:click=move |_| state.question.update(|question| {
                    question.state = wanted;
                    question.page = 0;
                })
            >
                {title}
            </button>
        }
    };
    let total =
        move || state.list.with(|list| list.as_ref().map(|list| format::plural(list.total, "observation")));
    view! {
        <div class="toolbar">
            <label class="search">
                <span class="visually-hidden">"Filter observations"</span>
                <input
                    type="search"
                    data-testid="observations-search"
                    data-search=""
                    placeholder="Device or path"
                    prop:value=move || state.question.with(|question| question.text.clone())
                    on:input=move |event| state.question.update(|question| {
                        question.text = event_target_value(&event);
                        question.page = 0;
                    })
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <div class="segments" role="group" aria-label="State">
                {segment(None, "All")}
                {segment(Some(ObservationState::Active), "Active")}
                {segment(Some(ObservationState::Pending), "Pending")}
                {segment(Some(ObservationState::Waiting), "Waiting")}
                {segment(Some(ObservationState::Ended), "Ended")}
            </div>
            <span class="muted" data-testid="observations-count">{total}</span>
            <SelectedObservations state=state keys=keys />
        </div>
        {move || state.result.get().map(|(text, well)| view! {
            <p class="result observations-result" class:bad=!well class:ok=well role="status" data-testid="observations-result">
                {text}
                <button class="link-button" on:click=move |_| state.result.set(None)>"Dismiss"</button>
            </p>
        })}
    }
}

#[component]
fn NothingMatches(state: ObservationsState) -> impl IntoView {
    view! {
        <EmptyState title="No observation matches" testid="observations-nothing">
            <p>"Words are looked for in endpoint, name and path; the state is chosen beside the search."</p>
            <button class="button" on:click=move |_| state.question.set(Question::default())>"Clear the filter"</button>
        </EmptyState>
    }
}
