//! The fleet page.

use anyhow::{Result, ensure};
use coap::{Code, Options};
use console_api::Label;
use fantoccini::key::Key;
use serde_json::{Value, json};
use whole_program_tests::{Browser, ColorScheme, Simulator, TestContext, Viewport, encode_segment};

use crate::{SEARCH, SHOWN_ROWS, fleet_row, open_live, tree_row};

const COUNT: &str = "[data-testid=fleet-count]";
const SELECTED: &str = "[data-testid=selected-count]";
const PROGRESS: &str = "[data-testid=bulk-progress]";

/// Cell or control in the line of a device.
fn in_row(endpoint: &str, selector: &str) -> String {
    format!("[data-testid=fleet-row][data-endpoint={endpoint:?}] {selector}")
}

fn row_at(index: usize) -> String {
    format!("[data-testid=fleet-row][data-index={:?}]", index.to_string())
}

fn result_of(endpoint: &str, code: &str) -> String {
    format!("[data-testid=bulk-result][data-endpoint={endpoint:?}][data-code={code:?}]")
}

async fn see_device(browser: &Browser, index: usize, endpoint: &str) -> Result<()> {
    browser.see_attribute(&row_at(index), "data-endpoint", endpoint).await
}

async fn label(context: &TestContext, endpoint: &str, label: &Label) -> Result<()> {
    let path = format!("/api/v1/clients/{}/label", encode_segment(endpoint));
    let host = context.http.to_string();
    let origin = format!("http://{host}");
    let headers = [("host", host.as_str()), ("origin", &origin), ("content-type", "application/json")];
    let answer = context.rest.request("PUT", &path, &headers, &serde_json::to_string(label)?).await?;
    ensure!(answer.status == 204, "{}: {}", answer.status, answer.body);
    Ok(())
}

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

