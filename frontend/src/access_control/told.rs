use console_api::AccessControlInstance as Told;
use lwm2m_model::access_control::{AccessControlInstance, AccessRights};

/// Instances as REST has them.
pub(crate) fn instances_told(instances: &[AccessControlInstance]) -> Vec<Told> {
    let told = |guard: &AccessControlInstance| Told {
        id: guard.id,
        object: guard.object,
        object_instance: guard.instance,
        owner: guard.owner,
        acl: guard.acl.iter().map(|(server, rights)| (*server, rights.bits())).collect(),
    };
    instances.iter().map(told).collect()
}

/// And as the rules of access control have them.
pub(crate) fn instances_from(told: &[Told]) -> Vec<AccessControlInstance> {
    let instance = |told: &Told| AccessControlInstance {
        id: told.id,
        object: told.object,
        instance: told.object_instance,
        owner: told.owner,
        acl: told.acl.iter().map(|(server, bits)| (*server, AccessRights::from_bits(*bits))).collect(),
    };
    told.iter().map(instance).collect()
}
