//! What the rules say to the answers of a device.

use anyhow::{Context as _, Result};
use coap::Code;
use console_api::{
    AccessControl, AccessExplanation, AccessOperation, NamedValue, Operation, OperationRequest,
    OperationResponse, ValueContent,
};
use whole_program_tests::{TestContext, wait};

use super::{ScriptedDevice, guard, path, read};

const SENSOR: &str = "/3303/0/5700";

async fn read_sensor(context: &TestContext) -> Result<OperationResponse> {
    context.operate("lamp", &OperationRequest::new(Operation::Read, SENSOR)).await
}

async fn known(context: &TestContext) -> Result<AccessControl> {
    context.rest.get(&path("lamp", "?known=true")).await?.json(200)
}

/// A device whose sensor belongs to server 102.
async fn of_another(context: &TestContext) -> Result<ScriptedDevice> {
    let guards = vec![guard(0, (3303, 0), 102, &[(102, 7)]), guard(1, (1, 0), 101, &[])];
    ScriptedDevice::register(context, "lamp", guards).await
}

#[tokio::test]
async fn a_refusal_is_explained_by_what_was_read() -> Result<()> {
    let context = TestContext::start().await?;
    let device = of_another(&context).await?;
    device.inner().sensor = Code::UNAUTHORIZED;
    assert_eq!(read_sensor(&context).await?.explanation, None, "nothing is known");
    read(&context, "lamp").await?;
    let explained = read_sensor(&context).await?.explanation.context("an explanation")?;
    assert_eq!((explained.expected.as_str(), explained.agrees), ("4.01", true));
    assert!(explained.reason.contains("/2/0 has no entry for server 101"), "{}", explained.reason);
    let commands: serde_json::Value = context.rest.get("/api/v1/commands?limit=1").await?.json(200)?;
    let id = &commands["commands"][0]["id"];
    let command: serde_json::Value = context.rest.get(&format!("/api/v1/commands/{id}")).await?.json(200)?;
    assert_eq!(command["answer"]["explanation"]["expected"], "4.01", "{command}");
    assert_eq!(known(&context).await?.disagreements, []);
    Ok(())
}

/// Nothing of what is read may be, or one of what is written may not be (LwM2M 1.1 Core §8.2.3).
#[tokio::test]
async fn a_refusal_of_several_at_once_is_explained_too() -> Result<()> {
    let context = TestContext::start().await?;
    let device = of_another(&context).await?;
    device.inner().sensor = Code::UNAUTHORIZED;
    read(&context, "lamp").await?;
    let ask = async |mut request: OperationRequest| -> Result<AccessExplanation> {
        // A client of LwM2M 1.0 is not asked for it otherwise.
        request.force = true;
        context.operate("lamp", &request).await?.explanation.context("an explanation")
    };
    let mut reading = OperationRequest::new(Operation::ReadComposite, "/");
    reading.paths = Some(vec!["/3303/0/5601".into(), SENSOR.into()]);
    let mut writing = OperationRequest::new(Operation::WriteComposite, "/");
    let value = NamedValue { path: "/3303/0/5750".into(), value: ValueContent::Text("Hall".into()) };
    writing.values = Some(vec![value]);
    for request in [reading, writing] {
        let explained = ask(request).await?;
        assert_eq!((explained.expected.as_str(), explained.agrees), ("4.01", true), "{explained:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_does_what_it_should_refuse_is_told() -> Result<()> {
    let context = TestContext::start().await?;
    let device = of_another(&context).await?;
    read(&context, "lamp").await?;
    let answer = read_sensor(&context).await?;
    assert_eq!((answer.code.as_str(), answer.explanation), ("2.05", None));
    let told =
        wait::until("the disagreement", async || Ok(known(&context).await?.disagreements.pop())).await?;
    assert_eq!((told.operation, told.path.as_str()), (AccessOperation::Read, SENSOR));
    assert_eq!((told.expected.as_str(), told.got.as_str()), ("4.01", "2.05"));
    assert_eq!(read(&context, "lamp").await?.disagreements.len(), 1, "it still should");
    // With the rights that explain it there is no disagreement.
    device.inner().guards[0] = guard(0, (3303, 0), 102, &[(102, 7), (101, 1)]);
    assert_eq!(read(&context, "lamp").await?.disagreements, []);
    Ok(())
}

#[tokio::test]
async fn a_device_that_refuses_what_it_should_do_is_told() -> Result<()> {
    let context = TestContext::start().await?;
    let device = of_another(&context).await?;
    device.inner().guards[0] = guard(0, (3303, 0), 101, &[]);
    device.inner().sensor = Code::UNAUTHORIZED;
    read(&context, "lamp").await?;
    let explained = read_sensor(&context).await?.explanation.context("an explanation")?;
    assert_eq!((explained.expected.as_str(), explained.agrees), ("2.05", false));
    let told =
        wait::until("the disagreement", async || Ok(known(&context).await?.disagreements.pop())).await?;
    assert_eq!((told.expected.as_str(), told.got.as_str()), ("2.05", "4.01"));
    Ok(())
}
