use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::trace_row::{ROW_PX, TraceRow};
use crate::browser;
use crate::fleet::Window;
use crate::memo::memo;
use crate::pages::TraceState;
use crate::trace::Shown;

/// So near to the end that the newest datagram is in sight.
const NEAR_END_PX: f64 = 2.0 * ROW_PX;

/// Datagrams, oldest first: as many rows as fit are in the document.
#[component]
pub(crate) fn TraceTable(state: TraceState) -> impl IntoView {
    let scroll_box = NodeRef::<html::Div>::new();
    let height_px = RwSignal::new(0.0);
    let scroll_px = RwSignal::new(0.0);
    let rows = memo(move || state.shown.with(Shown::len));
    let window = memo(move || Window::new(scroll_px.get(), height_px.get(), ROW_PX, rows.get()));
    let slots = memo(move || window.get().slots);
    // Where the keys are; when that is scrolled out of sight, the nearest row in sight.
    let tab_stop = memo(move || {
        let first = (scroll_px.get() / ROW_PX).ceil() as usize;
        let visible = (height_px.get() / ROW_PX) as usize;
        let last = (first + visible.saturating_sub(1)).min(rows.get().saturating_sub(1));
        state.active.get().clamp(first.min(last), last)
    });
    let measure = move || {
        if let Some(element) = scroll_box.get_untracked() {
            height_px.set(f64::from(element.client_height()));
        }
    };
    Effect::new(move |_| {
        if scroll_box.get().is_some() {
            measure();
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    keep_place(state, scroll_box);
    let on_scroll = move |_| {
        if let Some(element) = scroll_box.get_untracked() {
            let top = f64::from(element.scroll_top());
            scroll_px.set(top);
            measure();
            let end = f64::from(element.scroll_height()) - f64::from(element.client_height());
            let follow = end - top <= NEAR_END_PX;
            if follow != state.follow.get_untracked() {
                state.follow.set(follow);
            }
        }
    };
    let go_to = move |index: usize| {
        state.active.set(index);
        if state.open.with_untracked(Option::is_some)
            && let Some(entry) = state.shown.with_untracked(|shown| shown.get(index).cloned())
        {
            state.open(entry);
        }
        show_row(scroll_box, index);
    };
    let on_key = move |event: KeyboardEvent| {
        let last = rows.get_untracked().saturating_sub(1);
        let page = (height_px.get_untracked() / ROW_PX) as usize;
        let at = tab_stop.get_untracked();
        let to = match event.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at.saturating_sub(1),
            "PageDown" => at + page,
            "PageUp" => at.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                if let Some(entry) = state.shown.with_untracked(|shown| shown.get(at).cloned()) {
                    state.open(entry);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        go_to(to.min(last));
    };
    view! {
        <div class="card trace-table" role="grid" aria-label="Datagrams" aria-rowcount=move || rows.get() + 1>
            <div role="rowgroup" class="trace-head">
                <div role="row" class="trace-grid" aria-rowindex="1">
                    <span role="columnheader" class="trace-time">"Time"</span>
                    <span role="columnheader" class="trace-way"><span class="visually-hidden">"Direction"</span></span>
                    <span role="columnheader" class="trace-peer">"Device"</span>
                    <span role="columnheader" class="trace-type">"Type"</span>
                    <span role="columnheader" class="trace-code">"Code"</span>
                    <span role="columnheader" class="trace-what">"What"</span>
                    <span role="columnheader" class="trace-payload">"Payload"</span>
                    <span role="columnheader" class="trace-format">"Format"</span>
                    <span role="columnheader" class="trace-id number">"ID"</span>
                    <span role="columnheader" class="trace-token">"Token"</span>
                    <span role="columnheader" class="trace-after number">"After"</span>
                    <span role="columnheader" class="trace-size number">"Bytes"</span>
                </div>
            </div>
            <div role="rowgroup" class="trace-body" node_ref=scroll_box on:keydown=on_key on:scroll=on_scroll>
                <div class="trace-runway" role="presentation" style:height=move || format!("{}px", rows.get() as f64 * ROW_PX)>
                    <For each=move || 0..slots.get() key=|place| *place let:place>
                        <TraceRow place=place window=window state=state tab_stop=tab_stop />
                    </For>
                </div>
            </div>
        </div>
    }
}

/// Shows the newest datagram while it is followed. Otherwise what is looked at stays where it is, also when the
/// oldest ones above it go.
fn keep_place(state: TraceState, scroll_box: NodeRef<html::Div>) {
    Effect::new(move |before: Option<Shown>| {
        let shown = state.shown.get();
        let follow = state.follow.get();
        let Some(element) = scroll_box.get() else {
            return shown;
        };
        let oldest = shown.get(0).map(|entry| entry.seq());
        let gone = before.zip(oldest).map_or(0, |(before, oldest)| before.first_from(oldest));
        // The runway has its height with the next frame.
        request_animation_frame(move || {
            if follow {
                element.set_scroll_top(element.scroll_height());
            } else if gone > 0 {
                element.set_scroll_top(element.scroll_top() - (gone as f64 * ROW_PX) as i32);
            }
        });
        shown
    });
}

/// Scrolls a row into sight and puts the focus on it.
fn show_row(scroll_box: NodeRef<html::Div>, index: usize) {
    if let Some(element) = scroll_box.get_untracked() {
        let (top, height) = (index as f64 * ROW_PX, f64::from(element.client_height()));
        let scroll = f64::from(element.scroll_top());
        if top < scroll {
            element.set_scroll_top(top as i32);
        } else if top + ROW_PX > scroll + height {
            element.set_scroll_top((top + ROW_PX - height).ceil() as i32);
        }
    }
    // The row may get its slot only after the scroll event.
    request_animation_frame(move || {
        request_animation_frame(move || {
            browser::focus(&format!("[data-testid=trace-row][data-index=\"{index}\"]"));
        });
    });
}
