use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{KeyboardEvent, ResizeObserver};

use super::fleet_head::FleetHead;
use super::fleet_row::FleetRow;
use super::row_menu::{OpenMenu, Place, RowMenu};
use crate::browser;
use crate::fleet::{Column, FleetState, Range, Selection, Window, fitting, list, track};
use crate::frame::PageKeys;
use crate::live::Live;
use crate::memo::memo;

/// Height of a row, and of one that is a card; the style sheet says the same.
const ROW_PX: f64 = 32.0;
const CARD_PX: f64 = 58.0;

/// A narrower table has cards of two lines.
const CARDS_BELOW_PX: f64 = 640.0;

/// Keys of the row that was reached last.
const OWN_KEYS: [(char, &str); 2] = [('x', "Select the row"), ('m', "Menu of the row")];

/// The fleet: as many rows as fit are in the document, whatever the number of clients.
#[component]
pub(crate) fn FleetTable() -> impl IntoView {
    let live = expect_context::<Live>();
    let state = expect_context::<FleetState>();
    let page_keys = expect_context::<PageKeys>();
    let menu = OpenMenu::default();
    provide_context(menu);
    let scroll_box = NodeRef::<html::Div>::new();
    let size_px = RwSignal::new((0.0, 0.0));
    let rows = memo(move || {
        live.fleet_window.track();
        live.with_store(|store| store.fleet.matching)
    });
    let cards = memo(move || size_px.get().0 < CARDS_BELOW_PX);
    let row_px = memo(move || if cards.get() { CARD_PX } else { ROW_PX });
    let window = memo(move || Window::new(state.scroll_px.get(), size_px.get().1, row_px.get(), rows.get()));
    let slots = memo(move || window.get().slots);
    // Where the keys are; when that is scrolled out of sight, the nearest row in sight.
    let tab_stop = memo(move || {
        let first = (state.scroll_px.get() / row_px.get()).ceil() as usize;
        let visible = (size_px.get().1 / row_px.get()) as usize;
        let last = (first + visible.saturating_sub(2)).min(rows.get().saturating_sub(1));
        state.active.get().clamp(first.min(last), last)
    });
    Effect::new(move |_| {
        let Window { first, slots } = window.get();
        state.mounted.set((first, slots));
    });
    Effect::new(move |_| {
        let columns = if cards.get() {
            Column::CARD.to_vec()
        } else {
            state.hidden.with(|hidden| fitting(hidden, size_px.get().0))
        };
        state.columns.maybe_update(|known| std::mem::replace(known, columns.clone()) != columns);
    });
    watch_size(scroll_box, size_px);
    restore_scroll(scroll_box, state.scroll_px);

    let going_to = RwSignal::new(None);
    Effect::new(move |_| {
        live.fleet_window.track();
        focus_row(going_to);
    });
    let keys = Keys { live, state, scroll_box, row_px, size_px, rows, tab_stop, going_to, menu };
    page_keys.add("Fleet", &OWN_KEYS, move |letter| keys.letter(letter));
    let on_select = Callback::new(move |(index, range)| keys.select(index, range));
    view! {
        <div
            class="card fleet-table"
            class:cards=cards
            role="grid"
            aria-label="Devices"
            aria-multiselectable="true"
            aria-rowcount=move || rows.get() + 1
            data-testid="fleet-table"
            style=("--fleet-track", move || state.columns.with(|columns| track(columns)))
        >
            <FleetHead rows=rows />
            <div
                role="rowgroup"
                class="fleet-body"
                node_ref=scroll_box
                on:keydown=move |event| keys.press(&event)
                on:scroll=move |_| {
                    if let Some(element) = scroll_box.get_untracked() {
                        state.scroll_px.set(f64::from(element.scroll_top()));
                    }
                }
            >
                <div
                    class="fleet-runway"
                    role="presentation"
                    style:height=move || format!("{}px", rows.get() as f64 * row_px.get())
                >
                    <For each=move || 0..slots.get() key=|place| *place let:place>
                        <FleetRow place=place window=window row_px=row_px tab_stop=tab_stop on_select=on_select />
                    </For>
                </div>
            </div>
        </div>
        <RowMenu />
    }
}

/// Focuses the row that a key was to reach. It may get its slot only after the scroll event, and its content with the
/// next window: until then it is tried again.
fn focus_row(going_to: RwSignal<Option<usize>>) {
    request_animation_frame(move || {
        request_animation_frame(move || {
            let Some(index) = going_to.try_get_untracked().flatten() else {
                return;
            };
            if browser::focus(&format!("{} a", row_selector(index))) {
                going_to.set(None);
            }
        });
    });
}

