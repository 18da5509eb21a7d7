//! A wish about Object 2 against what the device has: what is to be written, and writing it.

use console_api::{
    AccessControlApplied, AccessControlDeviceState, AccessControlObstacle, AccessControlPlan as Planned,
    AccessControlRunDevice, AccessControlState, AccessControlWanted, PlannedWrite, WrittenAccessControl,
};
use lwm2m_codec::{Path, registration::LwM2mVersion};
use lwm2m_model::access_control::{
    AccessControlInstance, AccessControlPlan, AccessControlRule, AccessControlWrite, checks, instances_in,
    ruled,
};

use super::{
    AccessControlError,
    device::{ACCESS_CONTROL, Device, Looked},
    told,
};
use crate::http;

/// What is wanted of a device, and what it has.
pub(super) struct Wish<'a> {
    device: &'a Device<'a>,
    server: u16,
    looked: Looked,
    wanted: Vec<AccessControlInstance>,
    conflicts: Vec<AccessControlObstacle>,
    /// What rules name and nothing on the device guards.
    unguarded: Vec<(u16, Option<u16>)>,
}

/// A Write, and what the device has after it.
pub(super) struct Step {
    /// Where the device has answered.
    pub(super) written: Option<WrittenAccessControl>,
    /// Why nothing follows, where nothing does.
    pub(super) stopped: Option<String>,
}

impl<'a> Wish<'a> {
    pub(super) async fn new(
        device: &'a Device<'a>,
        asked: &AccessControlWanted,
    ) -> Result<Self, AccessControlError> {
        let wanted = told::wanted(&asked.instances)?;
        let base = asked.base.as_deref().map(told::wanted).transpose()?;
        let looked = device.look(asked.server).await?;
        let server = looked.told.server.ok_or(AccessControlError::UnknownServer)?;
        let conflicts = conflicts(base.as_deref(), &looked.context.instances, &wanted);
        Ok(Self { device, server, looked, wanted, conflicts, unguarded: Vec::new() })
    }

    pub(super) async fn of_rules(
        device: &'a Device<'a>,
        rules: &[AccessControlRule],
        server: Option<u16>,
    ) -> Result<Self, AccessControlError> {
        let looked = device.look(server).await?;
        let server = looked.told.server.ok_or(AccessControlError::UnknownServer)?;
        let ruled = ruled(rules, &looked.context.instances);
        let (wanted, unguarded) = (ruled.wanted, ruled.unguarded);
        Ok(Self { device, server, looked, wanted, conflicts: Vec::new(), unguarded })
    }

    pub(super) fn plan(self) -> Result<Planned, AccessControlError> {
        let plan = self.writes();
        let checks = checks(self.server, &self.looked.context, &self.wanted);
        Ok(Planned {
            server: self.server,
            writes: self.planned(&plan)?,
            obstacles: plan.obstacles.iter().map(told::obstacle).collect(),
            conflicts: self.conflicts,
            checks: checks.iter().map(ToString::to_string).collect(),
            current: self.looked.told,
        })
    }

    /// Writes one after the other, and reads back what each has changed. What is hindered stays; a conflict, a refusal
    /// or a device that says something else than it was told stops it.
    pub(super) async fn apply(self) -> Result<AccessControlApplied, AccessControlError> {
        let plan = self.writes();
        let mut applied =
            AccessControlApplied { undo: self.before(&plan), ..AccessControlApplied::default() };
        applied.stopped = self.conflict();
        if applied.stopped.is_none() {
            let mut expected = self.looked.context.instances.clone();
            for write in &plan.writes {
                let step = self.write(write, &mut expected).await?;
                applied.written.extend(step.written);
                applied.stopped = step.stopped;
                if applied.stopped.is_some() {
                    break;
                }
            }
        }
        applied.current = self.device.look(Some(self.server)).await?.told;
        Ok(applied)
    }

