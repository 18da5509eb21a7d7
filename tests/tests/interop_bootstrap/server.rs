//! Our simulated devices are told their servers by Leshan's Bootstrap-Server.

use anyhow::Result;
use whole_program_tests::{LeshanBootstrapServer, Simulator, TestContext};

use crate::{BOOTSTRAP_KEY, SERVER_KEY, add_psk, registered_with_psk};

const ENDPOINT: &str = "sim-1";

/// Leshan's Bootstrap-Server, which sends devices to ours.
async fn bootstrap_server(context: &TestContext, options: &[&str]) -> Result<LeshanBootstrapServer> {
    add_psk(context, "device_management", ENDPOINT, SERVER_KEY).await?;
    let (server, psk) = (context.coaps_uri(), format!("{ENDPOINT}:{SERVER_KEY}"));
    let options = [&["--server", &server, "--server-psk", &psk], options].concat();
    LeshanBootstrapServer::start(&options).await
}

async fn it_is_told(context: &TestContext, leshan: &mut LeshanBootstrapServer) -> Result<()> {
    leshan.process.line_with(&format!("{ENDPOINT} finished")).await?;
    registered_with_psk(context, ENDPOINT).await?;
    let server = context.registered(ENDPOINT).await?;
    assert_eq!(server.lifetime_s, 300);
    Ok(())
}

#[tokio::test]
async fn c_003_c_005_a_device_is_bootstrapped_without_security() -> Result<()> {
    if !LeshanBootstrapServer::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let mut leshan = bootstrap_server(&context, &[]).await?;
    let _simulator = Simulator::bootstrap_from(&leshan.coap_uri(), &["--name", ENDPOINT])?;
    it_is_told(&context, &mut leshan).await
}

#[tokio::test]
async fn c_003_c_005_a_device_is_bootstrapped_with_a_pre_shared_key() -> Result<()> {
    if !LeshanBootstrapServer::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let device = format!("{ENDPOINT}:{ENDPOINT}:{BOOTSTRAP_KEY}");
    let mut leshan = bootstrap_server(&context, &["--device-psk", &device]).await?;
    let psk = format!("{ENDPOINT}:{BOOTSTRAP_KEY}");
    let _simulator = Simulator::bootstrap_from(&leshan.coaps_uri(), &["--name", ENDPOINT, "--psk", &psk])?;
    it_is_told(&context, &mut leshan).await
}
