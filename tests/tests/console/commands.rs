//! What waits for a device that sleeps: on its page, in its answer place, and in the list of all commands.

use anyhow::Result;
use coap::Code;
use console_api::{ClientDetails, Operation, OperationRequest};
use fantoccini::key::Key;
use whole_program_tests::{Browser, ColorScheme, Sleeper, TestContext, Viewport};

use crate::{CONNECTION, VALUE, button, device_page, open_live, result, select, tree_row, tree_value};

const PATH: &str = "/3/0/9";
const REBOOT: &str = "/3/0/4";
const LINKS: &str = "</1/0>,</3/0>,</3303/0>";
const WAITING: &str = "[data-testid=inspector] [data-testid=result][data-ending=waiting]";
const ROW: &str = "[data-testid=command-row]";
const QUEUE_OPEN: &str = "[data-testid=queue-open] [data-testid=queue-row]";

async fn ask(context: &TestContext, endpoint: &str) -> Result<u64> {
    let read = OperationRequest::new(Operation::Read, PATH);
    let accepted: serde_json::Value = context.try_operate(endpoint, &read).await?.json(202)?;
    Ok(accepted["id"].as_u64().unwrap_or_default())
}

fn in_state(state: &str) -> String {
    format!("{ROW}[data-state={state}]")
}

