//! The page of the observations.

use anyhow::{Result, ensure};
use coap::{Code, Message, MessageType, Options};
use console_api::{Attributes, ObservationList, Operation, OperationRequest};
use fantoccini::key::Key;
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

/// The device answers one request about the attributes.
async fn answer_next(peer: &RawPeer, code: Code, format: u16, payload: &[u8]) -> Result<()> {
    let request = peer.receive().await?;
    peer.answer(&request, code, Options::new().with_content_format(format), payload).await
}

#[tokio::test]
async fn an_observation_tells_its_attributes_and_is_begun_anew() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut hall, request) = observed(&context, "hall").await?;
    let discover = OperationRequest::new(Operation::Discover, "/3303/0");
    let links = b"</3303/0>;pmax=60,</3303/0/5700>";
    tokio::try_join!(context.operate("hall", &discover), answer_next(&hall, Code::CONTENT, 40, links))?;
    let write = OperationRequest {
        attributes: Some(Attributes::Query("pmin=10&gt=24".into())),
        ..OperationRequest::new(Operation::WriteAttributes, PATH)
    };
    tokio::try_join!(context.operate("hall", &write), answer_next(&hall, Code::CHANGED, 0, b""))?;
    for (number, confirmable) in [(2, false), (3, false), (4, false), (5, false), (8, true)] {
        let options = Options::new().with_observe(number).with_content_format(0);
        let notification = hall.notify(&request, confirmable, options, b"22.0").await?;
        if confirmable {
            hall.expect_empty(MessageType::Acknowledgement, &notification).await?;
        }
    }
    Browser::run("an_observation_tells_its_attributes_and_is_begun_anew", async |browser| {
        open_live(browser, &context, "/observations").await?;
        let in_row = |part: &str| format!("{} {part}", row("hall"));
        let short = |text: &str| text == "pmin 10 · pmax 60 · gt 24";
        browser.see_text(&in_row(".observation-attributes-short"), short).await?;
        browser.see_text(&in_row(".observation-gaps"), |text| text == "2 missing?").await?;
        browser.see_text(&in_row(".observation-type"), |text| text == "CON").await?;

        browser.tab_to(&in_row("[data-testid=observation-open]")).await?;
        browser.press_key(Key::Enter).await?;
        let details = "[data-testid=observation-details]";
        browser
            .see_text(details, |text| {
                ["pmax", "Maximum Period", "60 s", "from /3303/0", "confirmable (CON)", "no proof"]
                    .iter()
                    .all(|part| text.contains(part))
            })
            .await?;
        browser.good_for_everybody("an observation with its details").await?;

        browser.click("[data-testid=restart-this]").await?;
        release(&hall).await?;
        let anew = accept(&hall).await?;
        let result = "[data-testid=observations-result]";
        browser.see_text(result, |text| text.contains("1 observation begun anew")).await?;
        browser.see_text(&row("hall"), |text| text.contains("Active")).await?;
        browser.see(details).await?;

        browser.click("[data-testid=cancel-passively-this]").await?;
        browser.see_text(result, |text| text.contains("1 observation cancelled passively")).await?;
        browser.see("[data-testid=observations-empty]").await?;
        let options = Options::new().with_observe(9).with_content_format(0);
        let notification = hall.notify(&anew, true, options, b"23.0").await?;
        hall.expect_empty(MessageType::Reset, &notification).await
    })
    .await
}

#[tokio::test]
async fn several_observations_are_begun_anew_with_their_progress() -> Result<()> {
    let context = TestContext::start().await?;
    let (first, _) = observed(&context, "first").await?;
    let (second, _) = observed(&context, "second").await?;
    Browser::run("several_observations_are_begun_anew_with_their_progress", async |browser| {
        open_live(browser, &context, "/observations").await?;
        browser.see_count(ROW, 2).await?;
        browser.click("thead input").await?;
        browser.click("[data-testid=restart-selected]").await?;
        let progress = "[data-testid=observations-progress]";
        release(&first).await?;
        accept(&first).await?;
        browser.see_text(progress, |text| text.contains("1 of 2 begun anew")).await?;
        release(&second).await?;
        accept(&second).await?;
        browser
            .see_text("[data-testid=observations-result]", |text| text.contains("2 observations begun anew"))
            .await?;
        browser.see_count(ROW, 2).await
    })
    .await
}
