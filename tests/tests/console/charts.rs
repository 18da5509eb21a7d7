//! The chart of a device page.

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Message, MessageType, Options};
use console_api::{Operation, OperationRequest, Source, Topic};
use fantoccini::key::Key;
use serde_json::json;
use whole_program_tests::{Browser, ColorScheme, RawPeer, Simulator, TestContext, Viewport, wait};

use crate::{VALUE, device_page, open_live, select};

const PATH: &str = "/3303/0/5700";
const CHART: &str = "[data-testid=chart]";
const FIGURES: &str = "[data-testid=chart-figures] tbody tr";

fn text(number: u32) -> Options {
    Options::new().with_content_format(0).with_observe(number)
}

/// A device that is observed and has notified these values.
async fn observed(context: &TestContext, path: &str, values: &[&str]) -> Result<(RawPeer, Message)> {
    observed_as("hall", context, path, values).await
}

async fn observed_as(
    endpoint: &str,
    context: &TestContext,
    path: &str,
    values: &[&str],
) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, "</3/0>,</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, path);
    let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), async {
        let request = peer.receive_request(Code::GET, path).await?;
        peer.answer(&request, Code::CONTENT, text(1), values[0].as_bytes()).await?;
        Ok(request)
    })?;
    for (number, value) in (2..).zip(&values[1..]) {
        notify(&mut peer, &request, number, value).await?;
    }
    Ok((peer, request))
}

async fn notify(peer: &mut RawPeer, request: &Message, number: u32, value: &str) -> Result<()> {
    let sent = peer.notify(request, true, text(number), value.as_bytes()).await?;
    peer.expect_empty(MessageType::Acknowledgement, &sent).await
}

/// Whether a row of figures ends with these: lowest, highest, mean, and how many values.
fn has_figures<'a>(wanted: &'a [&'a str]) -> impl Fn(&str) -> bool + 'a {
    move |text| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.ends_with(wanted)
    }
}

async fn focus_chart(browser: &Browser) -> Result<()> {
    browser.see(CHART).await?;
    browser.evaluate(&format!("document.querySelector('{CHART}').focus()")).await?;
    Ok(())
}

/// Of the chart, on the screen.
async fn middle(browser: &Browser) -> Result<(f64, f64)> {
    let script = format!(
        "const chart = document.querySelector('{CHART}');
         chart.scrollIntoView({{ block: 'nearest' }});
         return chart.getBoundingClientRect().toJSON()"
    );
    let place = browser.evaluate(&script).await?;
    let number = |name: &str| place[name].as_f64().with_context(|| format!("{name} of {place}"));
    Ok((number("x")? + number("width")? / 2.0, number("y")? + number("height")? / 2.0))
}

async fn wheel(browser: &Browser, delta_y: f64) -> Result<()> {
    let (x, y) = middle(browser).await?;
    let event = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0.0, "deltaY": delta_y });
    browser.dev_tools("Input.dispatchMouseEvent", event).await?;
    Ok(())
}

/// Two fingers on the chart that move apart.
async fn pinch(browser: &Browser) -> Result<()> {
    let (x, y) = middle(browser).await?;
    let fingers =
        |apart: f64| json!([{ "x": x - apart, "y": y, "id": 1 }, { "x": x + apart, "y": y, "id": 2 }]);
    for (kind, points) in [
        ("touchStart", fingers(30.0)),
        ("touchMove", fingers(60.0)),
        ("touchMove", fingers(110.0)),
        ("touchEnd", json!([])),
    ] {
        let event = json!({ "type": kind, "touchPoints": points });
        browser.dev_tools("Input.dispatchTouchEvent", event).await?;
    }
    Ok(())
}

/// What the server has kept, and what comes then, are one course: nothing is missing and nothing is there twice.
#[tokio::test]
async fn a_chart_goes_on_live_from_what_is_stored() -> Result<()> {
    let mut context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, PATH, &["20", "24", "28"]).await?;
    context.crash().await?;
    Browser::run("a_chart_goes_on_live_from_what_is_stored", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, PATH).await?;
        browser.see_text(VALUE, |text| text.starts_with("28")).await?;
        browser.see_text(FIGURES, has_figures(&["20", "28", "24", "3"])).await?;
        notify(&mut peer, &request, 9, "32").await?;
        browser.see_text(FIGURES, has_figures(&["20", "32", "26", "4"])).await?;
        browser
            .see_attribute("[data-testid=chart-spans] button:nth-child(2)", "aria-pressed", "true")
            .await?;
        let summary = browser.see(CHART).await?.attr("aria-label").await?.unwrap_or_default();
        ensure!(summary.contains("4 values: lowest 20, highest 32, mean 26, latest 32"), "got {summary}");

        // A month of it, as a drawing, read out value by value, as a table and as files.
        browser.click("[data-testid=chart-spans] button:nth-child(6)").await?;
        browser.see_text(FIGURES, has_figures(&["20", "32", "26", "4"])).await?;
        focus_chart(browser).await?;
        browser.press_chord(&[Key::Shift], Key::Left.into()).await?;
        browser.see_text("[data-testid=chart-figures] thead", |text| text.contains(':')).await?;
        browser.click("[data-testid=chart-export]").await?;
        browser.click("[data-testid=chart-png]").await?;
        browser.press_key(Key::Escape).await?;
        browser.click("[data-testid=chart-table-toggle]").await?;
        browser.see("[data-testid=chart-table] tbody tr").await?;
        browser.click("[data-testid=chart-export]").await?;
        let file = browser.see("[data-testid=chart-csv-all]").await?.attr("href").await?.unwrap_or_default();
        let csv = String::from_utf8(context.rest.download(&file).await?)?;
        ensure!(csv.lines().count() == 5, "expected a head and four values:\n{csv}");
        browser.click("[data-testid=chart-csv]").await?;
        browser.click("[data-testid=chart-jsonl]").await
    })
    .await
}

