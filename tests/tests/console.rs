//! The console in a real browser: what an operator does, and what the devices then see.

use anyhow::{Result, ensure};
use coap::{Code, Options};
use console_api::{Operation, OperationRequest, ValueContent};
use fantoccini::key::Key;
use whole_program_tests::{Browser, ColorScheme, Leshan, Simulator, TestContext, Viewport, encode_segment};

const CONNECTION: &str = "[data-testid=connection]";
const SEARCH: &str = "[data-testid=fleet-search]";
const SHOWN_ROWS: &str = "[data-testid=fleet-row]:not([hidden])";
const VALUE: &str = "[data-testid=inspector-value]";
const WIRE_BYTES: &str = "[data-testid=wire-bytes]";

/// Line of a device in the fleet.
fn fleet_row(endpoint: &str) -> String {
    format!("[data-testid=fleet-row][data-endpoint={endpoint:?}] a")
}

/// Line of a node in the object tree.
fn tree_row(path: &str) -> String {
    format!("[data-testid=tree] [data-path={path:?}]")
}

/// Value in the line of a node.
fn tree_value(path: &str) -> String {
    format!("{} [data-testid=value]", tree_row(path))
}

/// Button of the selected node.
fn button(operation: &str) -> String {
    format!("[data-testid=inspector] [data-op={operation}]")
}

/// Result of the last operation on the selected node.
fn result(code: &str) -> String {
    format!("[data-testid=inspector] [data-testid=result][data-code={code:?}]")
}

fn device_page(endpoint: &str) -> String {
    format!("/clients/{}", encode_segment(endpoint))
}

async fn open_live(browser: &Browser, context: &TestContext, path: &str) -> Result<()> {
    browser.open(&context.page(path)).await?;
    browser.see_attribute(CONNECTION, "data-state", "live").await
}

async fn select(browser: &Browser, path: &str) -> Result<()> {
    browser.click(&format!("{} .tree-title", tree_row(path))).await?;
    browser.see_attribute(&tree_row(path), "aria-selected", "true").await
}

#[tokio::test]
async fn an_operator_finds_a_device_and_works_with_it() -> Result<()> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "200"];
    let _simulator = Simulator::start(&context, 24, &fleet)?;
    context.registered("sensor-24").await?;
    Browser::run("an_operator_finds_a_device_and_works_with_it", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("sensor-01")).await?;
        browser.fill(SEARCH, "sensor-17").await?;
        browser.see_count(SHOWN_ROWS, 1).await?;
        browser.click(&fleet_row("sensor-17")).await?;

        select(browser, "/3/0").await?;
        browser.click(&button("read")).await?;
        browser.see(&result("2.05")).await?;
        browser.see_text(&tree_value("/3/0/0"), |text| text.len() > 2).await?;

        select(browser, "/3/0/15").await?;
        browser.click(&button("write")).await?;
        browser.fill("[data-testid=write-input]", "Europe/Stockholm").await?;
        browser.click("[data-testid=write-submit]").await?;
        browser.see(&result("2.04")).await?;
        browser.see_text(&tree_value("/3/0/15"), |text| text == "Europe/Stockholm").await?;
        let read = OperationRequest::new(Operation::Read, "/3/0/15");
        let device_has = context.operate("sensor-17", &read).await?;
        assert_eq!(device_has.values[0].value, ValueContent::Text("Europe/Stockholm".into()));

        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        browser.see(&button("cancel")).await?;
        let first =
            browser.see_text(VALUE, |text| text.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
        let first = first.await?;
        browser.see_text(VALUE, |text| !text.is_empty() && text != first).await?;
        browser.click(&button("cancel")).await?;
        browser.see(&button("observe")).await?;

        select(browser, "/3/0/4").await?;
        browser.click(&button("execute")).await?;
        browser.see("[data-testid=execute-arguments]").await?;
        browser.click("[data-testid=execute-submit]").await?;
        browser.see(&result("2.04")).await?;
        Ok(())
    })
    .await
}

/// What the browser shows are the bytes of the device, whatever the server thinks of them.
#[tokio::test]
async fn the_bytes_on_the_wire_are_the_ones_of_the_device() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</1/0>,</3/0>,</3303/0>").await?;
    Browser::run("the_bytes_on_the_wire_are_the_ones_of_the_device", async |browser| {
        open_live(browser, &context, &device_page("raw")).await?;
        select(browser, "/3303/0").await?;
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/3303/0").await?;
        let payload = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33, 0xe3, 0x16, 0x45, b'C', b'e', b'l'];
        let options = Options::new().with_content_format(11542);
        peer.answer(&request, Code::CONTENT, options.clone(), &payload).await?;
        see_bytes(browser, &payload).await?;
        browser.see_text(&tree_value("/3303/0/5700"), |text| text.starts_with("21.4")).await?;
        browser.see_text(&tree_value("/3303/0/5701"), |text| text == "Cel").await?;

        // Cut off in the middle of a value: shown all the same.
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/3303/0").await?;
        peer.answer(&request, Code::CONTENT, options, &payload[..5]).await?;
        see_bytes(browser, &payload[..5]).await
    })
    .await
}

async fn see_bytes(browser: &Browser, payload: &[u8]) -> Result<()> {
    let expected = console_api::hex_encode(payload);
    let digits = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    browser.see_text(WIRE_BYTES, |text| digits(text) == expected).await?;
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_the_device_is_explained() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</3/0>").await?;
    Browser::run("a_refusal_of_the_device_is_explained", async |browser| {
        open_live(browser, &context, &device_page("raw")).await?;
        select(browser, "/3/0").await?;
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/3/0").await?;
        peer.answer(&request, Code::UNAUTHORIZED, Options::new(), b"no rights").await?;
        browser.see_text(&result("4.01"), |text| text.contains("4.01") && text.contains("no rights")).await?;
        Ok(())
    })
    .await
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

#[tokio::test]
async fn leshans_client_is_operated_from_the_browser() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, "leshan", 300).await?;
    Browser::run("leshans_client_is_operated_from_the_browser", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.click(&fleet_row("leshan")).await?;
        select(browser, "/3/0").await?;
        browser.click(&button("read")).await?;
        browser.see(&result("2.05")).await?;
        browser.see_text(&tree_value("/3/0/0"), |text| text == "Eclipse Leshan").await?;

        select(browser, "/3/0/15").await?;
        browser.click(&button("write")).await?;
        browser.fill("[data-testid=write-input]", "UTC").await?;
        browser.click("[data-testid=write-submit]").await?;
        browser.see(&result("2.04")).await?;

        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        browser.see(&button("cancel")).await?;
        let first = browser.see_text(VALUE, |text| text.contains('.')).await?;
        browser.see_text(VALUE, |text| text.contains('.') && text != first).await?;
        Ok(())
    })
    .await
}
