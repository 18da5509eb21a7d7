use console_api::{
    AccessControlRule, AccessControlTemplate, AccessControlTemplateList, BootstrapAccessControl,
    BootstrapConfiguration,
};
use lwm2m_codec::Path;

use crate::api::{Failure, answer_to};

/// Sets of rights that are kept, by name.
pub(crate) async fn templates() -> Result<Vec<AccessControlTemplate>, Failure> {
    let list: AccessControlTemplateList = answer_to("/api/v1/access-control/templates").await?;
    Ok(list.templates)
}

/// Makes access control as a template has it: what is there of the same Object Instance changes, the rest comes to it. A
/// rule for all instances is about those that the configuration writes, else about the first one. What a template does
/// not give an owner belongs to the first server.
pub(crate) fn fill(draft: &mut BootstrapConfiguration, rules: &[AccessControlRule]) {
    let first = draft.servers.iter().find(|account| !account.bootstrap_server);
    let owner = first.map(|account| account.short_server_id).unwrap_or_default();
    // Of two rules the one that names the instance counts.
    let (named, general): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.object_instance.is_some());
    for rule in general.into_iter().chain(named) {
        for object_instance in instances_of(draft, rule) {
            let is_it = |access: &BootstrapAccessControl| {
                (access.object, access.object_instance) == (rule.object, object_instance)
            };
            let at = draft.access_control.iter().position(is_it).unwrap_or_else(|| {
                draft.access_control.push(BootstrapAccessControl {
                    object: rule.object,
                    object_instance,
                    owner,
                    ..BootstrapAccessControl::default()
                });
                draft.access_control.len() - 1
            });
            if let Some(access) = draft.access_control.get_mut(at) {
                apply(rule, access);
            }
        }
    }
}

fn instances_of(draft: &BootstrapConfiguration, rule: &AccessControlRule) -> Vec<u16> {
    if let Some(instance) = rule.object_instance {
        return vec![instance];
    }
    let written = draft.instances.iter().filter_map(|instance| instance.path.parse::<Path>().ok());
    let of_object = written.filter(|path| path.object_id() == Some(rule.object));
    let mut instances: Vec<u16> = of_object.filter_map(|path| path.instance_id()).collect();
    if instances.is_empty() {
        instances.push(0);
    }
    instances.sort_unstable();
    instances.dedup();
    instances
}

fn apply(rule: &AccessControlRule, access: &mut BootstrapAccessControl) {
    if rule.replace {
        access.acl.clear();
    }
    let entry = |(server, bits): (&u16, &u16)| Some((*server, u8::try_from(*bits).ok()?));
    access.acl.extend(rule.acl.iter().filter_map(entry));
    access.owner = rule.owner.unwrap_or(access.owner);
}

#[cfg(test)]
mod tests {
    use console_api::{BootstrapInstance, BootstrapServerAccount};

    use super::*;

    fn rule(object_instance: Option<u16>, acl: &[(u16, u16)]) -> AccessControlRule {
        let acl = acl.iter().copied().collect();
        AccessControlRule { object: 3303, object_instance, acl, ..AccessControlRule::default() }
    }

    fn draft() -> BootstrapConfiguration {
        let account = |bootstrap_server, short_server_id| BootstrapServerAccount {
            bootstrap_server,
            short_server_id,
            ..BootstrapServerAccount::default()
        };
        let instance =
            |path: &str| BootstrapInstance { path: path.to_owned(), ..BootstrapInstance::default() };
        BootstrapConfiguration {
            servers: vec![account(true, 0), account(false, 101)],
            instances: vec![instance("/3303/2"), instance("/3303/1"), instance("/3/0")],
            ..BootstrapConfiguration::default()
        }
    }

    /// Object Instance, owner, and the rights by server.
    type Filled = (u16, u16, Vec<(u16, u8)>);

    fn filled(draft: &BootstrapConfiguration) -> Vec<Filled> {
        let of = |access: &BootstrapAccessControl| {
            let acl = access.acl.iter().map(|(server, rights)| (*server, *rights)).collect();
            (access.object_instance, access.owner, acl)
        };
        draft.access_control.iter().map(of).collect()
    }

    #[test]
    fn a_rule_for_all_is_about_what_is_written() {
        let mut draft = draft();
        fill(&mut draft, &[rule(Some(1), &[(102, 5)]), rule(None, &[(102, 1)])]);
        assert_eq!(filled(&draft), [(1, 101, vec![(102, 5)]), (2, 101, vec![(102, 1)])]);
        draft.instances.clear();
        draft.access_control.clear();
        fill(&mut draft, &[rule(None, &[(102, 1)])]);
        assert_eq!(filled(&draft), [(0, 101, vec![(102, 1)])]);
    }

    #[test]
    fn what_is_there_changes_and_the_rest_stays() {
        let mut draft = draft();
        fill(&mut draft, &[rule(Some(1), &[(101, 15), (102, 1)]), rule(Some(65_535), &[(101, 16)])]);
        let given = AccessControlRule { owner: Some(102), ..rule(Some(1), &[(102, 3)]) };
        fill(&mut draft, &[given]);
        let expected = [(1, 102, vec![(101, 15), (102, 3)]), (65_535, 101, vec![(101, 16)])];
        assert_eq!(filled(&draft), expected);
        let replacing = AccessControlRule { replace: true, ..rule(Some(1), &[(0, 1)]) };
        fill(&mut draft, &[replacing]);
        assert_eq!(filled(&draft)[0], (1, 102, vec![(0, 1)]));
    }
}
