//! One process is an LwM2M Server, a Bootstrap-Server, or both.

use anyhow::{Context as _, Result};
use console_api::{ClientList, ServerSecurity, ServerStatus};
use serde_json::{Value, json};
use tokio::process::Command;
use whole_program_tests::{Process, RawPeer, Rest, console_program};

use super::{CONFIGURATIONS, SESSIONS, bootstrap};

struct OfRole {
    _server: Process,
    _data: tempfile::TempDir,
    addresses: Value,
    rest: Rest,
}

async fn start(roles: &str) -> Result<OfRole> {
    let data = tempfile::tempdir()?;
    let mut command = Command::new(console_program()?);
    command.args(["--http", "127.0.0.1:0", "--coap", "127.0.0.1:0", "--print-addresses", "--roles", roles]);
    let mut server = Process::start("lwm2m-console", command.arg("--data").arg(data.path()))?;
    let addresses: Value = serde_json::from_str(&server.line().await?)?;
    let rest = Rest::new(addresses["http"].as_str().context("http")?.parse()?);
    Ok(OfRole { _server: server, _data: data, addresses, rest })
}

#[tokio::test]
async fn a_bootstrap_server_alone_manages_no_device() -> Result<()> {
    let alone = start("bootstrap").await?;
    assert!(alone.addresses["coap"].is_null() && alone.addresses["coaps"].is_null(), "{}", alone.addresses);
    let clients: ClientList = alone.rest.get("/api/v1/clients").await?.json(200)?;
    let status: ServerStatus = alone.rest.get("/api/v1/server").await?.json(200)?;
    let security: ServerSecurity = alone.rest.get("/api/v1/security/server").await?.json(200)?;
    assert_eq!((clients.total, status.coap.as_str(), security.coap), (0, "", None));
    assert_eq!(alone.rest.post("/api/v1/simulated-devices", "{}").await?.error(409)?.code, "no_server");
    let coap = alone.addresses["bootstrap_coap"].as_str().context("an address")?;
    assert_eq!(status.bootstrap_coap, Some(format!("coap://{coap}")));

    let configuration = json!({
        "name": "all",
        "assigned": ["default"],
        "discover": false,
        "servers": [{ "uri": "coap://192.0.2.1:5683", "short_server_id": 1, "security_mode": "no_sec" }],
    });
    assert_eq!(alone.rest.post(CONFIGURATIONS, &configuration.to_string()).await?.status, 201);
    let mut peer = RawPeer::connect(coap.parse()?).await?;
    assert_eq!(bootstrap(&mut peer, "meter").await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_server_alone_bootstraps_nobody_and_says_so() -> Result<()> {
    let alone = start("server").await?;
    assert!(alone.addresses["bootstrap_coap"].is_null() && alone.addresses["bootstrap_coaps"].is_null());
    assert!(alone.addresses["coap"].is_string());
    let begun = alone.rest.post(SESSIONS, r#"{"endpoint":"meter"}"#).await?;
    assert_eq!(begun.error(409)?.code, "no_bootstrap_server");
    assert_eq!(alone.rest.get(SESSIONS).await?.status, 200);
    Ok(())
}
