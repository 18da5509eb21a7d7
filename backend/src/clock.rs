use std::time::{Instant as Monotonic, SystemTime, UNIX_EPOCH};

/// The one clock of the process: milliseconds since 1970 that never go backwards, whatever happens to the
/// machine's date.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    started: Monotonic,
    started_ms: u64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Monotonic::now(), started_ms: u64::try_from(since_1970.as_millis()).unwrap_or(0) }
    }

    pub(crate) fn now(self) -> coap::Instant {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        coap::Instant::from_millis(self.started_ms.saturating_add(elapsed))
    }

    /// The machine's time of an instant, for timers.
    pub(crate) fn monotonic(self, at: coap::Instant) -> tokio::time::Instant {
        let after_start = std::time::Duration::from_millis(at.as_millis().saturating_sub(self.started_ms));
        (self.started + after_start).into()
    }
}
