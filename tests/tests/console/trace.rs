//! The page of the trace.

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Options};
use console_api::{Operation, OperationRequest};
use fantoccini::key::Key;
use whole_program_tests::{Browser, ColorScheme, RawPeer, TestContext, Viewport};

use crate::open_live;

const ROW: &str = "[data-testid=trace-row]:not([hidden])";
const SEARCH: &str = "[data-testid=trace-search]";
const COUNT: &str = "[data-testid=trace-count]";
const RECORD: &str = "[data-testid=record]";

/// The server reads `/3303/0`; the device answers in TLV.
async fn read(context: &TestContext, peer: &RawPeer, endpoint: &str) -> Result<()> {
    let read = OperationRequest::new(Operation::Read, "/3303/0");
    tokio::try_join!(context.operate(endpoint, &read), async {
        let request = peer.receive_request(Code::GET, "/3303/0").await?;
        let payload = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33];
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(11542), &payload).await
    })?;
    Ok(())
}

#[tokio::test]
async fn an_exchange_is_shown_decoded_and_filtered() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    Browser::run("an_exchange_is_shown_decoded_and_filtered", async |browser| {
        open_live(browser, &context, "/trace").await?;
        browser.see("[data-testid=trace-empty]").await?;
        peer.register("room", 300, "</3/0>,</3303/0>").await?;
        browser.see_count(ROW, 2).await?;
        browser.see_text(ROW, |text| text.contains("Register /rd?ep=room")).await?;
        read(&context, &peer, "room").await?;
        browser.see_count(ROW, 4).await?;

        browser.fill(SEARCH, "/3303 2.05").await?;
        browser.see_count(ROW, 1).await?;
        browser.see_text(COUNT, |text| text.starts_with("1 of 4")).await?;
        browser.see_text(ROW, |text| text.contains("2.05 Content") && text.contains("Read /3303/0")).await?;
        browser.click(ROW).await?;
        browser
            .see_text("[data-testid=record-values]", |text| {
                text.contains("/3303/0/5700") && text.contains("Sensor Value") && text.contains("21.4")
            })
            .await?;
        browser.see_text("[data-testid=record-options]", |text| text.contains("11542 (TLV)")).await?;
        browser.see_text("[data-testid=trace-bytes]", |text| text.contains("e4 16 44 41 ab 33 33")).await?;
        let told = browser.see_text(RECORD, |text| text.contains("Answers")).await?;
        ensure!(told.contains("Message ID") && told.contains(" ms"), "{told}");

        // From the answer to its request, and away with the key.
        browser.click(&format!("{RECORD} .record-link")).await?;
        browser.see_text("[data-testid=record-code]", |text| text == "GET").await?;
        browser.see_text(RECORD, |text| text.contains("Led to")).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(RECORD, 0).await?;
        browser.fill(SEARCH, "nothing like it").await?;
        browser.see("[data-testid=trace-nothing]").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_no_message_is_shown_with_the_reason() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("room", 300, "</3/0>").await?;
    peer.send_bytes(&[0x49, 1, 2, 3, 4, 5]).await?;
    Browser::run("what_is_no_message_is_shown_with_the_reason", async |browser| {
        open_live(browser, &context, "/trace").await?;
        browser.click("[data-testid=trace-failures]").await?;
        browser.see_text(ROW, |text| text.contains("Malformed")).await?;
        // With the keyboard: the table is one stop, Enter opens.
        browser.tab_to(ROW).await?;
        browser.press_key(Key::Home).await?;
        browser.press_key(Key::Enter).await?;
        browser
            .see_text("[data-testid=record-problem]", |text| {
                text.contains("at most 8 bytes") && text.contains("got 9") && text.contains("byte 4")
            })
            .await?;
        browser.see_text("[data-testid=trace-bytes] .k-error", |text| text == "04 05").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_trace_of_one_device_is_paused_cleared_and_exported() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut hall, mut cellar) = (context.peer().await?, context.peer().await?);
    hall.register("hall <3>", 300, "</3/0>").await?;
    let location = cellar.register("cellar", 300, "</3/0>").await?;
    Browser::run("the_trace_of_one_device_is_paused_cleared_and_exported", async |browser| {
        open_live(browser, &context, "/trace?endpoint=cellar").await?;
        browser.see_count(ROW, 2).await?;
        browser.click("[data-testid=trace-pause]").await?;
        let update = Options::new().with_path(&location);
        cellar.exchange(Code::POST, update.clone(), b"").await?;
        browser.see_text("[data-testid=trace-pause]", |text| text.contains("2 newer")).await?;
        browser.see_count(ROW, 2).await?;
        browser.click("[data-testid=trace-pause]").await?;
        browser.see_count(ROW, 4).await?;

        let link = browser.see("[data-testid=trace-pcap]").await?;
        let address = link.attr("href").await?.context("an address")?;
        let capture = context.rest.download(&address).await?;
        ensure!(capture.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]), "no capture: {:02x?}", &capture[..4]);

        browser.click("[data-testid=trace-clear]").await?;
        browser.see("[data-testid=trace-empty]").await?;
        cellar.exchange(Code::POST, update, b"").await?;
        browser.see_count(ROW, 2).await?;

        browser.click(".trace-all").await?;
        browser.see_text(COUNT, |text| text.starts_with("8 datagrams")).await?;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            browser.fits_its_width().await?;
        }
        browser.click(ROW).await?;
        browser.see(RECORD).await?;
        browser.fits_its_width().await
    })
    .await
}
