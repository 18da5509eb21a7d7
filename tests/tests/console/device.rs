//! The device page.

use anyhow::Result;
use coap::{Code, Options};
use console_api::{Operation, OperationRequest, ValueContent};
use whole_program_tests::{Browser, ColorScheme, Leshan, RawPeer, Simulator, TestContext, Viewport};

use crate::{
    SEARCH, SHOWN_ROWS, VALUE, WIRE_BYTES, button, device_page, fleet_row, open_live, result, select,
    tree_row, tree_value,
};

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

/// An Object that nobody has a definition for, and a payload that is none: both are shown, byte by byte.
#[tokio::test]
async fn unknown_and_undecodable_are_shown_with_their_bytes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</1/0>,</3/0>,</42000/0>").await?;
    Browser::run("unknown_and_undecodable_are_shown_with_their_bytes", async |browser| {
        open_live(browser, &context, &device_page("raw")).await?;
        select(browser, "/42000/0").await?;
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/42000/0").await?;
        let payload = [0xc5, 1, b'h', b'e', b'l', b'l', b'o', 0xc1, 2, 7];
        let tlv = Options::new().with_content_format(11542);
        peer.answer(&request, Code::CONTENT, tlv.clone(), &payload).await?;
        browser
            .see_text(&tree_value("/42000/0/1"), |text| text.contains("68 65") && text.contains("hello"))
            .await?;
        browser.see_text(&tree_value("/42000/0/2"), |text| text == "07").await?;
        see_bytes(browser, &payload).await?;

        select(browser, "/3/0/9").await?;
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/3/0/9").await?;
        peer.answer(&request, Code::CONTENT, tlv, &[0xc2, 9, 1]).await?;
        see_bytes(browser, &[0xc2, 9, 1]).await?;
        browser.see("[data-testid=wire-bytes] .k-error").await?;
        browser
            .see_text("[data-testid=wire]", |text| text.contains("expected 2 bytes of value, got 1"))
            .await?;
        browser.see_text(&tree_value("/3/0/9"), |text| text.contains("undecodable")).await?;
        Ok(())
    })
    .await
}

/// Whatever a device calls itself is text: it runs no script, and its page works.
#[tokio::test]
async fn hostile_endpoint_names_are_only_names() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("hostile_endpoint_names_are_only_names", async |browser| {
        for name in
            ["<img src=x onerror=\"document.title='owned'\">", "a/b", "a%2Fb", "\"><script>1</script>"]
        {
            let mut peer = context.peer().await?;
            peer.register(name, 300, "</1/0>,</3/0>").await?;
            open_live(browser, &context, &device_page(name)).await?;
            browser.see_text(".crumb-here", |text| text == name).await?;
            select(browser, "/3/0/0").await?;
            browser.click(&button("read")).await?;
            let request = peer.receive_request(Code::GET, "/3/0/0").await?;
            peer.answer(&request, Code::CONTENT, Options::new(), name.as_bytes()).await?;
            browser.see_text(&tree_value("/3/0/0"), |text| text == name).await?;
            browser.see_count("img, main script", 0).await?;
        }
        Ok(())
    })
    .await
}

/// What is selected is in the address; another device's page begins with nothing of the one before.
#[tokio::test]
async fn back_and_forward_go_between_nodes_and_devices() -> Result<()> {
    let context = TestContext::start().await?;
    let mut first = context.peer().await?;
    first.register("first", 300, "</1/0>,</3/0>").await?;
    let mut second = context.peer().await?;
    second.register("second", 300, "</1/0>,</3/0>").await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let asked = async |peer: &RawPeer, text: &str| {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.answer(&request, Code::CONTENT, Options::new(), text.as_bytes()).await
    };
    tokio::try_join!(context.operate("first", &read), asked(&first, "one"))?;
    Browser::run("back_and_forward_go_between_nodes_and_devices", async |browser| {
        open_live(browser, &context, &format!("{}#/3/0/0", device_page("first"))).await?;
        browser.see_text(VALUE, |text| text == "one").await?;
        select(browser, "/3").await?;
        browser.go_back().await?;
        browser.see_attribute(&tree_row("/3/0/0"), "aria-selected", "true").await?;
        browser.go_forward().await?;
        browser.see_attribute(&tree_row("/3"), "aria-selected", "true").await?;

        browser.click(".crumbs a").await?;
        browser.click(&fleet_row("second")).await?;
        select(browser, "/3/0/0").await?;
        browser.see_text(VALUE, |text| text == "No value known yet.").await?;
        browser.go_back().await?;
        browser.go_back().await?;
        browser.go_back().await?;
        browser.see_text(".crumb-here", |text| text == "first").await?;
        browser.see_text(&tree_value("/3/0/0"), |text| text == "one").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_device_that_left_keeps_its_last_values() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("guest", 300, "</1/0>,</3/0>").await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    tokio::try_join!(context.operate("guest", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.answer(&request, Code::CONTENT, Options::new(), b"Acme").await
    })?;
    Browser::run("a_device_that_left_keeps_its_last_values", async |browser| {
        open_live(browser, &context, &device_page("guest")).await?;
        browser.see_text(&tree_value("/3/0/0"), |text| text == "Acme").await?;
        peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
        browser.see_text("[data-testid=device-state]", |text| text.contains("de-registered")).await?;
        browser.see_text(&tree_value("/3/0/0"), |text| text == "Acme").await?;
        peer.register("guest", 300, "</1/0>,</3/0>").await?;
        browser.see_count("[data-testid=device-state]", 0).await?;

        open_live(browser, &context, &device_page("nobody")).await?;
        browser.see("[data-testid=not-registered]").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn forms_and_menus_fit_a_phone() -> Result<()> {
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 1, &["--prefix", "sensor-", "--profile", "sensor"])?;
    context.registered("sensor-1").await?;
    Browser::run("forms_and_menus_fit_a_phone", async |browser| {
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            open_live(browser, &context, &device_page("sensor-1")).await?;
            browser.click("[data-op-all=read]").await?;
            browser.see_text(&tree_value("/3303/0/5700"), |text| !text.is_empty()).await?;
            select(browser, "/3303/0/5700").await?;
            browser.see("[data-testid=chart-card]").await?;
            browser.click(&button("write-attributes")).await?;
            browser.see("[data-testid=attributes-form]").await?;
            browser.fits_its_width().await?;
            browser.click(&button("menu")).await?;
            browser.see("[data-testid=node-menu]").await?;
            browser.fits_its_width().await?;
        }
        Ok(())
    })
    .await
}
