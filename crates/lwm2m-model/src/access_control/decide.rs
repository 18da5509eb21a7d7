//! The algorithm for one target (LwM2M Core §8.2).

use lwm2m_codec::{Level, Path};

use super::context::{AccessControlContext, Grant, GrantedRights};
use super::decision::{Decision, Difference, Effect};
use super::operation::{Operation, Requester};
use super::presence::{Presence, ResourcePresence};
use super::reason::Reason;
use super::refusal::{Permission, Refusal, Stage};
use super::rights::AccessRights;
use super::{ACCESS_CONTROL, FORBIDDEN_OBJECTS, MAX_ID};

impl AccessControlContext {
    /// Whether the client performs `operation`, and why.
    #[must_use]
    pub fn decide(&self, requester: Requester, operation: &Operation, presence: &dyn Presence) -> Decision {
        match requester {
            Requester::Bootstrap => Decision::allowed(operation, Reason::Bootstrap, operation.targets()),
            Requester::Server(server) => Evaluation { context: self, server, operation, presence }.decide(),
        }
    }
}

/// One question being answered.
pub(super) struct Evaluation<'a> {
    pub(super) context: &'a AccessControlContext,
    pub(super) server: u16,
    pub(super) operation: &'a Operation,
    pub(super) presence: &'a dyn Presence,
}

