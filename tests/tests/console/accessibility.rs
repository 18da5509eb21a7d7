//! No page, in no state, colour scheme or width, is a serious obstacle for anybody: axe looks for those it can find.

use anyhow::{Result, ensure};
use console_api::{Operation, OperationRequest};
use fantoccini::key::Key;
use whole_program_tests::{Browser, Simulator, Sleeper, TestContext};

use crate::{SEARCH, SHOWN_ROWS, VALUE, button, device_page, fleet_row, open_live, result, select, tree_row};

async fn demo_fleet() -> Result<(TestContext, Simulator)> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "500"];
    let simulator = Simulator::start(&context, 24, &fleet)?;
    context.registered("sensor-24").await?;
    Ok((context, simulator))
}

#[tokio::test]
async fn the_fleet_is_accessible() -> Result<()> {
    let (context, _simulator) = demo_fleet().await?;
    Browser::run("the_fleet_is_accessible", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("sensor-01")).await?;
        browser.good_for_everybody("fleet").await?;
        browser.fill(SEARCH, "no such device").await?;
        browser.see_count(SHOWN_ROWS, 0).await?;
        browser.good_for_everybody("fleet where nothing matches").await
    })
    .await
}

#[tokio::test]
async fn the_empty_fleet_is_accessible() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("the_empty_fleet_is_accessible", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see("[data-testid=fleet-empty]").await?;
        browser.good_for_everybody("empty fleet").await
    })
    .await
}

#[tokio::test]
async fn what_opens_over_the_fleet_is_accessible() -> Result<()> {
    let (context, _simulator) = demo_fleet().await?;
    Browser::run("what_opens_over_the_fleet_is_accessible", async |browser| {
        let row = |selector| format!("[data-testid=fleet-row][data-endpoint=sensor-02] {selector}");
        open_live(browser, &context, "/").await?;
        browser.click(&row("input[type=checkbox]")).await?;
        browser.see("[data-testid=bulk-bar]").await?;
        browser.good_for_everybody("fleet with a selection").await?;
        browser.click("[data-testid=clear-selection]").await?;
        let menus = [
            ("[data-testid=add-filter]", "#filter-menu"),
            ("[data-testid=view-menu-button]", "[data-testid=sort-by]"),
            (&row("[aria-haspopup=menu]"), "[data-testid=row-menu]"),
        ];
        for (opener, opened) in menus {
            browser.click(opener).await?;
            browser.see(opened).await?;
            browser.good_for_everybody(opened).await?;
            browser.press_key(Key::Escape).await?;
        }
        browser.click(&row("[aria-haspopup=menu]")).await?;
        browser.click("[data-testid=menu-label]").await?;
        browser.see("[data-testid=label-name]").await?;
        browser.good_for_everybody("label of a device").await?;
        browser.press_key(Key::Escape).await?;
        browser.click("[data-testid=add-device]").await?;
        browser.see("[data-testid=connect-dialog]").await?;
        browser.good_for_everybody("how to connect a device").await
    })
    .await
}

#[tokio::test]
async fn a_device_is_accessible() -> Result<()> {
    let (context, _simulator) = demo_fleet().await?;
    Browser::run("a_device_is_accessible", async |browser| {
        open_live(browser, &context, &device_page("sensor-17")).await?;
        browser.see(&tree_row("/3/0")).await?;
        browser.good_for_everybody("device").await?;
        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        browser.see(&button("cancel")).await?;
        browser.see_text(VALUE, |text| text.starts_with(|c: char| c.is_ascii_digit() || c == '-')).await?;
        browser.good_for_everybody("device with an observed resource").await?;
        select(browser, "/3/0/15").await?;
        browser.click(&button("read")).await?;
        browser.see(&result("2.05")).await?;
        browser.click(&button("write")).await?;
        browser.see("[data-testid=write-input]").await?;
        browser.good_for_everybody("device with a value being written").await?;
        browser.click(&button("menu")).await?;
        browser.see("[data-testid=node-menu]").await?;
        browser.good_for_everybody("device with the menu of a node").await?;
        browser.press_key(Key::Escape).await?;
        select(browser, "/3/0/4").await?;
        browser.click(&button("execute")).await?;
        browser.see("[data-testid=execute-arguments]").await?;
        browser.good_for_everybody("device with a dialog").await
    })
    .await
}

