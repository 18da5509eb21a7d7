//! Several targets: an object, the root, the composite operations, Notify and Send (LwM2M Core §8.2.3).

use std::collections::BTreeSet;

use lwm2m_codec::{Level, Path};

use super::decide::Evaluation;
use super::decision::{Decision, Difference, LeftOut, Outcome, ResponseCode};
use super::operation::Operation;
use super::reason::Reason;
use super::refusal::{Refusal, Stage};
use super::{ACCESS_CONTROL, FORBIDDEN_OBJECTS};

/// What became of the targets of a read.
#[derive(Default)]
struct Readable {
    allowed: Vec<Path>,
    /// What is in `allowed`; a target that is named twice is read once.
    seen: BTreeSet<Path>,
    left_out: Vec<LeftOut>,
    /// At least one target is left out for want of a right.
    lacks_rights: bool,
    may_differ: Vec<Difference>,
}

impl Evaluation<'_> {
    /// Read or Observe of an object: the instances the server may read.
    pub(super) fn read_object(&self, path: &Path) -> Decision {
        match self.check_object(path).and_then(|()| self.check_instance(path)) {
            Ok(()) => self.read_several(&[*path]),
            Err(refusal) => refusal.decision(),
        }
    }

    /// What cannot be read is left out; only when nothing is left the whole operation is refused.
    pub(super) fn read_several(&self, paths: &[Path]) -> Decision {
        let mut readable = Readable::default();
        for path in paths {
            match path.level() {
                Level::Root => self.read_root(&mut readable),
                Level::Object => self.read_instances(path, &mut readable),
                _ => readable.add(*path, self.check(path).map(|permission| permission.may_differ)),
            }
        }
        readable.decision(self.operation)
    }

    fn read_root(&self, readable: &mut Readable) {
        let all_rights = self.context.full_rights(self.server).is_some();
        for object in self.presence.objects() {
            if FORBIDDEN_OBJECTS.contains(&object) {
                continue;
            }
            // The root is what access control grants. Nobody is granted Object 2, which may be read by its path.
            if object == ACCESS_CONTROL && !all_rights {
                note(&mut readable.may_differ, Some(Difference::RootWithoutAccessControl));
                continue;
            }
            self.read_instances(&Path::object(object), readable);
        }
    }

    fn read_instances(&self, path: &Path, readable: &mut Readable) {
        if let Err(refusal) = self.check_object(path).and_then(|()| self.check_instance(path)) {
            readable.add(*path, Err(refusal));
            return;
        }
        let object = path.object_id().unwrap_or_default();
        for instance in self.presence.instances(object) {
            let path = Path::instance(object, instance);
            readable.add(path, self.check(&path).map(|permission| permission.may_differ));
        }
    }

    /// Write-Composite is atomic: one target that cannot be written refuses all of it.
    pub(super) fn write_all(&self, paths: &[Path]) -> Decision {
        let mut may_differ = Vec::new();
        let mut first: Option<Refusal> = None;
        for path in paths {
            match self.check(path) {
                Ok(permission) => note(&mut may_differ, permission.may_differ),
                // The rights on all targets count before what any of them supports.
                Err(refusal) => match &first {
                    Some(earlier) if earlier.stage <= refusal.stage => {}
                    _ => first = Some(refusal),
                },
            }
        }
        match first {
            Some(refusal) => refusal.decision(),
            None => {
                let reason = Reason::AllWritable { targets: paths.len() };
                Decision { may_differ, ..Decision::allowed(self.operation, reason, paths.to_vec()) }
            }
        }
    }
}

impl Readable {
    fn add(&mut self, path: Path, result: Result<Option<Difference>, Refusal>) {
        match result {
            Ok(difference) => {
                note(&mut self.may_differ, difference);
                if self.seen.insert(path) {
                    self.allowed.push(path);
                }
            }
            Err(Refusal { stage, reason, may_differ }) => {
                note(&mut self.may_differ, may_differ);
                self.lacks_rights |= matches!(stage, Stage::Right | Stage::ForbiddenObject);
                self.left_out.push(LeftOut { path, reason });
            }
        }
    }

    fn decision(self, operation: &Operation) -> Decision {
        let Self { allowed, left_out, lacks_rights, mut may_differ, .. } = self;
        let reports = matches!(operation, Operation::Notify(_) | Operation::Send(_));
        let refused = allowed.is_empty() && if reports { !left_out.is_empty() } else { lacks_rights };
        let reason = if refused {
            Reason::NothingReadable { left_out: left_out.len() }
        } else {
            Reason::Aggregate { readable: allowed.len(), left_out: left_out.len() }
        };
        let mut decision = Decision::allowed(operation, reason, allowed);
        if refused {
            decision.outcome =
                if reports { Outcome::NotSent } else { Outcome::Answer(ResponseCode::Unauthorized) };
            // The standard names 4.01 only for the composite operations.
            if matches!(operation, Operation::Read(_) | Operation::Observe(_)) {
                note(&mut may_differ, Some(Difference::NothingReadable));
            }
        }
        Decision { left_out, may_differ, ..decision }
    }
}

fn note(differences: &mut Vec<Difference>, difference: Option<Difference>) {
    if let Some(difference) = difference
        && !differences.contains(&difference)
    {
        differences.push(difference);
    }
}
