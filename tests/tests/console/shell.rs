//! What all pages have in common: connection, keys, sizes, colours.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use whole_program_tests::{Browser, ColorScheme, Simulator, TestContext, Viewport};

use crate::{
    CONNECTION, SEARCH, SHOWN_ROWS, button, device_page, fleet_row, open_live, result, select, tree_row,
};

#[tokio::test]
async fn a_lost_connection_is_shown_and_repaired() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("before", 300, "</3/0>").await?;
    Browser::run("a_lost_connection_is_shown_and_repaired", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("before")).await?;
        context.server.terminate().await?;
        browser.see_attribute(CONNECTION, "data-state", "offline").await?;
        context.restart().await?;
        peer.register("after", 300, "</3/0>").await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        browser.see(&fleet_row("after")).await?;
        browser.see_count(SHOWN_ROWS, context.clients().await?.len()).await?;
        // The browser itself reports every attempt to connect to a server that is not there.
        let other = browser.page_errors().await?.into_iter().find(|error| !error.contains("WebSocket"));
        ensure!(other.is_none(), "the page reported {other:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn everything_can_be_done_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "200"];
    let _simulator = Simulator::start(&context, 3, &fleet)?;
    context.registered("sensor-3").await?;
    Browser::run("everything_can_be_done_with_the_keyboard", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("sensor-2")).await?;
        browser.press('/').await?;
        browser.see_focus(SEARCH).await?;
        browser.type_text("sensor-2").await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.tab_to(&fleet_row("sensor-2")).await?;
        browser.press_key(Key::Enter).await?;

        browser.see(&tree_row("/3/0/0")).await?;
        browser.tab_to(&tree_row("/1")).await?;
        move_down_to(browser, &tree_row("/3/0/0")).await?;
        browser.press('r').await?;
        browser.see(&result("2.05")).await?;

        move_down_to(browser, &tree_row("/3/0/15")).await?;
        browser.press('w').await?;
        browser.see_focus("[data-testid=write-input]").await?;
        browser.type_text("UTC").await?;
        browser.press_key(Key::Enter).await?;
        browser.see(&result("2.04")).await?;

        browser.tab_to(&tree_row("/3/0/15")).await?;
        move_down_to(browser, &tree_row("/3303/0/5700")).await?;
        browser.press('o').await?;
        browser.see(&button("cancel")).await?;
        browser.press('?').await?;
        browser.see("dialog[open]").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.press('g').await?;
        browser.press('f').await?;
        browser.see(&fleet_row("sensor-2")).await?;
        Ok(())
    })
    .await
}

async fn move_down_to(browser: &Browser, selector: &str) -> Result<()> {
    const MOST_ROWS: usize = 80;
    for _ in 0..MOST_ROWS {
        if browser.has_focus(selector).await? {
            return Ok(());
        }
        browser.press_key(Key::Down).await?;
    }
    anyhow::bail!("`{selector}` is not reached with {MOST_ROWS} presses of the arrow key");
}

#[tokio::test]
async fn it_fits_a_phone_and_follows_the_colour_scheme() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 24, &["--prefix", "device-"])?;
    context.registered("device-24").await?;
    Browser::run("it_fits_a_phone_and_follows_the_colour_scheme", async |browser| {
        let mut backgrounds = Vec::new();
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            open_live(browser, &context, "/").await?;
            browser.see(&fleet_row("device-01")).await?;
            browser.fits_its_width().await?;
            backgrounds.push(browser.background().await?);
            open_live(browser, &context, &device_page("device-01")).await?;
            browser.see(&tree_row("/3/0")).await?;
            browser.fits_its_width().await?;
            select(browser, "/3/0/0").await?;
            browser.click(&button("read")).await?;
            browser.see(&result("2.05")).await?;
            browser.fits_its_width().await?;
        }
        ensure!(backgrounds[0] != backgrounds[1], "light and dark look the same: {backgrounds:?}");

        let before = browser.background().await?;
        browser.emulate(Viewport::DESKTOP, ColorScheme::Dark).await?;
        browser.click("[data-testid=theme-toggle]").await?;
        browser.see_background(|now| now != before).await
    })
    .await
}
