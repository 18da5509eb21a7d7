use std::sync::{Arc, atomic::Ordering};

use tokio::sync::watch;

use super::Fleet;

/// Someone who follows what happens. As long as there is one, and for a while after, events are kept.
pub(crate) struct Reader {
    fleet: Arc<Fleet>,
    told: watch::Receiver<u64>,
}

impl Reader {
    pub(super) fn new(fleet: &Arc<Fleet>) -> Self {
        fleet.readers.fetch_add(1, Ordering::Relaxed);
        fleet.keep_events();
        Self { fleet: Arc::clone(fleet), told: fleet.told.subscribe() }
    }

    /// Waits until there is an event after the one with this number.
    pub(crate) async fn more_than(&mut self, cursor: u64) {
        // The sender lives as long as the fleet, and so as long as this.
        let _ = self.told.wait_for(|seq| *seq > cursor).await;
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fleet.keep_events();
        self.fleet.readers.fetch_sub(1, Ordering::Relaxed);
    }
}
