//! Every operation of the device page, at every level, and what comes of it when it fails.

use anyhow::{Result, ensure};
use coap::{Code, Options};
use console_api::{Operation, OperationRequest, ValueContent};
use fantoccini::key::Key;
use lwm2m_codec::{ContentFormat, decode_paths};
use whole_program_tests::{Browser, RawPeer, Simulator, TestContext};

use crate::{button, device_page, open_live, result, select, tree_row, tree_value};

const DIALOG: &str = "[data-testid=device-dialog][open]";
const FORM_SUBMIT: &str = "[data-testid=form-submit]";

/// Entry of the menu of a node or of the device.
fn entry(operation: &str) -> String {
    format!("[data-testid=node-menu] [data-op={operation}]")
}

/// Input for a Resource in a form of several.
fn line(path: &str) -> String {
    format!("[data-testid=device-form] [data-path={path:?}] [data-testid=write-input]")
}

/// How an operation ended, as the result shows it.
fn ending(class: &str) -> String {
    format!("[data-testid=inspector] [data-testid=result][data-ending={class}]")
}

async fn choose(browser: &Browser, menu: &str, operation: &str) -> Result<()> {
    browser.click(menu).await?;
    browser.click(&entry(operation)).await
}

#[tokio::test]
async fn an_instance_is_created_written_described_and_deleted() -> Result<()> {
    let context = TestContext::start().await?;
    let device = ["--prefix", "sensor-", "--profile", "sensor", "--lwm2m", "1.2", "--object", "3306"];
    let _simulator = Simulator::start(&context, 1, &device)?;
    context.registered("sensor-1").await?;
    Browser::run("an_instance_is_created_written_described_and_deleted", async |browser| {
        open_live(browser, &context, &device_page("sensor-1")).await?;
        select(browser, "/3306").await?;
        browser.click(&button("create")).await?;
        browser.fill("[data-testid=new-id]", "7").await?;
        browser.click(FORM_SUBMIT).await?;
        browser.see(&result("2.01")).await?;

        // Only what was typed is sent, and the instance is called what it says it is.
        select(browser, "/3306/7").await?;
        browser.click(&button("write")).await?;
        browser.fill(&line("/3306/7/5750"), "Hall").await?;
        browser.click(FORM_SUBMIT).await?;
        browser.see(&result("2.04")).await?;
        browser.see_text(&format!("{} .tree-title", tree_row("/3306/7")), |text| text == "Hall").await?;
        let read =
            context.operate("sensor-1", &OperationRequest::new(Operation::Read, "/3306/7/5750")).await?;
        ensure!(read.values[0].value == ValueContent::Text("Hall".into()), "got {read:?}");

        // The attributes are asked for first; then only what differs is written.
        browser.click(&button("write-attributes")).await?;
        browser.see(&result("2.05")).await?;
        browser.fill("[data-attribute=pmin]", "5").await?;
        browser.fill("[data-attribute=pmax]", "60").await?;
        browser
            .see_text("[data-testid=attributes-meaning]", |text| {
                text.contains("at most one every 5 s, at least one every 60 s")
            })
            .await?;
        browser.click("[data-testid=attributes-submit]").await?;
        browser.see(&result("2.04")).await?;
        browser.see_text("[data-testid=attributes]", |text| text.contains("pmin 5")).await?;
        let discover = OperationRequest::new(Operation::Discover, "/3306/7");
        let discovered = context.operate("sensor-1", &discover).await?;
        let attached = discovered.links[0].attributes.get("pmax");
        ensure!(attached == Some(&Some(ValueContent::Integer(60))), "got {discovered:?}");

        // A Resource has them from there.
        select(browser, "/3306/7/5850").await?;
        browser.click(&button("write-attributes")).await?;
        browser.see_text("[data-inherited=pmax]", |text| text == "inherited: 60 s from /3306/7").await?;
        select(browser, "/3306/7").await?;

        choose(browser, &button("menu"), "delete").await?;
        browser.click("[data-testid=delete-submit]").await?;
        browser.see_count(&tree_row("/3306/7"), 0).await
    })
    .await
}

