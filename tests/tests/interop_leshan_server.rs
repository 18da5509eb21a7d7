//! Simulated devices with the server of Eclipse Leshan, which shares no code with us.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;
use whole_program_tests::{LeshanServer, Simulator, wait};

/// Two devices that speak LwM2M 1.0 and two that speak 1.1.
const SCENARIO: &str = r#"{
    "groups": [
        { "name": "1.0", "count": 2, "profile": "sensor", "lwm2m": "1.0", "prefix": "old-", "period_ms": 200 },
        { "name": "1.1", "count": 2, "profile": "meter", "lwm2m": "1.1", "prefix": "new-", "lifetime_s": 86400 }
    ]
}"#;

/// The server with the fleet registered.
struct Bench {
    leshan: LeshanServer,
    simulator: Simulator,
    _scenario: tempfile::NamedTempFile,
}

impl Bench {
    async fn start() -> Result<Self> {
        let leshan = LeshanServer::start().await?;
        let scenario = tempfile::NamedTempFile::new()?;
        std::fs::write(scenario.path(), SCENARIO)?;
        let file = scenario.path().to_str().context("a path of plain text")?;
        let simulator = Simulator::start_scenario(&leshan.coap_uri(), file)?;
        let bench = Self { leshan, simulator, _scenario: scenario };
        bench.wait_for(4).await?;
        Ok(bench)
    }

    /// Endpoint names and what the server knows, once there are so many.
    async fn wait_for(&self, count: usize) -> Result<BTreeMap<String, Value>> {
        wait::until(&format!("{count} devices at Leshan's server"), async || {
            let clients = self.leshan.clients().await?;
            let by_name = clients.into_iter().filter_map(|client| {
                let endpoint = client["endpoint"].as_str()?.to_owned();
                Some((endpoint, client))
            });
            let clients: BTreeMap<String, Value> = by_name.collect();
            Ok((clients.len() == count).then_some(clients))
        })
        .await
    }

    async fn read(&self, endpoint: &str, path: &str) -> Result<Value> {
        let answer = self.leshan.operate("GET", endpoint, path, "").await?;
        assert_eq!(answer["status"], "CONTENT(205)", "{endpoint} {path}: {answer}");
        Ok(answer["content"].clone())
    }
}

#[tokio::test]
async fn a_mixed_fleet_registers_and_deregisters() -> Result<()> {
    if !LeshanServer::or_skip() {
        return Ok(());
    }
    let mut bench = Bench::start().await?;
    let clients = bench.wait_for(4).await?;
    for (endpoint, version, lifetime) in
        [("old-1", "1.0", 300), ("old-2", "1.0", 300), ("new-1", "1.1", 86_400), ("new-2", "1.1", 86_400)]
    {
        let client = &clients[endpoint];
        assert_eq!(
            (&client["lwM2mVersion"], &client["bindingMode"]),
            (&version.into(), &"U".into()),
            "{client}"
        );
        assert_eq!(client["lifetime"], lifetime, "{client}");
        let links = client["objectLinks"].as_array().context("links")?;
        let has = |url: &str| links.iter().any(|link| link["url"] == url);
        assert!(has("/1/0") && has("/3/0") && has("/5/0") && !has("/0/0"), "{client}");
    }
    assert!(bench.simulator.process.terminate().await?.success());
    bench.wait_for(0).await?;
    Ok(())
}

#[tokio::test]
async fn devices_are_read_written_discovered_and_executed() -> Result<()> {
    if !LeshanServer::or_skip() {
        return Ok(());
    }
    let bench = Bench::start().await?;
    assert_eq!(bench.read("old-1", "/3/0/0").await?["value"].as_str().map(str::is_empty), Some(false));
    assert!(bench.read("old-2", "/3303/0/5700").await?["value"].is_f64());
    for endpoint in ["old-1", "new-1"] {
        let device = bench.read(endpoint, "/3/0").await?;
        let resources = device["resources"].as_array().context("resources")?;
        assert!(resources.len() > 12, "{device}");
        let codes = resources.iter().find(|resource| resource["id"] == 11);
        assert_eq!(codes.context("error codes")?["values"]["0"], 0, "{device}");

        let value = format!("Europe/{endpoint}");
        let body = format!(r#"{{"id":15,"value":"{value}"}}"#);
        let written = bench.leshan.operate("PUT", endpoint, "/3/0/15", &body).await?;
        assert_eq!(written["status"], "CHANGED(204)", "{written}");
        assert_eq!(bench.read(endpoint, "/3/0/15").await?["value"], value.as_str());

        let discovered = bench.leshan.operate("GET", endpoint, "/3/0/discover", "").await?;
        assert!(discovered["objectLinks"].as_array().is_some_and(|links| links.len() > 12), "{discovered}");

        let refused = bench.leshan.operate("POST", endpoint, "/5/0/2", "").await?;
        assert_eq!(refused["status"], "METHOD_NOT_ALLOWED(405)", "there is no firmware: {refused}");
    }
    let before = bench.wait_for(4).await?["new-2"]["registrationId"].clone();
    let rebooted = bench.leshan.operate("POST", "new-2", "/3/0/4", "").await?;
    assert_eq!(rebooted["status"], "CHANGED(204)", "{rebooted}");
    wait::until("the device to register anew", async || {
        let clients = bench.leshan.clients().await?;
        let is_new = |client: &Value| client["endpoint"] == "new-2" && client["registrationId"] != before;
        Ok(clients.iter().any(is_new).then_some(()))
    })
    .await
}

#[tokio::test]
async fn notifications_arrive() -> Result<()> {
    if !LeshanServer::or_skip() {
        return Ok(());
    }
    let bench = Bench::start().await?;
    for (endpoint, path) in [("old-1", "/3303/0/5700"), ("new-1", "/3/0/13")] {
        let mut events = bench.leshan.events(endpoint).await?;
        let observed = bench.leshan.operate("POST", endpoint, &format!("{path}/observe"), "").await?;
        assert_eq!(observed["status"], "CONTENT(205)", "{observed}");
        let first = events.next("NOTIFICATION").await?;
        assert_eq!((&first["ep"], &first["res"]), (&endpoint.into(), &path.into()), "{first}");
        let second = events.next("NOTIFICATION").await?;
        assert_ne!(first["val"]["value"], second["val"]["value"], "it moves");
    }
    Ok(())
}
