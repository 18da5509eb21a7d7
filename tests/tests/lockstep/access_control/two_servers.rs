//! Two servers, and a simulated device that has an account with each of them and enforces who may do what.

use std::time::Duration;

use anyhow::{Context as _, Result};
use console_api::{
    AccessControlApplied, AccessControlPlan, Operation, OperationRequest, OperationResponse, Source, Topic,
    ValueContent,
};
use serde_json::{Value, json};
use tokio::time::timeout;
use whole_program_tests::{Simulator, TestContext};

use super::{acl, path, read, wanted};

const SENSOR: &str = "/3303/0/5700";

/// How long a notification does not come, where several would.
const SILENCE: Duration = Duration::from_secs(2);

/// `/2/0` guards the Device Object, `/2/1` the sensor, both of server 101. Server 102 owns its account.
async fn device(first: &TestContext, second: &TestContext) -> Result<Simulator> {
    let directory = tempfile::tempdir()?;
    let factory = directory.path().join("factory.json");
    let account = |uri: String, server: u16| json!({ "0": uri, "1": false, "2": 3, "3": "", "4": "", "5": "", "10": server });
    let server = |server: u16| json!({ "0": server, "1": 3600, "6": true, "7": "U" });
    let data = json!({
        "/0/0": account(first.coap_uri(), 101),
        "/0/1": account(second.coap_uri(), 102),
        "/1/0": server(101),
        "/1/1": server(102),
        "/2/0": { "0": 3, "1": 0, "2": { "101": 15 }, "3": 101 },
        "/2/1": { "0": 3303, "1": 0, "2": { "101": 15 }, "3": 101 },
        "/2/2": { "0": 1, "1": 0, "2": { "101": 15 }, "3": 101 },
        "/2/3": { "0": 1, "1": 1, "2": { "102": 15 }, "3": 102 },
    });
    std::fs::write(&factory, data.to_string())?;
    let file = factory.display().to_string();
    let options = ["--factory", &file, "--name", "shared", "--profile", "sensor", "--period-ms", "100"];
    let simulator = Simulator::with_factory_data(&options)?;
    first.registered("shared").await?;
    second.registered("shared").await?;
    Ok(simulator)
}

async fn operate(context: &TestContext, request: Value) -> Result<OperationResponse> {
    context.operate("shared", &serde_json::from_value(request)?).await
}

async fn apply(context: &TestContext, instance: Value) -> Result<AccessControlApplied> {
    let wish = json!({ "instances": [instance] });
    context.rest.post(&path("shared", "/apply"), &wish.to_string()).await?.json(200)
}

#[tokio::test]
async fn what_one_server_grants_and_withdraws_the_other_can_and_cannot_do() -> Result<()> {
    let (first, second) = (TestContext::start().await?, TestContext::start().await?);
    let _device = device(&first, &second).await?;
    assert_eq!(read(&first, "shared").await?.server, Some(101));
    assert_eq!(read(&second, "shared").await?.server, Some(102));

    let write = json!({ "op": "write", "path": "/3/0/14", "value": "+02:00" });
    let refused = operate(&second, write.clone()).await?;
    assert_eq!(refused.code, "4.01");
    let explained = refused.explanation.context("an explanation")?;
    assert_eq!((explained.expected.as_str(), explained.agrees), ("4.01", true));
    assert!(explained.reason.contains("/2/0"), "{}", explained.reason);

    let device_object = |acl: Value| wanted(0, (3, 0), 101, &acl);
    assert_eq!(apply(&first, device_object(json!({ "101": 15, "102": 2 }))).await?.stopped, None);
    assert_eq!(operate(&second, write.clone()).await?.code, "2.04");
    let offset = OperationRequest::new(Operation::Read, "/3/0/14");
    let offset_now = first.operate("shared", &offset).await?;
    assert_eq!(offset_now.values[0].value, ValueContent::Text("+02:00".into()));
    // The right to write is none to read.
    assert_eq!(second.operate("shared", &offset).await?.code, "4.01");

    assert_eq!(apply(&first, device_object(json!({ "101": 15 }))).await?.stopped, None);
    assert_eq!(operate(&second, write).await?.code, "4.01");
    Ok(())
}

#[tokio::test]
async fn nobody_changes_what_another_server_owns() -> Result<()> {
    let (first, second) = (TestContext::start().await?, TestContext::start().await?);
    let _device = device(&first, &second).await?;
    let grab = wanted(0, (3, 0), 102, &json!({ "102": 15 }));
    let wish = json!({ "instances": [grab] });
    let planned = second.rest.post(&path("shared", "/plan"), &wish.to_string()).await?;
    let planned: AccessControlPlan = planned.json(200)?;
    assert_eq!((planned.writes.len(), planned.obstacles[0].id), (0, 0));
    assert!(planned.obstacles[0].why.contains("101"), "{:?}", planned.obstacles);
    // The device thinks so too.
    let forced = json!({ "op": "write", "path": "/2/0/2/102", "value": 15 });
    assert_eq!(operate(&second, forced).await?.code, "4.01");
    assert_eq!(acl(&read(&first, "shared").await?.instances[0]), [(101, 15)]);
    // What is given away belongs to the other one.
    let given = apply(&first, wanted(0, (3, 0), 102, &json!({ "101": 15 }))).await?;
    assert_eq!(given.stopped, None);
    let taken = apply(&second, wanted(0, (3, 0), 102, &json!({ "101": 1, "102": 15 }))).await?;
    assert_eq!(taken.stopped, None);
    assert_eq!(
        operate(&first, json!({ "op": "write", "path": "/3/0/14", "value": "Z" })).await?.code,
        "4.01"
    );
    Ok(())
}

/// LwM2M 1.1 Core §8.2: the right to read is looked at before each Notify.
#[tokio::test]
async fn notifications_end_with_the_right_to_read() -> Result<()> {
    let (first, second) = (TestContext::start().await?, TestContext::start().await?);
    let _device = device(&first, &second).await?;
    let sensor = |acl: Value| wanted(1, (3303, 0), 101, &acl);
    assert_eq!(apply(&first, sensor(json!({ "101": 15, "102": 1 }))).await?.stopped, None);
    let mut events = second.events().await?;
    events.subscribe(Topic::Device("shared".into())).await?;
    let observed = second.operate("shared", &OperationRequest::new(Operation::Observe, SENSOR)).await?;
    assert_eq!(observed.code, "2.05");
    for _ in 0..3 {
        assert_eq!(events.reported(Source::Notify).await?.path, SENSOR);
    }
    assert_eq!(apply(&first, sensor(json!({ "101": 15 }))).await?.stopped, None);
    // What was under way when the right went.
    let mut events = second.events().await?;
    events.subscribe(Topic::Device("shared".into())).await?;
    let late = timeout(SILENCE, events.reported(Source::Notify)).await;
    assert!(late.is_err(), "{late:?}");
    // It is not gone for good.
    assert_eq!(apply(&first, sensor(json!({ "101": 15, "102": 1 }))).await?.stopped, None);
    assert_eq!(events.reported(Source::Notify).await?.path, SENSOR);
    Ok(())
}