impl Evaluation<'_> {
    fn decide(&self) -> Decision {
        match self.operation {
            Operation::Read(path) | Operation::Observe(path) if path.level() == Level::Object => {
                self.read_object(path)
            }
            Operation::Create { object, .. } => self.decide_one(Path::object(*object)),
            Operation::Read(path)
            | Operation::Discover(path)
            | Operation::Write(path)
            | Operation::WriteAttributes(path)
            | Operation::Execute(path)
            | Operation::Delete(path)
            | Operation::Observe(path) => self.decide_one(*path),
            Operation::WriteComposite(paths) => self.write_all(paths),
            Operation::ReadComposite(paths)
            | Operation::ObserveComposite(paths)
            | Operation::Notify(paths)
            | Operation::Send(paths) => self.read_several(paths),
        }
    }

    fn decide_one(&self, path: Path) -> Decision {
        match self.check(&path) {
            Ok(permission) => {
                let mut decision = Decision::allowed(self.operation, permission.reason, vec![path]);
                decision.may_differ.extend(permission.may_differ);
                self.add_effects(&mut decision);
                decision
            }
            Err(refusal) => refusal.decision(),
        }
    }

    /// The rules for one target, in the order of [`Stage`].
    pub(super) fn check(&self, path: &Path) -> Result<Permission, Refusal> {
        self.check_object(path)?;
        let operation = self.operation.name();
        if !self.operation.allows(path.level()) {
            return Err(Refusal::new(Stage::Level, Reason::WrongLevel { operation, path: *path }));
        }
        self.check_management(path)?;
        self.check_instance(path)?;
        let permission = self.check_right(path)?;
        self.check_resource(path)?;
        if *path == Path::instance(3, 0) && matches!(self.operation, Operation::Delete(_)) {
            return Err(Refusal::new(Stage::Support, Reason::DeviceInstance));
        }
        Ok(permission)
    }

    /// LwM2M Core §6.3: any operation on these objects is answered with 4.01.
    pub(super) fn check_object(&self, path: &Path) -> Result<(), Refusal> {
        match path.object_id() {
            Some(object) if FORBIDDEN_OBJECTS.contains(&object) => {
                Err(Refusal::new(Stage::ForbiddenObject, Reason::ForbiddenObject { object }))
            }
            _ => Ok(()),
        }
    }

    /// Instances of Object 2 are made by bootstrap and, as a side effect, by the client (LwM2M Core §8.1).
    fn check_management(&self, path: &Path) -> Result<(), Refusal> {
        let manages = match self.operation {
            Operation::Create { .. } => path.object_id() == Some(ACCESS_CONTROL),
            Operation::Delete(_) => {
                path.object_id() == Some(ACCESS_CONTROL) && path.level() == Level::ObjectInstance
            }
            _ => false,
        };
        if manages {
            return Err(Refusal {
                stage: Stage::ManagementOfAccessControl,
                reason: Reason::ManagementOfAccessControl,
                may_differ: Some(Difference::ManagementOfAccessControl),
            });
        }
        Ok(())
    }

    pub(super) fn check_instance(&self, path: &Path) -> Result<(), Refusal> {
        let exists = match (path.object_id(), path.instance_id()) {
            (Some(object), Some(instance)) => self.presence.instances(object).contains(&instance),
            (Some(object), None) => self.presence.objects().contains(&object),
            (None, _) => true,
        };
        if exists {
            return Ok(());
        }
        // A server with all rights learns nothing that it should not, so there the order makes no difference.
        let restricted = self.context.full_rights(self.server).is_none();
        Err(Refusal {
            stage: Stage::Instance,
            reason: Reason::NotFound { path: *path },
            may_differ: restricted.then_some(Difference::MissingBeforeRights),
        })
    }

    fn check_right(&self, path: &Path) -> Result<Permission, Refusal> {
        let (Some(object), Some(instance)) = (path.object_id(), path.instance_id()) else {
            return self.check_right_on_object();
        };
        let operation = self.operation.name();
        let needed = self.operation.needs();
        if needed == AccessRights::NONE {
            return Ok(Permission { reason: Reason::NoRightNeeded { operation }, may_differ: None });
        }
        let GrantedRights { rights: granted, grant } = self.context.rights(self.server, object, instance);
        let reason = Reason::Rights { server: self.server, operation, needed, granted, grant };
        if granted.contains(needed) {
            let may_differ = self.difference(object, instance, grant);
            Ok(Permission { reason, may_differ })
        } else {
            Err(Refusal::new(Stage::Right, reason))
        }
    }

    fn check_right_on_object(&self) -> Result<Permission, Refusal> {
        let operation = self.operation.name();
        let Operation::Create { object, .. } = self.operation else {
            // LwM2M Core §8.2: Discover needs no right, and Write-Attributes on an object is always performed.
            // Reads of an object never come here, they are decided instance by instance.
            return Ok(Permission { reason: Reason::NoRightNeeded { operation }, may_differ: None });
        };
        if let Some(grant) = self.context.full_rights(self.server) {
            let needed = AccessRights::CREATE;
            let granted = AccessRights::ALL_OF_INSTANCE | needed;
            let reason = Reason::Rights { server: self.server, operation, needed, granted, grant };
            return Ok(Permission { reason, may_differ: only_server(grant) });
        }
        let Some(guard) = self.context.guard(*object, MAX_ID) else {
            return Err(Refusal::new(Stage::Right, Reason::NoCreateGuard { object: *object }));
        };
        let (server, access_control) = (self.server, guard.id);
        // LwM2M Core §8.2.1: the default entry is not for Create.
        match guard.acl.get(&server) {
            None => Err(Refusal::new(Stage::Right, Reason::NoCreateEntry { server, access_control })),
            Some(granted) => {
                let reason = Reason::CreateEntry { server, access_control, granted: *granted };
                if granted.contains(AccessRights::CREATE) {
                    Ok(Permission { reason, may_differ: None })
                } else {
                    Err(Refusal::new(Stage::Right, reason))
                }
            }
        }
    }

    /// Whether another client would come to another result with the same rights.
    fn difference(&self, object: u16, instance: u16, grant: Grant) -> Option<Difference> {
        match grant {
            Grant::Owner { .. } => {
                let acl = &self.context.guard(object, instance)?.acl;
                let default = acl.get(&0).copied().unwrap_or_default();
                let matters = !acl.is_empty() && !default.contains(self.operation.needs());
                matters.then_some(Difference::OwnerBesideOtherEntries)
            }
            Grant::AccessControl { .. } if self.operation.needs() == AccessRights::READ => {
                Some(Difference::ReadOfAccessControl)
            }
            other => only_server(other),
        }
    }

    /// The right first, then what the resource supports (LwM2M Core §8.2).
    fn check_resource(&self, path: &Path) -> Result<(), Refusal> {
        let (&[object, instance, resource] | &[object, instance, resource, _]) = path.ids() else {
            return Ok(());
        };
        let shape = match self.presence.resource(object, instance, resource) {
            ResourcePresence::Absent => {
                return Err(Refusal::new(Stage::Resource, Reason::NotFound { path: *path }));
            }
            ResourcePresence::Undefined => return Ok(()),
            ResourcePresence::Defined(shape) => shape,
        };
        let operation = self.operation.name();
        let supported = self.operation.is_supported(shape.operations);
        if let Some(id) = path.resource_instance_id() {
            if !shape.multiple {
                return Err(Refusal::new(Stage::Support, Reason::NotSupported { operation, path: *path }));
            }
            // Writing an entry for another server makes it (LwM2M Core §8.1).
            let makes = object == ACCESS_CONTROL
                && matches!(self.operation, Operation::Write(_) | Operation::WriteComposite(_));
            if !makes && !self.presence.resource_instance(object, instance, resource, id) {
                return Err(Refusal::new(Stage::Resource, Reason::NotFound { path: *path }));
            }
        }
        if supported {
            Ok(())
        } else {
            Err(Refusal::new(Stage::Support, Reason::NotSupported { operation, path: *path }))
        }
    }

    fn add_effects(&self, decision: &mut Decision) {
        if !self.context.enabled {
            return;
        }
        match self.operation {
            Operation::Create { object, instance } => {
                decision.effects.push(Effect::GuardCreated {
                    object: *object,
                    instance: *instance,
                    owner: self.server,
                });
            }
            Operation::Delete(path) if path.level() == Level::ObjectInstance => {
                let ids = path.object_id().zip(path.instance_id());
                let Some(guard) = ids.and_then(|(object, instance)| self.context.guard(object, instance))
                else {
                    return;
                };
                decision.effects.push(Effect::GuardRemoved { access_control: guard.id, guarded: *path });
                if guard.owner != self.server {
                    decision.may_differ.push(Difference::DeleteByAnotherThanOwner);
                }
            }
            _ => {}
        }
    }
}

const fn only_server(grant: Grant) -> Option<Difference> {
    match grant {
        Grant::OnlyServer => Some(Difference::OnlyServerWithAccessControl),
        _ => None,
    }
}