/// What keys and clicks do in the table.
#[derive(Clone, Copy)]
struct Keys {
    live: Live,
    state: FleetState,
    scroll_box: NodeRef<html::Div>,
    row_px: Memo<f64>,
    size_px: RwSignal<(f64, f64)>,
    rows: Memo<usize>,
    tab_stop: Memo<usize>,
    /// The row that a key was to reach, until it has the focus.
    going_to: RwSignal<Option<usize>>,
    menu: OpenMenu,
}

impl Keys {
    fn press(self, event: &KeyboardEvent) {
        if event.alt_key() {
            return;
        }
        let at = self.tab_stop.get_untracked();
        if event.ctrl_key() || event.meta_key() {
            if event.key() == "a" {
                event.prevent_default();
                self.state.selection.set(Selection::all(self.state.query.get_untracked()));
            }
            return;
        }
        let last = self.rows.get_untracked().saturating_sub(1);
        let page = (self.size_px.get_untracked().1 / self.row_px.get_untracked()) as usize;
        let to = match event.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at.saturating_sub(1),
            "PageDown" => at + page,
            "PageUp" => at.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            " " => {
                event.prevent_default();
                return self.select(at, event.shift_key());
            }
            _ => return,
        };
        event.prevent_default();
        self.go_to(to.min(last));
        if event.shift_key() {
            self.select(to.min(last), true);
        }
    }

    /// A key of the whole page.
    fn letter(self, letter: char) {
        let at = self.tab_stop.get_untracked();
        match letter {
            'x' => self.select(at, false),
            'm' => self.open_menu(at),
            _ => {}
        }
    }

    fn go_to(self, index: usize) {
        self.state.active.set(index);
        if let Some(element) = self.scroll_box.get_untracked() {
            let row_px = self.row_px.get_untracked();
            let (top, height) = (index as f64 * row_px, f64::from(element.client_height()));
            let scroll = f64::from(element.scroll_top());
            if top < scroll {
                element.set_scroll_top(top as i32);
            } else if top + row_px > scroll + height {
                element.set_scroll_top((top + row_px - height).ceil() as i32);
            }
        }
        self.going_to.set(Some(index));
        focus_row(self.going_to);
    }

    fn open_menu(self, index: usize) {
        let endpoint =
            self.live.with_store(|store| store.fleet.row(index).map(|client| client.endpoint.clone()));
        if let Some(endpoint) = endpoint {
            let row = browser::find(&format!("{} .fleet-more", row_selector(index)));
            self.menu.open(endpoint, Place::below(row.map(Into::into)));
        }
    }

    /// Selects or deselects a row, or selects all from the last one to this.
    fn select(self, index: usize, range: bool) {
        let Self { live, state, .. } = self;
        let anchor = state.anchor.get_untracked();
        if !range {
            state.anchor.set(index);
            let row = live.with_store(|store| store.fleet.row(index).cloned());
            if let Some(row) = row {
                state.selection.update(|selection| selection.toggle(&row.endpoint));
            }
            return;
        }
        let range = Range::new(anchor, index);
        let here: Option<Vec<_>> = live.with_store(|store| {
            (range.first..=range.last).map(|index| store.fleet.row(index).cloned()).collect()
        });
        if let Some(rows) = here {
            let clients = rows.iter().map(AsRef::as_ref);
            state.selection.update(|selection| selection.add(clients));
            return;
        }
        // The range reaches beyond what this page knows of.
        let query = state.query.get_untracked();
        leptos::task::spawn_local(async move {
            if let Ok(page) = list(&query, range.first, range.len()).await {
                state.selection.try_update(|selection| selection.add(&page.clients));
            }
        });
    }
}

fn row_selector(index: usize) -> String {
    format!("[data-testid=fleet-row][data-index=\"{index}\"]")
}

/// The runway has its height with the next frame; before it there is nowhere to scroll to.
fn restore_scroll(scroll_box: NodeRef<html::Div>, scroll_px: RwSignal<f64>) {
    Effect::new(move |_| {
        if let Some(element) = scroll_box.get() {
            let top = scroll_px.get_untracked() as i32;
            request_animation_frame(move || element.set_scroll_top(top));
        }
    });
}

fn watch_size(scroll_box: NodeRef<html::Div>, size_px: RwSignal<(f64, f64)>) {
    Effect::new(move |_| {
        let Some(element) = scroll_box.get() else {
            return;
        };
        let measured = element.clone();
        let measure = move || {
            let size = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            size_px.try_maybe_update(|known| (std::mem::replace(known, size) != size, ()));
        };
        measure();
        let on_resize = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, on_resize));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}
