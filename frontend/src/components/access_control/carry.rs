use leptos::prelude::*;
use web_sys::Element;

use crate::access_control::{Carried, Spot, carried_told, dropped, server_told};
use crate::browser;
use crate::frame::Announcement;
use crate::pages::AccessControlState;

/// A permission on its way, by a pointer or by keys, and what everybody is told of it.
#[derive(Clone, Copy)]
pub(super) struct Carry {
    pub(super) state: AccessControlState,
    announcement: RwSignal<String>,
    /// Carried by keys.
    pub(super) picked: RwSignal<Option<Carried>>,
    marked: StoredValue<Option<Spot>>,
}

/// On the place where a permission would go.
const DROP_CLASS: &str = "drop";

impl Carry {
    pub(super) fn new(state: AccessControlState) -> Self {
        let Announcement(announcement) = expect_context();
        Self { state, announcement, picked: RwSignal::default(), marked: StoredValue::new(None) }
    }

    pub(super) fn say(self, text: impl Into<String>) {
        self.announcement.set(text.into());
    }

    pub(super) fn pick_up(self, carried: Carried) {
        self.picked.set(Some(carried));
        self.say(format!(
            "{} picked up. Arrow keys move, Enter drops, Escape puts it back.",
            carried.tile.name()
        ));
    }

    /// Marks where it would go. No signal: nothing else changes while it moves.
    pub(super) fn mark(self, over: Option<Spot>) {
        let marked = self.marked.get_value();
        if marked == over {
            return;
        }
        for (spot, is_marked) in [(marked, false), (over, true)] {
            for element in spot.map(elements_of).into_iter().flatten() {
                let _ = element.class_list().toggle_with_force(DROP_CLASS, is_marked);
            }
        }
        self.marked.set_value(over);
    }

    /// What would happen there.
    pub(super) fn told(self, carried: Carried, over: Option<Spot>) -> String {
        let target = |id: u16| self.target(id);
        carried_told(carried, over, target)
    }

    pub(super) fn put_down(self, carried: Carried, over: Option<Spot>) {
        self.mark(None);
        self.picked.set(None);
        let told = self.told(carried, over);
        let edits = dropped(carried, over, &self.state.rows());
        let many = edits.len();
        if self.state.edit(&edits) {
            let rows = if many > 1 { format!(" ({many} entries)") } else { String::new() };
            self.say(format!("{told}{rows}"));
        } else {
            self.say(format!("{told}: nothing changes"));
        }
    }

    pub(super) fn give_up(self) {
        self.mark(None);
        self.picked.set(None);
        self.say("Put back");
    }

    /// `/3303/0`, by the id of its row.
    pub(super) fn target(self, id: u16) -> String {
        let guard =
            self.state.draft.with_untracked(|draft| draft.instance(id).map(|it| (it.object, it.instance)));
        guard.map_or_else(String::new, |(object, instance)| {
            crate::access_control::target_told(object, instance)
        })
    }

    pub(super) fn whom(self, server: u16) -> String {
        self.state.names.with_untracked(|names| server_told(server, self.state.ours.get_untracked(), names))
    }
}

/// What is marked for a place: of a permission its cell, of a row its cells too.
fn elements_of(spot: Spot) -> Vec<Element> {
    let spot = match spot {
        Spot::Tile { id, server, .. } => Spot::Cell { id, server },
        Spot::Nowhere | Spot::Palette(_) | Spot::Owner(_) => return Vec::new(),
        other => other,
    };
    let found: Option<Element> = browser::find(&format!("[data-spot={spot}]")).map(Into::into);
    let row =
        found.as_ref().filter(|element| element.tag_name() == "TH").and_then(|head| head.parent_element());
    found.into_iter().chain(row).collect()
}