    /// What a run has to do on this device.
    pub(super) fn of_run(
        &self,
    ) -> Result<(AccessControlRunDevice, Vec<AccessControlWrite>), AccessControlError> {
        let plan = self.writes();
        let hindered = self.hindered(&plan);
        let (state, why) = match (self.conflict(), self.has_none()) {
            (Some(conflict), _) => (AccessControlDeviceState::Stopped, Some(conflict)),
            (None, Some(why)) => (AccessControlDeviceState::Impossible, Some(why)),
            (None, None) if !plan.writes.is_empty() => (AccessControlDeviceState::Planned, hindered),
            (None, None) if hindered.is_some() => (AccessControlDeviceState::Impossible, hindered),
            (None, None) => (AccessControlDeviceState::Unchanged, None),
        };
        let writes =
            if state == AccessControlDeviceState::Planned { plan.writes.clone() } else { Vec::new() };
        let told = AccessControlRunDevice {
            endpoint: self.device.registration.endpoint.clone(),
            state,
            writes: self.planned(&AccessControlPlan { writes: writes.clone(), obstacles: Vec::new() })?,
            written: 0,
            why,
            undo: self.before(&plan),
            at_ms: self.looked.told.read_at_ms,
        };
        Ok((told, writes))
    }

    /// As the device had it when it was read.
    pub(super) fn current(&self) -> Vec<AccessControlInstance> {
        self.looked.context.instances.clone()
    }

    /// `expected` is what the device has by what was written so far.
    pub(super) async fn write(
        &self,
        write: &AccessControlWrite,
        expected: &mut [AccessControlInstance],
    ) -> Result<Step, AccessControlError> {
        let sent = told::encoded(write, self.format())?;
        let path = sent.path;
        let answer = match self.device.write(path, sent.content_format, sent.payload).await {
            Ok(answer) => answer,
            Err(error) if error.is_stopping() => return Err(error),
            Err(error) => {
                return Ok(Step { written: None, stopped: Some(format!("Write {path}: {error}")) });
            }
        };
        let code = answer.code.to_string();
        let stopped = if answer.code.is_success() {
            write.apply(expected);
            self.differs(write.id, expected).await?
        } else {
            Some(format!("the device answered {code} to Write {path}"))
        };
        let confirmed = stopped.is_none();
        let written = WrittenAccessControl { path: path.to_string(), code, confirmed };
        Ok(Step { written: Some(written), stopped })
    }

    async fn differs(
        &self,
        id: u16,
        expected: &[AccessControlInstance],
    ) -> Result<Option<String>, AccessControlError> {
        let mut remarks = Vec::new();
        let records = match self.device.read(Path::instance(ACCESS_CONTROL, id), &mut remarks).await {
            Ok(Some(records)) => records,
            Ok(None) => return Ok(remarks.pop()),
            Err(error) if error.is_stopping() => return Err(error),
            Err(error) => return Ok(Some(format!("Read /2/{id}: {error}"))),
        };
        let (instances, _) = instances_in(&records);
        let wanted = expected.iter().find(|guard| guard.id == id);
        if instances.iter().find(|guard| guard.id == id) == wanted {
            return Ok(None);
        }
        Ok(Some(format!("the device took the Write and does not have /2/{id} as it was written")))
    }

    fn writes(&self) -> AccessControlPlan {
        let since_1_1 = self.device.registration.version >= LwM2mVersion::V1_1;
        AccessControlPlan::new(self.server, &self.looked.context.instances, &self.wanted, since_1_1)
    }

    fn planned(&self, plan: &AccessControlPlan) -> Result<Vec<PlannedWrite>, AccessControlError> {
        let format = self.format();
        let planned = |write: &AccessControlWrite| Ok(told::planned(&told::encoded(write, format)?));
        plan.writes.iter().map(planned).collect()
    }

