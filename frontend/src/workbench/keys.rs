use console_api::Operation;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{Workbench, row_selector};
use crate::browser;

impl Workbench {
    /// Keys of the tree beyond those of every page, on the selected node. Whether there is such a key.
    pub(crate) fn act_on_key(self, event: &KeyboardEvent) -> bool {
        let Some(path) = self.selected.get_untracked() else {
            return false;
        };
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let offered = untrack(|| self.offered(&path));
        match event.key().as_str() {
            "d" if offered.discover => self.ask(Operation::Discover, path),
            "a" if offered.write_attributes => self.open_attributes(path),
            "c" if offered.create => self.open_create(path),
            "Delete" if offered.delete => self.open_delete(path),
            " " => self.choose(path),
            "p" => self.toggle_pin(path),
            "m" | "ContextMenu" => self.open_menu_at_row(path),
            "F10" if event.shift_key() => self.open_menu_at_row(path),
            _ => return false,
        }
        true
    }

    fn open_menu_at_row(self, path: lwm2m_codec::Path) {
        let place = browser::find(&row_selector(&path)).map(|row| browser::below(&row));
        let (left, top) = place.unwrap_or_default();
        self.open_menu(Some(path), (left + 40.0, top));
    }
}
