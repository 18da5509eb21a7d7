//! From rights as they are to rights as they shall be: the writes that lead there (LwM2M Core §8.1, Object 2).

use std::collections::BTreeMap;

use lwm2m_codec::Path;

use super::{
    ACCESS_CONTROL, AccessControlInstance, AccessRights, MAX_ID,
    obstacle::{Hindrance, Obstacle},
};

/// Resource `/2/x/2`.
const ACL: u16 = 2;

/// Resource `/2/x/3`.
const OWNER: u16 = 3;

/// What a server writes to change instances of Object 2, in this order, and what it cannot change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessControlPlan {
    pub writes: Vec<AccessControlWrite>,
    pub obstacles: Vec<Obstacle>,
}

/// One Write. What it names is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessControlWrite {
    /// The id of the instance, as in `/2/3`.
    pub id: u16,
    pub change: AccessControlChange,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessControlChange {
    /// `/2/x/2/server`, which a device of LwM2M 1.1 takes.
    Entry { server: u16, rights: AccessRights },
    /// `/2/x/2` as a whole: the way to take an entry out.
    Acl(BTreeMap<u16, AccessRights>),
    /// `/2/x/3`
    Owner(u16),
}

impl AccessControlPlan {
    /// What `server` writes so that the instances become as `wanted`. Instances that `wanted` leaves out stay.
    ///
    /// The owner of an instance may write it whatever its list says (LwM2M Core §8.1), so a server locks itself out
    /// only by giving an instance away: that comes last. Before it, what grants comes before what takes away, so that
    /// a right that moves from one server to another is never nobody's.
    #[must_use]
    pub fn new(
        server: u16,
        current: &[AccessControlInstance],
        wanted: &[AccessControlInstance],
        resource_instances: bool,
    ) -> Self {
        let mut plan = Self::default();
        let mut taking = Vec::new();
        let mut giving_away = Vec::new();
        for wanted in wanted {
            let Some(known) = current.iter().find(|known| known.id == wanted.id) else {
                plan.hinder(wanted, Hindrance::NotThere);
                continue;
            };
            if known == wanted {
                continue;
            }
            if let Err(hindrance) = changeable(server, known, wanted) {
                plan.hinder(wanted, hindrance);
                continue;
            }
            if let Some(change) = acl_change(known, wanted, resource_instances) {
                let writes = if only_grants(known, wanted) { &mut plan.writes } else { &mut taking };
                writes.push(AccessControlWrite { id: known.id, change });
            }
            if known.owner != wanted.owner {
                giving_away.push(AccessControlWrite {
                    id: known.id,
                    change: AccessControlChange::Owner(wanted.owner),
                });
            }
        }
        plan.writes.append(&mut taking);
        plan.writes.append(&mut giving_away);
        plan
    }

    fn hinder(&mut self, wanted: &AccessControlInstance, hindrance: Hindrance) {
        self.obstacles.push(Obstacle { id: wanted.id, hindrance });
    }
}

impl AccessControlWrite {
    #[must_use]
    pub const fn path(&self) -> Path {
        match &self.change {
            AccessControlChange::Entry { server, .. } => {
                Path::resource_instance(ACCESS_CONTROL, self.id, ACL, *server)
            }
            AccessControlChange::Acl(_) => Path::resource(ACCESS_CONTROL, self.id, ACL),
            AccessControlChange::Owner(_) => Path::resource(ACCESS_CONTROL, self.id, OWNER),
        }
    }

    /// Carries it out on what is known, as the device does on what it has.
    pub fn apply(&self, instances: &mut [AccessControlInstance]) {
        let Some(known) = instances.iter_mut().find(|known| known.id == self.id) else { return };
        match &self.change {
            AccessControlChange::Entry { server, rights } => {
                known.acl.insert(*server, *rights);
            }
            AccessControlChange::Acl(acl) => known.acl.clone_from(acl),
            AccessControlChange::Owner(owner) => known.owner = *owner,
        }
    }
}

fn changeable(
    server: u16,
    known: &AccessControlInstance,
    wanted: &AccessControlInstance,
) -> Result<(), Hindrance> {
    if (known.object, known.instance) != (wanted.object, wanted.instance) {
        return Err(Hindrance::GuardsAnother { object: known.object, instance: known.instance });
    }
    if known.owner == MAX_ID {
        return Err(Hindrance::BootstrapOnly);
    }
    if known.owner != server {
        return Err(Hindrance::OwnedBy(known.owner));
    }
    if wanted.owner == 0 {
        return Err(Hindrance::NoOwner);
    }
    let meaningful = AccessRights::meaningful(known.instance);
    let meaningless = wanted.acl.iter().find(|(entry, rights)| {
        !meaningful.contains(**rights) && known.acl.get(entry).is_none_or(|before| before != *rights)
    });
    match meaningless {
        Some((&server, &rights)) => Err(Hindrance::Meaningless { server, rights }),
        None => Ok(()),
    }
}

fn acl_change(
    known: &AccessControlInstance,
    wanted: &AccessControlInstance,
    resource_instances: bool,
) -> Option<AccessControlChange> {
    if known.acl == wanted.acl {
        return None;
    }
    let removed = known.acl.keys().any(|server| !wanted.acl.contains_key(server));
    let mut changed = wanted.acl.iter().filter(|(server, rights)| known.acl.get(server) != Some(rights));
    match (changed.next(), changed.next()) {
        (Some((&server, &rights)), None) if resource_instances && !removed => {
            Some(AccessControlChange::Entry { server, rights })
        }
        _ => Some(AccessControlChange::Acl(wanted.acl.clone())),
    }
}

