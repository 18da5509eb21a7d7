//! Simulated devices within the server.

use anyhow::Result;
use console_api::{Operation, OperationRequest, ServerStatus, SimulatedDevices};
use whole_program_tests::TestContext;

const DEVICES: &str = "/api/v1/simulated-devices";

#[tokio::test]
async fn devices_start_register_answer_and_de_register() -> Result<()> {
    let context = TestContext::start().await?;
    let none: SimulatedDevices = context.rest.get(DEVICES).await?.json(200)?;
    assert_eq!(none.endpoints, [""; 0]);
    let first: SimulatedDevices = context.rest.post(DEVICES, "{}").await?.json(201)?;
    assert_eq!(first.endpoints.len(), 1, "one where no number is named");
    let more = r#"{"count":2,"profile":"meter"}"#;
    let all: SimulatedDevices = context.rest.post(DEVICES, more).await?.json(201)?;
    assert_eq!((all.endpoints.len(), &all.endpoints[0]), (3, &first.endpoints[0]));
    for endpoint in &all.endpoints {
        context.registered(endpoint).await?;
    }
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let answer = context.operate(&all.endpoints[0], &read).await?;
    assert_eq!((answer.code.as_str(), answer.values.len()), ("2.05", 1));
    let status: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    assert_eq!((status.simulated, status.clients), (3, 3));

    assert_eq!(context.rest.delete(DEVICES).await?.status, 204);
    assert_eq!(context.clients().await?, [], "they de-register");
    let none: SimulatedDevices = context.rest.get(DEVICES).await?.json(200)?;
    assert_eq!(none.endpoints, [""; 0]);
    let again: SimulatedDevices = context.rest.post(DEVICES, "{}").await?.json(201)?;
    assert_eq!(again.endpoints, first.endpoints);
    context.registered(&again.endpoints[0]).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_possible_is_refused_with_what_is() -> Result<()> {
    let context = TestContext::start().await?;
    for (body, expected, got) in [
        (r#"{"count":0}"#, "1 to 100", "0"),
        (r#"{"count":101}"#, "1 to 100", "101"),
        (r#"{"profile":"toaster"}"#, "demo, sensor, meter", "toaster"),
    ] {
        let details = context.rest.post(DEVICES, body).await?.error(400)?.details.expect("details");
        assert!(details.expected.starts_with(expected) && details.got == got, "{body}: {details:?}");
    }
    assert_eq!(context.rest.post(DEVICES, r#"{"counts":1}"#).await?.status, 422);
    let full: SimulatedDevices =
        context.rest.post(DEVICES, r#"{"count":100,"profile":"light"}"#).await?.json(201)?;
    assert_eq!(full.endpoints.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    let one_more = context.rest.post(DEVICES, "{}").await?.error(409)?;
    assert_eq!(one_more.code, "too_many_devices");
    let status: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    let limit = status.limits.iter().find(|limit| limit.name == "simulated_devices").expect("the limit");
    assert_eq!((limit.used, limit.limit, limit.reached), (100, 100, 1));
    Ok(())
}

/// Who stops the server finds nobody who was left behind.
#[tokio::test]
async fn devices_end_with_the_server() -> Result<()> {
    let mut context = TestContext::start().await?;
    let devices: SimulatedDevices = context.rest.post(DEVICES, r#"{"count":3}"#).await?.json(201)?;
    context.registered(&devices.endpoints[2]).await?;
    context.server.terminate().await?;
    context.restart().await?;
    let none: SimulatedDevices = context.rest.get(DEVICES).await?.json(200)?;
    assert_eq!(none.endpoints, [""; 0]);
    assert_eq!(context.clients().await?, []);
    Ok(())
}
