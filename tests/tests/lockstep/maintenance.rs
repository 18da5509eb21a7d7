//! `lwm2m-console backup` and `lwm2m-console check`.

use std::{fs, path::Path, process::Output};

use anyhow::Result;
use coap::{Code, Options};
use tokio::process::Command;
use whole_program_tests::{TestContext, console_program};

async fn run(arguments: &[&str], data: &Path) -> Result<Output> {
    let mut command = Command::new(console_program()?);
    Ok(command.args(arguments).arg("--data").arg(data).output().await?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_a_server_of_that_moment() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</3/0>").await?;
    context.rest.put("/api/v1/clients/lamp/label", r#"{"name":"Hall","tags":["a"],"notes":"n"}"#).await?;

    let parent = tempfile::tempdir()?;
    let to = parent.path().join("backup");
    let backed_up = run(&["backup", "--to", &to.display().to_string()], context.data()).await?;
    assert!(backed_up.status.success(), "{}", text(&backed_up.stderr));
    assert!(text(&backed_up.stdout).contains("lwm2m-console.db"), "{}", text(&backed_up.stdout));
    // What comes after is not in it.
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;

    for data in [context.data(), &to] {
        let checked = run(&["check"], data).await?;
        assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
        assert!(text(&checked.stdout).contains("registration: "), "{}", text(&checked.stdout));
    }
    let again = run(&["backup", "--to", &to.display().to_string()], context.data()).await?;
    assert!(!again.status.success() && text(&again.stderr).contains("empty"), "{}", text(&again.stderr));

    let restored = TestContext::start_on(&to).await?;
    let client = restored.registered("lamp").await?;
    assert_eq!((client.name.as_deref(), client.tags), (Some("Hall"), vec!["a".to_owned()]));
    let mut peer = restored.peer().await?;
    let update = peer.exchange(Code::POST, Options::new().with_path(&location), b"").await?;
    assert_eq!(update.code, Code::CHANGED);
    Ok(())
}

#[tokio::test]
async fn what_is_not_whole_is_found() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    context.server.terminate().await?;
    let file = context.data().join("lwm2m-console.db");
    let mut bytes = fs::read(&file)?;
    bytes[4_096..6_000].fill(0xa5);
    fs::write(&file, bytes)?;
    let checked = run(&["check"], context.data()).await?;
    assert_eq!(checked.status.code(), Some(1));
    let (out, error) = (text(&checked.stdout), text(&checked.stderr));
    assert!(out.contains("wrong: ") && error.contains("not whole"), "{out}{error}");

    let nothing = tempfile::tempdir()?;
    let checked = run(&["check"], nothing.path()).await?;
    assert_eq!(checked.status.code(), Some(1), "{}", text(&checked.stdout));
    Ok(())
}
