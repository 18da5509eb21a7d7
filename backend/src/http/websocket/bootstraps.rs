use std::collections::BTreeMap;

use console_api::{BootstrapConversation, BootstrapSession, BootstrapView, BootstrapWindow, ServerFrame};
use tokio::time::Instant;

use super::limits;
use crate::bootstrap::{Desk, Sessions};

/// The bootstrap sessions that a console shows, and when to look at them again.
pub(super) struct Bootstraps {
    pub(super) view: Option<BootstrapView>,
    /// As the console was told.
    told: Option<BootstrapWindow>,
    /// Sessions that it follows message by message, as it was told of them.
    followed: BTreeMap<u64, Option<Option<BootstrapSession>>>,
    looked_at: Instant,
    changed: bool,
}

impl Default for Bootstraps {
    fn default() -> Self {
        let looked_at = Instant::now();
        Self { view: None, told: None, followed: BTreeMap::new(), looked_at, changed: false }
    }
}

impl Bootstraps {
    pub(super) fn is_empty(&self) -> bool {
        self.view.is_none() && self.followed.is_empty()
    }

    pub(super) fn show(&mut self, view: BootstrapView) {
        (self.view, self.told) = (Some(view), None);
    }

    pub(super) fn hide(&mut self) {
        (self.view, self.told) = (None, None);
    }

    /// Whether there is room for it.
    pub(super) fn follow(&mut self, id: u64) -> bool {
        let has_room = self.followed.len() < limits::BOOTSTRAPS || self.followed.contains_key(&id);
        if has_room {
            self.followed.insert(id, None);
        }
        has_room
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.followed.remove(&id);
    }

    pub(super) fn followed(&self) -> impl Iterator<Item = u64> {
        self.followed.keys().copied()
    }

    /// Something has changed.
    pub(super) const fn notice(&mut self) {
        self.changed = true;
    }

    pub(super) fn due(&self) -> Option<Instant> {
        (self.changed && !self.is_empty()).then(|| self.looked_at + limits::BOOTSTRAPS_PACE)
    }

    /// What the console does not know yet.
    pub(super) async fn look(&mut self, desk: &Desk) -> Vec<ServerFrame> {
        self.looked_at = Instant::now();
        self.changed = false;
        let mut frames = Vec::new();
        if let Some(view) = &self.view {
            let window = window(view.clone(), &desk.sessions);
            if self.told.as_ref() != Some(&window) {
                self.told = Some(window.clone());
                frames.push(ServerFrame::BootstrapSessions(window));
            }
        }
        for (id, told) in &mut self.followed {
            let now = desk.sessions.one(*id);
            if told.as_ref() != Some(&now) {
                let conversation = conversation(desk, *id).await;
                *told = Some(conversation.as_ref().map(|conversation| conversation.session.clone()));
                frames.push(ServerFrame::BootstrapSession { id: *id, conversation });
            }
        }
        frames
    }
}

fn window(view: BootstrapView, sessions: &Sessions) -> BootstrapWindow {
    let found = sessions.find(&view.query);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let matching = count(found.len());
    let rows =
        found.into_iter().skip(view.offset as usize).take(view.limit.min(BootstrapView::ROWS) as usize);
    BootstrapWindow { matching, running: count(sessions.running()), sessions: rows.collect(), view }
}

/// One that cannot be read is not shown, and the log says why.
async fn conversation(desk: &Desk, id: u64) -> Option<BootstrapConversation> {
    let desk = desk.clone();
    let read = tokio::task::spawn_blocking(move || desk.conversation(id)).await.ok()?;
    read.unwrap_or_else(|error| {
        tracing::error!("{error}");
        None
    })
}
