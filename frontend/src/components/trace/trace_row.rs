use std::sync::Arc;

use console_api::Direction;
use leptos::prelude::*;

use super::record_text::{after, clock_ms};
use crate::browser;
use crate::fleet::Window;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::TraceState;
use crate::trace::{Entry, Payload};

/// Height of a row; the style sheet says the same.
pub(crate) const ROW_PX: f64 = 26.0;

/// What a row shows of a datagram.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    index: usize,
    seq: u64,
    clock: String,
    received: bool,
    peer: String,
    message_type: &'static str,
    code: String,
    id: String,
    token: String,
    what: String,
    format: String,
    size: usize,
    after: String,
    payload: String,
    failure: bool,
    repeated: bool,
}

impl Line {
    fn new(index: usize, entry: &Entry, live: Live) -> Self {
        let payload = live.with_store(|store| Payload::of(entry, "/", &*store.registry));
        Self {
            index,
            seq: entry.seq(),
            clock: clock_ms(entry.record.at_ms),
            received: entry.record.direction == Direction::Received,
            peer: entry.record.endpoint.clone().unwrap_or_else(|| entry.record.peer.clone()),
            message_type: entry.message_type(),
            code: entry.code(),
            id: entry.message().map(|message| message.message_id.0.to_string()).unwrap_or_default(),
            token: entry.token(),
            what: entry.what(),
            format: entry
                .content_format()
                .map(|format| match format.name() {
                    Some(name) => name.to_owned(),
                    None => format.0.to_string(),
                })
                .unwrap_or_default(),
            size: entry.record.datagram.len(),
            after: after(entry).unwrap_or_default(),
            payload: payload.short(browser::east_min((entry.record.at_ms / 1000) as i64)),
            failure: entry.is_failure(),
            repeated: entry.repeated,
        }
    }
}

/// One slot of the table: whatever datagram scrolls into it.
#[component]
pub(super) fn TraceRow(
    place: usize,
    window: Memo<Window>,
    state: TraceState,
    /// Index of the row that the Tab key goes to.
    tab_stop: Memo<usize>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let entry = memo(move || {
        let index = window.get().index(place)?;
        state.shown.with(|shown| shown.get(index).map(|entry| (index, Arc::clone(entry))))
    });
    let line = memo(move || {
        live.definitions.track();
        entry.with(|entry| entry.as_ref().map(|(index, entry)| Line::new(*index, entry, live)))
    });
    let text = move |part: fn(&Line) -> String| move || line.with(|line| line.as_ref().map(part));
    let holds = move |test: fn(&Line) -> bool| move || line.with(|line| line.as_ref().is_some_and(test));
    let top = move || line.with(|line| line.as_ref().map(|line| format!("{}px", line.index as f64 * ROW_PX)));
    let selected = move || {
        let open = state.open.with(|open| open.as_ref().map(|entry| entry.seq()));
        line.with(|line| line.as_ref().is_some_and(|line| Some(line.seq) == open))
    };
    let is_tab_stop =
        move || line.with(|line| line.as_ref().is_some_and(|line| line.index == tab_stop.get()));
    let open = move || {
        if let Some((index, entry)) = entry.get_untracked() {
            state.active.set(index);
            state.open(entry);
        }
    };
    view! {
        <div
            class="trace-row trace-grid"
            class:bad=holds(|line| line.failure)
            class:repeated=holds(|line| line.repeated)
            role="row"
            data-testid="trace-row"
            data-seq=text(|line| line.seq.to_string())
            data-index=text(|line| line.index.to_string())
            aria-rowindex=text(|line| (line.index + 2).to_string())
            aria-selected=move || selected().to_string()
            tabindex=move || if is_tab_stop() { "0" } else { "-1" }
            style:top=top
            hidden=move || line.with(Option::is_none)
            on:click=move |_| open()
        >
            <span role="gridcell" class="trace-time">{text(|line| line.clock.clone())}</span>
            <span role="gridcell" class="trace-way" class:received=holds(|line| line.received)>
                <span aria-hidden="true">{text(|line| if line.received { "←" } else { "→" }.into())}</span>
                <span class="visually-hidden">{text(|line| if line.received { "received" } else { "sent" }.into())}</span>
            </span>
            <span role="gridcell" class="trace-peer mono" title=text(|line| line.peer.clone())>
                <bdi>{text(|line| line.peer.clone())}</bdi>
            </span>
            <span role="gridcell" class="trace-type">{text(|line| line.message_type.into())}</span>
            <span role="gridcell" class="trace-code">{text(|line| line.code.clone())}</span>
            <span role="gridcell" class="trace-what" title=text(|line| line.what.clone())>
                {text(|line| line.what.clone())}
                {move || holds(|line| line.repeated)().then(|| view! { <span class="trace-again">" · repeated"</span> })}
            </span>
            <span role="gridcell" class="trace-payload" title=text(|line| line.payload.clone())>
                {text(|line| line.payload.clone())}
            </span>
            <span role="gridcell" class="trace-format">{text(|line| line.format.clone())}</span>
            <span role="gridcell" class="trace-id number">{text(|line| line.id.clone())}</span>
            <span role="gridcell" class="trace-token">{text(|line| line.token.clone())}</span>
            <span role="gridcell" class="trace-after number">{text(|line| line.after.clone())}</span>
            <span role="gridcell" class="trace-size number">{text(|line| line.size.to_string())}</span>
        </div>
    }
}