#[tokio::test]
async fn what_is_asked_of_a_sleeper_becomes_the_answer_in_its_place() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    Browser::run("what_is_asked_of_a_sleeper_becomes_the_answer_in_its_place", async |browser| {
        open_live(browser, &context, &device_page("lamp")).await?;
        browser.see_text("[data-testid=device-state]", |text| text.contains("Asleep")).await?;
        browser.see_text("[data-testid=awake]", |text| text.contains("Asleep")).await?;
        browser.see_text("[data-testid=queue-next]", |text| text.contains("Nothing waits")).await?;
        select(browser, PATH).await?;
        browser.press('r').await?;
        browser
            .see_text(WAITING, |text| text.contains("Read: queued") && text.contains("expires in"))
            .await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(QUEUE_OPEN, 1).await?;
        browser
            .see_text(QUEUE_OPEN, |text| text.contains("Read /3/0/9") && text.contains("not sent yet"))
            .await?;
        browser.see_text("[data-testid=device-state]", |text| text.contains("1 command waits")).await?;
        select(browser, PATH).await?;

        lamp.wake().await?;
        lamp.answer_read(PATH, "77").await?;
        browser.see(&result("2.05")).await?;
        browser.see_text(VALUE, |text| text.contains("77")).await?;
        browser.see_count(WAITING, 0).await?;
        browser.press_key(Key::Escape).await?;
        browser
            .see_text("[data-testid=queue-over] [data-testid=queue-row]", |text| {
                text.contains("Answered") && text.contains("2.05") && text.contains("sent once")
            })
            .await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_waits_is_cancelled_and_asked_again_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    Browser::run("what_waits_is_cancelled_and_asked_again_with_the_keyboard", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see_text("[data-testid=fleet-status]", |text| text.contains("Asleep")).await?;
        ask(&context, "lamp").await?;
        browser.see_text("[data-testid=fleet-queued]", |text| text.contains("+1")).await?;
        browser.type_text("gc").await?;
        browser.see_address("/commands").await?;
        browser.see(&in_state("queued")).await?;
        browser.see_text("[data-testid=commands-count]", |text| text == "1 command").await?;
        browser.tab_to("[data-testid=cancel-command]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see(&in_state("cancelled")).await?;
        browser.tab_to("[data-testid=retry-command]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_count(ROW, 2).await?;
        browser.see(&in_state("queued")).await?;

        browser.click("[data-testid=commands-page] [data-state=cancelled].segment").await?;
        browser.see_count(ROW, 1).await?;
        browser.press('/').await?;
        browser.type_text("no such device").await?;
        browser.see("[data-testid=commands-nothing]").await?;
        browser.press_key(Key::Escape).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(ROW, 2).await?;

        lamp.wake().await?;
        lamp.answer_read(PATH, "5").await?;
        browser.see_text(&in_state("answered"), |text| text.contains("2.05 Content · “5”")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_time_awake_is_decided_for_each_device() -> Result<()> {
    let context = TestContext::start().await?;
    let _lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    Browser::run("the_time_awake_is_decided_for_each_device", async |browser| {
        open_live(browser, &context, &device_page("lamp")).await?;
        browser.see("[data-testid=awake-s]").await?;
        browser.fill("[data-testid=awake-s]", "45").await?;
        browser.press_key(Key::Tab).await?;
        whole_program_tests::wait::until("the time to be stored", async || {
            let details: ClientDetails = context.rest.get("/api/v1/clients/lamp").await?.json(200)?;
            Ok((details.client.queue.awake_s == Some(45)).then_some(()))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn the_list_of_commands_fits_a_phone() -> Result<()> {
    let context = TestContext::start().await?;
    let _lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    Browser::run("the_list_of_commands_fits_a_phone", async |browser| {
        open_live(browser, &context, "/commands").await?;
        browser.see("[data-testid=commands-empty]").await?;
        ask(&context, "lamp").await?;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            browser.see(&in_state("queued")).await?;
            browser.fits_its_width().await?;
        }
        browser.open(&context.page("/commands?endpoint=lamp")).await?;
        browser.see_text("[data-testid=commands-device]", |text| text.contains("lamp")).await?;
        browser.see_count(ROW, 1).await?;
        browser.open(&context.page(&device_page("lamp"))).await?;
        browser.see_count(QUEUE_OPEN, 1).await?;
        browser.fits_its_width().await
    })
    .await
}

/// Values, registration and queue are there again, and nobody has to reload.
#[tokio::test]
async fn a_page_heals_when_the_server_is_killed_and_starts_again() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    let before = ask(&context, "lamp").await?;
    lamp.wake().await?;
    lamp.answer_read(PATH, "77").await?;
    lamp.asleep(&context).await?;
    Browser::run("a_page_heals_when_the_server_is_killed_and_starts_again", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, &device_page("lamp")).await?;
        browser.see(&tree_row("/3/0")).await?;
        select(browser, PATH).await?;
        browser.see_text(VALUE, |text| text.contains("77")).await?;
        browser.press('r').await?;
        browser.see(WAITING).await?;
        context.server.kill().await?;
        browser.see_attribute(CONNECTION, "data-state", "offline").await?;
        context.restart().await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        browser.see_text("[data-testid=device-state]", |text| text.contains("1 command waits")).await?;
        browser.see(WAITING).await?;
        browser.see_text(&tree_value(PATH), |text| text.contains("77")).await?;
        // A page that comes only now shows the same, with when and how the value came.
        browser.reload().await?;
        browser.see_text(VALUE, |text| text.contains("77")).await?;
        browser
            .see_text("[data-testid=inspector]", |text| text.contains("Read") && text.contains("ago"))
            .await?;
        browser.see(WAITING).await?;

        lamp.wake().await?;
        lamp.answer_read(PATH, "78").await?;
        browser.see_text(VALUE, |text| text.contains("78")).await?;
        let after: serde_json::Value = context.rest.get("/api/v1/commands?endpoint=lamp").await?.json(200)?;
        assert_eq!(after["total"], 2);
        assert!(after["commands"][0]["id"].as_u64() > Some(before), "ids go on");
        Ok(())
    })
    .await
}

/// The server is killed between sending and the answer: nobody knows, and the page says what to do about it.
#[tokio::test]
async fn what_was_sent_before_a_crash_is_indeterminate_and_says_what_to_do() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    let reboot = OperationRequest::new(Operation::Execute, REBOOT);
    context.try_operate("lamp", &reboot).await?.json::<serde_json::Value>(202)?;
    lamp.wake().await?;
    lamp.peer.receive_request(Code::POST, REBOOT).await?;
    Browser::run("what_was_sent_before_a_crash_is_indeterminate_and_says_what_to_do", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, "/commands").await?;
        browser.see_text(&in_state("sent"), |text| text.contains("no answer yet")).await?;
        context.crash().await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        let told = |text: &str| text.contains("nobody but the device knows") && text.contains("Retry");
        browser.see_text(&in_state("indeterminate"), told).await?;
        browser
            .see_text("[data-testid=command-advice]", |text| {
                text.contains("Look whether the device has done it")
            })
            .await?;
        browser.good_for_everybody("a command that nobody knows the end of").await?;
        browser.open(&context.page(&device_page("lamp"))).await?;
        browser
            .see_text("[data-testid=queue-over] [data-testid=queue-row]", |text| {
                text.contains("Indeterminate")
            })
            .await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_value_can_be_read_at_the_button_too() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    Browser::run("a_value_can_be_read_at_the_button_too", async |browser| {
        open_live(browser, &context, &device_page("lamp")).await?;
        select(browser, PATH).await?;
        browser.click(&button("read")).await?;
        browser.click(&format!("{WAITING} [data-testid=cancel-command]")).await?;
        browser.see(&result("cancelled")).await?;
        browser.click(&button("read")).await?;
        browser.see(WAITING).await?;
        lamp.wake().await?;
        lamp.answer_read(PATH, "6").await?;
        browser.see(&result("2.05")).await?;
        Ok(())
    })
    .await
}
