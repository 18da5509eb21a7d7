use std::time::{Duration, Instant};

use lwm2m_core::Peer;

use super::limits;

/// Writes refusals to the log, but no faster than anyone can read them: a flood of malformed datagrams must not
/// fill the disk.
pub(super) struct Refusals {
    second: Instant,
    logged: u32,
    suppressed: u64,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self { second: Instant::now(), logged: 0, suppressed: 0 }
    }

    pub(super) fn log(&mut self, peer: Peer, what: &str) {
        if self.second.elapsed() >= Duration::from_secs(1) {
            if self.suppressed > 0 {
                tracing::warn!("{} more refusals not shown", self.suppressed);
            }
            *self = Self::new();
        }
        if self.logged < limits::REFUSALS_LOGGED_PER_S {
            self.logged += 1;
            tracing::warn!(%peer, "refused: {what}");
        } else {
            self.suppressed += 1;
        }
    }
}
