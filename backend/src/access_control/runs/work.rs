//! What a run does with one device.

use console_api::{AccessControlDeviceState as DeviceState, AccessControlRunDevice, AccessControlRunState};
use lwm2m_model::access_control::AccessControlWrite;

use super::{
    super::{AccessControlError, Desk, device::Device, told, wish::Wish},
    DEVICE, Goal, author_of, device_key,
};

/// What became of a device for now.
pub(super) enum Worked {
    Over,
    Asleep(String),
    /// The server stops: the next one goes on.
    Stopping,
}

pub(super) async fn work(desk: Desk, id: u64, endpoint: String) -> Worked {
    let Ok(_turn) = desk.turns.acquire().await else { return Worked::Stopping };
    match desk.work(id, &endpoint).await {
        Ok(()) => Worked::Over,
        Err(AccessControlError::Asleep) => {
            let why = Some("the device sleeps: it goes on when it wakes".to_owned());
            let at_ms = desk.clock.now().as_millis();
            let waits =
                AccessControlRunDevice { endpoint: endpoint.clone(), why, at_ms, ..Default::default() };
            desk.runs.progress(id, &waits);
            Worked::Asleep(endpoint)
        }
        Err(error) if error.is_stopping() => Worked::Stopping,
        Err(error) => {
            let (state, why) = (DeviceState::Stopped, Some(error.to_string()));
            let at_ms = desk.clock.now().as_millis();
            let device = AccessControlRunDevice { endpoint, state, why, at_ms, ..Default::default() };
            match desk.keep_device(id, &device).await {
                Ok(()) => Worked::Over,
                Err(error) if error.is_stopping() => Worked::Stopping,
                Err(error) => {
                    tracing::error!("access control run {id}: {error}");
                    desk.runs.progress(id, &device);
                    Worked::Over
                }
            }
        }
    }
}

impl Desk {
    async fn work(&self, id: u64, endpoint: &str) -> Result<(), AccessControlError> {
        let Some((goal, state, author)) =
            self.runs.change(id, |run| (run.goal.clone(), run.told.state, author_of(id, &run.told.author)))
        else {
            return Ok(());
        };
        let device = Device::new(self, endpoint, author)?;
        let before = self.documents.one::<AccessControlRunDevice>(DEVICE, &device_key(id, endpoint))?;
        let interrupted = before.map(|kept| kept.content).filter(|kept| kept.state == DeviceState::Working);
        let begun = AccessControlRunDevice { endpoint: endpoint.to_owned(), ..Default::default() };
        self.runs.progress(id, &AccessControlRunDevice { state: DeviceState::Working, ..begun });
        let wish = match &goal {
            Goal::Wanted(wanted) => Wish::new(&device, wanted).await?,
            Goal::Rules { rules, server } => Wish::of_rules(&device, &told::rules(rules)?, *server).await?,
        };
        let (mut told, writes) = wish.of_run()?;
        if let Some(interrupted) = interrupted {
            go_on(&mut told, interrupted);
        }
        if state != AccessControlRunState::Applying || told.state != DeviceState::Planned {
            return self.keep_device(id, &told).await;
        }
        // What it was like before is known whatever happens from now on.
        told.state = DeviceState::Working;
        self.keep_device(id, &told).await?;
        self.write_all(id, &wish, &writes, &mut told).await?;
        self.keep_device(id, &told).await
    }

    async fn write_all(
        &self,
        id: u64,
        wish: &Wish<'_>,
        writes: &[AccessControlWrite],
        told: &mut AccessControlRunDevice,
    ) -> Result<(), AccessControlError> {
        let mut expected = wish.current();
        told.state = DeviceState::Done;
        for write in writes {
            if self.runs.is_cancelled(id) {
                told.state = DeviceState::Stopped;
                told.why = Some("an operator cancelled the run".to_owned());
                break;
            }
            let step = wish.write(write, &mut expected).await?;
            if let Some(why) = step.stopped {
                told.state = DeviceState::Stopped;
                told.why = Some(why);
                break;
            }
            told.written += 1;
            let working = AccessControlRunDevice { state: DeviceState::Working, ..told.clone() };
            self.runs.progress(id, &working);
        }
        told.at_ms = self.clock.now().as_millis();
        Ok(())
    }

    /// Stores a device of a run as it is, then tells it.
    pub(super) async fn keep_device(
        &self,
        id: u64,
        device: &AccessControlRunDevice,
    ) -> Result<(), AccessControlError> {
        let next = self.runs.change(id, |run| {
            let version = run.devices.get(&device.endpoint).map_or(0, |known| known.version) + 1;
            (version, run.told.author.clone())
        });
        let Some((version, author)) = next else { return Ok(()) };
        let key = device_key(id, &device.endpoint);
        let saved = self.documents.saved(DEVICE, &key, version, &author, device)?;
        self.documents.keep(vec![saved], Vec::new()).await?;
        self.runs.change(id, |run| run.set(device, version));
        Ok(())
    }
}

/// What was begun before a crash counts: what it was like then, and what is as it was to be written.
fn go_on(told: &mut AccessControlRunDevice, interrupted: AccessControlRunDevice) {
    let left = core::mem::take(&mut told.writes);
    let is_left = |path: &str| left.iter().any(|write| write.path == path);
    told.writes = interrupted.writes.into_iter().filter(|write| !is_left(&write.path)).collect();
    told.written = u32::try_from(told.writes.len()).unwrap_or(u32::MAX);
    told.writes.extend(left);
    let later = core::mem::replace(&mut told.undo, interrupted.undo);
    for undo in later {
        if !told.undo.iter().any(|before| before.id == undo.id) {
            told.undo.push(undo);
        }
    }
    if told.state == DeviceState::Unchanged && told.written > 0 {
        told.state = DeviceState::Done;
    }
}

#[cfg(test)]
mod tests {
    use console_api::{AccessControlInstance, PlannedWrite};

    use super::*;

    fn device(state: DeviceState, writes: &[&str], undo: &[(u16, u16)]) -> AccessControlRunDevice {
        let write = |path: &&str| PlannedWrite { path: (*path).to_owned(), ..PlannedWrite::default() };
        let undo = undo.iter().map(|&(id, owner)| AccessControlInstance { id, owner, ..Default::default() });
        AccessControlRunDevice {
            state,
            writes: writes.iter().map(write).collect(),
            undo: undo.collect(),
            ..AccessControlRunDevice::default()
        }
    }

    #[test]
    fn what_was_written_before_a_crash_counts() {
        let interrupted = device(DeviceState::Working, &["/2/0/2", "/2/1/2", "/2/2/2"], &[(0, 1), (1, 1)]);
        let mut told = device(DeviceState::Planned, &["/2/1/2", "/2/2/2"], &[(1, 7), (2, 7)]);
        go_on(&mut told, interrupted.clone());
        let paths: Vec<_> = told.writes.iter().map(|write| write.path.as_str()).collect();
        assert_eq!((paths, told.written), (vec!["/2/0/2", "/2/1/2", "/2/2/2"], 1));
        let undo: Vec<_> = told.undo.iter().map(|before| (before.id, before.owner)).collect();
        assert_eq!((told.state, undo), (DeviceState::Planned, vec![(0, 1), (1, 1), (2, 7)]));
        let mut told = device(DeviceState::Unchanged, &[], &[]);
        go_on(&mut told, interrupted);
        assert_eq!((told.state, told.written), (DeviceState::Done, 3));
    }
}
