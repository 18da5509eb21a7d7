use std::collections::BTreeSet;

use lwm2m_model::access_control::{AccessControlContext, AccessControlInstance, AccessRights};

use super::{MAX_ID, Tile};

/// One thing that an operator does to an instance of Object 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Tick {
        id: u16,
        server: u16,
        tile: Tile,
    },
    Untick {
        id: u16,
        server: u16,
        tile: Tile,
    },
    /// The entry of a server goes, so that the default counts for it.
    Clear {
        id: u16,
        server: u16,
    },
    Owner {
        id: u16,
        owner: u16,
    },
}

impl Edit {
    pub(crate) const fn id(self) -> u16 {
        match self {
            Self::Tick { id, .. }
            | Self::Untick { id, .. }
            | Self::Clear { id, .. }
            | Self::Owner { id, .. } => id,
        }
    }

    /// What has no meaning there is not done.
    pub(super) fn apply(self, guard: &mut AccessControlInstance, servers: &BTreeSet<u16>) {
        match self {
            Self::Tick { server, tile: Tile::Right(right), .. } => {
                if is_offered(guard, server, right) {
                    let rights = guard.acl.entry(server).or_default();
                    *rights = *rights | right;
                }
            }
            Self::Tick { server, tile: Tile::Entry, .. } => {
                if has_entries(guard, server) {
                    guard.acl.insert(server, AccessRights::NONE);
                }
            }
            Self::Untick { server, tile: Tile::Right(right), .. } => {
                let Some(rights) = guard.acl.get(&server) else { return };
                let left = rights.without(right);
                // Without an entry the default or the ownership would give back what was just taken away.
                if left == AccessRights::NONE && inherited(guard, server, servers) == AccessRights::NONE {
                    guard.acl.remove(&server);
                } else {
                    guard.acl.insert(server, left);
                }
            }
            Self::Untick { server, tile: Tile::Entry, .. } | Self::Clear { server, .. } => {
                guard.acl.remove(&server);
            }
            Self::Owner { owner, .. } => guard.owner = owner,
        }
    }
}

/// Whether a right means something in the entry of a server. Create is one on the Object, all others are on an Object
/// Instance (LwM2M Core §8.1), and on the Object a default does not count (§8.2).
pub(crate) fn is_offered(guard: &AccessControlInstance, server: u16, right: AccessRights) -> bool {
    has_entries(guard, server) && AccessRights::meaningful(guard.instance).contains(right)
}

/// Whether an entry of that server has any meaning.
pub(super) const fn has_entries(guard: &AccessControlInstance, server: u16) -> bool {
    guard.instance != MAX_ID || server != 0
}

/// The rights of a server without an entry of its own.
pub(super) fn inherited(guard: &AccessControlInstance, server: u16, servers: &BTreeSet<u16>) -> AccessRights {
    if server == 0 || guard.instance == MAX_ID {
        return AccessRights::NONE;
    }
    let mut without = guard.clone();
    without.acl.remove(&server);
    let (object, instance) = (guard.object, guard.instance);
    let context = AccessControlContext { enabled: true, servers: servers.clone(), instances: vec![without] };
    context.rights(server, object, instance).rights
}
