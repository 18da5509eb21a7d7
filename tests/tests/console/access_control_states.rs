//! The page about a device's access control when there is less to change than one might think, and when the device does
//! not do what it is asked.

use std::time::Duration;

use anyhow::{Result, ensure};
use coap::Code;
use whole_program_tests::{Browser, Manner, ScriptedDevice, Sleeper, TestContext, guard};

use crate::open_live;

const LAMP: &str = "/access-control/lamp";
const MATRIX: &str = "[data-testid=matrix]";
const WHICH_SERVER: &str = "[data-testid=which-server]";
const STOPPED: &str = "[data-testid=stopped]";

/// A device with two sensors that this server manages.
async fn lamp(context: &TestContext) -> Result<ScriptedDevice> {
    let guards = vec![guard(0, (3303, 0), 101, &[(101, 7), (102, 4)]), guard(1, (3303, 1), 101, &[(101, 7)])];
    ScriptedDevice::register(context, "lamp", guards).await
}

/// By the button of the page that says so.
async fn ask_again(browser: &Browser, state: &str) -> Result<()> {
    browser.click(&format!("[data-testid={state}] button")).await
}

#[tokio::test]
async fn a_device_that_hides_its_rights_or_has_none_says_so() -> Result<()> {
    let context = TestContext::start().await?;
    let device = lamp(&context).await?;
    device.behave(Manner::Hides(Code::UNAUTHORIZED));
    Browser::run("a_device_that_hides_its_rights_or_has_none_says_so", async |browser| {
        open_live(browser, &context, LAMP).await?;
        let told = |text: &str| text.contains("to itself") && text.contains("4.01");
        browser.see_text("[data-testid=object-unreadable]", told).await?;
        browser.good_for_everybody("rights that cannot be read").await?;

        device.behave(Manner::Takes);
        let guards = std::mem::take(&mut device.inner().guards);
        ask_again(browser, "object-unreadable").await?;
        let told = |text: &str| text.contains("every server may do everything");
        browser.see_text("[data-testid=object-disabled]", told).await?;
        browser.good_for_everybody("access control that is off").await?;

        device.inner().guards = guards;
        ask_again(browser, "object-disabled").await?;
        browser.see(MATRIX).await?;
        Ok(())
    })
    .await
}

/// Two accounts, and nothing that tells which is the one of this server.
#[tokio::test]
async fn which_server_this_is_is_said_by_the_operator() -> Result<()> {
    let context = TestContext::start().await?;
    let device = lamp(&context).await?;
    device.inner().accounts = vec![101, 102];
    Browser::run("which_server_this_is_is_said_by_the_operator", async |browser| {
        open_live(browser, &context, LAMP).await?;
        browser.see_text(WHICH_SERVER, |text| text.contains("Until then nothing can be changed")).await?;
        browser.good_for_everybody("an unknown server").await?;
        browser.click("[data-testid=this-server]").await?;
        browser.see_count(WHICH_SERVER, 0).await?;
        browser.drag("[data-spot=palette-1]", "[data-spot=cell-0-102]").await?;
        browser.see_text("[data-testid=unsaved]", |text| text == "1 unsaved change").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_device_that_sleeps_is_asked_when_it_wakes() -> Result<()> {
    let context = TestContext::start().await?;
    let _sleeper = Sleeper::register(&context, "lamp", "</1/0>,</2/0>,</3/0>").await?;
    Browser::run("a_device_that_sleeps_is_asked_when_it_wakes", async |browser| {
        open_live(browser, &context, LAMP).await?;
        browser.see_text("[data-testid=not-read]", |text| text.contains("The device sleeps")).await?;
        browser.good_for_everybody("a device that sleeps").await
    })
    .await
}

/// What was written stays and is told apart from what was not; both can be gone on with.
#[tokio::test]
async fn a_refusal_midway_stops_shows_how_it_is_and_offers_undo() -> Result<()> {
    let context = TestContext::start().await?;
    let device = lamp(&context).await?;
    device.behave(Manner::Refuses(Some("/2/1/2/102"), Code::BAD_REQUEST));
    Browser::run("a_refusal_midway_stops_shows_how_it_is_and_offers_undo", async |browser| {
        open_live(browser, &context, LAMP).await?;
        browser.see("[data-spot=cell-0-102]").await?;
        for row in ["[data-spot=cell-0-102]", "[data-spot=cell-1-102]"] {
            browser.drag("[data-spot=palette-1]", row).await?;
        }
        browser.click("[data-testid=review]").await?;
        browser.click("[data-testid=apply]").await?;
        browser.see_text(STOPPED, |text| text.contains("4.00 to Write /2/1/2/102")).await?;
        browser.see_count(".ac-written .chip.ok", 1).await?;
        browser.see_count(".ac-written .chip.bad", 1).await?;
        browser.good_for_everybody("a change that stopped midway").await?;
        browser.click("[data-testid=review-close]").await?;
        browser.see_text("[data-testid=unsaved]", |text| text == "1 unsaved change").await?;

        // When the device takes it, only what is left is written.
        device.behave(Manner::Takes);
        browser.click("[data-testid=review]").await?;
        browser.see_count("[data-testid=review-writes] > li", 1).await?;
        browser.click("[data-testid=apply]").await?;
        browser.see("[data-testid=applied]").await?;
        ensure!(device.writes() == ["/2/0/2/102", "/2/1/2/102", "/2/1/2/102"], "{:?}", device.writes());
        Ok(())
    })
    .await
}

/// Of more rows than there is room for.
#[tokio::test]
async fn what_is_held_at_the_edge_of_the_matrix_scrolls_it() -> Result<()> {
    let context = TestContext::start().await?;
    let guards = (0..40).map(|id| guard(id, (3303, id), 101, &[(101, 7)])).collect();
    let _device = ScriptedDevice::register(&context, "lamp", guards).await?;
    Browser::run("what_is_held_at_the_edge_of_the_matrix_scrolls_it", async |browser| {
        open_live(browser, &context, LAMP).await?;
        browser.see("[data-spot=cell-0-101]").await?;
        let hold = Duration::from_millis(700);
        browser.drag_to_lower_edge("[data-spot=palette-8]", ".ac-scroll", hold).await?;
        let scrolled = browser.evaluate("return document.querySelector('.ac-scroll').scrollTop").await?;
        ensure!(scrolled.as_f64().is_some_and(|scrolled| scrolled > 40.0), "scrolled by {scrolled}");
        Ok(())
    })
    .await
}
