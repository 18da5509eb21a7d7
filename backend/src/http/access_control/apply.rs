//! A wish about Object 2 against what the device has: what is to be written, and writing it.

use console_api::{
    AccessControlApplied, AccessControlObstacle, AccessControlPlan as Planned, AccessControlWanted,
    WrittenAccessControl,
};
use lwm2m_codec::{Path, registration::LwM2mVersion};
use lwm2m_model::access_control::{
    AccessControlInstance, AccessControlPlan, AccessControlWrite, checks, instances_in,
};

use super::{
    device::{ACCESS_CONTROL, Device, Looked},
    told, which_server,
};
use crate::http::{error::Failure, operation};

/// What is wanted of a device, and what it has.
pub(super) struct Wish<'a> {
    device: &'a Device<'a>,
    server: u16,
    looked: Looked,
    wanted: Vec<AccessControlInstance>,
    conflicts: Vec<AccessControlObstacle>,
}

impl<'a> Wish<'a> {
    pub(super) async fn new(device: &'a Device<'a>, asked: &AccessControlWanted) -> Result<Self, Failure> {
        let wanted = told::wanted(&asked.instances)?;
        let base = asked.base.as_deref().map(told::wanted).transpose()?;
        let looked = device.look(asked.server).await?;
        let server = looked.told.server.ok_or_else(which_server)?;
        let conflicts = conflicts(base.as_deref(), &looked.context.instances, &wanted);
        Ok(Self { device, server, looked, wanted, conflicts })
    }

    pub(super) fn plan(self) -> Result<Planned, Failure> {
        let plan = self.writes();
        let format = operation::format_of_several(self.device.state, &self.device.registration.endpoint);
        let written =
            |write: &AccessControlWrite| told::encoded(write, format).map(|write| told::planned(&write));
        let checks = checks(self.server, &self.looked.context, &self.wanted);
        Ok(Planned {
            server: self.server,
            writes: plan.writes.iter().map(written).collect::<Result<_, _>>()?,
            obstacles: plan.obstacles.iter().map(told::obstacle).collect(),
            conflicts: self.conflicts,
            checks: checks.iter().map(ToString::to_string).collect(),
            current: self.looked.told,
        })
    }

    /// Writes one after the other, and reads back what each has changed. What is hindered stays; a conflict, a refusal
    /// or a device that says something else than it was told stops it.
    pub(super) async fn apply(self) -> Result<AccessControlApplied, Failure> {
        let plan = self.writes();
        let mut applied = AccessControlApplied { undo: self.before(), ..AccessControlApplied::default() };
        applied.stopped = match self.conflicts.first() {
            Some(conflict) => Some(format!("/2/{}: {}; nothing was written", conflict.id, conflict.why)),
            None => self.write_all(&plan.writes, &mut applied.written).await?,
        };
        applied.current = self.device.look(Some(self.server)).await?.told;
        Ok(applied)
    }

    /// Why it stopped, if it did.
    async fn write_all(
        &self,
        writes: &[AccessControlWrite],
        written: &mut Vec<WrittenAccessControl>,
    ) -> Result<Option<String>, Failure> {
        let mut expected = self.looked.context.instances.clone();
        for write in writes {
            let format = operation::format_of_several(self.device.state, &self.device.registration.endpoint);
            let sent = told::encoded(write, format)?;
            let path = sent.path;
            let answer = match self.device.write(path, sent.content_format, sent.payload).await {
                Ok(answer) => answer,
                // What was written before is told all the same.
                Err(failure) => return Ok(Some(format!("Write {path}: {}", failure.into_message()))),
            };
            let code = answer.code.to_string();
            let success = answer.code.is_success();
            written.push(WrittenAccessControl {
                path: path.to_string(),
                code: code.clone(),
                confirmed: false,
            });
            if !success {
                return Ok(Some(format!("the device answered {code} to Write {path}")));
            }
            write.apply(&mut expected);
            if let Some(why) = self.differs(write.id, &expected).await? {
                return Ok(Some(why));
            }
            if let Some(last) = written.last_mut() {
                last.confirmed = true;
            }
        }
        Ok(None)
    }

    async fn differs(&self, id: u16, expected: &[AccessControlInstance]) -> Result<Option<String>, Failure> {
        let mut remarks = Vec::new();
        let records = self.device.read(Path::instance(ACCESS_CONTROL, id), &mut remarks).await?;
        let Some(records) = records else { return Ok(remarks.pop()) };
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

    /// What the instances were that are to change.
    fn before(&self) -> Vec<console_api::AccessControlInstance> {
        let is_wanted = |id| self.wanted.iter().any(|wanted| wanted.id == id);
        self.looked.told.instances.iter().filter(|before| is_wanted(before.id)).cloned().collect()
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
