use std::time::Duration;

use coap::Instant;

/// Whether the device has power, and the network reaches it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Condition {
    /// When it boots; it is off until then.
    boot_at: Option<Instant>,
    unreachable_until: Option<Instant>,
    /// In Queue Mode: how long it listens after each message (Core 1.1 Transport §6.5), and until when.
    awake_time: Option<Duration>,
    awake_until: Option<Instant>,
}

impl Condition {
    pub(super) fn new(awake_time: Option<Duration>) -> Self {
        Self { awake_time, ..Self::default() }
    }

    pub(super) fn lose_power(&mut self, now: Instant, duration: Duration) {
        self.boot_at = Some(now + duration);
    }

    pub(super) fn lose_network(&mut self, now: Instant, duration: Duration) {
        self.unreachable_until = Some(now + duration);
    }

    /// It has sent or received something, and sleeps a while after that.
    pub(super) fn stay_awake(&mut self, now: Instant) {
        self.awake_until = self.awake_time.map(|awake| now + awake);
    }

    pub(super) fn sleeps(&self, now: Instant) -> bool {
        self.awake_until.is_some_and(|until| until <= now)
    }

    pub(super) fn boot_at(&self) -> Option<Instant> {
        self.boot_at
    }

    pub(super) fn is_off(&self, now: Instant) -> bool {
        self.boot_at.is_some_and(|boot| now < boot)
    }

    pub(super) fn is_unreachable(&self, now: Instant) -> bool {
        self.is_off(now) || self.unreachable_until.is_some_and(|until| now < until)
    }

    /// Whether it is time to boot, once.
    pub(super) fn take_boot(&mut self, now: Instant) -> bool {
        let boots = self.boot_at.is_some_and(|boot| boot <= now);
        if boots {
            self.boot_at = None;
        }
        boots
    }
}
