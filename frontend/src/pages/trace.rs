use std::sync::Arc;

use console_api::{Client, Topic};
use leptos::prelude::*;

use crate::components::trace::{RecordCard, TraceEmpty, TraceTable, TraceToolbar};
use crate::components::{EmptyState, Loading};
use crate::fleet::details;
use crate::frame::{PageAction, PageActions, PageKeys};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::trace::{Entry, Filter, Log, Shown, Way};
use crate::{browser, format};

/// The trace of this tab, and what the operator looks at.
#[derive(Clone, Copy)]
pub(crate) struct TraceState {
    log: StoredValue<Log>,
    /// What there is to list: the whole log, or what it was when it was paused.
    pub(crate) listed: RwSignal<Shown>,
    /// Of that, what the filter admits.
    pub(crate) shown: Memo<Shown>,
    /// Something has come, if only that there is nothing.
    loaded: RwSignal<bool>,
    pub(crate) text: RwSignal<String>,
    pub(crate) way: RwSignal<Way>,
    pub(crate) failures: RwSignal<bool>,
    pub(crate) paused: RwSignal<bool>,
    /// Datagrams that came since it was paused.
    pub(crate) newer: RwSignal<u64>,
    /// The list is at its end and stays there.
    pub(crate) follow: RwSignal<bool>,
    /// Datagrams that are not here any more, and that never were.
    pub(crate) lost: RwSignal<(u64, u64)>,
    /// Index of the row that the keys are at.
    pub(crate) active: RwSignal<usize>,
    pub(crate) open: RwSignal<Option<Arc<Entry>>>,
}

impl TraceState {
    fn new() -> Self {
        let listed = RwSignal::new(Shown::default());
        let (text, way, failures) = (RwSignal::new(String::new()), RwSignal::default(), RwSignal::new(false));
        let shown = memo(move || {
            let filter = text.with(|text| Filter::new(text, way.get(), failures.get()));
            listed.with(|listed| listed.filtered(&filter))
        });
        Self {
            log: StoredValue::new(Log::default()),
            listed,
            shown,
            loaded: RwSignal::new(false),
            text,
            way,
            failures,
            paused: RwSignal::new(false),
            newer: RwSignal::default(),
            follow: RwSignal::new(true),
            lost: RwSignal::default(),
            active: RwSignal::new(usize::MAX),
            open: RwSignal::default(),
        }
    }

    fn take(self, trace: console_api::Trace) {
        let came = trace.records.len() as u64;
        let lost = self.log.try_update_value(|log| {
            log.add(trace);
            (log.dropped, log.missed)
        });
        self.lost.set(lost.unwrap_or_default());
        // Whoever is told builds the table anew.
        if !self.loaded.get_untracked() {
            self.loaded.set(true);
        }
        if self.paused.get_untracked() {
            self.newer.update(|newer| *newer += came);
        } else {
            self.list();
        }
    }

    fn list(self) {
        self.listed.set(self.log.with_value(Log::all));
    }

    pub(crate) fn toggle_pause(self) {
        self.paused.update(|paused| *paused = !*paused);
        self.newer.set(0);
        if !self.paused.get_untracked() {
            self.list();
        }
    }

    pub(crate) fn clear(self) {
        self.log.update_value(Log::clear);
        self.lost.set((0, 0));
        self.newer.set(0);
        self.open.set(None);
        self.list();
    }

    /// What is listed, one JSON object a line.
    pub(crate) fn save_lines(self) {
        let lines = self.shown.with_untracked(Shown::json_lines);
        // A browser that refuses says so itself.
        let _ = browser::save_text("trace.jsonl", "application/jsonl", &lines);
    }

    pub(crate) fn open(self, entry: Arc<Entry>) {
        // What is looked at stays in sight.
        self.follow.set(false);
        self.open.set(Some(entry));
    }

    /// Opens another datagram and goes to its row, if the filter admits it.
    pub(crate) fn open_seq(self, seq: u64) {
        let entry = self.listed.with_untracked(|listed| listed.by_seq(seq).cloned());
        if let Some(index) = self.shown.with_untracked(|shown| shown.position(seq)) {
            self.active.set(index);
        }
        if let Some(entry) = entry {
            self.open(entry);
        }
    }

    pub(crate) fn close(self) {
        let seq = self.open.with_untracked(|open| open.as_ref().map(|entry| entry.seq()));
        self.open.set(None);
        if let Some(seq) = seq {
            request_animation_frame(move || {
                browser::focus(&format!("[data-testid=trace-row][data-seq=\"{seq}\"]"));
            });
        }
    }
}