/// The view is moved with keys and wheel, stands in the address, and a link leads to it again.
#[tokio::test]
async fn a_chart_is_moved_and_linked_to() -> Result<()> {
    let context = TestContext::start().await?;
    let _device = observed(&context, PATH, &["20", "24", "28"]).await?;
    Browser::run("a_chart_is_moved_and_linked_to", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, PATH).await?;
        browser.see_text(FIGURES, has_figures(&["20", "28", "24", "3"])).await?;
        focus_chart(browser).await?;
        browser.press('-').await?;
        browser.see_address(&format!("{}?span=375000#{PATH}", device_page("hall"))).await?;
        browser.press('+').await?;
        browser.see_address(&format!("{}#{PATH}", device_page("hall"))).await?;

        // Some minutes back nothing is known, which is said.
        browser.type_text(&String::from(char::from(Key::Left)).repeat(6)).await?;
        browser.see("[data-testid=chart-empty]").await?;
        browser.see_text(FIGURES, has_figures(&["–", "–", "–", "–"])).await?;
        browser.see("[data-testid=chart-now]").await?;
        let linked = browser.see_address_that(|address| address.contains("?from=")).await?;
        browser.reload().await?;
        browser.see("[data-testid=chart-empty]").await?;
        ensure!(browser.address().await? == linked, "another view after loading it again");

        focus_chart(browser).await?;
        browser.press_key(Key::Home).await?;
        browser.see_text(FIGURES, has_figures(&["20", "28", "24", "3"])).await?;
        browser.press('0').await?;
        browser.see_count("[data-testid=chart-now]", 0).await?;
        browser.see_address(&format!("{}#{PATH}", device_page("hall"))).await?;

        wheel(browser, -100.0).await?;
        browser.see("[data-testid=chart-now]").await?;
        browser.click("[data-testid=chart-now]").await?;
        browser.see_count("[data-testid=chart-now]", 0).await?;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.emulate(Viewport::PHONE, scheme).await?;
            browser.see(CHART).await?;
            browser.fits_its_width().await?;
        }
        browser.see_address_that(|address| !address.contains('?')).await?;
        pinch(browser).await?;
        browser.see_address_that(|address| address.contains('?')).await?;
        Ok(())
    })
    .await
}

/// A level is dragged, and the chart says what would have come of the values that are known.
#[tokio::test]
async fn a_dragged_level_says_what_would_have_come() -> Result<()> {
    const FORECAST: &str = "[data-testid=forecast]";
    let context = TestContext::start().await?;
    let _device = observed(&context, PATH, &["20.5", "24", "29.5", "22", "21"]).await?;
    Browser::run("a_dragged_level_says_what_would_have_come", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, PATH).await?;
        browser.see_text(FIGURES, has_figures(&["20.5", "29.5", "23.4", "5"])).await?;
        browser.click("[data-testid=add-gt]").await?;
        let said = browser.see_text(FORECAST, |text| text.contains("3 notifications instead of 5")).await?;
        ensure!(said.contains("A lower bound"), "got {said}");
        browser.see_count("[data-testid=forecast-warning]", 0).await?;

        // Below all of them, none crosses it.
        browser.drag("[data-testid=level-gt]", "[data-testid=add-lt]").await?;
        browser.see_text(FORECAST, |text| text.contains("1 notification instead of 5")).await?;
        browser
            .see_text("[data-testid=forecast-warning]", |text| text.contains("nothing would have come"))
            .await?;
        browser.click("[data-testid=add-st]").await?;
        browser.see("[data-testid=level-st]").await?;
        browser.see_text(FORECAST, |text| !text.contains("1 notification instead")).await?;
        browser.click("[data-testid=level-cancel]").await?;
        browser.see_count(FORECAST, 0).await
    })
    .await
}

