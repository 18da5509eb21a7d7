use std::sync::Arc;

use console_api::{CommandView, CommandWindow};
use lwm2m_core::server::Command;
use tokio::time::Instant;

use super::limits;
use crate::fleet::{News, View, What};

/// The part of the commands that a console shows, and when to look at them again.
pub(super) struct CommandRows {
    pub(super) view: CommandView,
    looked_at: Instant,
    changed: bool,
    /// As the console was told.
    told: Option<CommandWindow>,
}

impl CommandRows {
    pub(super) fn new(view: CommandView) -> Self {
        Self { view, looked_at: Instant::now(), changed: false, told: None }
    }

    /// Whether an event may change what is shown.
    pub(super) fn notice(&mut self, news: &News) {
        self.changed |= matches!(news.what, What::Command(_) | What::Forgotten);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.changed.then(|| self.looked_at + limits::COMMANDS_PACE)
    }

    /// What to look for now.
    pub(super) fn look(&mut self) -> CommandView {
        self.looked_at = Instant::now();
        self.changed = false;
        self.view.clone()
    }

    /// What the console does not know yet. Nothing when it shows something else by now.
    pub(super) fn tell(&mut self, window: CommandWindow) -> Option<CommandWindow> {
        if window.view != self.view || self.told.as_ref() == Some(&window) {
            return None;
        }
        self.told = Some(window.clone());
        Some(window)
    }
}

/// The commands of a view among those that match its query.
pub(super) fn window(view: CommandView, matching: &[Arc<Command>], fleet: &View<'_>) -> CommandWindow {
    let rows = matching.iter().skip(view.offset as usize).take(view.limit.min(CommandView::ROWS) as usize);
    CommandWindow {
        commands: rows.map(|command| fleet.command(command)).collect(),
        matching: u32::try_from(matching.len()).unwrap_or(u32::MAX),
        open: u32::try_from(fleet.commands().open()).unwrap_or(u32::MAX),
        view,
    }
}
