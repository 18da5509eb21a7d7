//! Leshan's client is told its servers by our Bootstrap-Server.

use anyhow::{Context as _, Result};
use console_api::{
    BootstrapBeginning, BootstrapConversation, BootstrapOperation, BootstrapSessionList, BootstrapState,
    SavedBootstrapConfiguration,
};
use serde_json::{Value, json};
use whole_program_tests::{Leshan, TestContext, wait};

use crate::{BOOTSTRAP_KEY, add_psk, registered_with_psk};

const ENDPOINT: &str = "leshan";

/// Where the device is to register, with a key that is made for it.
async fn configured(context: &TestContext, access_control: Value) -> Result<()> {
    let configuration = json!({
        "name": "Leshan's clients",
        "assigned": [{ "pattern": "lesh*" }],
        "delete": ["/0", "/1"],
        "servers": [{
            "uri": context.coaps_uri(),
            "short_server_id": 123,
            "security_mode": "psk",
            "lifetime_s": 120,
        }],
        "access_control": access_control,
    });
    let saved = context.rest.post("/api/v1/bootstrap/configurations", &configuration.to_string()).await?;
    saved.json::<SavedBootstrapConfiguration>(201)?;
    Ok(())
}

/// The one session that there was, when the device has registered after it.
async fn conversation(context: &TestContext) -> Result<BootstrapConversation> {
    wait::until("the session to end in a registration", async || {
        let path = format!("/api/v1/bootstrap/sessions?endpoint={ENDPOINT}");
        let list: BootstrapSessionList = context.rest.get(&path).await?.json(200)?;
        anyhow::ensure!(list.sessions.len() <= 1, "{list:?}");
        let id = list.sessions.first().filter(|session| session.registered_at_ms.is_some()).map(|it| it.id);
        let Some(id) = id else { return Ok(None) };
        context.rest.get(&format!("/api/v1/bootstrap/sessions/{id}")).await?.json(200).map(Some)
    })
    .await
}

async fn it_was_told(context: &TestContext) -> Result<()> {
    registered_with_psk(context, ENDPOINT).await?;
    let BootstrapConversation { session, steps } = conversation(context).await?;
    assert_eq!((session.state, session.begun_by), (BootstrapState::Finished, BootstrapBeginning::Client));
    assert_eq!(session.failure, None);
    let refused = steps.iter().find(|step| step.failed);
    assert_eq!(refused, None);
    let asked = |operation, path: &str| {
        steps.iter().any(|step| step.operation == operation && step.path == path && !step.code.contains('.'))
    };
    for (operation, path) in [
        (BootstrapOperation::Request, "/bs"),
        (BootstrapOperation::Discover, "/"),
        (BootstrapOperation::Delete, "/0"),
        (BootstrapOperation::Delete, "/1"),
        (BootstrapOperation::Write, "/1/0"),
        (BootstrapOperation::Finish, "/bs"),
    ] {
        assert!(asked(operation, path), "{operation:?} {path} is not among {steps:?}");
    }
    // The client's own account is in instance 0.
    assert!(!asked(BootstrapOperation::Write, "/0/0"), "{steps:?}");
    let security = steps.iter().find(|step| step.path.starts_with("/0/") && !step.payload.is_empty());
    let masked = &security.context("a Security Object Instance")?.masked;
    assert!(masked.iter().any(|path| path.ends_with("/5")), "{masked:?}");
    Ok(())
}

#[tokio::test]
async fn b_001_b_014_it_is_bootstrapped_without_security() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    configured(&context, json!([])).await?;
    let server = format!("coap://{}", context.bootstrap_coap);
    let _leshan = Leshan::bootstrap_from(&server, ENDPOINT, &[]).await?;
    it_was_told(&context).await
}

#[tokio::test]
async fn b_017_it_is_bootstrapped_with_a_pre_shared_key() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    configured(&context, json!([])).await?;
    add_psk(&context, "bootstrap", ENDPOINT, BOOTSTRAP_KEY).await?;
    let server = format!("coaps://{}", context.bootstrap_coaps);
    let psk = format!("{ENDPOINT}:{BOOTSTRAP_KEY}");
    let _leshan = Leshan::bootstrap_from(&server, ENDPOINT, &["--psk", &psk]).await?;
    it_was_told(&context).await
}
