use std::collections::{BTreeMap, BTreeSet};

use super::rights::AccessRights;
use super::{ACCESS_CONTROL, MAX_ID};

/// One instance of the Access Control object (LwM2M Core §8.1, Object 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessControlInstance {
    /// The id of this instance, as in `/2/3`.
    pub id: u16,
    /// The object it guards.
    pub object: u16,
    /// The instance it guards; 65535 for the object itself, which is about Create.
    pub instance: u16,
    /// The Short Server ID of the owner; 65535 when only bootstrap can change it.
    pub owner: u16,
    /// Rights by Short Server ID; 0 is the default entry.
    pub acl: BTreeMap<u16, AccessRights>,
}

/// What decides about access in one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessControlContext {
    /// Whether Object 2 is instantiated.
    pub enabled: bool,
    /// The Short Server IDs of all server accounts.
    pub servers: BTreeSet<u16>,
    pub instances: Vec<AccessControlInstance>,
}

/// The rights of a server on an object instance, and what they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantedRights {
    pub rights: AccessRights,
    pub grant: Grant,
}

/// What the rights of a server come from. `access_control` is the id of an instance of Object 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Object 2 is not instantiated.
    Disabled,
    /// There is one server account, so Object 2 has nothing to decide.
    OnlyServer,
    /// The list has an entry for the server.
    OwnEntry { access_control: u16 },
    /// The server is the owner and the list has no entry for it.
    Owner { access_control: u16 },
    /// The list has no entry for the server, which is not the owner, but a default entry.
    DefaultEntry { access_control: u16 },
    /// None of these.
    NoEntry { access_control: u16, owner: u16 },
    /// No instance of Object 2 guards the target.
    Unguarded,
    /// The target is an instance of Object 2, which its owner manages and everybody may read.
    AccessControl { owner: u16 },
}

impl AccessControlContext {
    /// The instance of Object 2 that guards an object instance, or the object itself for `instance` 65535.
    #[must_use]
    pub fn guard(&self, object: u16, instance: u16) -> Option<&AccessControlInstance> {
        let guards =
            self.instances.iter().filter(|guard| guard.object == object && guard.instance == instance);
        // There must not be two. Should there be, the same one is taken whatever their order.
        guards.min_by_key(|guard| guard.id)
    }

    /// The rights of a server that do not depend on Object 2, if it has such.
    pub(super) fn full_rights(&self, server: u16) -> Option<Grant> {
        // LwM2M 1.0 TS §7.3.2.1: a server that is alone has all rights, even if Object 2 is instantiated.
        if !self.enabled {
            Some(Grant::Disabled)
        } else if self.servers.len() == 1 && self.servers.contains(&server) {
            Some(Grant::OnlyServer)
        } else {
            None
        }
    }

    /// The rights of a server on an object instance (LwM2M Core §8.2.2).
    #[must_use]
    pub fn rights(&self, server: u16, object: u16, instance: u16) -> GrantedRights {
        if let Some(grant) = self.full_rights(server) {
            return GrantedRights { rights: AccessRights::ALL_OF_INSTANCE, grant };
        }
        if object == ACCESS_CONTROL {
            return self.rights_on_access_control(server, instance);
        }
        let Some(guard) = self.guard(object, instance) else {
            return GrantedRights { rights: AccessRights::NONE, grant: Grant::Unguarded };
        };
        let access_control = guard.id;
        // An entry binds the owner too.
        if let Some(rights) = guard.acl.get(&server) {
            return GrantedRights { rights: *rights, grant: Grant::OwnEntry { access_control } };
        }
        if guard.owner == server {
            return GrantedRights {
                rights: AccessRights::ALL_OF_INSTANCE,
                grant: Grant::Owner { access_control },
            };
        }
        match guard.acl.get(&0) {
            Some(rights) => GrantedRights { rights: *rights, grant: Grant::DefaultEntry { access_control } },
            None => GrantedRights {
                rights: AccessRights::NONE,
                grant: Grant::NoEntry { access_control, owner: guard.owner },
            },
        }
    }

    /// Object 2 does not guard itself: an instance is changed by its owner (LwM2M Core §8.1). The standard says
    /// nothing on reading it, which known clients allow.
    fn rights_on_access_control(&self, server: u16, instance: u16) -> GrantedRights {
        let owner = self.instances.iter().find(|own| own.id == instance).map_or(MAX_ID, |own| own.owner);
        let rights =
            if owner == server { AccessRights::READ | AccessRights::WRITE } else { AccessRights::READ };
        GrantedRights { rights, grant: Grant::AccessControl { owner } }
    }
}
