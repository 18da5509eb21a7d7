use console_api::{BootstrapConversation, BootstrapSession, BootstrapView, BootstrapWindow, ServerFrame};
use tokio::time::Instant;

use super::{
    followed::{Followed, Looks},
    limits,
};
use crate::bootstrap::{Desk, Sessions};

/// The bootstrap sessions that a console shows, and when to look at them again.
pub(super) struct Bootstraps {
    pub(super) view: Option<BootstrapView>,
    /// As the console was told.
    told: Option<BootstrapWindow>,
    /// Sessions that it follows message by message.
    pub(super) followed: Followed<BootstrapSession>,
    pub(super) looks: Looks,
}

impl Default for Bootstraps {
    fn default() -> Self {
        let followed = Followed::new(limits::BOOTSTRAPS);
        Self { view: None, told: None, followed, looks: Looks::new(limits::BOOTSTRAPS_PACE) }
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

    pub(super) fn due(&self) -> Option<Instant> {
        self.looks.due().filter(|_| !self.is_empty())
    }

    /// What the console does not know yet.
    pub(super) async fn look(&mut self, desk: &Desk) -> Vec<ServerFrame> {
        self.looks.begin();
        let mut frames = Vec::new();
        if let Some(view) = &self.view {
            let window = window(view.clone(), &desk.sessions);
            if self.told.as_ref() != Some(&window) {
                self.told = Some(window.clone());
                frames.push(ServerFrame::BootstrapSessions(window));
            }
        }
        for (id, _) in self.followed.outdated(|id| desk.sessions.one(id)) {
            let conversation = conversation(desk, id).await;
            // It may have gone on meanwhile, or could not be read.
            self.followed.tell(id, conversation.as_ref().map(|conversation| conversation.session.clone()));
            frames.push(ServerFrame::BootstrapSession { id, conversation });
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
