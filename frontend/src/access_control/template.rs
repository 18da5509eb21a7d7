use console_api::{AccessControlInstance, AccessControlRule};
use lwm2m_model::access_control::{
    AccessControlInstance as Instance, AccessControlRule as Rule, AccessRights, RuledInstances, ruled,
};

use super::MAX_ID;

/// The rights of a device as rules for others: one for each instance that a server manages. Owners are not part of them,
/// since each device may have its own.
pub(crate) fn rules(instances: &[AccessControlInstance]) -> Vec<AccessControlRule> {
    let managed = instances.iter().filter(|guard| guard.owner != MAX_ID);
    let rule = |guard: &AccessControlInstance| AccessControlRule {
        object: guard.object,
        object_instance: Some(guard.object_instance),
        acl: guard.acl.clone(),
        replace: true,
        owner: None,
    };
    managed.map(rule).collect()
}

/// What rules ask of the instances of a device.
pub(crate) fn ruled_by(rules: &[AccessControlRule], instances: &[Instance]) -> RuledInstances {
    let rule = |rule: &AccessControlRule| Rule {
        object: rule.object,
        instance: rule.object_instance,
        acl: rule.acl.iter().map(|(server, bits)| (*server, AccessRights::from_bits(*bits))).collect(),
        replace: rule.replace,
        owner: rule.owner,
    };
    ruled(&rules.iter().map(rule).collect::<Vec<_>>(), instances)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bootstrap_manages_is_no_part_of_a_template() {
        let guard = |id, owner| AccessControlInstance {
            id,
            object: 3303,
            object_instance: id,
            owner,
            acl: [(101, 15)].into(),
        };
        let rules = rules(&[guard(0, 101), guard(1, MAX_ID), guard(2, 102)]);
        let targets: Vec<_> = rules.iter().map(|rule| rule.object_instance).collect();
        assert_eq!(targets, [Some(0), Some(2)]);
        assert!(
            rules.iter().all(|rule| rule.replace && rule.owner.is_none() && rule.acl == [(101, 15)].into())
        );
    }
}
