//! Instances of the Access Control Object (LwM2M 1.0 TS Appendix E.3; 1.2 Core §8.1).

use std::collections::{BTreeMap, BTreeSet};

use console_api::{BootstrapAccessControl, BootstrapConfiguration};

use super::findings::Findings;
use crate::limits;

const SERVER: u16 = 1;

/// Whose instances only a Bootstrap-Server reaches, or which controls the others.
const UNCONTROLLED: [u16; 3] = [0, 2, 21];

/// Read, Write, Execute, Delete, Create.
const ALL_RIGHTS: u8 = 0b1_1111;
const CREATE: u8 = 0b1_0000;

/// Nobody but the Bootstrap-Server owns the instance.
const NO_OWNER: u16 = u16::MAX;

pub(super) fn check(configuration: &BootstrapConfiguration, findings: &mut Findings) {
    let all = &configuration.access_control;
    findings.check_count("access_control", "instances", all.len(), limits::ACCESS_CONTROL);
    let servers: BTreeSet<u16> = configuration
        .servers
        .iter()
        .filter(|account| !account.bootstrap_server)
        .map(|account| account.short_server_id)
        .collect();
    let mut instances = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for (position, access_control) in all.iter().enumerate().take(limits::ACCESS_CONTROL) {
        let field = format!("access_control/{position}");
        if let Some(instance) = access_control.instance {
            if instance == u16::MAX {
                findings.problem(&format!("{field}/instance"), "an instance id from 0 to 65534", "65535");
            }
            if let Some(before) = instances.insert(instance, position) {
                let expected = format!("another one than access_control/{before} has");
                findings.problem(&format!("{field}/instance"), expected, instance.to_string());
            }
        }
        let target = (access_control.object, access_control.object_instance);
        if let Some(before) = targets.insert(target, position) {
            let expected = format!("another target than access_control/{before} has");
            findings.problem(
                &format!("{field}/object_instance"),
                expected,
                format!("/{}/{}", target.0, target.1),
            );
        }
        check_target(&field, access_control, configuration, findings);
        check_rights(&field, access_control, &servers, findings);
    }
}

fn check_target(
    field: &str,
    access_control: &BootstrapAccessControl,
    configuration: &BootstrapConfiguration,
    findings: &mut Findings,
) {
    let BootstrapAccessControl { object, object_instance, .. } = *access_control;
    if UNCONTROLLED.contains(&object) || object == u16::MAX {
        let expected = "an Object whose instances are controlled: not 0, 2 or 21";
        return findings.problem(&format!("{field}/object"), expected, object.to_string());
    }
    if object == SERVER
        && object_instance != u16::MAX
        && let Some(servers) = server_instances(configuration)
        && !servers.contains(&object_instance)
    {
        let expected = "an instance of the Server Object that is written here";
        findings.problem(&format!("{field}/object_instance"), expected, object_instance.to_string());
    }
}

/// The instances of the Server Object, where they do not depend on what the device has.
fn server_instances(configuration: &BootstrapConfiguration) -> Option<BTreeSet<u16>> {
    let accounts = || configuration.servers.iter().filter(|account| !account.bootstrap_server);
    let mut instances: BTreeSet<u16> = accounts().filter_map(|account| account.server_instance).collect();
    let chosen = accounts().filter(|account| account.server_instance.is_none()).count();
    if configuration.discover && chosen > 0 {
        return None;
    }
    let free: Vec<u16> = (0..u16::MAX).filter(|id| !instances.contains(id)).take(chosen).collect();
    instances.extend(free);
    Some(instances)
}

fn check_rights(
    field: &str,
    access_control: &BootstrapAccessControl,
    servers: &BTreeSet<u16>,
    findings: &mut Findings,
) {
    let BootstrapAccessControl { object_instance, ref acl, owner, .. } = *access_control;
    if owner != NO_OWNER && (owner == 0 || !servers.contains(&owner)) {
        let expected = "the Short Server ID of an account, or 65535 for none";
        findings.problem(&format!("{field}/owner"), expected, owner.to_string());
    }
    for (server, rights) in acl {
        let field = format!("{field}/acl/{server}");
        if *server != 0 && !servers.contains(server) {
            let expected = "the Short Server ID of an account, or 0 for everyone else";
            findings.problem(&field, expected, server.to_string());
        }
        if rights & !ALL_RIGHTS != 0 {
            findings.problem(&field, "rights from 0 to 31", rights.to_string());
        } else if object_instance != u16::MAX && rights & CREATE != 0 {
            let expected = "Create for the whole Object only (instance 65535)";
            findings.warning(&field, expected, rights.to_string());
        } else if object_instance == u16::MAX && rights & !CREATE != 0 {
            let expected = "no other right than Create (16) for the whole Object";
            findings.warning(&field, expected, rights.to_string());
        }
    }
}
