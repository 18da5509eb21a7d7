use std::collections::BTreeMap;

use console_api::{
    AccessControlDeviceState as DeviceState, AccessControlRule, AccessControlRun, AccessControlRunCounts,
    AccessControlRunDevice, AccessControlRunState, AccessControlWanted,
};
use serde::{Deserialize, Serialize};

use super::super::limits;

/// A run as it is known, and as it is kept.
pub(super) struct Run {
    pub(super) told: AccessControlRun,
    pub(super) goal: Goal,
    /// Of its document.
    pub(super) version: u64,
    /// Those of a run that goes on.
    pub(super) devices: BTreeMap<String, DeviceInRun>,
    /// An operator does not want it to go on.
    pub(super) cancelled: bool,
}

/// What is wanted of each device.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Goal {
    /// Of one device.
    Wanted(AccessControlWanted),
    Rules {
        rules: Vec<AccessControlRule>,
        server: Option<u16>,
    },
}

#[derive(Clone, Copy, Default)]
pub(super) struct DeviceInRun {
    pub(super) state: DeviceState,
    written: u32,
    writes: u32,
    /// Of its document.
    pub(super) version: u64,
}

/// A run in its document. Its devices have their own.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptRun {
    pub(super) told: AccessControlRun,
    pub(super) goal: Goal,
    /// It has come to its end when nothing is under way any more.
    pub(super) cancelled: bool,
}

impl Run {
    pub(super) fn new(kept: KeptRun, version: u64) -> Self {
        let KeptRun { told, goal, cancelled } = kept;
        Self { told, goal, version, devices: BTreeMap::new(), cancelled }
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.told.state, AccessControlRunState::Over | AccessControlRunState::Cancelled)
    }

    /// Counts its devices, as they are kept. One that was being worked on when the server stopped waits again.
    pub(super) fn restore(&mut self, devices: impl IntoIterator<Item = (AccessControlRunDevice, u64)>) {
        self.told.counts = AccessControlRunCounts::default();
        (self.told.written, self.told.writes) = (0, 0);
        self.told.latest.clear();
        for (mut device, version) in devices {
            if device.state == DeviceState::Working {
                device.state = DeviceState::Waiting;
            }
            self.set(&device, version);
        }
    }

    /// A device is as it is told now. `version`: of its document.
    pub(super) fn set(&mut self, device: &AccessControlRunDevice, version: u64) {
        let AccessControlRunDevice { endpoint, state, writes, written, .. } = device;
        let writes = u32::try_from(writes.len()).unwrap_or(u32::MAX);
        let now = DeviceInRun { state: *state, written: *written, writes, version };
        let before = self.devices.insert(endpoint.clone(), now);
        if let Some(before) = before {
            *count(&mut self.told.counts, before.state) -= 1;
            self.told.written -= before.written;
            self.told.writes -= before.writes;
        }
        *count(&mut self.told.counts, *state) += 1;
        self.told.written += written;
        self.told.writes += writes;
        let is_new = before.is_none() && *state == DeviceState::Waiting;
        if is_new && self.told.latest.len() >= limits::LATEST {
            return;
        }
        self.told.latest.retain(|other| other.endpoint != *endpoint);
        self.told.latest.insert(0, device.clone());
        self.told.latest.truncate(limits::LATEST);
    }

    /// Those that there is still something to do with.
    pub(super) fn open(&self) -> impl Iterator<Item = &String> {
        let applying = self.told.state == AccessControlRunState::Applying;
        let is_open = move |state| match state {
            DeviceState::Waiting => true,
            DeviceState::Planned => applying,
            _ => false,
        };
        self.devices.iter().filter(move |(_, device)| is_open(device.state)).map(|(endpoint, _)| endpoint)
    }
}

const fn count(counts: &mut AccessControlRunCounts, state: DeviceState) -> &mut u32 {
    match state {
        DeviceState::Waiting => &mut counts.waiting,
        DeviceState::Working => &mut counts.working,
        DeviceState::Planned => &mut counts.planned,
        DeviceState::Unchanged => &mut counts.unchanged,
        DeviceState::Done => &mut counts.done,
        DeviceState::Stopped => &mut counts.stopped,
        DeviceState::Impossible => &mut counts.impossible,
    }
}

#[cfg(test)]
mod tests {
    use console_api::PlannedWrite;

    use super::*;

    fn device(endpoint: &str, state: DeviceState, written: u32) -> AccessControlRunDevice {
        let writes = vec![PlannedWrite::default(); if state == DeviceState::Waiting { 0 } else { 3 }];
        AccessControlRunDevice {
            endpoint: endpoint.into(),
            state,
            writes,
            written,
            ..AccessControlRunDevice::default()
        }
    }

    fn run(state: AccessControlRunState) -> Run {
        let told = AccessControlRun { state, ..AccessControlRun::default() };
        let goal = Goal::Rules { rules: Vec::new(), server: None };
        Run::new(KeptRun { told, goal, cancelled: false }, 1)
    }

    #[test]
    fn devices_are_counted_as_they_get_on() {
        let mut run = run(AccessControlRunState::Applying);
        for endpoint in ["a", "b", "c"] {
            run.set(&device(endpoint, DeviceState::Waiting, 0), 1);
        }
        run.set(&device("a", DeviceState::Working, 1), 2);
        run.set(&device("b", DeviceState::Impossible, 0), 2);
        let counts = AccessControlRunCounts { waiting: 1, working: 1, impossible: 1, ..Default::default() };
        assert_eq!((run.told.counts, run.told.written, run.told.writes), (counts, 1, 6));
        run.set(&device("a", DeviceState::Done, 3), 3);
        assert_eq!((run.told.counts.working, run.told.counts.done, run.told.written), (0, 1, 3));
        let latest: Vec<_> = run.told.latest.iter().map(|device| device.endpoint.as_str()).collect();
        assert_eq!(latest, ["a", "b", "c"]);
        assert_eq!(run.open().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn what_was_interrupted_waits_again() {
        let mut run = run(AccessControlRunState::Applying);
        run.told.written = 7;
        run.restore([(device("a", DeviceState::Working, 2), 4), (device("b", DeviceState::Planned, 0), 1)]);
        assert_eq!((run.told.counts.waiting, run.told.counts.planned, run.told.written), (1, 1, 2));
        assert_eq!(run.open().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(run.devices["a"].version, 4);
        run.told.state = AccessControlRunState::Planning;
        assert_eq!(run.open().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn only_the_latest_are_told() {
        let mut run = run(AccessControlRunState::Applying);
        for number in 0..limits::LATEST + 5 {
            run.set(&device(&number.to_string(), DeviceState::Waiting, 0), 1);
        }
        assert_eq!(run.told.latest.len(), limits::LATEST);
        let last = (limits::LATEST + 4).to_string();
        run.set(&device(&last, DeviceState::Done, 3), 2);
        assert_eq!((run.told.latest.len(), &run.told.latest[0].endpoint), (limits::LATEST, &last));
    }
}
