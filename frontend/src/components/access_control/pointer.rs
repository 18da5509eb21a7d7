use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::carry::Carry;
use crate::access_control::{Carried, Drag, Spot, Tile, Turn, scroll_pace};
use crate::browser;

/// How long a finger rests on a permission before it comes along: shorter than what opens a menu.
const REST: Duration = Duration::from_millis(220);

/// A pointer that drags permissions over the matrix.
#[derive(Clone, Copy)]
pub(super) struct Pointer {
    carry: Carry,
    drag: StoredValue<Drag>,
    /// Where it is.
    place: StoredValue<(f64, f64)>,
    /// Under the pointer.
    pub(super) ghost: NodeRef<leptos::html::Div>,
    shown: RwSignal<Option<Tile>>,
}

impl Pointer {
    pub(super) fn new(carry: Carry) -> Self {
        Self {
            carry,
            drag: StoredValue::new(Drag::default()),
            place: StoredValue::new((0.0, 0.0)),
            ghost: NodeRef::new(),
            shown: RwSignal::default(),
        }
    }

    /// What follows the pointer.
    pub(super) fn shown(self) -> Option<Tile> {
        self.shown.get()
    }

    pub(super) fn is_dragging(self) -> bool {
        self.drag.with_value(Drag::is_dragging)
    }

    pub(super) fn pressed(self, event: &PointerEvent) {
        let carried = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|element| spot_of(&element))
            .and_then(Carried::at);
        let (Some(carried), true) = (carried, event.is_primary() && event.button() == 0) else { return };
        let (pointer, finger) = (event.pointer_id(), event.pointer_type() == "touch");
        let turn = self.turn(|drag| drag.pressed(pointer, carried, at(event), finger));
        if turn == Turn::Wait {
            let place = (at(event), event.current_target());
            set_timeout(
                move || {
                    let turn = self.turn(|drag| drag.rested(pointer));
                    self.act(turn, pointer, place.0, place.1.and_then(|it| it.dyn_into().ok()).as_ref());
                },
                REST,
            );
        }
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        let place = at(event);
        let turn = self.turn(|drag| drag.moved(event.pointer_id(), place, || under(place)));
        self.follow(place);
        let card = event.current_target().and_then(|it| it.dyn_into().ok());
        self.act(turn, event.pointer_id(), place, card.as_ref());
    }

    pub(super) fn released(self, event: &PointerEvent) {
        let place = at(event);
        let turn = self.turn(|drag| drag.released(event.pointer_id(), || under(place)));
        self.act(turn, event.pointer_id(), place, None);
    }

    pub(super) fn cancelled(self) {
        let turn = self.turn(Drag::cancelled);
        self.act(turn, 0, (0.0, 0.0), None);
    }

    fn turn(self, how: impl FnOnce(&mut Drag) -> Turn) -> Turn {
        self.drag.try_update_value(how).unwrap_or(Turn::Nothing)
    }

    fn act(self, turn: Turn, pointer: i32, place: (f64, f64), card: Option<&Element>) {
        match turn {
            Turn::Nothing | Turn::Wait => {}
            Turn::Begin(carried) => {
                // From now on all that the pointer does comes here. One that is gone already does nothing more.
                if card.is_some_and(|card| card.set_pointer_capture(pointer).is_err()) {
                    self.cancelled();
                    return;
                }
                self.shown.set(Some(carried.tile));
                self.follow(place);
                self.carry.say(format!("{} picked up", carried.tile.name()));
                self.scroll_at_edges(pointer);
            }
            Turn::Over(over) => {
                self.carry.mark(over);
                let outside = over.is_none();
                if let Some(ghost) = self.ghost.get_untracked() {
                    let _ = ghost.class_list().toggle_with_force("outside", outside);
                }
            }
            Turn::Drop(carried, over) => {
                self.shown.set(None);
                self.carry.put_down(carried, over);
            }
            Turn::Cancel => {
                self.shown.set(None);
                self.carry.give_up();
            }
        }
    }

    /// Frame by frame, until what is carried is put down.
    fn scroll_at_edges(self, pointer: i32) {
        request_animation_frame(move || {
            if self.drag.try_with_value(Drag::is_dragging) != Some(true) {
                return;
            }
            if let (Some(place), Some(matrix)) = (self.place.try_get_value(), browser::find(".ac-scroll")) {
                let area = matrix.get_bounding_client_rect();
                let right = scroll_pace(place.0, area.left(), area.right());
                let down = scroll_pace(place.1, area.top(), area.bottom());
                if right != 0.0 || down != 0.0 {
                    matrix.scroll_by_with_x_and_y(right, down);
                    // Something else is under the pointer now.
                    let turn = self.turn(|drag| drag.moved(pointer, place, || under(place)));
                    self.act(turn, pointer, place, None);
                }
            }
            self.scroll_at_edges(pointer);
        });
    }

    fn follow(self, (x, y): (f64, f64)) {
        self.place.set_value((x, y));
        if let Some(ghost) = self.ghost.get_untracked() {
            let _ = web_sys::HtmlElement::style(&ghost).set_property("translate", &format!("{x}px {y}px"));
        }
    }
}

fn at(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn under((x, y): (f64, f64)) -> Option<Spot> {
    browser::element_at(x, y).and_then(|element| spot_of(&element))
}

pub(super) fn spot_of(element: &Element) -> Option<Spot> {
    element.closest("[data-spot]").ok()??.get_attribute("data-spot")?.parse().ok()
}
