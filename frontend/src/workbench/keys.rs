use console_api::Operation;
use leptos::prelude::*;
use lwm2m_codec::Path;
use web_sys::KeyboardEvent;

use super::{Workbench, row_selector};
use crate::browser;

/// Letters that only the device page has, for the selected node.
pub(crate) const LETTERS: &[(char, &str)] = &[
    ('d', "Discover"),
    ('a', "Attributes"),
    ('c', "New instance"),
    ('p', "Keep on the chart, or take it off"),
    ('m', "Menu with everything that can be done"),
    ('t', "CoAP messages of the device"),
];

impl Workbench {
    /// One of [`LETTERS`].
    pub(crate) fn act_on_letter(self, letter: char) {
        let Some(path) = self.selected.get_untracked() else {
            return;
        };
        let offered = untrack(|| self.offered(&path));
        match letter {
            'd' if offered.discover => self.ask(Operation::Discover, path),
            'a' if offered.write_attributes => self.open_attributes(path),
            'c' if offered.create => self.open_create(path),
            'p' => self.toggle_pin(path),
            'm' => self.open_menu_at_row(path),
            _ => {}
        }
    }

    /// Keys that have a meaning in the tree only, on the selected node. Whether there is such a key.
    pub(crate) fn act_on_key(self, event: &KeyboardEvent) -> bool {
        let Some(path) = self.selected.get_untracked() else {
            return false;
        };
        let offered = untrack(|| self.offered(&path));
        match event.key().as_str() {
            "Delete" if offered.delete => self.open_delete(path),
            " " => self.choose(path),
            "ContextMenu" => self.open_menu_at_row(path),
            "F10" if event.shift_key() => self.open_menu_at_row(path),
            _ => return false,
        }
        true
    }

    fn open_menu_at_row(self, path: Path) {
        let place = browser::find(&row_selector(&path)).map(|row| browser::below(&row));
        let (left, top) = place.unwrap_or_default();
        self.open_menu(Some(path), (left + 40.0, top));
    }
}
