use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventTarget, PointerEvent};

use crate::boards::{BoardDraft, Place};
use crate::browser;
use crate::pages::BoardState;

/// Between tiles, in CSS pixels: as the style sheet has it.
const GAP: f64 = 12.0;

/// A pointer that moves a tile or its corner.
#[derive(Clone, Copy)]
pub(super) struct TilePointer {
    state: BoardState,
    key: u32,
    held: StoredValue<Option<Held>, LocalStorage>,
}

struct Held {
    pointer: i32,
    resizing: bool,
    /// Where it was pressed.
    at: (f64, f64),
    /// Of one cell with the gap beside it.
    cell: (f64, f64),
    /// The board as it was then: what made room comes back.
    before: BoardDraft,
    place: Place,
    /// What hears of the pointer until it is released.
    listener: Closure<dyn FnMut(PointerEvent)>,
    handle: Element,
}

const EVENTS: [&str; 3] = ["pointermove", "pointerup", "pointercancel"];

impl TilePointer {
    pub(super) fn new(state: BoardState, key: u32) -> Self {
        let own = Self { state, key, held: StoredValue::new_local(None) };
        on_cleanup(move || own.let_go());
        own
    }

    pub(super) fn press(self, event: &PointerEvent, resizing: bool) {
        let handle = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(handle) = handle.filter(|_| event.button() == 0 && event.is_primary()) else { return };
        let before = self.state.draft.get_untracked();
        let Some((before, place)) =
            before.and_then(|draft| Some((draft.clone(), Place::of(draft.tile(self.key)?))))
        else {
            return;
        };
        let Some(cell) = cell() else { return };
        // Without a capture the drag ends at the edge of what is dragged.
        let _ = handle.set_pointer_capture(event.pointer_id());
        let listener = Closure::<dyn FnMut(PointerEvent)>::new(move |event: PointerEvent| self.hear(&event));
        let target: &EventTarget = handle.as_ref();
        for name in EVENTS {
            // Every element takes listeners.
            let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        let at = position(event);
        let pointer = event.pointer_id();
        self.held.set_value(Some(Held { pointer, resizing, at, cell, before, place, listener, handle }));
    }

    fn hear(self, event: &PointerEvent) {
        let own = self.held.try_with_value(|held| held.as_ref().map(|held| held.pointer)).flatten();
        if own != Some(event.pointer_id()) {
            return;
        }
        match event.type_().as_str() {
            "pointermove" => self.drag(position(event)),
            // Freed outside of its own call.
            _ => set_timeout(move || self.let_go(), std::time::Duration::ZERO),
        }
    }

    /// The tile goes to the cell that it is nearest to, and follows the pointer from there.
    fn drag(self, (x, y): (f64, f64)) {
        let Self { state, key, held } = self;
        let drawn = held.with_value(|held| {
            let held = held.as_ref()?;
            let by = (x - held.at.0, y - held.at.1);
            let cells = ((by.0 / held.cell.0).round(), (by.1 / held.cell.1).round());
            let moved =
                |from: u16, by: f64| (f64::from(from) + by).clamp(0.0, f64::from(u16::MAX / 2)) as u16;
            let from = held.place;
            let to = if held.resizing {
                Place { width: moved(from.width, cells.0), height: moved(from.height, cells.1), ..from }
            } else {
                Place { x: moved(from.x, cells.0), y: moved(from.y, cells.1), ..from }
            };
            let mut draft = held.before.clone();
            draft.arrange(key, to);
            let at = draft.tile(key).map(Place::of)?;
            let rest = |by: f64, cell: f64, from: u16, at: u16| by - (f64::from(at) - f64::from(from)) * cell;
            let rest = (rest(by.0, held.cell.0, from.x, at.x), rest(by.1, held.cell.1, from.y, at.y));
            Some((draft, (!held.resizing).then_some((key, rest.0, rest.1))))
        });
        if let Some((draft, dragged)) = drawn {
            if state.draft.with_untracked(|known| known.as_ref() != Some(&draft)) {
                state.draft.set(Some(draft));
            }
            state.dragged.set(dragged);
        }
    }

    fn let_go(self) {
        let Some(held) = self.held.try_update_value(Option::take).flatten() else { return };
        let target: &EventTarget = held.handle.as_ref();
        for name in EVENTS {
            let _ = target.remove_event_listener_with_callback(name, held.listener.as_ref().unchecked_ref());
        }
        self.state.dragged.try_set(None);
    }
}

fn position(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

/// The size of a cell with the gap beside it.
fn cell() -> Option<(f64, f64)> {
    let grid = browser::find("[data-testid=board-grid]")?;
    let area = grid.get_bounding_client_rect();
    let rows = window().get_computed_style(&grid).ok()??.get_property_value("grid-auto-rows").ok()?;
    let row: f64 = rows.trim_end_matches("px").parse().ok()?;
    let columns = f64::from(console_api::Board::COLUMNS);
    Some(((area.width() + GAP) / columns, row + GAP))
}
