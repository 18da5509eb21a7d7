use std::time::Duration;

use coap::Instant;

/// What the fleet as a whole has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) devices: usize,
    pub(crate) registered: usize,
    /// How often a bootstrap came to its end.
    pub(crate) bootstrapped: usize,
    pub(crate) observations: usize,
    pub(crate) sent: usize,
    pub(crate) received: usize,
}

/// Between two lines of the log.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// Logs the state of the fleet: when all are registered, and then every some seconds.
#[derive(Debug, Default)]
pub(crate) struct Report {
    complete: bool,
    next: Option<Instant>,
}

impl Report {
    pub(crate) fn tell(&mut self, now: Instant, tally: &Tally) {
        let Tally { devices, registered, bootstrapped, observations, sent, received } = *tally;
        let was_complete = std::mem::replace(&mut self.complete, registered >= devices);
        let due = *self.next.get_or_insert(now + REPORT_EVERY);
        if self.complete && !was_complete {
            tracing::info!("all {devices} devices are registered");
        } else if due <= now {
            self.next = Some(now + REPORT_EVERY);
            tracing::info!(registered, devices, bootstrapped, observations, sent, received, "fleet");
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.next
    }
}
