//! What operators ask of runs.

use std::collections::BTreeSet;

use console_api::{
    AccessControlDeviceState, AccessControlRun, AccessControlRunDevice, AccessControlRunDevices,
    AccessControlRunState, NewAccessControlRun,
};
use store::DocumentChange;

use super::{
    super::{AccessControlError, Desk, limits, told},
    DEVICE, Goal, KeptRun, RUN, Run, device_key, device_prefix, drive, run_key,
};

/// A part of the devices of a run.
pub(crate) struct Page {
    pub(crate) state: Option<AccessControlDeviceState>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Desk {
    /// Begins a run, which goes on by itself.
    pub(crate) async fn begin_run(
        &self,
        author: String,
        asked: NewAccessControlRun,
    ) -> Result<AccessControlRun, AccessControlError> {
        let endpoints = self.devices_of(&asked).await?;
        let (goal, about) = self.goal(&asked, &endpoints)?;
        let gone = self.room_for(endpoints.len())?;
        let id = {
            let mut all = self.runs.all();
            all.last += 1;
            all.last
        };
        let now_ms = self.clock.now().as_millis();
        let state =
            if asked.dry_run { AccessControlRunState::Planning } else { AccessControlRunState::Applying };
        let total = u32::try_from(endpoints.len()).unwrap_or(u32::MAX);
        let told =
            AccessControlRun { id, state, about, author, begun_at_ms: now_ms, total, ..Default::default() };
        let mut run = Run::new(KeptRun { told, goal, cancelled: false }, 0);
        let mut changes = self.removals(&gone)?;
        for endpoint in endpoints {
            let device = AccessControlRunDevice { endpoint, at_ms: now_ms, ..Default::default() };
            let key = device_key(id, &device.endpoint);
            changes.push(self.documents.saved(DEVICE, &key, 1, &run.told.author, &device)?);
            run.set(&device, 1);
        }
        changes.push(self.next_version(&mut run)?);
        let what = if asked.dry_run { "plan_access_control_run" } else { "begin_access_control_run" };
        let details = format!("run {id}: {}, {total} devices", run.told.about);
        let audit = self.audit(&run.told.author, what, None, details);
        self.documents.keep(changes, vec![audit]).await?;
        let told = run.told.clone();
        {
            let mut all = self.runs.all();
            gone.iter().for_each(|gone| drop(all.runs.remove(gone)));
            all.runs.insert(id, run);
        }
        self.runs.tell();
        tokio::spawn(drive::drive(self.clone(), id));
        Ok(told)
    }

    /// Does what was planned.
    pub(crate) async fn apply_run(
        &self,
        id: u64,
        author: &str,
    ) -> Result<AccessControlRun, AccessControlError> {
        let audit = self.audit(author, "begin_access_control_run", None, format!("run {id}"));
        self.run_to(id, AccessControlRunState::Planned, AccessControlRunState::Applying)?;
        let kept = self.keep_run(id, vec![audit]).await;
        if let Err(error) = kept {
            self.runs.change(id, |run| run.told.state = AccessControlRunState::Planned);
            return Err(error);
        }
        tokio::spawn(drive::drive(self.clone(), id));
        self.run(id)
    }

    /// What is being written is finished, and nothing else is begun.
    pub(crate) async fn cancel_run(
        &self,
        id: u64,
        author: &str,
    ) -> Result<AccessControlRun, AccessControlError> {
        let before = self.run(id)?.state;
        if matches!(before, AccessControlRunState::Over | AccessControlRunState::Cancelled) {
            return Err(wrong_state("a run that goes on or is planned", before));
        }
        let audit = self.audit(author, "cancel_access_control_run", None, format!("run {id}"));
        self.runs.change(id, |run| run.cancelled = true);
        if before == AccessControlRunState::Planned {
            // Nobody drives it.
            self.end_run(id, AccessControlRunState::Cancelled);
        }
        self.keep_run(id, vec![audit]).await?;
        self.run(id)
    }

    pub(crate) fn run(&self, id: u64) -> Result<AccessControlRun, AccessControlError> {
        self.runs.one(id).ok_or_else(|| AccessControlError::Unknown {
            code: "unknown_run",
            message: format!("no run {id} is known"),
        })
    }

    /// By endpoint.
    pub(crate) fn run_devices(
        &self,
        id: u64,
        page: &Page,
    ) -> Result<AccessControlRunDevices, AccessControlError> {
        self.run(id)?;
        let kept = self.documents.all::<AccessControlRunDevice>(DEVICE, &device_prefix(id))?;
        let found: Vec<_> = kept
            .into_iter()
            .map(|kept| kept.content)
            .filter(|device| page.state.is_none_or(|state| state == device.state))
            .collect();
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let devices = found.into_iter().skip(page.offset).take(page.limit).collect();
        Ok(AccessControlRunDevices { total, devices })
    }

    /// Goes on with what a server before this one has begun.
    pub(crate) fn resume_runs(&self, interrupted: Vec<u64>) {
        for id in interrupted {
            let is_planned = self.runs.one(id).is_none_or(|run| run.state == AccessControlRunState::Planned);
            if !is_planned {
                tokio::spawn(drive::drive(self.clone(), id));
            }
        }
    }

    /// Stores a run as it is.
    pub(super) async fn keep_run(
        &self,
        id: u64,
        audits: Vec<store::Audit>,
    ) -> Result<(), AccessControlError> {
        let changed = self.runs.change(id, |run| self.next_version(run));
        let Some(change) = changed.transpose()? else { return Ok(()) };
        Ok(self.documents.keep(vec![change], audits).await?)
    }

    pub(super) fn end_run(&self, id: u64, state: AccessControlRunState) {
        let now_ms = self.clock.now().as_millis();
        self.runs.change(id, |run| {
            run.told.state = state;
            run.told.ended_at_ms = Some(now_ms);
            run.devices.clear();
        });
    }

    fn next_version(&self, run: &mut Run) -> Result<DocumentChange, AccessControlError> {
        run.version += 1;
        let kept = KeptRun { told: run.told.clone(), goal: run.goal.clone(), cancelled: run.cancelled };
        let (key, author) = (run_key(run.told.id), &run.told.author);
        Ok(self.documents.saved(RUN, &key, run.version, author, &kept)?)
    }

    fn run_to(
        &self,
        id: u64,
        from: AccessControlRunState,
        to: AccessControlRunState,
    ) -> Result<(), AccessControlError> {
        self.run(id)?;
        let changed = self.runs.change(id, |run| {
            let before = run.told.state;
            if before == from && !run.cancelled {
                run.told.state = to;
                return Ok(());
            }
            Err(wrong_state("a planned run", before))
        });
        changed.unwrap_or(Ok(()))
    }

    async fn devices_of(&self, asked: &NewAccessControlRun) -> Result<BTreeSet<String>, AccessControlError> {
        let mut endpoints: BTreeSet<String> = asked.endpoints.iter().cloned().collect();
        if let Some(query) = &asked.clients {
            endpoints.extend(self.endpoints(query.clone()).await);
        }
        let most = if asked.wanted.is_some() { 1 } else { limits::RUN_DEVICES };
        if (1..=most).contains(&endpoints.len()) {
            return Ok(endpoints);
        }
        let message = "the number of devices is out of range";
        Err(AccessControlError::bad(message, format!("1 to {most}"), endpoints.len().to_string()))
    }

    fn goal(
        &self,
        asked: &NewAccessControlRun,
        endpoints: &BTreeSet<String>,
    ) -> Result<(Goal, String), AccessControlError> {
        let server = asked.server;
        match (&asked.wanted, &asked.rules, &asked.template) {
            (Some(wanted), None, None) => {
                told::wanted(&wanted.instances)?;
                told::wanted(wanted.base.as_deref().unwrap_or_default())?;
                let mut wanted = wanted.clone();
                wanted.server = wanted.server.or(server);
                Ok((Goal::Wanted(wanted), endpoints.first().cloned().unwrap_or_default()))
            }
            (None, Some(rules), None) => {
                told::rules(rules)?;
                Ok((Goal::Rules { rules: rules.clone(), server }, "rules".to_owned()))
            }
            (None, None, Some(name)) => {
                let rules = self.template(name)?.rules;
                Ok((Goal::Rules { rules, server }, name.clone()))
            }
            (wanted, rules, template) => {
                let got = [wanted.is_some(), rules.is_some(), template.is_some()];
                let got = got.into_iter().filter(|there| *there).count().to_string();
                let message = "a run has one goal";
                Err(AccessControlError::bad(message, "one of wanted, rules and template", got))
            }
        }
    }

    /// The runs that go for another one with so many devices.
    fn room_for(&self, devices: usize) -> Result<Vec<u64>, AccessControlError> {
        let mut all = self.runs.all();
        let of = |run: &Run| run.told.total as usize;
        let mut kept: usize = all.runs.values().map(of).sum();
        let mut gone = Vec::new();
        let mut over = all.runs.values().filter(|run| run.is_over());
        while kept + devices > limits::KEPT_DEVICES || all.runs.len() - gone.len() >= limits::RUNS {
            let Some(oldest) = over.next() else {
                all.without_room += 1;
                return Err(AccessControlError::Conflict {
                    code: "too_many_runs",
                    message: "there is no room for a further run before others are over".to_owned(),
                    expected: format!("{} runs of {} devices", limits::RUNS, limits::KEPT_DEVICES),
                    got: "one more".to_owned(),
                });
            };
            kept -= of(oldest);
            gone.push(oldest.told.id);
        }
        all.without_room += u64::from(!gone.is_empty());
        Ok(gone)
    }

    /// A run goes with its devices.
    fn removals(&self, gone: &[u64]) -> Result<Vec<DocumentChange>, AccessControlError> {
        let removed = |kind: &str, key: String| DocumentChange::Removed { kind: kind.to_owned(), key };
        let mut changes = Vec::new();
        for id in gone {
            let devices = self.documents.all::<AccessControlRunDevice>(DEVICE, &device_prefix(*id))?;
            changes.extend(devices.into_iter().map(|kept| removed(DEVICE, kept.key)));
            changes.push(removed(RUN, run_key(*id)));
        }
        Ok(changes)
    }
}

fn wrong_state(expected: &str, got: AccessControlRunState) -> AccessControlError {
    let got = serde_json::to_value(got).ok().and_then(|word| word.as_str().map(str::to_owned));
    AccessControlError::Conflict {
        code: "wrong_state",
        message: "the run is not in a state for that".to_owned(),
        expected: expected.to_owned(),
        got: got.unwrap_or_default(),
    }
}