/// Whether nobody loses a right that an entry grants.
fn only_grants(known: &AccessControlInstance, wanted: &AccessControlInstance) -> bool {
    known
        .acl
        .iter()
        .all(|(server, before)| wanted.acl.get(server).is_some_and(|after| after.contains(*before)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const US: u16 = 101;

    fn guard(id: u16, owner: u16, acl: &[(u16, u16)]) -> AccessControlInstance {
        let acl = acl.iter().map(|&(server, bits)| (server, AccessRights::from_bits(bits))).collect();
        AccessControlInstance { id, object: 3303, instance: id, owner, acl }
    }

    fn paths(plan: &AccessControlPlan) -> Vec<String> {
        plan.writes.iter().map(|write| write.path().to_string()).collect()
    }

    #[test]
    fn one_entry_is_written_alone_where_the_device_takes_that() {
        let current = [guard(4, US, &[(US, 7), (102, 1), (103, 1)])];
        let wanted = [guard(4, US, &[(US, 7), (102, 5), (103, 1)])];
        assert_eq!(paths(&AccessControlPlan::new(US, &current, &wanted, true)), ["/2/4/2/102"]);
        let plan = AccessControlPlan::new(US, &current, &wanted, false);
        assert_eq!(paths(&plan), ["/2/4/2"]);
        assert_eq!(plan.writes[0].change, AccessControlChange::Acl(wanted[0].acl.clone()));
    }

    #[test]
    fn an_entry_goes_with_the_whole_list() {
        let current = [guard(5, US, &[(US, 3), (103, 1)])];
        let wanted = [guard(5, US, &[(US, 3)])];
        assert_eq!(paths(&AccessControlPlan::new(US, &current, &wanted, true)), ["/2/5/2"]);
    }

    #[test]
    fn grants_come_first_and_what_is_given_away_last() {
        let current = [guard(1, US, &[(US, 15)]), guard(2, US, &[(102, 1)]), guard(3, US, &[])];
        let wanted = [guard(1, 102, &[(102, 15)]), guard(2, US, &[]), guard(3, US, &[(102, 1)])];
        let plan = AccessControlPlan::new(US, &current, &wanted, true);
        assert_eq!(paths(&plan), ["/2/3/2/102", "/2/1/2", "/2/2/2", "/2/1/3"]);
    }

    #[test]
    fn what_only_others_can_change_is_said() {
        let current = [guard(1, 102, &[]), guard(2, MAX_ID, &[(US, 16)]), guard(3, US, &[])];
        let mut moved = guard(3, US, &[(102, 1)]);
        moved.instance = 9;
        let wanted = [guard(1, 102, &[(US, 1)]), guard(2, MAX_ID, &[]), moved, guard(7, US, &[])];
        let plan = AccessControlPlan::new(US, &current, &wanted, true);
        assert_eq!(plan.writes, []);
        let hindrances: Vec<_> = plan.obstacles.iter().map(|obstacle| obstacle.hindrance).collect();
        let expected = [
            Hindrance::OwnedBy(102),
            Hindrance::BootstrapOnly,
            Hindrance::GuardsAnother { object: 3303, instance: 3 },
            Hindrance::NotThere,
        ];
        assert_eq!(hindrances, expected);
    }

    #[test]
    fn rights_without_a_meaning_are_not_written() {
        let current = [guard(1, US, &[(103, 17)])];
        let wanted = [guard(1, US, &[(102, 16), (103, 17)])];
        let plan = AccessControlPlan::new(US, &current, &wanted, true);
        let rights = AccessRights::CREATE;
        assert_eq!(plan.obstacles[0].hindrance, Hindrance::Meaningless { server: 102, rights });
        let nobody = [guard(1, 0, &[(103, 17)])];
        let plan = AccessControlPlan::new(US, &current, &nobody, true);
        assert_eq!(plan.obstacles[0].hindrance, Hindrance::NoOwner);
    }

    fn instances() -> impl Strategy<Value = Vec<AccessControlInstance>> {
        let acl = proptest::collection::btree_map(0_u16..4, 0_u16..16, 0..4);
        let owner = prop_oneof![Just(1_u16), Just(2), Just(MAX_ID)];
        proptest::collection::vec((acl, owner), 4).prop_map(|all| {
            let guard = |(id, (acl, owner)): (usize, (BTreeMap<u16, u16>, u16))| {
                let acl: Vec<_> = acl.into_iter().collect();
                guard(u16::try_from(id).unwrap(), owner, &acl)
            };
            all.into_iter().enumerate().map(guard).collect()
        })
    }

    proptest! {
        /// As the device decides: only the owner writes, and after the last write everything is as it was wanted.
        #[test]
        fn it_leads_there_and_never_locks_the_server_out(
            current in instances(), wanted in instances(), resource_instances: bool,
        ) {
            let plan = AccessControlPlan::new(1, &current, &wanted, resource_instances);
            let mut reached = current.clone();
            for write in &plan.writes {
                let target = reached.iter().find(|known| known.id == write.id).unwrap();
                prop_assert_eq!(target.owner, 1);
                let before = reached.clone();
                write.apply(&mut reached);
                prop_assert_ne!(&before, &reached, "a write that changes nothing");
            }
            for (reached, wanted) in reached.iter().zip(&wanted) {
                let hindered = plan.obstacles.iter().any(|obstacle| obstacle.id == wanted.id);
                let expected = if hindered { &current[usize::from(wanted.id)] } else { wanted };
                prop_assert_eq!(reached, expected);
            }
        }
    }
}
