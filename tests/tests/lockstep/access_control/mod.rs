//! Who may do what on devices (LwM2M 1.1 Core §8): over REST, on scripted devices and simulated ones.

mod devices;
mod explained;
mod kept;
mod runs;
mod two_servers;

use anyhow::Result;
use console_api::{AccessControl, AccessControlInstance};
use serde_json::{Value, json};
use whole_program_tests::{Manner, ScriptedDevice, TestContext, guard};

fn path(endpoint: &str, what: &str) -> String {
    format!("/api/v1/clients/{endpoint}/access-control{what}")
}

async fn read(context: &TestContext, endpoint: &str) -> Result<AccessControl> {
    context.rest.get(&path(endpoint, "")).await?.json(200)
}

/// An instance as it is wished for.
fn wanted(id: u16, (object, instance): (u16, u16), owner: u16, acl: &Value) -> Value {
    json!({ "id": id, "object": object, "object_instance": instance, "owner": owner, "acl": acl })
}

/// A device that has two sensors, both managed by this server.
async fn two_sensors(context: &TestContext, endpoint: &str) -> Result<ScriptedDevice> {
    let guards = vec![
        guard(0, (3303, 0), 101, &[(101, 7)]),
        guard(1, (3303, 1), 101, &[(101, 7), (102, 1)]),
        guard(2, (3, 0), 102, &[(101, 1)]),
        guard(3, (3303, u16::MAX), u16::MAX, &[(101, 16)]),
    ];
    ScriptedDevice::register(context, endpoint, guards).await
}

fn acl(instance: &AccessControlInstance) -> Vec<(u16, u16)> {
    instance.acl.iter().map(|(server, rights)| (*server, *rights)).collect()
}