#[tokio::test]
async fn values_of_every_type_have_an_input_that_fits() -> Result<()> {
    let context = TestContext::start().await?;
    let device = ["--prefix", "sensor-", "--profile", "sensor", "--object", "3442"];
    let _simulator = Simulator::start(&context, 1, &device)?;
    context.registered("sensor-1").await?;
    Browser::run("values_of_every_type_have_an_input_that_fits", async |browser| {
        open_live(browser, &context, &device_page("sensor-1")).await?;
        for (path, typed, shown) in [
            ("/3442/0/120", "-12", "-12"),
            ("/3442/0/130", "21.25", "21.25"),
            ("/3442/0/150", "0a0b", "0a 0b"),
            ("/3442/0/170", "3:0", "3:0"),
        ] {
            select(browser, path).await?;
            browser.click(&button("write")).await?;
            browser.fill("[data-testid=write-input]", typed).await?;
            browser.click("[data-testid=write-submit]").await?;
            browser.see(&result("2.04")).await?;
            browser.see_text(&tree_value(path), |text| text == shown).await?;
        }
        // A list of values; a switch.
        select(browser, "/3442/0/1120").await?;
        browser.click(&button("write")).await?;
        browser.fill("[data-testid=write-input]", "5").await?;
        browser.click("[data-testid=write-submit]").await?;
        browser.see(&result("2.04")).await?;
        browser.see_text(&tree_value("/3442/0/1120"), |text| text.contains(": 5")).await?;
        select(browser, "/3442/0/140").await?;
        browser.click(&button("read")).await?;
        browser.see(&result("2.05")).await?;
        let before = browser.see_text(&tree_value("/3442/0/140"), |text| !text.is_empty()).await?;
        browser.click(&button("write")).await?;
        browser.click(".write-form .switch").await?;
        browser.click("[data-testid=write-submit]").await?;
        browser.see(&result("2.04")).await?;
        browser.see_text(&tree_value("/3442/0/140"), |text| !text.is_empty() && text != before).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn several_paths_are_read_and_observed_together() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    Browser::run("several_paths_are_read_and_observed_together", async |browser| {
        open_live(browser, &context, &device_page("lamp")).await?;
        browser.click("[data-testid=choose-several]").await?;
        for path in ["/3/0/9", "/3303/0/5700"] {
            browser.click(&format!("{} .tree-tick", tree_row(path))).await?;
        }
        let senml = br#"[{"n":"/3/0/9","v":74},{"n":"/3303/0/5700","v":21.5}]"#;
        browser.click("[data-op=read-composite]").await?;
        answer_paths(&peer, Options::new().with_content_format(110), senml).await?;
        browser.see_text(&tree_value("/3/0/9"), |text| text.starts_with("74")).await?;
        browser.see_text(&tree_value("/3303/0/5700"), |text| text.starts_with("21.5")).await?;

        browser.click("[data-op=observe-composite]").await?;
        answer_paths(&peer, Options::new().with_content_format(110).with_observe(1), senml).await?;
        browser.see(&format!("{} .dot.covered", tree_row("/3/0/9"))).await?;
        browser.click("[data-op=cancel-composite]").await?;
        answer_paths(&peer, Options::new().with_content_format(110), senml).await?;
        browser.see_count(&format!("{} .dot.covered", tree_row("/3/0/9")), 0).await
    })
    .await
}

async fn answer_paths(peer: &RawPeer, options: Options, payload: &[u8]) -> Result<()> {
    let request = peer.receive_request(Code::FETCH, "/").await?;
    let format = ContentFormat(request.options.content_format().unwrap_or_default());
    let paths = decode_paths(format, &request.payload)?;
    ensure!(paths.len() == 2, "got {paths:?}");
    peer.answer(&request, Code::CONTENT, options, payload).await
}

#[tokio::test]
async fn silence_refusal_and_what_is_not_sent_look_different() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register_as("1.0", "old", "</1/0>,</3/0>").await?;
    Browser::run("silence_refusal_and_what_is_not_sent_look_different", async |browser| {
        open_live(browser, &context, &device_page("old")).await?;
        choose(browser, "[data-testid=device-menu]", "options").await?;
        browser.fill("[data-testid=option-timeout]", "1").await?;
        browser.click(&format!("{DIALOG} [type=submit]")).await?;
        browser.see("[data-testid=options-chip]").await?;

        select(browser, "/3/0/0").await?;
        browser.click(&button("read")).await?;
        let asked = peer.receive_request(Code::GET, "/3/0/0").await?;
        browser.see(&ending("warn")).await?;
        browser.click("[data-testid=retry]").await?;
        let again = loop {
            // Retransmissions of the first one may still be on their way.
            let request = peer.receive_request(Code::GET, "/3/0/0").await?;
            if request.message_id != asked.message_id {
                break request;
            }
        };
        peer.answer(&again, Code::METHOD_NOT_ALLOWED, Options::new(), b"").await?;
        browser.see(&ending("bad")).await?;

        // LwM2M 1.0 has no composite operations: nothing is sent, unless the operator insists.
        browser.click("[data-testid=choose-several]").await?;
        browser.click(&format!("{} .tree-tick", tree_row("/3/0/0"))).await?;
        browser.click("[data-op=read-composite]").await?;
        let bar = "[data-testid=composite-bar]";
        browser.see(&format!("{bar} [data-ending=not-sent]")).await?;
        browser.click(&format!("{bar} [data-testid=force]")).await?;
        let request = loop {
            let request = peer.receive().await?;
            if request.code == Code::FETCH {
                break request;
            }
        };
        peer.answer(&request, Code::METHOD_NOT_ALLOWED, Options::new(), b"").await?;
        browser.see(&format!("{bar} [data-ending=bad]")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_level_is_set_on_the_chart_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let device = ["--prefix", "sensor-", "--profile", "sensor", "--period-ms", "200"];
    let _simulator = Simulator::start(&context, 1, &device)?;
    context.registered("sensor-1").await?;
    Browser::run("a_level_is_set_on_the_chart_with_the_keyboard", async |browser| {
        open_live(browser, &context, &device_page("sensor-1")).await?;
        select(browser, "/3303/0/5700").await?;
        browser.click(&button("observe")).await?;
        let several = |text: &str| {
            text.split_whitespace()
                .last()
                .is_some_and(|count| count.parse().is_ok_and(|count: u32| count > 3))
        };
        browser.see_text("[data-testid=chart-figures] tbody tr", several).await?;
        browser.click("[data-testid=add-gt]").await?;
        browser.see_focus("[data-testid=level-gt]").await?;
        browser.press_key(Key::PageUp).await?;
        browser.press_key(Key::Down).await?;
        browser.see_text("[data-testid=forecast]", |text| text.contains("instead of")).await?;
        browser.click("[data-testid=level-write]").await?;
        browser.see(&result("2.04")).await?;
        browser.see_text("[data-testid=attributes]", |text| text.contains("gt ")).await?;
        let discover = OperationRequest::new(Operation::Discover, "/3303/0/5700");
        let discovered = context.operate("sensor-1", &discover).await?;
        ensure!(discovered.links[0].attributes.contains_key("gt"), "got {discovered:?}");

        browser.click("[data-testid=chart-table-toggle]").await?;
        browser.see("[data-testid=chart-table] tbody tr").await?;
        browser.click("[data-testid=chart-export]").await?;
        browser.click("[data-testid=chart-csv]").await
    })
    .await
}

#[tokio::test]
async fn the_menu_of_a_node_is_reached_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("raw", 300, "</1/0>,</3/0>").await?;
    Browser::run("the_menu_of_a_node_is_reached_with_the_keyboard", async |browser| {
        open_live(browser, &context, &device_page("raw")).await?;
        browser.tab_to(&tree_row("/1")).await?;
        browser.press_key(Key::Down).await?;
        browser.see_focus(&tree_row("/1")).await?;
        browser.press_key(Key::Down).await?;
        browser.see_focus(&tree_row("/1/0")).await?;
        browser.press('m').await?;
        browser.see_focus(&entry("read")).await?;
        browser.press_key(Key::End).await?;
        browser.see_focus(&entry("delete")).await?;
        browser.press_key(Key::Home).await?;
        browser.press_key(Key::Enter).await?;
        let request = peer.receive_request(Code::GET, "/1/0").await?;
        peer.answer(&request, Code::NOT_FOUND, Options::new(), b"").await?;
        browser.see(&result("4.04")).await?;

        browser.press('m').await?;
        browser.see(&entry("read")).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count("[data-testid=node-menu]", 0).await?;
        browser.see_focus(&tree_row("/1/0")).await
    })
    .await
}
