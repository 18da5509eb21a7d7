//! Accounts with servers (LwM2M 1.0 TS Appendix E.1, E.2; 1.2 Core §6.1.6).

use std::collections::{BTreeMap, BTreeSet};

use console_api::{BootstrapConfiguration, BootstrapServerAccount, SecurityMode};
use lwm2m_codec::registration::{Binding, LwM2mVersion};
use lwm2m_model::Registry;

use super::{findings::Findings, keys, resources, uri};
use crate::{limits, value::quoted};

const SECURITY: u16 = 0;
const SERVER: u16 = 1;

/// Resources with a field of their own.
const SECURITY_FIELDS: [u16; 7] = [0, 1, 2, 3, 4, 5, 10];
const SERVER_FIELDS: [u16; 7] = [0, 1, 2, 3, 5, 6, 7];

pub(super) fn check(configuration: &BootstrapConfiguration, registry: &Registry, findings: &mut Findings) {
    let servers = &configuration.servers;
    findings.check_count("servers", "accounts", servers.len(), limits::SERVERS);
    for (position, account) in servers.iter().enumerate().take(limits::SERVERS) {
        let field = format!("servers/{position}");
        check_uri(&field, account, findings);
        keys::check(&field, account, findings);
        let security = format!("{field}/security_resources");
        let resources = &account.security_resources;
        resources::check(&security, SECURITY, &SECURITY_FIELDS, resources, registry, findings);
        if account.bootstrap_server {
            check_bootstrap_server(&field, account, findings);
        } else {
            check_server(&field, account, findings);
            let server = format!("{field}/server_resources");
            let resources = &account.server_resources;
            resources::check(&server, SERVER, &SERVER_FIELDS, resources, registry, findings);
        }
    }
    check_unique(servers, findings);
    check_whole(configuration, findings);
}

fn check_uri(field: &str, account: &BootstrapServerAccount, findings: &mut Findings) {
    let BootstrapServerAccount { uri, security_mode, .. } = account;
    let field = format!("{field}/uri");
    if uri.len() > limits::URI_BYTES {
        let expected = format!("a URI of at most {} bytes", limits::URI_BYTES);
        return findings.problem(&field, expected, format!("{}", uri.len()));
    }
    match uri::is_secure(uri) {
        Err(expected) => findings.problem(&field, expected, quoted(uri)),
        Ok(true) if *security_mode == SecurityMode::NoSec => {
            findings.problem(&field, "coap://, as the account is without security", quoted(uri));
        }
        Ok(false) if *security_mode != SecurityMode::NoSec => {
            findings.problem(&field, "coaps://, as the account is with security", quoted(uri));
        }
        Ok(_) => {}
    }
}

fn check_bootstrap_server(field: &str, account: &BootstrapServerAccount, findings: &mut Findings) {
    let why = "as a Bootstrap-Server has no instance of the Server Object";
    if account.short_server_id != 0 {
        let field = format!("{field}/short_server_id");
        findings.problem(&field, format!("0, {why}"), account.short_server_id.to_string());
    }
    if let Some(instance) = account.server_instance {
        findings.problem(&format!("{field}/server_instance"), format!("none, {why}"), instance.to_string());
    }
    if !account.server_resources.is_empty() {
        findings.problem(&format!("{field}/server_resources"), format!("none, {why}"), "some");
    }
}

fn check_server(field: &str, account: &BootstrapServerAccount, findings: &mut Findings) {
    if matches!(account.short_server_id, 0 | u16::MAX) {
        let field = format!("{field}/short_server_id");
        findings.problem(&field, "a Short Server ID from 1 to 65534", account.short_server_id.to_string());
    }
    let binding = &account.binding;
    if Binding::parse(binding, LwM2mVersion::V1_2).is_err() || matches!(binding.as_str(), "" | "Q") {
        let expected = "letters of U, T, S, N, M, H, each once, and Q for queue mode";
        findings.problem(&format!("{field}/binding"), expected, quoted(binding));
    }
    if account.lifetime_s == 0 {
        let expected = "at least 1, as a device of LwM2M 1.0 has no infinite lifetime";
        findings.warning(&format!("{field}/lifetime_s"), expected, "0");
    }
    let periods = (account.default_minimum_period_s, account.default_maximum_period_s);
    if let (Some(minimum), Some(maximum)) = periods
        && maximum < minimum
    {
        let expected = format!("at least the default minimum period, {minimum}");
        findings.problem(&format!("{field}/default_maximum_period_s"), expected, maximum.to_string());
    }
}

/// No two accounts have the same Short Server ID or instance, and there is one account with a Bootstrap-Server.
fn check_unique(servers: &[BootstrapServerAccount], findings: &mut Findings) {
    let mut ids = BTreeMap::new();
    let mut security = BTreeMap::new();
    let mut server = BTreeMap::new();
    let mut bootstrap_server = None;
    for (position, account) in servers.iter().enumerate().take(limits::SERVERS) {
        let mut once = |field: &str, before: Option<usize>, got: String| {
            if let Some(before) = before {
                let expected = format!("another one than servers/{before} has");
                findings.problem(&format!("servers/{position}/{field}"), expected, got);
            }
        };
        let BootstrapServerAccount { short_server_id: id, .. } = *account;
        if account.bootstrap_server {
            once("bootstrap_server", bootstrap_server.replace(position), "true".to_owned());
        } else if id != 0 {
            once("short_server_id", ids.insert(id, position), id.to_string());
        }
        if let Some(instance) = account.security_instance {
            once("security_instance", security.insert(instance, position), instance.to_string());
        }
        if let Some(instance) = account.server_instance {
            once("server_instance", server.insert(instance, position), instance.to_string());
        }
        for (field, instance) in
            [("security_instance", account.security_instance), ("server_instance", account.server_instance)]
        {
            if instance == Some(u16::MAX) {
                let field = format!("servers/{position}/{field}");
                findings.problem(&field, "an instance id from 0 to 65534", "65535");
            }
        }
    }
}

fn check_whole(configuration: &BootstrapConfiguration, findings: &mut Findings) {
    let ids: BTreeSet<u16> = configuration
        .servers
        .iter()
        .filter(|account| !account.bootstrap_server)
        .map(|account| account.short_server_id)
        .collect();
    if ids.is_empty() {
        let expected = "an account with a server, unless the device has one that is not deleted";
        findings.warning("servers", expected, "none");
    }
    let chosen = configuration.servers.iter().any(|account| account.security_instance.is_none());
    if !configuration.discover && chosen {
        let expected =
            "Discover, so that the account of the device with the Bootstrap-Server is not written over";
        findings.warning("discover", expected, "instances that are numbered from 0");
    }
    if configuration.pack && chosen {
        let expected = "instances of the Security Object that are given, as a pack is made without Discover";
        findings.warning("pack", expected, "instances that are numbered from 0");
    }
}
