use std::collections::BTreeMap;

use console_api::{AccessControlRun, ServerFrame};
use tokio::time::Instant;

use super::limits;
use crate::access_control::Runs;

/// The access control runs that a console follows, and when to look at them again.
pub(super) struct AccessControlRuns {
    /// As it was told of them.
    followed: BTreeMap<u64, Option<Option<AccessControlRun>>>,
    looked_at: Instant,
    changed: bool,
}

impl Default for AccessControlRuns {
    fn default() -> Self {
        Self { followed: BTreeMap::new(), looked_at: Instant::now(), changed: false }
    }
}

impl AccessControlRuns {
    pub(super) fn is_empty(&self) -> bool {
        self.followed.is_empty()
    }

    /// Whether there is room for it.
    pub(super) fn follow(&mut self, id: u64) -> bool {
        let has_room = self.followed.len() < limits::ACCESS_CONTROL_RUNS || self.followed.contains_key(&id);
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
        (self.changed && !self.is_empty()).then(|| self.looked_at + limits::ACCESS_CONTROL_RUNS_PACE)
    }

    /// What the console does not know yet.
    pub(super) fn look(&mut self, runs: &Runs) -> Vec<ServerFrame> {
        self.looked_at = Instant::now();
        self.changed = false;
        let mut frames = Vec::new();
        for (id, told) in &mut self.followed {
            let now = runs.one(*id);
            if told.as_ref() != Some(&now) {
                *told = Some(now.clone());
                frames.push(ServerFrame::AccessControlRun { id: *id, run: now });
            }
        }
        frames
    }
}
