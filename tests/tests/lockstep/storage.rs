//! What the server says when it cannot keep anything, and that it acknowledges nothing then.

use std::{fs, path::Path, process::Stdio};

use anyhow::Result;
use coap::Code;
use console_api::{ServerStatus, StorageState, StorageStatus};
use tokio::process::Command;
use whole_program_tests::{TestContext, console_program, register_options, wait};

/// What a server says that cannot start on that directory.
async fn refused(data: &Path) -> Result<String> {
    let mut command = Command::new(console_program()?);
    command.args(["--http", "127.0.0.1:0", "--coap", "127.0.0.1:0", "--data"]).arg(data);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(wait::PATIENCE, output).await??;
    assert!(!output.status.success());
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn a_directory_in_use_is_named() -> Result<()> {
    let context = TestContext::start().await?;
    let said = refused(context.data()).await?;
    assert!(said.contains("in use") && said.contains(&context.data().display().to_string()), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_as_it_is() -> Result<()> {
    let data = tempfile::tempdir()?;
    let file = data.path().join("lwm2m-console.db");
    fs::write(&file, [b'x'; 8_192])?;
    let said = refused(data.path()).await?;
    assert!(said.contains("lwm2m-console.db is damaged") && said.contains("backup"), "{said}");
    assert_eq!(fs::read(&file)?, [b'x'; 8_192]);
    Ok(())
}

/// Files that may not grow are as good as a full disk, and can be had without one.
#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_and_with_room_again_everything_is() -> Result<()> {
    let context = TestContext::start_with_growing_files().await?;
    let mut peer = context.peer().await?;
    peer.register("before", 300, "</3/0>").await?;
    let (process, blocks) = (context.server.id()?.to_string(), "--fsize=4096:unlimited");
    limit_files(&process, blocks).await?;

    let refused = peer.exchange(Code::POST, register_options("during", 300), b"</3/0>").await?;
    assert_eq!(refused.code, Code::SERVICE_UNAVAILABLE, "{refused:?}");
    assert!(refused.options.max_age().is_some(), "{refused:?}");
    assert_eq!(context.client("during").await?, None);
    let label = r#"{"name":"n","tags":[],"notes":""}"#;
    let error = context.rest.put("/api/v1/clients/before/label", label).await?.error(503)?;
    assert!(error.message.contains("storage fails"), "{error:?}");
    assert!(context.client("before").await?.is_some(), "what was there can be read");
    let failing = status(&context).await?;
    assert_eq!(failing.state, StorageState::Failing);
    assert!(failing.why.is_some_and(|why| why.contains("storage fails")));

    limit_files(&process, "--fsize=unlimited:unlimited").await?;
    wait::until("the storage to work by itself", async || {
        Ok(Some(status(&context).await?).filter(|status| status.state == StorageState::Good))
    })
    .await?;
    peer.register("after", 300, "</3/0>").await?;
    Ok(())
}

async fn status(context: &TestContext) -> Result<StorageStatus> {
    let status: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    Ok(status.storage)
}

async fn limit_files(process: &str, limit: &str) -> Result<()> {
    let limited = Command::new("prlimit").args(["--pid", process, limit]).status().await?;
    anyhow::ensure!(limited.success(), "cannot limit the size of files");
    Ok(())
}
