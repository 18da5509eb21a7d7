//! What an operator should know before rights are changed.

use std::{collections::BTreeSet, fmt};

use super::{AccessControlContext, AccessControlInstance, AccessRights, MAX_ID};

/// What follows from a change that may not be meant. Display says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// An instance would belong to a server that the device has no account with.
    OwnerWithoutAccount { id: u16, owner: u16 },
    /// This server would not be the owner any more, and could not take that back.
    GivenAway { id: u16, owner: u16 },
    /// This server would lose rights.
    Loses { object: u16, instance: u16, rights: AccessRights },
    /// Every server without an entry of its own would have these rights.
    OpenToAll { object: u16, instance: u16, rights: AccessRights },
    /// No server that the device has an account with would have any right.
    ClosedToAll { object: u16, instance: u16 },
}

/// What `server` should know before `before` becomes `after`.
#[must_use]
pub fn checks(server: u16, before: &AccessControlContext, after: &[AccessControlInstance]) -> Vec<Check> {
    let next = AccessControlContext { instances: after.to_vec(), ..before.clone() };
    let known = |wanted: &AccessControlInstance| before.instances.iter().find(|known| known.id == wanted.id);
    let mut checks = Vec::new();
    for wanted in after {
        let Some(known) = known(wanted).filter(|known| *known != wanted) else { continue };
        checks.extend(of_owner(server, &before.servers, known, wanted));
        if wanted.instance != MAX_ID {
            checks.extend(of_rights(server, before, &next, known, wanted));
        }
    }
    checks
}

fn of_owner(
    server: u16,
    servers: &BTreeSet<u16>,
    known: &AccessControlInstance,
    wanted: &AccessControlInstance,
) -> Vec<Check> {
    let (id, owner) = (wanted.id, wanted.owner);
    if known.owner == owner {
        return Vec::new();
    }
    let mut checks = Vec::new();
    if known.owner == server {
        checks.push(Check::GivenAway { id, owner });
    }
    if owner != MAX_ID && !servers.contains(&owner) {
        checks.push(Check::OwnerWithoutAccount { id, owner });
    }
    checks
}

fn of_rights(
    server: u16,
    before: &AccessControlContext,
    after: &AccessControlContext,
    known: &AccessControlInstance,
    wanted: &AccessControlInstance,
) -> Vec<Check> {
    let (object, instance) = (wanted.object, wanted.instance);
    let rights = |context: &AccessControlContext, server| context.rights(server, object, instance).rights;
    let mut checks = Vec::new();
    let lost = rights(before, server).without(rights(after, server));
    if lost != AccessRights::NONE {
        checks.push(Check::Loses { object, instance, rights: lost });
    }
    let default = |guard: &AccessControlInstance| guard.acl.get(&0).copied().unwrap_or_default();
    let opened = default(wanted).without(default(known));
    if opened != AccessRights::NONE {
        checks.push(Check::OpenToAll { object, instance, rights: opened });
    }
    let is_closed = |context: &AccessControlContext| {
        context.servers.iter().all(|&server| rights(context, server) == AccessRights::NONE)
    };
    if is_closed(after) && !is_closed(before) {
        checks.push(Check::ClosedToAll { object, instance });
    }
    checks
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerWithoutAccount { id, owner } => {
                write!(f, "the device has no account with server {owner}, which would own /2/{id}")
            }
            Self::GivenAway { id, owner: MAX_ID } => {
                write!(f, "only bootstrap could change /2/{id} any more")
            }
            Self::GivenAway { id, owner } => {
                write!(f, "server {owner} would own /2/{id}, and this server could not take it back")
            }
            Self::Loses { object, instance, rights } => {
                write!(f, "this server would lose {rights} on /{object}/{instance}")
            }
            Self::OpenToAll { object, instance, rights } => {
                write!(
                    f,
                    "the default opens {rights} on /{object}/{instance} to every server without an entry"
                )
            }
            Self::ClosedToAll { object, instance } => {
                write!(f, "no server would have a right on /{object}/{instance} any more")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: u16 = 101;

    fn guard(id: u16, owner: u16, acl: &[(u16, u16)]) -> AccessControlInstance {
        let acl = acl.iter().map(|&(server, bits)| (server, AccessRights::from_bits(bits))).collect();
        AccessControlInstance { id, object: 3303, instance: id, owner, acl }
    }

    fn told(before: AccessControlInstance, after: AccessControlInstance) -> Vec<String> {
        let servers = [US, 102].into();
        let before = AccessControlContext { enabled: true, servers, instances: vec![before] };
        checks(US, &before, &[after]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_lost_and_opened_is_said() {
        let before = guard(2, US, &[(US, 15)]);
        let said = told(before.clone(), guard(2, US, &[(US, 3), (0, 1)]));
        let expected = [
            "this server would lose ED on /3303/2",
            "the default opens R on /3303/2 to every server without an entry",
        ];
        assert_eq!(said, expected);
        assert_eq!(told(before.clone(), before), [""; 0]);
    }

    #[test]
    fn an_owner_without_an_entry_of_its_own_keeps_its_rights() {
        assert_eq!(told(guard(2, US, &[(US, 15), (102, 1)]), guard(2, US, &[(102, 1)])), [""; 0]);
    }

    #[test]
    fn what_is_given_away_does_not_come_back() {
        let said = told(guard(2, US, &[(US, 15)]), guard(2, 102, &[(US, 15)]));
        assert_eq!(said, ["server 102 would own /2/2, and this server could not take it back"]);
        let said = told(guard(2, US, &[]), guard(2, 77, &[]));
        let expected = [
            "server 77 would own /2/2, and this server could not take it back",
            "the device has no account with server 77, which would own /2/2",
            "this server would lose RWED on /3303/2",
            "no server would have a right on /3303/2 any more",
        ];
        assert_eq!(said, expected);
    }
}
