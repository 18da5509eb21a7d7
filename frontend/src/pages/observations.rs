use std::collections::BTreeSet;
use std::time::Duration;

use console_api::{ObservationEntry, ObservationList, ObservationState};
use leptos::prelude::*;

use crate::answers::is_success;
use crate::api::Operated;
use crate::components::observations::{ObservationTable, ObservationsEmpty};
use crate::components::{EmptyState, Loading};
use crate::frame::{Announcement, PageKeys};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::observations::{Key, Question, word};
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

#[derive(Clone, Copy)]
pub(crate) struct ObservationsState {
    live: Live,
    pub(crate) question: RwSignal<Question>,
    pub(crate) list: RwSignal<Option<Listed>>,
    pub(crate) selected: RwSignal<BTreeSet<Key>>,
    /// Those that an operation is under way for.
    pub(crate) pending: RwSignal<BTreeSet<Key>>,
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
            result: RwSignal::default(),
            stale: RwSignal::default(),
            announcement,
        }
    }

    pub(crate) fn toggle(self, key: &Key) {
        self.selected.update(|selected| {
            if !selected.remove(key) {
                selected.insert(key.clone());
            }
        });
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

    /// Begins or ends observations, several at once.
    pub(crate) fn act(self, keys: Vec<Key>, observe: bool) {
        self.pending.update(|pending| pending.extend(keys.iter().cloned()));
        self.result.set(None);
        let (waiting, total) = (StoredValue::new(keys.clone()), keys.len());
        let failures = StoredValue::new(Vec::<String>::new());
        let left = StoredValue::new(total);
        for _ in 0..AT_ONCE.min(total) {
            leptos::task::spawn_local(async move {
                while let Some(key) = waiting.try_update_value(Vec::pop).flatten() {
                    if let Err(why) = perform(&key, observe).await {
                        failures.try_update_value(|failures| {
                            failures.push(format!("{} of {}: {why}", key.target(), key.endpoint));
                        });
                    }
                    let gone = self.pending.try_update(|pending| {
                        pending.remove(&key);
                    });
                    if gone.is_none() {
                        return; // the page was left
                    }
                    let left = left.try_update_value(|left| {
                        *left -= 1;
                        *left
                    });
                    if left == Some(0) {
                        self.tell(observe, total, failures.get_value());
                    }
                }
            });
        }
    }

    fn tell(self, observe: bool, total: usize, failures: Vec<String>) {
        let verb = if observe { "begun" } else { "cancelled" };
        let done = format!("{} {verb}", format::plural(total - failures.len(), "observation"));
        let (text, well) = match failures.first() {
            None => (done, true),
            Some(first) => (format!("{done}, {} not: {first}", format::count(failures.len() as u64)), false),
        };
        self.announcement.set(text.clone());
        self.result.set(Some((text, well)));
        self.selected.update(BTreeSet::clear);
        self.ask();
    }
}

async fn perform(key: &Key, observe: bool) -> Result<(), String> {
    match api::operate(&key.endpoint, &key.request(observe)).await {
        // It is asked when it wakes; the list says so until then.
        Ok(Operated::Queued(_)) => Ok(()),
        Ok(Operated::Answered(answer)) if is_success(&answer.code) => Ok(()),
        Ok(Operated::Answered(answer)) => Err(format!("the device answered {}", answer.code)),
        Err(failure) => Err(failure.message),
    }
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
            <Selection state=state keys=keys />
        </div>
        {move || state.result.get().map(|(text, well)| view! {
            <p class="result observations-result" class:bad=!well class:ok=well role="status" data-testid="observations-result">
                {text}
                <button class="link-button" on:click=move |_| state.result.set(None)>"Dismiss"</button>
            </p>
        })}
    }
}

/// What can be done with those that are selected.
#[component]
fn Selection(state: ObservationsState, keys: Memo<Vec<Key>>) -> impl IntoView {
    // Those that are no longer listed are not acted on.
    let chosen = move |observe: bool| -> Vec<Key> {
        state.list.with(|list| {
            let ended = |key: &Key| {
                let entry = list.as_ref().and_then(|list| list.entry(key));
                entry.is_some_and(|entry| entry.state == ObservationState::Ended)
            };
            keys.with(|keys| {
                state.selected.with(|selected| {
                    keys.iter()
                        .filter(|key| selected.contains(key) && ended(key) == observe)
                        .cloned()
                        .collect()
                })
            })
        })
    };
    let button = move |observe: bool, title: &'static str, test: &'static str| {
        let count = move || chosen(observe).len();
        view! {
            {move || (count() > 0).then(|| view! {
                <button
                    class="button small"
                    data-testid=test
                    disabled=move || state.pending.with(|pending| !pending.is_empty())
                    on:click=move |_| state.act(untrack(|| chosen(observe)), observe)
                >
                    {move || format!("{title} {}", format::count(count() as u64))}
                </button>
            })}
        }
    };
    view! {
        <span class="spacer"></span>
        {move || {
            let pending = state.pending.with(BTreeSet::len);
            (pending > 1).then(|| view! { <span class="muted" role="status">{format!("{pending} under way…")}</span> })
        }}
        {button(true, "Observe again", "observe-selected")}
        {button(false, "Cancel", "cancel-selected")}
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
