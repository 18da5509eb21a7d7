//! What all pages have in common: connection, keys, sizes, colours.

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Options};
use console_api::{Event, ServerFrame, ServerStatus, decode, hex_decode};
use fantoccini::key::Key;
use serde_json::json;
use whole_program_tests::{Browser, ColorScheme, Simulator, TestContext, Viewport, wait};

use crate::{
    CONNECTION, SEARCH, SHOWN_ROWS, VALUE, button, device_page, fleet_row, open_live, result, select,
    tree_row,
};

const OFFLINE: &str = "[data-testid=offline]";

#[tokio::test]
async fn a_lost_connection_is_shown_and_repaired() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("before", 300, "</3/0>").await?;
    Browser::run("a_lost_connection_is_shown_and_repaired", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, "/").await?;
        browser.see(&fleet_row("before")).await?;
        context.server.terminate().await?;
        browser.see_attribute(CONNECTION, "data-state", "offline").await?;
        let told = |text: &str| {
            ["No connection since ", "the server has stopped", "What you see is from "]
                .iter()
                .all(|part| text.contains(part))
        };
        browser.see_text(OFFLINE, told).await?;
        browser.see_text(OFFLINE, |text| text.contains("Next attempt in ")).await?;
        context.restart().await?;
        peer.register("after", 300, "</3/0>").await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        browser.see(&fleet_row("after")).await?;
        browser.see_count(OFFLINE, 0).await?;
        browser.see_count(SHOWN_ROWS, context.clients().await?.len()).await?;
        Ok(())
    })
    .await
}

/// The pages are parts of the program that come when they are needed, and the network may fail just then.
#[tokio::test]
async fn a_page_whose_code_does_not_come_can_be_tried_again() -> Result<()> {
    const NOT_FETCHED: &str = "[data-testid=not-fetched]";
    let context = TestContext::start().await?;
    Browser::run("a_page_whose_code_does_not_come_can_be_tried_again", async |browser| {
        browser.expect_errors("/assets/");
        browser.dev_tools("Network.enable", json!({})).await?;
        let block = async |urls: &[&str]| {
            browser.dev_tools("Network.setBlockedURLs", json!({ "urls": urls })).await.map(drop)
        };
        block(&["*/assets/later/*"]).await?;
        open_live(browser, &context, "/server").await?;
        browser.see_text(NOT_FETCHED, |text| text.contains("could not be loaded")).await?;
        block(&[]).await?;
        browser.click(&format!("{NOT_FETCHED} button")).await?;
        browser.see("[data-testid=server-version]").await?;
        browser.see_count(NOT_FETCHED, 0).await?;
        Ok(())
    })
    .await
}

/// A build with another script is told by pretending that this page was started by an older one.
#[tokio::test]
async fn a_newer_build_is_offered_and_never_taken_by_itself() -> Result<()> {
    const NEWER: &str = "[data-testid=newer-build]";
    const DRAFT: &str = "[data-testid=write-input]";
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</3/0>").await?;
    Browser::run("a_newer_build_is_offered_and_never_taken_by_itself", async |browser| {
        browser.expect_server_away();
        open_live(browser, &context, &device_page("raw")).await?;
        select(browser, "/3/0/15").await?;
        browser.click(&button("write")).await?;
        browser.fill(DRAFT, "Europe/Oslo").await?;
        let older = "document.querySelector('script[type=module]').setAttribute('src', '/assets/boot-0.js')";
        browser.evaluate(older).await?;
        context.server.terminate().await?;
        browser.see_attribute(CONNECTION, "data-state", "offline").await?;
        context.restart().await?;
        browser.see_text(NEWER, |text| text.contains("would be lost")).await?;
        let typed = browser.see(DRAFT).await?.prop("value").await?;
        ensure!(typed.as_deref() == Some("Europe/Oslo"), "the draft is {typed:?}");
        browser.press_key(Key::Escape).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(DRAFT, 0).await?;
        browser.see_text(NEWER, |text| !text.contains("would be lost")).await?;
        browser.click(&format!("{NEWER} button")).await?;
        browser.see_count(NEWER, 0).await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        Ok(())
    })
    .await
}

/// Two notifications come while nobody looks: the tab has no connection then, and both afterwards.
#[tokio::test]
async fn a_hidden_tab_rests_and_misses_nothing() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</3303/0>").await?;
    Browser::run("a_hidden_tab_rests_and_misses_nothing", async |browser| {
        browser
            .dev_tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": RECORD_FRAMES }))
            .await?;
        open_live(browser, &context, &device_page("raw")).await?;
        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        let request = peer.receive_request(Code::GET, "/3303/0/5700").await?;
        let text = || Options::new().with_content_format(0);
        peer.answer(&request, Code::CONTENT, text().with_observe(1), b"1").await?;
        browser.see_text(VALUE, |text| text.starts_with('1')).await?;

        browser.hide_tab().await?;
        let consoles = async || {
            let server: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
            Ok((server.consoles == 0).then_some(()))
        };
        wait::until("the hidden tab to leave the WebSocket", consoles).await?;
        peer.notify(&request, false, text().with_observe(2), b"2.5").await?;
        peer.notify(&request, false, text().with_observe(3), b"3.5").await?;
        browser.show_tab().await?;
        browser.see_attribute(CONNECTION, "data-state", "live").await?;
        browser.see_text(VALUE, |text| text.starts_with("3.5")).await?;
        let (resumed, payloads) = after_the_last_hello(browser).await?;
        ensure!(resumed, "the tab got snapshots instead of going on where it was");
        ensure!(payloads == [b"2.5", b"3.5"], "expected both notifications, got {payloads:?}");
        Ok(())
    })
    .await
}

