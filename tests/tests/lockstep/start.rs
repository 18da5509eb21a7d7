//! Starting and stopping the server.

use std::process::{Output, Stdio};

use anyhow::Result;
use tokio::process::Command;
use whole_program_tests::{TestContext, console_program};

async fn start_and_fail(arguments: &[&str]) -> Result<Output> {
    let data = tempfile::tempdir()?;
    let mut command = Command::new(console_program()?);
    command.args(arguments).arg("--data").arg(data.path()).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(whole_program_tests::wait::PATIENCE, command.output()).await??;
    assert!(!output.status.success());
    Ok(output)
}

#[tokio::test]
async fn the_console_is_not_offered_to_the_network() -> Result<()> {
    let output = start_and_fail(&["serve", "--http", "0.0.0.0:0", "--coap", "127.0.0.1:0"]).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("0.0.0.0:0") && said.contains("loopback"), "{said}");
    Ok(())
}

#[tokio::test]
async fn an_address_in_use_is_named() -> Result<()> {
    let first = TestContext::start().await?;
    let (http, coap) = (first.http.to_string(), first.coap.to_string());
    let output = start_and_fail(&["--http", &http, "--coap", "127.0.0.1:0"]).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&http) && said.contains("--http"), "{said}");

    let output = start_and_fail(&["--http", "127.0.0.1:0", "--coap", &coap]).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&coap) && said.contains("--coap"), "{said}");
    Ok(())
}

#[tokio::test]
async fn it_stops_when_asked_even_with_a_console_open() -> Result<()> {
    let mut context = TestContext::start().await?;
    let _console = context.events().await?;
    let status = context.server.terminate().await?;
    assert!(status.success(), "{status}");
    Ok(())
}

#[tokio::test]
async fn it_says_how_it_is() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    let status: console_api::ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    assert_eq!(status.coap, context.coap_uri());
    assert_eq!((status.clients, status.observations), (1, 0));
    assert!(status.datagrams_received >= 1 && status.datagrams_sent >= 1);
    Ok(())
}
