//! The command palette.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use whole_program_tests::{Browser, Simulator, TestContext};

use crate::{device_page, fleet_row, open_live, tree_row};

const PALETTE: &str = "[data-testid=palette]";
const INPUT: &str = "#palette-input";
const SELECTED: &str = "[data-testid=palette] [role=option][aria-selected=true]";
const STATUS: &str = "[data-testid=palette-status]";

async fn open_palette(browser: &Browser) -> Result<()> {
    browser.press_chord(&[Key::Control], 'k').await?;
    browser.see_focus(INPUT).await
}

/// Goes down to an option of a group whose text begins like that.
async fn choose(browser: &Browser, group: &str, text: &str) -> Result<()> {
    const MOST_OPTIONS: usize = 30;
    browser.see(&format!("{PALETTE} [role=option][data-group={group:?}]")).await?;
    for _ in 0..MOST_OPTIONS {
        let selected = browser.see(SELECTED).await?;
        let of_group = selected.attr("data-group").await?.as_deref() == Some(group);
        if of_group && selected.text().await?.starts_with(text) {
            return browser.press_key(Key::Enter).await;
        }
        browser.press_key(Key::Down).await?;
    }
    anyhow::bail!("no `{text}` among the {group} of the palette");
}

#[tokio::test]
async fn it_finds_pages_devices_and_objects_by_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor"];
    let _simulator = Simulator::start(&context, 12, &fleet)?;
    context.registered("sensor-12").await?;
    Browser::run("it_finds_pages_devices_and_objects_by_keyboard", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("sensor-01")).await?;
        open_palette(browser).await?;
        browser.type_text("serv").await?;
        choose(browser, "Pages", "Server").await?;
        browser.see_address("/server").await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.see_focus("main").await?;

        // A page without a search of its own.
        browser.press('/').await?;
        browser.see_focus(INPUT).await?;
        browser.type_text("sensor-07").await?;
        choose(browser, "Devices", "sensor-07").await?;
        browser.see_address(&device_page("sensor-07")).await?;
        browser.see(&tree_row("/3/0")).await?;

        open_palette(browser).await?;
        browser.type_text("temperature").await?;
        choose(browser, "Objects", "Temperature").await?;
        browser.see_address("/objects/3303").await?;

        // What was open is there before anything is typed.
        open_palette(browser).await?;
        choose(browser, "Recently opened", "sensor-07").await?;
        browser.see(&tree_row("/3/0")).await?;
        open_palette(browser).await?;
        choose(browser, "On this page", "Trace of this device").await?;
        browser.see_address("/trace?endpoint=sensor-07").await
    })
    .await
}

#[tokio::test]
async fn it_is_a_combobox_that_gives_the_focus_back() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("it_is_a_combobox_that_gives_the_focus_back", async |browser| {
        open_live(browser, &context, "/server").await?;
        browser.see("[data-testid=server-page]").await?;
        browser.tab_to("[data-testid=theme-toggle]").await?;
        open_palette(browser).await?;
        let named = "
            const input = document.querySelector('#palette-input');
            const active = document.getElementById(input.getAttribute('aria-activedescendant'));
            const list = document.getElementById(input.getAttribute('aria-controls'));
            return active?.getAttribute('aria-selected') === 'true' && list.contains(active);
        ";
        for _ in 0..3 {
            ensure!(browser.evaluate(named).await? == true, "the selected option is not the active one");
            browser.press_key(Key::Up).await?;
        }
        browser.type_text("nothing is called like that").await?;
        browser.see("[data-testid=palette-nothing]").await?;
        browser.see_text(STATUS, |text| text == "0 results").await?;
        browser.see_count(SELECTED, 0).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.see_focus("[data-testid=theme-toggle]").await?;

        open_palette(browser).await?;
        let before = browser.background().await?;
        browser.type_text("dark theme").await?;
        choose(browser, "Actions", "Dark theme").await?;
        browser.see_background(|now| now != before).await
    })
    .await
}

#[tokio::test]
async fn it_says_when_the_server_is_away() -> Result<()> {
    let mut context = TestContext::start().await?;
    Browser::run("it_says_when_the_server_is_away", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, "/server").await?;
        // Its code comes from the server.
        open_palette(browser).await?;
        browser.press_key(Key::Escape).await?;
        context.server.terminate().await?;
        browser.see("[data-testid=offline]").await?;
        open_palette(browser).await?;
        browser.type_text("fleet").await?;
        browser.see_text(STATUS, |text| text.starts_with("Devices cannot be searched")).await?;
        choose(browser, "Pages", "Fleet").await?;
        browser.see_address("/").await?;
        Ok(())
    })
    .await
}