#[tokio::test]
async fn thousands_of_devices_are_scrolled_searched_and_sorted() -> Result<()> {
    const MOST_ROWS_IN_THE_DOCUMENT: usize = 60;
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 3000, &["--prefix", "device-"])?;
    context.registered("device-3000").await?;
    Browser::run("thousands_of_devices_are_scrolled_searched_and_sorted", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see_text(COUNT, |text| text == "3,000 devices").await?;
        browser.see_attribute("[data-testid=fleet-table]", "aria-rowcount", "3001").await?;
        see_device(browser, 0, "device-0001").await?;
        let rows =
            browser.evaluate("return document.querySelectorAll('[data-testid=fleet-row]').length").await?;
        ensure!(rows.as_u64() <= Some(MOST_ROWS_IN_THE_DOCUMENT as u64), "{rows} rows are in the document");

        browser.evaluate("document.querySelector('.fleet-body').scrollTop = 1500 * 32").await?;
        see_device(browser, 1505, "device-1506").await?;
        browser.evaluate("document.querySelector('.fleet-body').scrollTop = 1e9").await?;
        see_device(browser, 2999, "device-3000").await?;
        browser.see_attribute(&row_at(2999), "aria-rowindex", "3001").await?;
        browser.evaluate("document.querySelector('.fleet-body').scrollTop = 0").await?;
        see_device(browser, 0, "device-0001").await?;

        browser.fill(SEARCH, "device-29").await?;
        browser.see_text(COUNT, |text| text == "100 of 3,000 devices").await?;
        see_device(browser, 0, "device-2900").await?;
        browser.see_address("/?text=device-29").await?;
        browser.click("[data-testid=sort-endpoint]").await?;
        see_device(browser, 0, "device-2999").await?;
        let found = "/?text=device-29&descending=true";
        browser.see_address(found).await?;

        // The address says it all: to a new page, and to one that comes back.
        browser.reload().await?;
        see_device(browser, 0, "device-2999").await?;
        browser.see_text(COUNT, |text| text == "100 of 3,000 devices").await?;
        browser.click(&fleet_row("device-2998")).await?;
        browser.see(&tree_row("/3/0")).await?;
        browser.go_back().await?;
        browser.see_address(found).await?;
        see_device(browser, 1, "device-2998").await?;
        browser.go_back().await?;
        browser.see_address("/?text=device-29").await?;
        see_device(browser, 0, "device-2900").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn filters_are_chips_that_can_be_taken_away() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>,</3311/0>").await?;
    peer.register("meter", 300, "</3/0>,</3305/0>").await?;
    peer.register_as("1.0", "old", "</3/0>,</3311/0>").await?;
    let spare = Label { name: Some("Spare lamp".into()), tags: vec!["hall 3".into()], notes: String::new() };
    label(&context, "lamp", &spare).await?;
    Browser::run("filters_are_chips_that_can_be_taken_away", async |browser| {
        open_live(browser, &context, "/?object=3311").await?;
        browser.see_count(SHOWN_ROWS, 2).await?;
        browser.see_text("[data-testid=filter-object]", |text| text.contains("/3311")).await?;
        browser
            .see_text(&fleet_row("lamp"), |text| text.contains("Spare lamp") && text.contains("lamp"))
            .await?;
        browser.click("[data-testid=add-filter]").await?;
        browser.fill("[data-testid=filter-tag-input]", "hall 3").await?;
        browser.press_key(Key::Tab).await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.see_address("/?object=3311&tag=hall%203").await?;
        browser.press_key(Key::Escape).await?;
        browser.click("[data-testid=filter-object] button").await?;
        browser.click("[data-testid=filter-tag] button").await?;
        browser.see_count(SHOWN_ROWS, 3).await?;
        browser.see_address("/").await?;

        browser.fill(SEARCH, "nothing like this").await?;
        browser.see("[data-testid=fleet-no-match]").await?;
        browser.click("[data-testid=clear-filters]").await?;
        browser.see_count(SHOWN_ROWS, 3).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn many_devices_are_read_and_tagged_at_once() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 12, &["--prefix", "sensor-", "--profile", "sensor"])?;
    context.registered("sensor-12").await?;
    let mut peer = context.peer().await?;
    let location = peer.register("gone", 300, "</3/0>").await?;
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
    Browser::run("many_devices_are_read_and_tagged_at_once", async |browser| {
        open_live(browser, &context, "/?status=any").await?;
        browser.see_count(SHOWN_ROWS, 13).await?;
        // A range, and one more.
        browser.click(&in_row("sensor-01", "input")).await?;
        browser.see_text(SELECTED, |text| text == "1 selected").await?;
        let shift = "document.querySelector(arguments[0])";
        let target = in_row("sensor-03", "input").replace('\'', "\\'");
        let click = format!(
            "{}.dispatchEvent(new MouseEvent('click', {{ bubbles: true, cancelable: true, shiftKey: true }}))",
            shift.replace("arguments[0]", &format!("'{target}'"))
        );
        browser.evaluate(&click).await?;
        browser.see_text(SELECTED, |text| text == "3 selected").await?;
        browser.click(&in_row("gone", "input")).await?;
        browser.see_text(SELECTED, |text| text == "4 selected").await?;

        browser.click("[data-testid=bulk-read]").await?;
        browser.fill("[data-testid=bulk-path]", "/3/0/0").await?;
        browser.click("[data-testid=bulk-start]").await?;
        browser.see_text(PROGRESS, |text| text == "4 of 4 devices, 1 failed").await?;
        for sensor in ["sensor-01", "sensor-02", "sensor-03"] {
            browser.see(&result_of(sensor, "2.05")).await?;
        }
        // Who could not be asked is told by name.
        browser.see(&result_of("gone", "unknown_client")).await?;
        browser.click("[data-testid=bulk-close]").await?;

        browser.click("[data-testid=bulk-tag]").await?;
        browser.fill("[data-testid=bulk-add-tags]", "hall 3, spare").await?;
        browser.click("[data-testid=bulk-start]").await?;
        browser.see_text(PROGRESS, |text| text == "4 of 4 devices").await?;
        browser.click("[data-testid=bulk-close]").await?;
        open_live(browser, &context, "/?status=any&tag=spare").await?;
        browser.see_count(SHOWN_ROWS, 4).await?;

        // Everything that matches is chosen by the server.
        browser.click("[data-testid=select-all]").await?;
        browser.see_text(SELECTED, |text| text == "4 selected").await?;
        browser.click("[data-testid=bulk-forget]").await?;
        browser.see_text("[data-testid=bulk-dialog]", |text| text.contains("cannot be undone")).await?;
        browser.click("[data-testid=bulk-start]").await?;
        browser.see_text(PROGRESS, |text| text == "4 of 4 devices").await?;
        ensure!(context.client("gone").await?.is_none(), "`gone` is still known");
        let known = context.rest.get("/api/v1/clients/gone?status=any").await?;
        ensure!(known.status == 404, "`gone` is known: {}", known.body);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_empty_fleet_starts_a_simulated_device_with_one_click() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("an_empty_fleet_starts_a_simulated_device_with_one_click", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see_text("[data-testid=fleet-empty]", |text| text.contains(&context.coap_uri())).await?;
        browser.click("[data-testid=simulate]").await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.see_text("[data-testid=fleet-status]", |text| text == "Awake").await?;
        browser.click(&format!("{SHOWN_ROWS} a")).await?;
        browser.see(&tree_row("/3/0")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_has_left_is_shown_as_such() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("gone", 300, "</3/0>").await?;
    Browser::run("who_has_left_is_shown_as_such", async |browser| {
        open_live(browser, &context, "/?status=any").await?;
        browser.see_text(&in_row("gone", "[data-testid=fleet-status]"), |text| text == "Awake").await?;
        peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
        browser
            .see_text(&in_row("gone", "[data-testid=fleet-status]"), |text| text == "De-registered")
            .await?;
        // Nobody is registered, and that is not the same as nobody being known.
        open_live(browser, &context, "/").await?;
        browser
            .see_text("[data-testid=fleet-no-match]", |text| text.contains("1 device known from before"))
            .await?;
        browser.click("[data-testid=show-any]").await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.see_address("/?status=any").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_hostile_name_is_only_a_name() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let image = "<img src=x onerror=window.hacked=1>";
    let names = [image, "a/b", "a%2Fb", "..", "'; DROP \"x\"", "<script>window.hacked=1</script>"];
    for name in names {
        peer.register(name, 300, "</3/0>").await?;
    }
    let hostile = Label { name: Some(image.into()), tags: vec![image.into()], notes: image.into() };
    label(&context, "a/b", &hostile).await?;
    Browser::run("a_hostile_name_is_only_a_name", async |browser| {
        for name in names {
            open_live(browser, &context, "/").await?;
            browser.see_count(SHOWN_ROWS, names.len()).await?;
            let row = format!("[data-endpoint={}] a", json!(name));
            browser.click(&row).await?;
            browser.see(&tree_row("/3/0")).await?;
            browser.see_text(".crumb-here", |text| text.contains(name)).await?;
        }
        open_live(browser, &context, "/").await?;
        browser.see_text(&in_row("a/b", "a"), |text| text.contains(image) && text.contains("a/b")).await?;
        browser.click(&in_row("a/b", ".fleet-more button")).await?;
        browser.click("[data-testid=menu-label]").await?;
        browser.see("[data-testid=label-name]").await?;
        browser.fill("[data-testid=label-name]", "Harmless").await?;
        browser.click("[data-testid=label-save]").await?;
        browser.see_text(&in_row("a/b", "a"), |text| text.contains("Harmless")).await?;
        let hacked = browser.evaluate("return window.hacked ?? null").await?;
        ensure!(hacked == Value::Null, "a name ran as a script: {hacked}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rows_are_reached_selected_and_opened_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 200, &["--prefix", "device-"])?;
    context.registered("device-200").await?;
    Browser::run("rows_are_reached_selected_and_opened_with_the_keyboard", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see_text(COUNT, |text| text == "200 devices").await?;
        see_device(browser, 0, "device-001").await?;
        browser.tab_to(&fleet_row("device-001")).await?;
        browser.press_key(Key::Down).await?;
        browser.see_focus(&fleet_row("device-002")).await?;
        browser.press(' ').await?;
        browser.see_text(SELECTED, |text| text == "1 selected").await?;
        browser.see_attribute(&row_at(1), "aria-selected", "true").await?;
        browser.press_key(Key::End).await?;
        browser.see_focus(&fleet_row("device-200")).await?;
        browser.press('x').await?;
        browser.see_text(SELECTED, |text| text == "2 selected").await?;
        browser.press_key(Key::Home).await?;
        browser.see_focus(&fleet_row("device-001")).await?;
        browser.press_chord(&[Key::Control], 'a').await?;
        browser.see_text(SELECTED, |text| text == "200 selected").await?;
        browser.press('m').await?;
        browser.see_focus("[data-testid=row-menu] a").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_focus(&fleet_row("device-001")).await?;
        browser.press_key(Key::Enter).await?;
        browser.see(&tree_row("/3/0")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_fleet_fits_a_phone_in_light_and_dark() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 40, &["--prefix", "device-"])?;
    context.registered("device-40").await?;
    Browser::run("the_fleet_fits_a_phone_in_light_and_dark", async |browser| {
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            open_live(browser, &context, "/?text=device&object=3").await?;
            browser.see(&fleet_row("device-01")).await?;
            browser.fits_its_width().await?;
            browser.click(&in_row("device-01", "input")).await?;
            browser.see_text(SELECTED, |text| text == "1 selected").await?;
            browser.fits_its_width().await?;
            browser.click("[data-testid=bulk-read]").await?;
            browser.see("[data-testid=bulk-path]").await?;
            browser.fits_its_width().await?;
            browser.press_key(Key::Escape).await?;
            browser.see_count("dialog[open]", 0).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn columns_are_chosen_and_remembered() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("one", 300, "</3/0>").await?;
    Browser::run("columns_are_chosen_and_remembered", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&in_row("one", ".fleet-objects")).await?;
        browser.click("[data-testid=view-menu-button]").await?;
        browser.click("[data-testid=column-objects]").await?;
        browser.see_count(&in_row("one", ".fleet-objects"), 0).await?;
        browser.reload().await?;
        browser.see(&fleet_row("one")).await?;
        browser.see_count(&in_row("one", ".fleet-objects"), 0).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_observed_value_stands_in_the_row() -> Result<()> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "200"];
    let _simulator = Simulator::start(&context, 1, &fleet)?;
    let sensor = context.registered("sensor-1").await?;
    let observe = console_api::OperationRequest::new(console_api::Operation::Observe, "/3303/0/5700");
    let response = context.operate(&sensor.endpoint, &observe).await?;
    ensure!(response.code == "2.05", "{response:?}");
    Browser::run("an_observed_value_stands_in_the_row", async |browser| {
        open_live(browser, &context, "/").await?;
        let value = in_row("sensor-1", "[data-testid=fleet-value]");
        let first = browser
            .see_text(&value, |text| text.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
            .await?;
        // It follows the notifications.
        browser.see_text(&value, |text| text != first).await?;
        let path = in_row("sensor-1", ".latest-path");
        browser.see_text(&path, |text| text == "3303/0/5700").await?;
        Ok(())
    })
    .await
}
