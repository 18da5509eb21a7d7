//! The fleet page.

use anyhow::Result;
use coap::{Code, Options};
use whole_program_tests::{Browser, TestContext};

use crate::{SHOWN_ROWS, open_live, tree_row};

#[tokio::test]
async fn devices_come_and_go_on_the_screen() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("devices_come_and_go_on_the_screen", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see("[data-testid=fleet-empty]").await?;
        let mut peer = context.peer().await?;
        // Neither a quote nor a slash nor a letter beyond ASCII gets lost on the way.
        let name = "hall 3/\"pump\" № 7";
        let location = peer.register(name, 300, "</3/0>").await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.see_text(&format!("{SHOWN_ROWS} a"), |text| text == name).await?;
        browser.click(&format!("{SHOWN_ROWS} a")).await?;
        browser.see(&tree_row("/3/0")).await?;
        peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
        browser.see_text("[data-testid=inspector]", |text| text.contains("de-registered")).await?;
        peer.register(name, 300, "</3/0>,</5/0>").await?;
        browser.see(&tree_row("/5/0")).await?;
        Ok(())
    })
    .await
}