/// CoAP messages as they come and go.
#[component]
pub(crate) fn TracePage(endpoint: Option<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let title = endpoint.as_ref().map(|endpoint| format!("Trace of {endpoint} · LwM2M Console"));
    browser::set_title(title.as_deref().unwrap_or("Trace · LwM2M Console"));
    let state = TraceState::new();
    live.load_definitions();
    live.on_trace(move |trace| state.take(trace));
    let topic = Topic::Trace(endpoint.clone());
    live.subscribe(topic.clone());
    on_cleanup(move || live.unsubscribe(&topic));
    offer(state);
    let client = registration(state);
    let empty = memo(move || state.listed.with(|listed| listed.len() == 0));
    let nothing_matches = memo(move || state.shown.with(|shown| shown.len() == 0));
    let for_empty = endpoint.clone();
    let list = move || {
        match (state.loaded.get(), empty.get(), nothing_matches.get()) {
        (false, ..) => view! { <Loading label="Loading the trace" /> }.into_any(),
        (_, true, _) => view! { <TraceEmpty endpoint=for_empty.clone() /> }.into_any(),
        (_, _, true) => view! { <NothingMatches state=state /> }.into_any(),
        _ => view! {
            <div class="trace-list">
                <TraceTable state=state />
                {move || (!state.follow.get() && !state.paused.get()).then(|| view! {
                    <button class="button small trace-newest" data-testid="trace-newest" on:click=move |_| state.follow.set(true)>
                        "↓ Newest"
                    </button>
                })}
            </div>
        }
        .into_any(),
    }
    };
    view! {
        <div class="trace-page" data-testid="trace-page">
            <h1 class="visually-hidden">"Trace"</h1>
            <TraceToolbar state=state endpoint=endpoint />
            <div class="trace-split" class:open=move || state.open.with(Option::is_some)>
                {list}
                {move || state.open.get().map(|entry| view! { <RecordCard entry=entry state=state client=client.get() /> })}
            </div>
        </div>
    }
}

/// What keys and palette do on this page.
fn offer(state: TraceState) {
    let keys = expect_context::<PageKeys>();
    keys.listen(move |command| {
        if command == Command::Close {
            state.close();
        }
    });
    keys.add("Trace", &[('p', "Pause, resume"), ('n', "Newest"), ('c', "Clear")], move |key| match key {
        'p' => state.toggle_pause(),
        'n' => state.follow.set(true),
        _ => state.clear(),
    });
    expect_context::<PageActions>().offer(move || {
        let pause = if state.paused.get() { "Resume the trace" } else { "Pause the trace" };
        let action = |title: &str, run: fn(TraceState)| PageAction {
            title: title.to_owned(),
            run: Callback::new(move |()| run(state)),
        };
        vec![
            action(pause, TraceState::toggle_pause),
            action("Clear the trace", TraceState::clear),
            action("Save the trace as JSON lines", TraceState::save_lines),
        ]
    });
}

/// The registration of the client whose datagram is open: its Object versions say how payloads are read.
fn registration(state: TraceState) -> RwSignal<Option<Client>> {
    let client = RwSignal::new(None::<Client>);
    let endpoint =
        memo(move || state.open.with(|open| open.as_ref().and_then(|entry| entry.record.endpoint.clone())));
    Effect::new(move |_| {
        client.set(None);
        let Some(asked) = endpoint.get() else {
            return;
        };
        leptos::task::spawn_local(async move {
            // Without it the newest definitions serve.
            let answer = details(&asked).await;
            let still = endpoint.try_get_untracked().flatten().as_deref() == Some(asked.as_str());
            if let (true, Ok(details)) = (still, answer) {
                client.try_set(Some(details.client));
            }
        });
    });
    client
}

#[component]
fn NothingMatches(state: TraceState) -> impl IntoView {
    let all = move || format::plural(state.listed.with(Shown::len), "datagram");
    let clear = move |_| {
        state.text.set(String::new());
        state.way.set(Way::Both);
        state.failures.set(false);
    };
    view! {
        <EmptyState title="No datagram matches" testid="trace-nothing">
            <p>
                {move || format!("None of {} has all the words. ", all())}
                "A word can be a device, a code like " <code>"2.05"</code> " or " <code>"GET"</code>
                ", a path like " <code>"/3303/0"</code> ", a type like " <code>"CON"</code>
                ", a token, or an operation like " <code>"notify"</code> "."
            </p>
            <button class="button" on:click=clear>"Clear the filter"</button>
        </EmptyState>
    }
}
