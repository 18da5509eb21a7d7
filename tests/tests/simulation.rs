//! The server with a fleet of simulated devices.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use console_api::{Client, Event, FleetView, Operation, OperationRequest, Source, Topic, ValueContent};
use netsim::{NetworkConditions, Proxy, ProxyConfig};
use whole_program_tests::{Simulator, TestContext, wait};

const FLEET: usize = 24;

async fn all_registered(context: &TestContext, clients: usize) -> Result<Vec<Client>> {
    wait::until(&format!("{clients} devices to register"), async || {
        let registered = context.clients().await?;
        Ok((registered.len() == clients).then_some(registered))
    })
    .await
}

/// A device of the fleet with a temperature sensor, which changes by itself.
async fn with_temperature(context: &TestContext) -> Result<String> {
    wait::until("a device with a temperature", async || {
        let clients = context.clients().await?;
        let found = clients.iter().find(|client| client.objects.iter().any(|object| object.id == 3303));
        Ok(found.map(|client| client.endpoint.clone()))
    })
    .await
}

#[tokio::test]
async fn a_fleet_registers() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, FLEET, &[])?;
    let clients = all_registered(&context, FLEET).await?;
    for client in &clients {
        assert!(client.objects.iter().any(|object| object.id == 3), "{client:?}");
        assert!(client.remarks.is_empty(), "{:?}", client.remarks);
    }
    Ok(())
}

#[tokio::test]
async fn every_device_answers_a_read() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, FLEET, &[])?;
    for client in all_registered(&context, FLEET).await? {
        let read = OperationRequest::new(Operation::Read, "/3/0");
        let answer = context.operate(&client.endpoint, &read).await?;
        assert_eq!(answer.code, "2.05", "{}", client.endpoint);
        assert_eq!(answer.decode_error, None);
        assert!(answer.values.len() > 3, "{:?}", answer.values);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_written_can_be_read_again() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 1, &[])?;
    let endpoint = all_registered(&context, 1).await?.remove(0).endpoint;
    let value = ValueContent::Text("Europe/Stockholm".into());
    let mut write = OperationRequest::new(Operation::Write, "/3/0/15");
    write.value = Some(value.clone());
    assert_eq!(context.operate(&endpoint, &write).await?.code, "2.04");
    let read = OperationRequest::new(Operation::Read, "/3/0/15");
    assert_eq!(context.operate(&endpoint, &read).await?.values[0].value, value);

    let mut not_writable = OperationRequest::new(Operation::Write, "/3/0/0");
    not_writable.value = Some(value);
    assert_eq!(context.operate(&endpoint, &not_writable).await?.code, "4.05");
    Ok(())
}

#[tokio::test]
async fn execute_and_discover() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 1, &[])?;
    let before = all_registered(&context, 1).await?.remove(0);
    let endpoint = before.endpoint;
    let execute = OperationRequest::new(Operation::Execute, "/3/0/4");
    assert_eq!(context.operate(&endpoint, &execute).await?.code, "2.04");
    // Reboot: what it is asked before it has registered again, it may never answer.
    wait::until("the device to register again", async || {
        let client = context.registered(&endpoint).await?;
        Ok((client.registration_id != before.registration_id).then_some(()))
    })
    .await?;
    let discover = OperationRequest::new(Operation::Discover, "/3");
    let answer = context.operate(&endpoint, &discover).await?;
    assert_eq!((answer.code.as_str(), answer.content_format), ("2.05", Some(40)));
    let unknown = OperationRequest::new(Operation::Read, "/3/0/9999");
    assert_eq!(context.operate(&endpoint, &unknown).await?.code, "4.04");
    Ok(())
}

