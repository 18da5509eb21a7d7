use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use tokio::{sync::watch, time::timeout};
use whole_program_tests::wait::PATIENCE;

/// What everyone is to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Devices report at full speed, operators order.
    Load,
    /// Operators order no more, devices go on.
    Quiet,
    /// Devices have acknowledged what is under way, begin nothing more, and still do what they are asked.
    Drain,
    Over,
}

/// How far a run is: what all its parts know of each other.
pub(crate) struct Progress {
    acknowledged: watch::Sender<u64>,
    phase: watch::Sender<Phase>,
    /// Devices that wait for no acknowledgement any more.
    drained: watch::Sender<usize>,
    up: watch::Sender<bool>,
    /// When the server was stopped the last time, in milliseconds since 1970.
    stopped_ms: AtomicU64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            acknowledged: watch::Sender::new(0),
            phase: watch::Sender::new(Phase::Load),
            drained: watch::Sender::new(0),
            up: watch::Sender::new(true),
            stopped_ms: AtomicU64::new(0),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Waits until it is that phase or a later one.
    pub(crate) async fn reaches(&self, phase: Phase) {
        // The sender lives as long as `self`.
        let _ = self.phase.subscribe().wait_for(|now| *now >= phase).await;
    }

    pub(crate) fn acknowledge(&self) {
        self.acknowledged.send_modify(|count| *count += 1);
    }

    /// Waits for so many further acknowledgements.
    pub(crate) async fn acknowledgements(&self, more: u64) -> Result<()> {
        let until = *self.acknowledged.borrow() + more;
        self.within("acknowledgements", self.acknowledged.subscribe().wait_for(|count| *count >= until)).await
    }

    pub(crate) fn drained(&self) {
        self.drained.send_modify(|count| *count += 1);
    }

    pub(crate) async fn all_drained(&self, devices: usize) -> Result<()> {
        self.within("devices to finish", self.drained.subscribe().wait_for(|count| *count == devices)).await
    }

    /// The server is stopped now.
    pub(crate) fn stopping(&self) -> Result<()> {
        self.up.send_replace(false);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        self.stopped_ms.store(u64::try_from(now.as_millis())?, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn started(&self) {
        self.up.send_replace(true);
    }

    /// Waits until there is a server, or the load is over.
    pub(crate) async fn is_up(&self) {
        let _ = self.up.subscribe().wait_for(|up| *up).await;
    }

    /// When the server was stopped the last time, in milliseconds since 1970.
    pub(crate) fn stopped_ms(&self) -> u64 {
        self.stopped_ms.load(Ordering::Relaxed)
    }

    async fn within<T, E>(&self, what: &str, waited: impl Future<Output = Result<T, E>>) -> Result<()> {
        const LONG: Duration = PATIENCE.saturating_mul(2);
        let waited = timeout(LONG, waited).await;
        let _ = waited.with_context(|| format!("waited {LONG:?} for {what}"))?;
        Ok(())
    }
}