    fn format(&self) -> lwm2m_codec::ContentFormat {
        let desk = self.device.desk;
        http::format_of_several(&desk.fleet, &desk.objects, &self.device.registration.endpoint)
    }

    fn conflict(&self) -> Option<String> {
        let conflict = self.conflicts.first()?;
        Some(format!("/2/{}: {}; nothing was written", conflict.id, conflict.why))
    }

    /// Why the device has nothing that can be changed.
    fn has_none(&self) -> Option<String> {
        let why = match self.looked.told.state {
            AccessControlState::Enabled => return None,
            AccessControlState::Disabled => {
                "Object 2 has no instances, so that every server may do everything: only bootstrap can change that"
            }
            AccessControlState::Missing => "the device has no Object 2",
            AccessControlState::Unreadable => {
                let why =
                    self.looked.told.remarks.last().map_or("the device does not show Object 2", |why| why);
                return Some(why.to_owned());
            }
        };
        Some(why.to_owned())
    }

    /// What of it cannot be changed.
    fn hindered(&self, plan: &AccessControlPlan) -> Option<String> {
        let obstacles =
            plan.obstacles.iter().map(|obstacle| format!("/2/{}: {}", obstacle.id, obstacle.hindrance));
        let unguarded = self.unguarded.iter().map(|(object, instance)| match instance {
            Some(u16::MAX) => format!("no instance of Object 2 is about /{object} itself"),
            Some(instance) => format!("no instance of Object 2 guards /{object}/{instance}"),
            None => format!("no instance of Object 2 guards an instance of /{object}"),
        });
        let all: Vec<_> = obstacles.chain(unguarded).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// What the instances were that are written.
    fn before(&self, plan: &AccessControlPlan) -> Vec<console_api::AccessControlInstance> {
        let is_written = |id| plan.writes.iter().any(|write| write.id == id);
        self.looked.told.instances.iter().filter(|before| is_written(before.id)).cloned().collect()
    }
}

/// Instances that are to change and are no longer as they were when that was decided.
fn conflicts(
    base: Option<&[AccessControlInstance]>,
    current: &[AccessControlInstance],
    wanted: &[AccessControlInstance],
) -> Vec<AccessControlObstacle> {
    let Some(base) = base else { return Vec::new() };
    let in_base = |id| base.iter().find(|known| known.id == id);
    let now = |id| current.iter().find(|known| known.id == id);
    let changes = wanted.iter().filter(|wanted| in_base(wanted.id) != Some(wanted));
    changes
        .filter(|wanted| in_base(wanted.id) != now(wanted.id) && now(wanted.id) != Some(wanted))
        .map(|wanted| {
            let why = match now(wanted.id) {
                Some(_) => "somebody has changed it meanwhile",
                None => "it is gone meanwhile",
            };
            AccessControlObstacle { id: wanted.id, why: why.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use lwm2m_model::access_control::AccessRights;

    use super::*;

    fn guard(id: u16, bits: u16) -> AccessControlInstance {
        let acl = [(102, AccessRights::from_bits(bits))].into();
        AccessControlInstance { id, object: 3303, instance: id, owner: 101, acl }
    }

    #[test]
    fn only_what_is_to_change_can_be_in_conflict() {
        let base = [guard(0, 1), guard(1, 1), guard(2, 1), guard(3, 1)];
        let current = [guard(0, 1), guard(1, 4), guard(2, 7)];
        let wanted = [guard(0, 7), guard(1, 1), guard(2, 7), guard(3, 2)];
        let conflicts = |base| conflicts(base, &current, &wanted);
        assert_eq!(
            conflicts(Some(&base)),
            [AccessControlObstacle { id: 3, why: "it is gone meanwhile".into() }]
        );
        assert_eq!(conflicts(None), []);
        let wanted = [guard(1, 3)];
        let found = super::conflicts(Some(&base), &current, &wanted);
        assert_eq!(found[0].why, "somebody has changed it meanwhile");
    }
}
