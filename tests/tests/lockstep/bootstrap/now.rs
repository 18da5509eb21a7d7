//! A device is made to bootstrap.

use anyhow::Result;
use coap::{Code, Options};
use console_api::{BootstrapBeginning, BootstrapNow, BootstrapNowBy};
use serde_json::json;
use whole_program_tests::TestContext;

use super::{SESSIONS, account, bootstrap, over, save, take_all};

/// LwM2M 1.1 Core §6.1.3.4
#[tokio::test]
async fn b_019_the_trigger_is_executed() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register_as("1.1", "meter", "</1/3>,</3/0>").await?;
    let now = "/api/v1/clients/meter/bootstrap";
    let (answer, ()) = tokio::try_join!(context.rest.post(now, ""), async {
        let execute = peer.receive_request(Code::POST, "/1/3/9").await?;
        peer.answer(&execute, Code::CHANGED, Options::new(), b"").await
    })?;
    let triggered: BootstrapNow = answer.json(202)?;
    assert_eq!((triggered.by, triggered.endpoint.as_str()), (BootstrapNowBy::Trigger, "meter"));
    let command = context.rest.get(&format!("/api/v1/commands/{}", triggered.id)).await?;
    assert_eq!(command.status, 200);

    // One that refuses, and is not connected, is bootstrapped by nobody.
    let (answer, ()) = tokio::try_join!(context.rest.post(now, ""), async {
        let execute = peer.receive_request(Code::POST, "/1/3/9").await?;
        peer.answer(&execute, Code::METHOD_NOT_ALLOWED, Options::new(), b"").await
    })?;
    let error = answer.error(409)?;
    assert!(error.code == "no_bootstrap" && error.message.contains("4.05"), "{error:?}");
    let nobody = context.rest.post("/api/v1/clients/nobody/bootstrap", "").await?;
    assert_eq!(nobody.error(404)?.code, "unknown_client");
    Ok(())
}

/// LwM2M 1.0 TS §5.2.3.4
#[tokio::test]
async fn b_020_a_device_of_1_0_is_bootstrapped_unasked() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    context.peer().await?.register_as("1.0", "meter", "</1/0>,</3/0>").await?;
    let now = "/api/v1/clients/meter/bootstrap";
    let unknown = context.rest.post(now, "").await?.error(409)?;
    assert!(unknown.code == "no_session" && unknown.details.is_some(), "{unknown:?}");

    let mut peer = context.bootstrap_peer().await?;
    bootstrap(&mut peer, "meter").await?;
    over(&context).await?;
    let begun: BootstrapNow = context.rest.post(now, "").await?.json(201)?;
    assert_eq!((begun.by, begun.id), (BootstrapNowBy::Session, 2));
    take_all(&peer).await?;
    let session = over(&context).await?;
    assert_eq!((session.id, session.begun_by), (2, BootstrapBeginning::Server));

    let begun = context.rest.post(SESSIONS, r#"{"endpoint":"meter"}"#).await?;
    begun.json::<BootstrapNow>(201)?;
    take_all(&peer).await?;
    let unknown = context.rest.post(SESSIONS, r#"{"endpoint":"lamp"}"#).await?;
    assert_eq!(unknown.error(409)?.code, "no_session");
    assert_eq!(context.rest.post(SESSIONS, "{").await?.error(400)?.code, "bad_request");
    Ok(())
}