/// A server names parts of the device by instances of its own.
#[tokio::test]
async fn c_052_instances_of_portfolio_are_created_and_deleted() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 1, &["--prefix", "lamp"])?;
    let endpoint = &all_registered(&context, 1).await?[0].endpoint;
    let ask = async |json: &str| context.operate(endpoint, &serde_json::from_str(json)?).await;
    let created = ask(r#"{"op":"create","path":"/16","values":[{"path":"0/0","value":"Pump"}]}"#).await?;
    assert_eq!((created.code.as_str(), created.location.as_deref()), ("2.01", Some("/16/1")));
    let read = ask(r#"{"op":"read","path":"/16/1/0"}"#).await?;
    assert_eq!(read.values[0].value, ValueContent::Text("Pump".into()));
    assert_eq!(ask(r#"{"op":"delete","path":"/16/1"}"#).await?.code, "2.02");
    assert_eq!(ask(r#"{"op":"read","path":"/16/1"}"#).await?.code, "4.04");
    Ok(())
}

#[tokio::test]
async fn notifications_arrive_until_the_observation_is_cancelled() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 4, &[])?;
    let endpoint = with_temperature(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(endpoint.clone())).await?;
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    assert_eq!(context.operate(&endpoint, &observe).await?.code, "2.05");

    let mut sequences = Vec::new();
    while sequences.len() < 3 {
        let reported = events.reported(Source::Notify).await?;
        assert_eq!(reported.path, "/3303/0/5700");
        assert!(!reported.payload.is_empty());
        sequences.extend(reported.sequence);
    }
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");

    let cancel = OperationRequest::new(Operation::CancelObservation, "/3303/0/5700");
    assert_eq!(context.operate(&endpoint, &cancel).await?.code, "2.05");
    let status: console_api::ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    assert_eq!(status.observations, 0);
    Ok(())
}

#[tokio::test]
async fn a_fleet_that_is_asked_to_stop_deregisters() -> Result<()> {
    let context = TestContext::start().await?;
    let mut simulator = Simulator::start(&context, FLEET, &[])?;
    all_registered(&context, FLEET).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Fleet(FleetView { limit: 10, ..FleetView::default() })).await?;
    let status = simulator.process.terminate().await?;
    assert!(status.success(), "{status}");
    // It does not wait for long: what it has sent may be on its way.
    all_registered(&context, 0).await?;
    let why = events.find("a departure", |event| match event {
        Event::Departed { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why.await?, console_api::Departure::Deregistered);
    Ok(())
}

#[tokio::test]
async fn a_fleet_that_is_killed_expires() -> Result<()> {
    let context = TestContext::start().await?;
    let mut simulator = Simulator::start(&context, 5, &["--lifetime", "3"])?;
    all_registered(&context, 5).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Fleet(FleetView { limit: 10, ..FleetView::default() })).await?;
    simulator.process.kill().await?;
    let why = events.find("a departure", |event| match event {
        Event::Departed { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why.await?, console_api::Departure::Expired);
    all_registered(&context, 0).await?;
    Ok(())
}

/// Datagrams are lost, late, doubled and overtaken, and every few seconds each device has another address, as behind
/// a NAT. What was asked for happens all the same, only later.
#[tokio::test]
async fn a_bad_network_with_changing_addresses_only_delays() -> Result<()> {
    const DEVICES: usize = 4;
    const PATIENCE: Duration = Duration::from_secs(90);
    let context = TestContext::start().await?;
    let proxy = bad_network(context.coap)?;
    let server = format!("coap://{}", proxy.address());
    // Updates tell the server of new addresses: one every 2 s.
    let _simulator = Simulator::start_towards(&server, DEVICES, &["--lifetime", "4"])?;
    wait::until_within(PATIENCE, "every device to register", async || {
        Ok((context.clients().await?.len() == DEVICES).then_some(()))
    })
    .await?;
    for client in context.clients().await? {
        answered(&context, &client.endpoint, Operation::Read, "/3/0", PATIENCE).await?;
    }

    let endpoint = with_temperature(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(endpoint.clone())).await?;
    answered(&context, &endpoint, Operation::Observe, "/3303/0/5700", PATIENCE).await?;
    let before = context.registered(&endpoint).await?.address;
    let notified = async {
        loop {
            events.reported(Source::Notify).await?;
            if context.client(&endpoint).await?.is_some_and(|client| client.address != before) {
                // From where the device is now, not only from where it was when it was asked.
                return events.reported(Source::Notify).await;
            }
        }
    };
    let reported = tokio::time::timeout(PATIENCE, notified).await??;
    assert_eq!(reported.path, "/3303/0/5700");
    Ok(())
}

fn bad_network(upstream: SocketAddr) -> Result<Proxy> {
    let conditions = NetworkConditions {
        loss: 0.1,
        delay_ms: 5..=50,
        duplicate: 0.05,
        reorder: 0.1,
        hold_back_ms: 1..=200,
        ..NetworkConditions::default()
    };
    Ok(Proxy::start(ProxyConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        upstream,
        conditions,
        rebind_every: Some(Duration::from_secs(6)),
        seed: 1,
        pcap: None,
    })?)
}

/// Repeats an operation until the device answers it; a request that went to its former address gets no answer.
async fn answered(
    context: &TestContext,
    endpoint: &str,
    operation: Operation,
    path: &str,
    patience: Duration,
) -> Result<()> {
    let mut request = OperationRequest::new(operation, path);
    request.timeout_ms = Some(5_000);
    wait::until_within(patience, &format!("an answer of {endpoint}"), async || {
        let answer = context.try_operate(endpoint, &request).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let answer: console_api::OperationResponse = answer.json(200)?;
        assert_eq!(answer.code, "2.05", "{endpoint}");
        Ok(Some(()))
    })
    .await
}
