use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{Duration, interval};

/// What the fleet as a whole has done so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) registered: Count,
    pub(crate) observations: Count,
    pub(crate) sent: Count,
    pub(crate) received: Count,
}

#[derive(Debug, Default)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) fn increase(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Corrects the share of one device, which was `counted` so far, to what it is now.
    pub(crate) fn follow(&self, counted: &mut usize, now: usize) {
        if now >= *counted {
            self.0.fetch_add(now - *counted, Ordering::Relaxed);
        } else {
            self.0.fetch_sub(*counted - now, Ordering::Relaxed);
        }
        *counted = now;
    }

    fn value(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Between two lines of the log.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// How soon the log tells that the fleet is complete.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Tally {
    /// Logs the state of the fleet: when all are registered, and then every some seconds.
    pub(crate) async fn report(&self, clients: usize) {
        let mut ticks = interval(LOOK_EVERY);
        let mut quiet_since = tokio::time::Instant::now();
        let mut complete = false;
        loop {
            ticks.tick().await;
            let registered = self.registered.value();
            let completed = registered >= clients && !complete;
            complete = registered >= clients;
            if completed {
                tracing::info!("all {clients} devices are registered");
            } else if quiet_since.elapsed() >= REPORT_EVERY {
                quiet_since = tokio::time::Instant::now();
                let (observations, sent, received) =
                    (self.observations.value(), self.sent.value(), self.received.value());
                tracing::info!(registered, clients, observations, sent, received, "fleet");
            }
        }
    }
}
