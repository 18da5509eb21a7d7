use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use coap::Usage;
use console_api::{AccessControlRun, AccessControlRunDevice, AccessControlRunList};
use tokio::sync::watch;

use super::{super::limits, Run};

/// The runs that are known.
pub(crate) struct Runs {
    all: Mutex<All>,
    /// Counts what has changed.
    changes: watch::Sender<u64>,
}

pub(super) struct All {
    pub(super) runs: BTreeMap<u64, Run>,
    /// The highest id that a run ever had.
    pub(super) last: u64,
    /// How often there was no room for a further one beside those that are kept.
    pub(super) without_room: u64,
}

impl Runs {
    pub(super) fn new(runs: BTreeMap<u64, Run>) -> Self {
        let last = runs.keys().next_back().copied().unwrap_or(0);
        Self { all: Mutex::new(All { runs, last, without_room: 0 }), changes: watch::Sender::new(0) }
    }

    /// Tells when a run has changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The newest first, without their devices.
    pub(crate) fn list(&self) -> AccessControlRunList {
        let all = self.all();
        let without = |run: &Run| AccessControlRun { latest: Vec::new(), ..run.told.clone() };
        AccessControlRunList { runs: all.runs.values().rev().map(without).collect() }
    }

    /// Of the devices of all runs.
    pub(crate) fn usage(&self) -> Usage {
        let all = self.all();
        let used = all.runs.values().map(|run| run.told.total as usize).sum();
        Usage { used, limit: limits::KEPT_DEVICES, reached: all.without_room }
    }

    pub(crate) fn one(&self, id: u64) -> Option<AccessControlRun> {
        self.all().runs.get(&id).map(|run| run.told.clone())
    }

    /// A device has got on: what nobody has to remember over a crash.
    pub(super) fn progress(&self, id: u64, device: &AccessControlRunDevice) {
        self.change(id, |run| {
            let version = run.devices.get(&device.endpoint).map_or(0, |known| known.version);
            run.set(device, version);
        });
    }

    pub(super) fn is_cancelled(&self, id: u64) -> bool {
        self.all().runs.get(&id).is_none_or(|run| run.cancelled)
    }

    /// `None` when there is no such run.
    pub(super) fn change<T>(&self, id: u64, change: impl FnOnce(&mut Run) -> T) -> Option<T> {
        let changed = self.all().runs.get_mut(&id).map(change);
        self.tell();
        changed
    }

    pub(super) fn tell(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(super) fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