#[tokio::test]
async fn a_device_that_sleeps_is_accessible() -> Result<()> {
    let context = TestContext::start().await?;
    let _lamp = Sleeper::register(&context, "lamp", "</3/0>").await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/9");
    context.try_operate("lamp", &read).await?.json::<serde_json::Value>(202)?;
    Browser::run("a_device_that_sleeps_is_accessible", async |browser| {
        open_live(browser, &context, &device_page("lamp")).await?;
        browser.see("[data-testid=queue-open] [data-testid=queue-row]").await?;
        browser.good_for_everybody("device that sleeps").await?;
        select(browser, "/3/0").await?;
        browser.good_for_everybody("device that sleeps, with a node").await?;
        open_live(browser, &context, "/commands").await?;
        browser.see("[data-testid=command-row]").await?;
        browser.good_for_everybody("a command that waits").await
    })
    .await
}

#[tokio::test]
async fn a_device_that_is_not_there_is_accessible() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("a_device_that_is_not_there_is_accessible", async |browser| {
        open_live(browser, &context, &device_page("nobody")).await?;
        browser.see("[data-testid=not-registered]").await?;
        browser.good_for_everybody("device that is not registered").await
    })
    .await
}

#[tokio::test]
async fn all_other_pages_are_accessible() -> Result<()> {
    let (context, _simulator) = demo_fleet().await?;
    for endpoint in ["sensor-01", "sensor-02"] {
        context.operate(endpoint, &OperationRequest::new(Operation::Observe, "/3303/0/5700")).await?;
    }
    Browser::run("all_other_pages_are_accessible", async |browser| {
        let pages = [
            ("/observations", "[data-testid=observation-row]"),
            ("/commands", "[data-testid=command-row]"),
            ("/objects", "[data-testid=object-row]"),
            ("/objects/3303", "[data-testid=definition]"),
            ("/server", "[data-testid=server-page]"),
            ("/nowhere", "[data-testid=not-found]"),
        ];
        for (page, shown) in pages {
            open_live(browser, &context, page).await?;
            browser.see(shown).await?;
            browser.good_for_everybody(page).await?;
        }
        open_live(browser, &context, "/trace?endpoint=sensor-01").await?;
        browser.click("[data-testid=trace-pause]").await?;
        browser.click("[data-testid=trace-row]:not([hidden])").await?;
        browser.see("[data-testid=record]").await?;
        browser.good_for_everybody("trace with a message").await
    })
    .await
}

#[tokio::test]
async fn dialogs_of_every_page_are_accessible() -> Result<()> {
    let (context, _simulator) = demo_fleet().await?;
    Browser::run("dialogs_of_every_page_are_accessible", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.press('?').await?;
        browser.see("dialog[open]").await?;
        browser.good_for_everybody("keys and marks").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.press_chord(&[Key::Control], 'k').await?;
        browser.see("[data-testid=palette]").await?;
        browser.type_text("sensor-1").await?;
        browser.see("[data-testid=palette] [role=option]").await?;
        browser.good_for_everybody("palette").await
    })
    .await
}

#[tokio::test]
async fn a_lost_connection_is_accessible() -> Result<()> {
    let (mut context, _simulator) = demo_fleet().await?;
    Browser::run("a_lost_connection_is_accessible", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, &device_page("sensor-03")).await?;
        browser.see(&tree_row("/3/0")).await?;
        context.server.terminate().await?;
        browser.see("[data-testid=offline]").await?;
        browser.good_for_everybody("device while the server is away").await?;
        Ok(())
    })
    .await
}

/// Otherwise the other tests say nothing.
#[tokio::test]
async fn an_obstacle_is_found() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("an_obstacle_is_found", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.accessible().await?;
        browser.evaluate("document.querySelector('main').append(document.createElement('select'))").await?;
        let found = browser.accessible().await.err().map(|error| error.to_string()).unwrap_or_default();
        ensure!(found.contains("select-name") && found.contains("<select>"), "found: {found}");
        Ok(())
    })
    .await
}
