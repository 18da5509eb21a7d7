use std::time::{Duration, SystemTime, UNIX_EPOCH};

use coap::Instant;

/// Milliseconds since 1970 that never go backwards: the time of day at the start, then a monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
    started_at: Duration,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let started_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: std::time::Instant::now(), started_at }
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_millis(0) + self.started_at + self.started.elapsed()
    }

    /// How long to sleep so that [`Clock::now`] is at least `instant`.
    pub(crate) fn until(&self, instant: Instant) -> Duration {
        let since_1970 = Duration::from_millis(instant.as_millis());
        let missing = since_1970.saturating_sub(self.started_at + self.started.elapsed());
        // One millisecond more, because `now` drops fractions.
        if missing.is_zero() { missing } else { missing + Duration::from_millis(1) }
    }
}
