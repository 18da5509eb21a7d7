//! Wheel, pointers and keys on the drawing.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use super::state::ChartState;
use super::stored::oldest_ms;
use crate::chart::{Gesture, Movement, Summary, TimeView};
use crate::components::clock;

/// What a notch of a wheel and a key change the span by.
const STEP: f64 = 1.25;

/// Pixels of a notch, in the units that a wheel tells.
const NOTCH: [f64; 3] = [100.0, 3.0, 1.0];

/// How far the arrow keys move, in spans.
const PAN: f64 = 0.25;

/// What moves the view; made once for a chart.
#[derive(Clone, Copy)]
pub(crate) struct Gestures {
    state: ChartState,
    gesture: StoredValue<Gesture>,
}

impl Gestures {
    pub(crate) fn new(state: ChartState) -> Self {
        Self { state, gesture: StoredValue::new(Gesture::default()) }
    }

    fn view(self, change: impl FnOnce(TimeView, f64) -> TimeView) {
        let now_ms = untrack(|| self.state.now_ms());
        let view = self.state.view;
        let before = view.get_untracked();
        let after = change(before, now_ms);
        if after != before {
            view.set(after);
        }
    }

    /// The time at a place of the drawing, as a part of its width.
    fn time_at(self, part: f64) -> f64 {
        let (from_ms, to_ms) = untrack(|| self.state.window());
        from_ms + part * (to_ms - from_ms)
    }

    /// Where an event is, as a part of the width: what it is handled by has the place of the drawing.
    fn part(self, event: &MouseEvent) -> f64 {
        let area = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
        let left = area.map_or(0.0, |area| area.get_bounding_client_rect().left());
        self.state.plot.get_untracked().part(f64::from(event.client_x()) - left)
    }

    /// On a page that scrolls, the wheel is the page's unless Ctrl is held or the chart has the focus.
    pub(crate) fn wheel(self, event: &WheelEvent) {
        if self.state.home.is_none() && !event.ctrl_key() && !self.state.has_focus() {
            return;
        }
        let notch = NOTCH.get(event.delta_mode() as usize).copied().unwrap_or(NOTCH[0]);
        let (across, along) = (event.delta_x() / notch, event.delta_y() / notch);
        event.prevent_default();
        if across.abs() > along.abs() || event.shift_key() {
            let by = if across == 0.0 { along } else { across };
            self.view(|view, now_ms| view.panned(by * PAN / 2.0, now_ms));
        } else {
            let about_ms = self.time_at(self.part(event).clamp(0.0, 1.0));
            self.view(|view, now_ms| view.zoomed(STEP.powf(along), about_ms, now_ms));
        }
    }

    pub(crate) fn press(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let part = self.part(event);
        self.gesture.update_value(|gesture| {
            if gesture.press(event.pointer_id(), part)
                && let Some(canvas) =
                    event.current_target().and_then(|target| target.dyn_into::<Element>().ok())
            {
                // Without a capture the drag ends at the edge of the drawing.
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
        });
    }

    pub(crate) fn release(self, event: &PointerEvent) {
        self.gesture.update_value(|gesture| gesture.release(event.pointer_id()));
    }

    pub(crate) fn moved(self, event: &PointerEvent) {
        let part = self.part(event);
        let movement = self.gesture.try_update_value(|gesture| gesture.moved(event.pointer_id(), part));
        match movement.unwrap_or(Movement::None) {
            Movement::Pan(spans) => {
                self.state.hover.set(None);
                self.view(|view, now_ms| view.panned(spans, now_ms));
            }
            Movement::Zoom { factor, about } => {
                self.state.hover.set(None);
                let about_ms = self.time_at(about);
                self.view(|view, now_ms| view.zoomed(factor, about_ms, now_ms));
            }
            Movement::None if self.gesture.with_value(Gesture::is_pressed) => {}
            Movement::None => {
                let within = (0.0..=1.0).contains(&part);
                self.state.hover.set(within.then(|| self.time_at(part)));
            }
        }
    }

    /// Arrows pan, with Shift they go from value to value; + and − zoom; Home and 0 go to either end.
    pub(crate) fn key(self, event: &KeyboardEvent) {
        match (event.key().as_str(), event.shift_key()) {
            _ if event.ctrl_key() || event.alt_key() || event.meta_key() => return,
            ("ArrowLeft", true) => self.step(false),
            ("ArrowRight", true) => self.step(true),
            ("ArrowLeft", false) => self.view(|view, now_ms| view.panned(-PAN, now_ms)),
            ("ArrowRight", false) => self.view(|view, now_ms| view.panned(PAN, now_ms)),
            ("+" | "=", _) => self.view(|view, now_ms| view.zoomed_in_place(1.0 / STEP, now_ms)),
            ("-" | "_", _) => self.view(|view, now_ms| view.zoomed_in_place(STEP, now_ms)),
            ("Home", _) => self.go_to_the_beginning(),
            ("0" | "End", _) => self.view(|view, _| view.at_the_end()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn go_to_the_beginning(self) {
        let state = self.state;
        leptos::task::spawn_local(async move {
            let stored = oldest_ms(state, &state.primary).await;
            // The page may have been left meanwhile.
            if state.hover.try_get_untracked().is_none() {
                return;
            }
            let heard = untrack(|| state.with_course(&state.primary, |course| course.oldest_ms())).flatten();
            if let Some(oldest_ms) = stored.or(heard) {
                self.view(|view, now_ms| view.at_the_beginning(oldest_ms, now_ms));
            }
        });
    }

    /// Reads out the value after the one that was read out, or before it.
    fn step(self, later: bool) {
        let state = self.state;
        let (from_ms, to_ms) = untrack(|| state.window());
        let parts: Vec<Summary> = untrack(|| {
            state
                .with_course(&state.primary, |course| course.parts(from_ms, to_ms).collect())
                .unwrap_or_default()
        });
        let Some(last) = parts.len().checked_sub(1) else {
            return;
        };
        let to = match (state.hover.get_untracked(), later) {
            (None, _) => last,
            (Some(hover), true) => parts.partition_point(|part| part.middle_ms() <= hover).min(last),
            (Some(hover), false) => parts.partition_point(|part| part.middle_ms() < hover).saturating_sub(1),
        };
        if let Some(part) = parts.get(to) {
            state.hover.set(Some(part.middle_ms()));
            let told = untrack(|| state.told(&state.primary, part));
            state.announce(format!("{told} at {}", clock(part.middle_ms() as u64)));
        }
    }
}