/// Keeps every frame of the WebSocket as hexadecimal digits.
const RECORD_FRAMES: &str = "
    window.seenFrames = [];
    const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('');
    window.WebSocket = class extends WebSocket {
        constructor(...address) {
            super(...address);
            this.addEventListener('message', message => window.seenFrames.push(hex(message.data)));
        }
    };
";

/// Whether the page went on where it was, and the payloads that it was told of since.
async fn after_the_last_hello(browser: &Browser) -> Result<(bool, Vec<Vec<u8>>)> {
    let frames: Vec<String> = serde_json::from_value(browser.evaluate("return window.seenFrames").await?)?;
    let (mut resumed, mut payloads) = (false, Vec::new());
    for frame in frames {
        let bytes = hex_decode(&frame).context("not a frame")?;
        match decode::<ServerFrame>(&bytes)? {
            ServerFrame::Hello { .. } => (resumed, payloads) = (false, Vec::new()),
            ServerFrame::Resumed => resumed = true,
            ServerFrame::Events { events, .. } => payloads.extend(events.into_iter().filter_map(payload)),
            _ => {}
        }
    }
    Ok((resumed, payloads))
}

fn payload(event: Event) -> Option<Vec<u8>> {
    match event {
        Event::Reported(reported) => Some(reported.payload),
        _ => None,
    }
}

#[tokio::test]
async fn every_address_is_a_page_that_can_be_come_back_to() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    // Escaped once more in the address, and decoded exactly once.
    peer.register("a%2Fb", 300, "</3/0>").await?;
    Browser::run("every_address_is_a_page_that_can_be_come_back_to", async |browser| {
        let device = device_page("a%2Fb");
        open_live(browser, &context, &device).await?;
        browser.see(&tree_row("/3/0")).await?;
        browser.press('g').await?;
        browser.press('s').await?;
        see_title(browser, "Server").await?;
        browser.see_focus("main").await?;
        browser.go_back().await?;
        browser.see_address(&device).await?;
        browser.see(&tree_row("/3/0")).await?;
        browser.go_forward().await?;
        see_title(browser, "Server").await?;
        browser.reload().await?;
        see_title(browser, "Server").await?;
        browser.see("[data-testid=server-page]").await?;
        browser.press('t').await?;
        see_title(browser, "Server").await?;
        browser.go_back().await?;
        browser.see(&tree_row("/3/0")).await?;
        browser.press('t').await?;
        browser.see_address("/trace?endpoint=a%252Fb").await?;
        open_live(browser, &context, "/no/such/page").await?;
        browser.see("[data-testid=not-found]").await?;
        Ok(())
    })
    .await
}

async fn see_title(browser: &Browser, page: &str) -> Result<()> {
    let wanted = format!("{page} · LwM2M Console");
    wait::until(&format!("the title {wanted}"), async || {
        let title = browser.evaluate("return document.title").await?;
        Ok((title.as_str() == Some(wanted.as_str())).then_some(()))
    })
    .await
}

const PAGES: [(&str, &str); 5] = [
    ("/observations", "Observations"),
    ("/objects", "Objects"),
    ("/trace", "Trace"),
    ("/server", "Server"),
    ("/", "Fleet"),
];

#[tokio::test]
async fn every_page_is_reached_with_the_keyboard_at_every_width() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("every_page_is_reached_with_the_keyboard_at_every_width", async |browser| {
        for viewport in [Viewport::DESKTOP, Viewport::ZOOMED, Viewport::PHONE] {
            browser.emulate(viewport, ColorScheme::Dark).await?;
            open_live(browser, &context, "/").await?;
            for (address, title) in PAGES {
                let link = format!(".navigation-link[href={address:?}]");
                // Seen, not only reached.
                browser.see(&link).await?;
                browser.tab_to(&link).await?;
                browser.press_key(Key::Enter).await?;
                see_title(browser, title).await?;
                browser.see_attribute(&link, "aria-current", "page").await?;
                browser.fits_its_width().await?;
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_asks_for_rest_sees_no_motion() -> Result<()> {
    let context = TestContext::start().await?;
    let fleet = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "200"];
    let _simulator = Simulator::start(&context, 1, &fleet)?;
    context.registered("sensor-1").await?;
    Browser::run("who_asks_for_rest_sees_no_motion", async |browser| {
        open_live(browser, &context, &device_page("sensor-1")).await?;
        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        browser.see(&button("cancel")).await?;
        let moving = async || {
            let count = browser.evaluate("return document.getAnimations().length").await?;
            anyhow::Ok(count.as_u64() > Some(0))
        };
        wait::until("a change to be seen", async || Ok(moving().await?.then_some(()))).await?;
        browser.reduce_motion(true).await?;
        let first = browser.see_text(VALUE, |text| !text.is_empty()).await?;
        let mut last = first;
        for _ in 0..3 {
            last = browser.see_text(VALUE, |text| !text.is_empty() && text != last).await?;
            let still = !moving().await?;
            ensure!(still, "something moves although the operator has asked for rest");
        }
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
