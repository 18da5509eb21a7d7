//! The page of the observations.

use anyhow::{Result, ensure};
use coap::{Code, Message, Options};
use console_api::{ObservationList, Operation, OperationRequest};
use whole_program_tests::{Browser, ColorScheme, RawPeer, TestContext, Viewport};

use crate::open_live;

const PATH: &str = "/3303/0/5700";
const ROW: &str = "[data-testid=observation-row]";

fn row(endpoint: &str) -> String {
    format!("{ROW}[data-endpoint={endpoint:?}]")
}

async fn observed(context: &TestContext, endpoint: &str) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, "</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), accept(&peer))?;
    Ok((peer, request))
}

async fn accept(peer: &RawPeer) -> Result<Message> {
    let request = peer.receive_request(Code::GET, PATH).await?;
    peer.answer(&request, Code::CONTENT, Options::new().with_observe(1).with_content_format(0), b"21.0")
        .await?;
    Ok(request)
}

/// The server takes back an observation.
async fn release(peer: &RawPeer) -> Result<()> {
    let request = peer.receive_request(Code::GET, PATH).await?;
    ensure!(request.options.observe() == Some(1), "expected a cancellation, got {request:?}");
    peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"21.0").await
}

#[tokio::test]
async fn observations_are_followed_and_cancelled() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("observations_are_followed_and_cancelled", async |browser| {
        open_live(browser, &context, "/observations").await?;
        browser.see("[data-testid=observations-empty]").await?;
        let (mut hall, request) = observed(&context, "hall").await?;
        let (cellar, _) = observed(&context, "cellar").await?;
        browser.see_count(ROW, 2).await?;
        browser
            .see_text(&row("hall"), |text| {
                text.contains(PATH) && text.contains("Temperature · Sensor Value") && text.contains("Active")
            })
            .await?;
        for number in 2..9 {
            let options = Options::new().with_observe(number).with_content_format(0);
            hall.notify(&request, false, options, b"22.0").await?;
        }
        let count = format!("{} .observation-count", row("hall"));
        browser.see_text(&count, |text| text.parse().is_ok_and(|count: u32| count >= 7)).await?;

        browser.fill("[data-testid=observations-search]", "cellar").await?;
        browser.see_count(ROW, 1).await?;
        browser.click(&format!("{} [data-testid=cancel-observation]", row("cellar"))).await?;
        release(&cellar).await?;
        browser
            .see_text("[data-testid=observations-result]", |text| text.contains("1 observation cancelled"))
            .await?;
        browser.see("[data-testid=observations-nothing]").await?;
        browser.click("[data-testid=observations-nothing] button").await?;
        browser.see_count(ROW, 1).await?;
        let left: ObservationList = context.rest.get("/api/v1/observations").await?.json(200)?;
        ensure!(left.total == 1 && left.observations[0].endpoint == "hall");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn several_are_cancelled_at_once_and_an_ended_one_begins_again() -> Result<()> {
    let context = TestContext::start().await?;
    let (first, _) = observed(&context, "first").await?;
    let (second, _) = observed(&context, "second").await?;
    let (mut third, _) = observed(&context, "third").await?;
    // The third one registers again and does not have the Object any more.
    third.register("third", 300, "</3303/0>").await?;
    let again = third.receive_request(Code::GET, PATH).await?;
    third.answer(&again, Code::NOT_FOUND, Options::new(), b"").await?;
    Browser::run("several_are_cancelled_at_once_and_an_ended_one_begins_again", async |browser| {
        open_live(browser, &context, "/observations").await?;
        browser.see_text(&row("third"), |text| text.contains("Ended") && text.contains("4.04")).await?;
        browser.click("[data-state=active]").await?;
        browser.see_count(ROW, 2).await?;
        browser.click("thead input").await?;
        browser.click("[data-testid=cancel-selected]").await?;
        tokio::try_join!(release(&first), release(&second))?;
        browser
            .see_text("[data-testid=observations-result]", |text| text.contains("2 observations cancelled"))
            .await?;
        browser.click("[data-state=all]").await?;
        browser.see_count(ROW, 1).await?;

        browser.click("[data-testid=observe-again]").await?;
        accept(&third).await?;
        browser.see_text(&row("third"), |text| text.contains("Active")).await?;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            browser.see(&row("third")).await?;
            browser.fits_its_width().await?;
        }
        Ok(())
    })
    .await
}
