//! Rules for many devices, and what they make of the Access Control Object Instances of one.

use std::collections::BTreeMap;

use super::{AccessControlInstance, AccessRights, MAX_ID};

/// How the instances of Object 2 that guard some Object Instances shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessControlRule {
    /// The guarded Object.
    pub object: u16,
    /// The guarded Object Instance, 65535 for the Object itself; all instances, and not the Object, when absent.
    pub instance: Option<u16>,
    /// Rights by Short Server ID; 0 is the default entry.
    pub acl: BTreeMap<u16, AccessRights>,
    /// Entries of other servers go; else they stay.
    pub replace: bool,
    /// None leaves the owner.
    pub owner: Option<u16>,
}

/// What rules ask of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuledInstances {
    /// The instances of Object 2 that a rule is about, as they shall be. Some may be so already.
    pub wanted: Vec<AccessControlInstance>,
    /// What the rules name and no instance of Object 2 guards: an Object, and its instance where the rule names one.
    pub unguarded: Vec<(u16, Option<u16>)>,
}

/// What rules make of the instances of Object 2 that a device has. Where two rules fit an instance, the one that names it
/// counts, and of two such the later one. Asked of what it has led to, it asks for the same.
#[must_use]
pub fn ruled(rules: &[AccessControlRule], current: &[AccessControlInstance]) -> RuledInstances {
    let wanted = current.iter().filter_map(|known| Some(rule_for(rules, known)?.applied_to(known)));
    let guards = |rule: &&AccessControlRule| current.iter().any(|known| rule.fits(known));
    let mut unguarded = Vec::new();
    for rule in rules.iter().filter(|rule| !guards(rule)) {
        if !unguarded.contains(&(rule.object, rule.instance)) {
            unguarded.push((rule.object, rule.instance));
        }
    }
    RuledInstances { wanted: wanted.collect(), unguarded }
}

fn rule_for<'a>(
    rules: &'a [AccessControlRule],
    known: &AccessControlInstance,
) -> Option<&'a AccessControlRule> {
    // Of equal ones the last is the greatest.
    rules.iter().filter(|rule| rule.fits(known)).max_by_key(|rule| rule.instance.is_some())
}

impl AccessControlRule {
    fn fits(&self, known: &AccessControlInstance) -> bool {
        let instance = self.instance.map_or(known.instance != MAX_ID, |instance| instance == known.instance);
        self.object == known.object && instance
    }

    fn applied_to(&self, known: &AccessControlInstance) -> AccessControlInstance {
        let mut wanted = known.clone();
        if self.replace {
            wanted.acl.clear();
        }
        wanted.acl.extend(&self.acl);
        wanted.owner = self.owner.unwrap_or(known.owner);
        wanted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::AccessControlPlan, *};

    fn acl(entries: &[(u16, u16)]) -> BTreeMap<u16, AccessRights> {
        entries.iter().map(|&(server, bits)| (server, AccessRights::from_bits(bits))).collect()
    }

    fn guard(id: u16, (object, instance): (u16, u16), entries: &[(u16, u16)]) -> AccessControlInstance {
        AccessControlInstance { id, object, instance, owner: 101, acl: acl(entries) }
    }

    fn rule(object: u16, instance: Option<u16>, entries: &[(u16, u16)]) -> AccessControlRule {
        AccessControlRule { object, instance, acl: acl(entries), replace: false, owner: None }
    }

    #[test]
    fn a_rule_for_an_object_is_about_its_instances() {
        let current = [
            guard(0, (3303, 0), &[(101, 7)]),
            guard(1, (3303, 1), &[(102, 7), (103, 1)]),
            guard(2, (3303, MAX_ID), &[(101, 16)]),
            guard(3, (3, 0), &[]),
        ];
        let ruled = ruled(&[rule(3303, None, &[(102, 1)])], &current);
        let wanted = [guard(0, (3303, 0), &[(101, 7), (102, 1)]), guard(1, (3303, 1), &[(102, 1), (103, 1)])];
        assert_eq!(ruled, RuledInstances { wanted: wanted.to_vec(), unguarded: vec![] });
    }

