use leptos::prelude::*;
use lwm2m_codec::Path;

use super::Workbench;
use crate::browser;
use crate::routing::Route;

/// How a selection gets into the history of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The back button returns to what was selected before.
    New,
    /// Passing by, with the arrow keys: takes the place of what was selected before.
    Same,
    /// The browser itself goes there.
    None,
}

impl Workbench {
    /// Shows a node in the inspector and remembers it in the address.
    pub(crate) fn select(self, path: Option<Path>) {
        self.select_by(path, Step::New);
    }

    pub(crate) fn select_by(self, path: Option<Path>, step: Step) {
        if let Some(path) = &path {
            self.tree.update(|tree| tree.reveal(path));
        }
        if self.selected.get_untracked() == path {
            return;
        }
        self.selected.set(path);
        let fragment = path.map(|path| format!("#{path}")).unwrap_or_default();
        let address = format!("{}{fragment}", browser::address());
        match step {
            Step::New => browser::push_address(&address),
            Step::Same => browser::replace_address(&address),
            Step::None => {}
        }
    }

    /// Shows what the address names, if it is still about this device.
    pub(crate) fn follow_address(self) {
        let Some(endpoint) = self.endpoint.try_get_value() else {
            return;
        };
        if Route::parse(&browser::address()) == (Route::Device { endpoint }) {
            let path = browser::fragment().parse::<Path>().ok().filter(|path| *path != Path::ROOT);
            self.select_by(path, Step::None);
            self.follow_chart_address();
        }
    }
}
