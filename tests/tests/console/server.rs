//! The Server page.

use anyhow::Result;
use coap::Code;
use console_api::{Retention, ServerStatus};
use tokio::process::Command;
use whole_program_tests::{Browser, TestContext, register_options, wait};

use crate::open_live;

async fn status(context: &TestContext) -> Result<ServerStatus> {
    context.rest.get("/api/v1/server").await?.json(200)
}

/// `1,204` as a number.
fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

#[tokio::test]
async fn what_it_shows_is_what_the_server_says() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</3/0>").await?;
    Browser::run("what_it_shows_is_what_the_server_says", async |browser| {
        open_live(browser, &context, "/server").await?;
        let now = status(&context).await?;
        browser.see_text("[data-testid=server-version]", |text| text == now.version).await?;
        browser.see_text("[data-testid=addresses]", |text| text.contains(&context.coap_uri())).await?;
        browser.see_text("[data-testid=server-clients]", |text| text == "1").await?;
        browser.see_text("[data-testid=count-awake]", |text| text == "1").await?;
        browser.see_text("[data-testid=server-consoles]", |text| text.starts_with("1 ")).await?;
        browser.see_text("[data-testid=server-memory]", |text| text.ends_with(" MB")).await?;

        // It follows without a click.
        let mut other = context.peer().await?;
        other.register("other", 300, "</3/0>").await?;
        browser.see_text("[data-testid=server-clients]", |text| text == "2").await?;
        let received = "[data-testid=total-DatagramsReceived]";
        wait::until("the page and the server to agree", async || {
            let shown = browser.see(received).await?.text().await?;
            let server = status(&context).await?.datagrams_received;
            Ok((number(&shown) == Some(server)).then_some(()))
        })
        .await?;
        browser.fits_its_width().await
    })
    .await
}

#[tokio::test]
async fn every_limit_of_the_server_is_shown() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("every_limit_of_the_server_is_shown", async |browser| {
        open_live(browser, &context, "/server").await?;
        let limits = status(&context).await?.limits;
        anyhow::ensure!(!limits.is_empty(), "the server tells of no limit");
        browser.see_count("[data-testid=limit]", limits.len()).await?;
        for limit in limits {
            let row = format!("[data-testid=limit][data-name={:?}]", limit.name);
            let bound = format!("{row} [data-testid=limit-bound]");
            browser.see_text(&bound, |text| number(text) == Some(limit.limit)).await?;
            let told = |text: &str| text.contains(&limit.title) && text.contains(&limit.at_limit);
            browser.see_text(&row, told).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_address_is_copied() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("an_address_is_copied", async |browser| {
        open_live(browser, &context, "/server").await?;
        let button = "[data-testid=addresses] .copy-button";
        browser.click(button).await?;
        browser.see_text(button, |text| text == "Copied").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn simulated_devices_are_started_and_stopped() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("simulated_devices_are_started_and_stopped", async |browser| {
        open_live(browser, &context, "/server").await?;
        browser.fill("[data-testid=simulated-many]", "3").await?;
        browser.click("[data-testid=simulated-start]").await?;
        let count = "[data-testid=simulated-count]";
        browser.see_text(count, |text| text == "3 running").await?;
        browser.see_text("[data-testid=server-clients]", |text| text == "3").await?;
        let endpoints: Vec<_> = context.clients().await?.into_iter().map(|client| client.endpoint).collect();
        anyhow::ensure!(endpoints.len() == 3, "expected three devices, got {endpoints:?}");
        browser.click("[data-testid=simulated-stop]").await?;
        browser.see_text(count, |text| text == "none running").await?;
        browser.see_text("[data-testid=server-clients]", |text| text == "0").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn storage_is_shown_and_what_is_kept_is_decided() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("storage_is_shown_and_what_is_kept_is_decided", async |browser| {
        open_live(browser, &context, "/server").await?;
        browser.see_text("[data-testid=storage-state]", |text| text == "Good").await?;
        let directory = context.data().display().to_string();
        browser.see_text("[data-testid=storage-directory]", |text| text == directory).await?;
        browser.fill("[data-testid=retention-days]", "12").await?;
        browser.fill("[data-testid=retention-size]", "2.5").await?;
        browser.click("[data-testid=retention-save]").await?;
        wait::until("the retention to be stored", async || {
            let kept: Retention = context.rest.get("/api/v1/server/retention").await?.json(200)?;
            Ok((kept == Retention { days: 12, bytes: 2_500_000_000 }).then_some(()))
        })
        .await
    })
    .await
}

/// Files that may not grow are as good as a full disk.
#[tokio::test]
async fn every_page_says_when_nothing_can_be_stored_and_when_it_can_again() -> Result<()> {
    let context = TestContext::start_with_growing_files().await?;
    let mut peer = context.peer().await?;
    let process = context.server.id()?.to_string();
    Browser::run("every_page_says_when_nothing_can_be_stored_and_when_it_can_again", async |browser| {
        open_live(browser, &context, "/").await?;
        limit_files(&process, "--fsize=4096:unlimited").await?;
        let refused = peer.exchange(Code::POST, register_options("lamp", 300), b"</3/0>").await?;
        anyhow::ensure!(refused.code == Code::SERVICE_UNAVAILABLE, "{refused:?}");
        browser
            .see_text("[data-testid=storage-failing]", |text| text.contains("Nothing can be stored since"))
            .await?;
        browser.accessible().await?;
        limit_files(&process, "--fsize=unlimited:unlimited").await?;
        browser.see_text("[data-testid=storage-good]", |text| text.contains("works again")).await?;
        browser.see_count("[data-testid=storage-failing]", 0).await
    })
    .await
}

async fn limit_files(process: &str, limit: &str) -> Result<()> {
    let status = Command::new("prlimit").args(["--pid", process, limit]).status().await?;
    anyhow::ensure!(status.success(), "prlimit {limit}: {status}");
    Ok(())
}
