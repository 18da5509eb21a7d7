use console_api::{AccessControlRun, ServerFrame};
use tokio::time::Instant;

use super::{
    followed::{Followed, Looks},
    limits,
};
use crate::access_control::Runs;

/// The access control runs that a console follows, and when to look at them again.
pub(super) struct AccessControlRuns {
    pub(super) followed: Followed<AccessControlRun>,
    pub(super) looks: Looks,
}

impl Default for AccessControlRuns {
    fn default() -> Self {
        let followed = Followed::new(limits::ACCESS_CONTROL_RUNS);
        Self { followed, looks: Looks::new(limits::ACCESS_CONTROL_RUNS_PACE) }
    }
}

impl AccessControlRuns {
    pub(super) fn due(&self) -> Option<Instant> {
        self.looks.due().filter(|_| !self.followed.is_empty())
    }

    /// What the console does not know yet.
    pub(super) fn look(&mut self, runs: &Runs) -> Vec<ServerFrame> {
        self.looks.begin();
        let outdated = self.followed.outdated(|id| runs.one(id));
        outdated.into_iter().map(|(id, run)| ServerFrame::AccessControlRun { id, run }).collect()
    }
}