/// The same Resource of another device, beside that of the page, and in the link to it.
#[tokio::test]
async fn a_device_is_compared_with_another_on_its_page() -> Result<()> {
    let context = TestContext::start().await?;
    let _hall = observed(&context, PATH, &["20", "24"]).await?;
    let (mut cellar, request) = observed_as("cellar", &context, PATH, &["10", "12"]).await?;
    Browser::run("a_device_is_compared_with_another_on_its_page", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, PATH).await?;
        browser.click("[data-testid=chart-compare]").await?;
        browser.see("[data-testid=compare-dialog]").await?;
        browser.fill("[data-testid=series-device]", "cellar").await?;
        browser.click("[data-testid=series-add]").await?;
        browser.see_count("[data-testid=tile-series]", 1).await?;
        browser.good_for_everybody("what is compared").await?;
        browser.click("[data-testid=compare-done]").await?;
        let other = format!("{FIGURES}:nth-child(2)");
        browser.see_text(&other, has_figures(&["10", "12", "11", "2"])).await?;
        browser.see_address_that(|address| address.contains("and=cellar/3303/0/5700")).await?;
        browser.reload().await?;
        browser.see_text(&other, has_figures(&["10", "12", "11", "2"])).await?;
        notify(&mut cellar, &request, 9, "14").await?;
        browser.see_text(&other, has_figures(&["10", "14", "12", "3"])).await?;
        browser.see_text(FIGURES, has_figures(&["20", "24", "22", "2"])).await?;
        browser.click(&format!("{other} .chip-close")).await?;
        browser.see_count(FIGURES, 1).await?;
        browser.see_address_that(|address| !address.contains("and=")).await?;
        Ok(())
    })
    .await
}

/// Once it is written the device notifies by it: only when its value crosses the level.
#[tokio::test]
async fn a_device_notifies_by_the_level_that_was_dragged() -> Result<()> {
    const NAME: &str = "spiky";
    let context = TestContext::start().await?;
    let scenario = json!({
        "groups": [{ "name": "rooms", "profile": "sensor", "lwm2m": "1.1", "period_ms": 100, "prefix": NAME }],
        "events": [{
            "at_s": 1, "every_s": 2, "do": { "spike": { "path": PATH, "by": 12, "for_s": 1 } }
        }],
    });
    let file = context.data().join("spikes.json");
    std::fs::write(&file, scenario.to_string())?;
    let _simulator = Simulator::start_scenario(&context.coap_uri(), &file.to_string_lossy())?;
    let endpoint = wait::until("the device", async || {
        Ok(context.clients().await?.first().map(|client| client.endpoint.clone()))
    })
    .await?;
    context.operate(&endpoint, &OperationRequest::new(Operation::Observe, PATH)).await?;
    Browser::run("a_device_notifies_by_the_level_that_was_dragged", async |browser| {
        open_live(browser, &context, &device_page(&endpoint)).await?;
        select(browser, PATH).await?;
        // The axis reaches from the value as it is to that of a spike.
        let spread = |text: &str| {
            let mut figures = text.split_whitespace().rev().skip(2).map(|word| word.parse::<f64>().ok());
            matches!((figures.next(), figures.next()), (Some(Some(high)), Some(Some(low))) if high - low > 10.0)
        };
        browser.see_text(FIGURES, spread).await?;
        browser.click("[data-testid=add-gt]").await?;
        browser.drag("[data-testid=level-gt]", CHART).await?;
        let level = browser.see("[data-testid=level-gt]").await?.attr("aria-valuenow").await?;
        let level: f64 = level.context("the level has a value")?.parse()?;
        browser.click("[data-testid=level-write]").await?;
        browser.see_count("[data-testid=level-write]", 0).await?;

        let mut events = context.events().await?;
        events.subscribe(Topic::Device(endpoint.clone())).await?;
        let mut above = Vec::new();
        for _ in 0..6 {
            let reported = events.reported(Source::Notify).await?;
            let value: f64 = match reported.content_format {
                Some(0) => String::from_utf8(reported.payload)?.parse()?,
                other => anyhow::bail!("a value in format {other:?}"),
            };
            above.push(value > level);
        }
        // The first may have been under way when the level was written.
        let crossings = above[1..].windows(2).filter(|pair| pair[0] != pair[1]).count();
        ensure!(crossings == 4, "each notification should be on the other side of {level}: {above:?}");
        Ok(())
    })
    .await
}

/// What is no number is a state, from what is stored on.
#[tokio::test]
async fn texts_are_states_over_time() -> Result<()> {
    const TIMEZONE: &str = "/3/0/15";
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, TIMEZONE, &["Europe/Oslo", "Europe/Rome"]).await?;
    Browser::run("texts_are_states_over_time", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, TIMEZONE).await?;
        browser.see_text(FIGURES, has_figures(&["Europe/Rome", "–", "–", "–", "2"])).await?;
        notify(&mut peer, &request, 9, "Europe/Oslo").await?;
        browser.see_text(FIGURES, has_figures(&["Europe/Oslo", "–", "–", "–", "3"])).await?;
        browser.see_count("[data-testid=add-gt]", 0).await?;
        browser.click("[data-testid=chart-table-toggle]").await?;
        browser.see_count("[data-testid=chart-table] tbody tr", 3).await
    })
    .await
}