    #[test]
    fn the_rule_that_names_the_instance_counts_and_of_two_the_later() {
        let current = [guard(0, (3303, 0), &[(101, 7)]), guard(1, (3303, 1), &[(101, 7)])];
        let named = AccessControlRule { owner: Some(102), ..rule(3303, Some(1), &[(102, 2)]) };
        let replacing = AccessControlRule { replace: true, ..rule(3303, Some(1), &[(102, 4)]) };
        let general = rule(3303, None, &[(102, 1)]);
        let ruled = ruled(&[named, replacing, general], &current);
        let wanted = [guard(0, (3303, 0), &[(101, 7), (102, 1)]), guard(1, (3303, 1), &[(102, 4)])];
        assert_eq!(ruled.wanted, wanted);
    }

    #[test]
    fn what_nothing_guards_is_named_once() {
        let current = [guard(0, (3303, 0), &[])];
        let rules = [
            rule(3303, Some(9), &[]),
            rule(3303, Some(9), &[(102, 1)]),
            rule(3303, Some(MAX_ID), &[]),
            rule(4, None, &[]),
        ];
        let ruled = ruled(&rules, &current);
        assert_eq!(ruled.wanted, []);
        assert_eq!(ruled.unguarded, [(3303, Some(9)), (3303, Some(MAX_ID)), (4, None)]);
    }

    fn entries() -> impl Strategy<Value = BTreeMap<u16, AccessRights>> {
        let rights = (0_u16..16).prop_map(AccessRights::from_bits);
        proptest::collection::btree_map(0_u16..4, rights, 0..4)
    }

    fn rules() -> impl Strategy<Value = Vec<AccessControlRule>> {
        let instance = proptest::option::of(prop_oneof![0_u16..3, Just(MAX_ID)]);
        let owner = proptest::option::of(1_u16..3);
        let rule = (0_u16..2, instance, entries(), any::<bool>(), owner).prop_map(
            |(object, instance, acl, replace, owner)| AccessControlRule {
                object,
                instance,
                acl,
                replace,
                owner,
            },
        );
        proptest::collection::vec(rule, 0..4)
    }

    fn instances() -> impl Strategy<Value = Vec<AccessControlInstance>> {
        let instance = prop_oneof![0_u16..3, Just(MAX_ID)];
        proptest::collection::vec((0_u16..2, instance, 1_u16..3, entries()), 0..6).prop_map(|all| {
            let guard = |(id, (object, instance, owner, acl)): (usize, (u16, u16, u16, _))| {
                AccessControlInstance { id: u16::try_from(id).unwrap(), object, instance, owner, acl }
            };
            all.into_iter().enumerate().map(guard).collect()
        })
    }

    proptest! {
        /// Whoever is interrupted and begins anew writes only what is left.
        #[test]
        fn it_asks_for_nothing_more_of_what_it_has_led_to(
            rules in rules(), current in instances(), written in 0_usize..20, resource_instances: bool,
        ) {
            let plan = |current: &[AccessControlInstance]| {
                AccessControlPlan::new(1, current, &ruled(&rules, current).wanted, resource_instances)
            };
            let first = plan(&current);
            let mut reached = current;
            first.writes.iter().take(written).for_each(|write| write.apply(&mut reached));
            let left = plan(&reached).writes;
            prop_assert_eq!(&left[..], &first.writes[written.min(first.writes.len())..]);
        }

        /// Everything that no rule is about stays as it is, and of the rest what no rule names.
        #[test]
        fn nothing_else_changes(rules in rules(), current in instances()) {
            let ruled = ruled(&rules, &current);
            for known in &current {
                let Some(wanted) = ruled.wanted.iter().find(|wanted| wanted.id == known.id) else {
                    prop_assert!(rules.iter().all(|rule| !rule.fits(known)));
                    continue;
                };
                prop_assert_eq!((wanted.object, wanted.instance), (known.object, known.instance));
                let fitting: Vec<_> = rules.iter().filter(|rule| rule.fits(known)).collect();
                for (server, rights) in &wanted.acl {
                    let is_ruled = fitting.iter().any(|rule| rule.acl.get(server) == Some(rights));
                    prop_assert!(is_ruled || known.acl.get(server) == Some(rights));
                }
            }
        }
    }
}
