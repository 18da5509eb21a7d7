//! The pages about access control: what is changed by mouse, finger and keys, what the device then has, and the states
//! in which there is nothing to change.

use anyhow::{Context as _, Result, ensure};
use console_api::{AccessControl, AccessControlInstance};
use fantoccini::key::Key;
use serde_json::{Value, json};
use whole_program_tests::{Browser, ColorScheme, Simulator, TestContext, Viewport, encode_segment, wait};

use crate::{button, device_page, open_live, result, select, tree_row};

const DEVICE: &str = "valve-7";
const MATRIX: &str = "[data-testid=matrix]";
const UNSAVED: &str = "[data-testid=unsaved]";
const REVIEW: &str = "[data-testid=review]";
const APPLIED: &str = "[data-testid=applied]";
const WRITES: &str = "[data-testid=writes-card]";

/// Ids of instances of Object 2, and what they guard.
const OWN_ACCOUNT: u16 = 0;
const OTHER_ACCOUNT: u16 = 1;
const DEVICE_OBJECT: u16 = 2;
const TEMPERATURE: u16 = 3;
const NEW_TEMPERATURES: u16 = 4;

/// The bits of `/2/x/2`.
const READ: u16 = 1;
const WRITE: u16 = 2;
const EXECUTE: u16 = 4;

fn tile(id: u16, server: u16, right: u16) -> String {
    format!("[data-spot=tile-{id}-{server}-{right}]")
}

fn cell(id: u16, server: u16) -> String {
    format!("[data-spot=cell-{id}-{server}]")
}

fn palette(right: u16) -> String {
    format!("[data-spot=palette-{right}]")
}

fn page(endpoint: &str) -> String {
    format!("/access-control/{}", encode_segment(endpoint))
}

/// A device with two servers: this one is 101, and the other one is never reached.
struct Guarded {
    context: TestContext,
    _device: Simulator,
}

impl Guarded {
    async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// `more`: further rights.
    async fn start_with(more: &[Value]) -> Result<Self> {
        let context = TestContext::start().await?;
        let guard = |id: u16, object: u16, object_instance: u16, acl: Value, owner: u16| json!({ "instance": id, "object": object, "object_instance": object_instance, "acl": acl, "owner": owner });
        let mut rights = vec![
            guard(OWN_ACCOUNT, 1, 0, json!({ "101": 15 }), 101),
            guard(OTHER_ACCOUNT, 1, 1, json!({ "102": 15 }), 102),
            guard(DEVICE_OBJECT, 3, 0, json!({ "101": 15, "102": 1 }), 101),
            guard(TEMPERATURE, 3303, 0, json!({ "101": 7 }), 101),
            guard(NEW_TEMPERATURES, 3303, 65_535, json!({ "101": 16 }), 65_535),
        ];
        rights.extend_from_slice(more);
        let account = |uri: String, id: u16| json!({ "uri": uri, "short_server_id": id, "lifetime_s": 300 });
        let configuration = json!({
            "name": "Valves",
            "assigned": [{ "endpoint": DEVICE }],
            "servers": [account(context.coap_uri(), 101), account("coap://127.0.0.1:9".to_owned(), 102)],
            "access_control": rights,
        });
        let saved = context.rest.post("/api/v1/bootstrap/configurations", &configuration.to_string()).await?;
        ensure!(saved.status == 201, "{saved:?}");
        let address = format!("coap://{}", context.bootstrap_coap);
        let device = Simulator::bootstrap_from(&address, &["--name", DEVICE, "--profile", "sensor"])?;
        context.registered(DEVICE).await?;
        Ok(Self { context, _device: device })
    }

    /// What the device says now.
    async fn instances(&self) -> Result<Vec<AccessControlInstance>> {
        let address = format!("/api/v1/clients/{DEVICE}/access-control");
        let read: AccessControl = self.context.rest.get(&address).await?.json(200)?;
        Ok(read.instances)
    }

    /// The list of an instance, as the device says now.
    async fn acl(&self, id: u16) -> Result<Vec<(u16, u16)>> {
        let instances = self.instances().await?;
        let guard = instances.iter().find(|guard| guard.id == id).with_context(|| format!("no /2/{id}"))?;
        Ok(guard.acl.iter().map(|(server, rights)| (*server, *rights)).collect())
    }

    /// Something that another operator writes meanwhile.
    async fn write(&self, instances: Value) -> Result<()> {
        let address = format!("/api/v1/clients/{DEVICE}/access-control/apply");
        let applied =
            self.context.rest.post(&address, &json!({ "instances": instances }).to_string()).await?;
        ensure!(applied.status == 200 && applied.body.contains("\"stopped\":null"), "{applied:?}");
        Ok(())
    }
}

async fn open_editor(browser: &Browser, context: &TestContext) -> Result<()> {
    open_live(browser, context, &page(DEVICE)).await?;
    browser.see(MATRIX).await?;
    Ok(())
}

/// Waits until screen readers are told.
async fn hear(browser: &Browser, wanted: &str) -> Result<()> {
    // Nobody sees it, so that it has no text for WebDriver.
    let script = "return document.querySelector('body > [role=status].visually-hidden').textContent";
    wait::until(&format!("“{wanted}” to be announced"), async || {
        Ok((browser.evaluate(script).await? == wanted).then_some(()))
    })
    .await
}

async fn is_ticked(browser: &Browser, selector: &str) -> Result<bool> {
    let script = format!("return document.querySelector({selector:?}).checked");
    Ok(browser.evaluate(&script).await? == Value::Bool(true))
}

async fn review_and_apply(browser: &Browser) -> Result<()> {
    browser.click(REVIEW).await?;
    browser.click("[data-testid=apply]").await?;
    browser.see(APPLIED).await?;
    browser.click("[data-testid=review-close]").await?;
    browser.see_count(UNSAVED, 0).await
}

#[tokio::test]
async fn a_permission_is_dragged_with_the_mouse_and_the_device_has_it() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("a_permission_is_dragged_with_the_mouse_and_the_device_has_it", async |browser| {
        open_live(browser, &guarded.context, "/access-control").await?;
        browser.good_for_everybody("devices with access control").await?;
        browser.click(&format!("[data-testid=ac-device][data-endpoint={DEVICE}]")).await?;
        browser.see(MATRIX).await?;
        browser.good_for_everybody("the matrix").await?;

        // From the palette onto a cell, and from one cell to another.
        browser.drag(&palette(READ), &cell(TEMPERATURE, 102)).await?;
        browser.see_text(UNSAVED, |text| text == "1 unsaved change").await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, READ))).await?;
        browser.drag(&tile(TEMPERATURE, 101, EXECUTE), &cell(DEVICE_OBJECT, 102)).await?;
        browser.see_text(UNSAVED, |text| text == "2 unsaved changes").await?;
        // Out of the matrix.
        browser.drag(&tile(DEVICE_OBJECT, 102, READ), "[data-testid=rights-card] h2").await?;
        browser.see(&format!("{}.del", tile(DEVICE_OBJECT, 102, READ))).await?;
        // A row of another server takes nothing.
        browser.drag(&palette(WRITE), &cell(OTHER_ACCOUNT, 101)).await?;
        browser.see_text(UNSAVED, |text| text == "2 unsaved changes").await?;

        let temperature = format!("[data-testid=write][data-path=\"/2/{TEMPERATURE}/2/102\"]");
        browser.see_text(&temperature, |text| text.contains("102: R")).await?;
        browser.see_text(WRITES, |text| text.contains(&format!("PUT /2/{DEVICE_OBJECT}/2"))).await?;
        browser.good_for_everybody("changes").await?;
        browser.click(REVIEW).await?;
        browser.see_count("[data-testid=review-writes] > li", 2).await?;
        browser.good_for_everybody("the review").await?;
        browser.click("[data-testid=apply]").await?;
        browser.see_text(APPLIED, |text| text.contains("2 requests")).await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7), (102, READ)], "on the device");
        ensure!(guarded.acl(DEVICE_OBJECT).await? == [(101, 15), (102, EXECUTE)], "on the device");

        // And back.
        browser.click("[data-testid=take-back]").await?;
        browser.see_text(UNSAVED, |text| text == "2 unsaved changes").await?;
        review_and_apply(browser).await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7)], "on the device");
        ensure!(guarded.acl(DEVICE_OBJECT).await? == [(101, 15), (102, READ)], "on the device");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_same_is_done_with_keys_alone() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("the_same_is_done_with_keys_alone", async |browser| {
        open_live(browser, &guarded.context, "/").await?;
        browser.type_text("ga").await?;
        browser.see_address("/access-control").await?;
        browser.tab_to("[data-testid=ac-device]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see(MATRIX).await?;
        browser.tab_to(&format!("{MATRIX} input")).await?;
        browser.see_focus(&tile(OWN_ACCOUNT, 0, 0)).await?;
        // Two rows down; End is the last right of the last server.
        for key in [Key::Down, Key::Down, Key::Down, Key::End] {
            browser.press_key(key).await?;
        }
        browser.see_focus(&tile(TEMPERATURE, 102, 8)).await?;
        browser.type_text("r").await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, READ))).await?;
        browser.press_key(Key::Left).await?;
        browser.press(' ').await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, EXECUTE))).await?;
        // Picks Execute up and drops it on the Device object.
        browser.press_key(Key::Enter).await?;
        browser.press_key(Key::Up).await?;
        hear(browser, "Execute for server 102 on /3/0").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_text(UNSAVED, |text| text == "2 unsaved changes").await?;
        // Another one is put back.
        browser.press_key(Key::Enter).await?;
        browser.press_key(Key::Escape).await?;
        hear(browser, "Put back").await?;
        // Without an entry, and with one that grants nothing.
        browser.press_key(Key::Delete).await?;
        browser.see_text(WRITES, |text| text.contains("PUT /2/2/2")).await?;
        browser.type_text("0").await?;
        browser.see(&format!("{}.nothing", tile(DEVICE_OBJECT, 102, 0))).await?;
        for _ in 0..2 {
            browser.press_chord(&[Key::Control], 'z').await?;
        }
        browser.see(&format!("{}.add", tile(DEVICE_OBJECT, 102, EXECUTE))).await?;
        browser.press_chord(&[Key::Control, Key::Shift], 'Z').await?;
        browser.see_count(&format!("{}.add", tile(DEVICE_OBJECT, 102, EXECUTE)), 0).await?;
        browser.press_chord(&[Key::Control], 'z').await?;
        review_and_apply(browser).await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7), (102, READ | EXECUTE)], "on the device");
        ensure!(guarded.acl(DEVICE_OBJECT).await? == [(101, 15), (102, READ | EXECUTE)], "on the device");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_finger_drags_after_it_has_rested_and_scrolls_otherwise() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("a_finger_drags_after_it_has_rested_and_scrolls_otherwise", async |browser| {
        browser.emulate(Viewport::PHONE, ColorScheme::Light).await?;
        let touch = json!({ "enabled": true, "maxTouchPoints": 1 });
        browser.dev_tools("Emulation.setTouchEmulationEnabled", touch).await?;
        open_editor(browser, &guarded.context).await?;
        browser.drag_by_touch(&tile(DEVICE_OBJECT, 0, READ), &cell(TEMPERATURE, 0)).await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 0, READ))).await?;
        browser.see_text(UNSAVED, |text| text == "1 unsaved change").await?;
        // A tap ticks.
        browser.click(&tile(DEVICE_OBJECT, 0, READ)).await?;
        browser.see_text(UNSAVED, |text| text == "2 unsaved changes").await?;
        browser.see_text("[data-testid=checks-card]", |text| text.contains("opens R on /3303/0")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_row_and_a_column_take_a_permission_at_once() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("a_row_and_a_column_take_a_permission_at_once", async |browser| {
        open_editor(browser, &guarded.context).await?;
        browser.click("[data-testid=column-add]").await?;
        browser.fill("[data-testid=column-id]", "103").await?;
        browser.press_key(Key::Enter).await?;
        browser.see("[data-spot=column-103]").await?;
        browser.drag(&palette(READ), "[data-spot=column-103]").await?;
        browser.see_text(UNSAVED, |text| text == "3 unsaved changes").await?;
        browser.drag(&palette(WRITE), &format!("[data-spot=row-{TEMPERATURE}]")).await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 103, WRITE))).await?;
        ensure!(!is_ticked(browser, &tile(TEMPERATURE, 0, WRITE)).await?, "the default stays");
        browser.click("[data-testid=undo]").await?;
        browser.click("[data-testid=undo]").await?;
        browser.see_count(UNSAVED, 0).await?;
        browser.click("[data-testid=redo]").await?;
        browser.see_text(UNSAVED, |text| text == "3 unsaved changes").await?;
        browser.click("[data-testid=discard]").await?;
        browser.see_count(UNSAVED, 0).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_this_server_cannot_change_says_why() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("what_this_server_cannot_change_says_why", async |browser| {
        open_editor(browser, &guarded.context).await?;
        let row = |id: u16| format!("[data-testid=matrix-row][data-id=\"{id}\"]");
        browser.see(&format!("{} .ac-lock[title*=\"server 102\"]", row(OTHER_ACCOUNT))).await?;
        browser.see_text(&row(NEW_TEMPERATURES), |text| text.contains("bootstrap only")).await?;
        for spot in [tile(OTHER_ACCOUNT, 101, READ), tile(NEW_TEMPERATURES, 102, 16)] {
            browser.click(&spot).await?;
            ensure!(!is_ticked(browser, &spot).await?, "{spot} stays as it is");
        }
        browser.see_count(UNSAVED, 0).await?;
        // Create is for Objects, all else for instances, and a default does not count for Create.
        browser.see_count(&tile(DEVICE_OBJECT, 101, 16), 0).await?;
        browser.see_count(&tile(NEW_TEMPERATURES, 101, READ), 0).await?;
        browser.see_count(&tile(NEW_TEMPERATURES, 0, 16), 0).await?;
        // What another server would be answered, and by which rule.
        let write = "[data-testid=question][data-question=\"Write /3/0/13\"]";
        browser.fill("[data-testid=ask-path]", "/3/0/13").await?;
        browser.evaluate("document.querySelector('.ac-ask select').value = 'Write'; document.querySelector('.ac-ask select').dispatchEvent(new Event('change', { bubbles: true }))").await?;
        browser.click(".ac-ask button").await?;
        browser.see_text(write, |text| text.contains("4.01 no W")).await?;
        browser.click(&format!("{write} summary")).await?;
        browser.see_text(write, |text| text.contains("the entry of server 102 in /2/2")).await?;
        browser.click(&tile(DEVICE_OBJECT, 102, WRITE)).await?;
        browser.see_text(write, |text| text.contains("allowed")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn somebody_elses_change_is_not_written_over_unseen() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("somebody_elses_change_is_not_written_over_unseen", async |browser| {
        open_editor(browser, &guarded.context).await?;
        browser.click(&tile(TEMPERATURE, 102, READ)).await?;
        browser.click(&tile(DEVICE_OBJECT, 102, WRITE)).await?;
        let theirs = json!([{ "id": TEMPERATURE, "object": 3303, "object_instance": 0, "owner": 101, "acl": { "101": 7, "102": 4 } }]);
        guarded.write(theirs).await?;
        browser.click(REVIEW).await?;
        browser.see("[data-testid=conflict]").await?;
        browser.good_for_everybody("a conflict").await?;
        browser.click("[data-testid=conflict-theirs]").await?;
        browser.see_count("[data-testid=review-writes] > li", 1).await?;
        browser.click("[data-testid=apply]").await?;
        browser.see(APPLIED).await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7), (102, EXECUTE)], "theirs stays");
        ensure!(guarded.acl(DEVICE_OBJECT).await? == [(101, 15), (102, READ | WRITE)], "mine is written");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_draft_survives_a_reload_and_a_restart_of_the_server() -> Result<()> {
    let mut guarded = Guarded::start().await?;
    let story = "a_draft_survives_a_reload_and_a_restart_of_the_server";
    Browser::run(story, async |browser| {
        open_editor(browser, &guarded.context).await?;
        browser.click(&tile(TEMPERATURE, 102, READ)).await?;
        browser.see_attribute("[data-testid=kept]", "data-state", "done").await?;
        browser.reload().await?;
        browser.see_text("[data-testid=earlier]", |text| text.contains("1 change")).await?;
        browser.good_for_everybody("a draft that can be gone on with").await?;
        browser.click("[data-testid=earlier-resume]").await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, READ))).await?;
        Ok(())
    })
    .await?;
    guarded.context.crash().await?;
    guarded.context.registered(DEVICE).await?;
    Browser::run(story, async |browser| {
        open_editor(browser, &guarded.context).await?;
        browser.click("[data-testid=earlier-resume]").await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, READ))).await?;
        // Nothing is left of it where nothing is changed.
        browser.click("[data-testid=discard]").await?;
        browser.see_count("[data-testid=kept]", 0).await?;
        browser.reload().await?;
        browser.see(MATRIX).await?;
        browser.see_count("[data-testid=earlier]", 0).await
    })
    .await
}

#[tokio::test]
async fn the_rights_of_a_device_become_a_template_for_others() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("the_rights_of_a_device_become_a_template_for_others", async |browser| {
        open_editor(browser, &guarded.context).await?;
        browser.click(&tile(TEMPERATURE, 102, READ)).await?;
        browser.click("[data-testid=template-save]").await?;
        browser.fill("[data-testid=template-name]", "Maintenance").await?;
        browser.good_for_everybody("saving a template").await?;
        browser.click("[data-testid=template-submit]").await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.click("[data-testid=discard]").await?;
        browser.see_count(UNSAVED, 0).await?;
        browser.click("[data-testid=template-apply]").await?;
        browser.see_text("[data-testid=template-choice]", |text| text.contains("Maintenance")).await?;
        browser.click("[data-testid=template-take]").await?;
        browser.see(&format!("{}.add", tile(TEMPERATURE, 102, READ))).await?;
        browser.click("[data-testid=discard]").await?;

        open_live(browser, &guarded.context, "/access-control").await?;
        browser.click("[data-testid=template-to-many]").await?;
        browser.see_text("[data-testid=many-count]", |text| text == "1 device").await?;
        browser.good_for_everybody("a template for many").await?;
        browser.click("[data-testid=many-submit]").await?;
        browser.see("[data-testid=run-state][data-state=planned]").await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7)], "a dry run writes nothing");
        browser
            .see_text("[data-testid=run-device]", |text| text.contains(&format!("PUT /2/{TEMPERATURE}/2")))
            .await?;
        browser.good_for_everybody("a dry run").await?;
        browser.click("[data-testid=run-apply]").await?;
        browser.see("[data-testid=run-state][data-state=over]").await?;
        ensure!(guarded.acl(TEMPERATURE).await? == [(101, 7), (102, READ)], "on the device");
        browser.click("[data-testid=run-close]").await?;
        browser.see_text("[data-testid=run]", |text| text.contains("Maintenance")).await?;
        browser.good_for_everybody("templates and changes").await?;
        browser.click("[data-testid=template-delete]").await?;
        browser.click("[data-testid=template-delete-submit]").await?;
        browser.see_count("[data-testid=template]", 0).await
    })
    .await
}

#[tokio::test]
async fn a_server_gets_a_name_that_all_devices_show() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("a_server_gets_a_name_that_all_devices_show", async |browser| {
        open_editor(browser, &guarded.context).await?;
        let column = "[data-testid=matrix-column][data-server=\"102\"]";
        browser.click(&format!("{column} [data-testid=rename-server]")).await?;
        browser.fill("[data-testid=server-name]", "billing").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_text(column, |text| text.contains("102 · billing")).await?;
        browser.reload().await?;
        browser.see_text(column, |text| text.contains("102 · billing")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_device_without_access_control_says_what_that_means() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("a_device_without_access_control_says_what_that_means", async |browser| {
        open_live(browser, &context, "/access-control").await?;
        browser.see("[data-testid=ac-nobody]").await?;
        browser.good_for_everybody("no device with access control").await?;
        open_live(browser, &context, &page("nobody")).await?;
        browser.see_text("[data-testid=not-read]", |text| text.contains("not registered")).await?;
        browser.good_for_everybody("a device that is not registered").await
    })
    .await?;
    let _sensor = Simulator::start(&context, 1, &["--prefix", "plain-", "--profile", "sensor"])?;
    context.registered("plain-1").await?;
    Browser::run("a_device_without_object_2_says_what_that_means", async |browser| {
        open_live(browser, &context, &page("plain-1")).await?;
        browser
            .see_text("[data-testid=object-missing]", |text| text.contains("every") || text.contains("Every"))
            .await?;
        browser.good_for_everybody("a device without Object 2").await
    })
    .await
}

#[tokio::test]
async fn the_device_page_leads_to_it() -> Result<()> {
    let guarded = Guarded::start().await?;
    Browser::run("the_device_page_leads_to_it", async |browser| {
        open_live(browser, &guarded.context, &device_page(DEVICE)).await?;
        browser.see(&tree_row("/2")).await?;
        browser.click("[data-testid=device-access-control]").await?;
        browser.see_address(&page(DEVICE)).await?;
        browser.see(MATRIX).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_tree_shows_what_this_server_may_not_do_and_why() -> Result<()> {
    const RIGHTS: &str = "[data-testid=rights]";
    const UTC_OFFSET: &str = "/3/0/14";
    let refused = |operation: &str| format!("{RIGHTS} [data-refused={operation}]");
    let guarded = Guarded::start().await?;
    Browser::run("the_tree_shows_what_this_server_may_not_do_and_why", async |browser| {
        open_live(browser, &guarded.context, &device_page(DEVICE)).await?;
        select(browser, UTC_OFFSET).await?;
        browser.see("[data-testid=rights-unknown]").await?;
        browser.good_for_everybody("a device whose access control was not read").await?;
        browser.click("[data-testid=read-rights]").await?;
        browser.see_attribute(RIGHTS, "data-refusals", "0").await?;
        let marks = format!("{} .mark", tree_row(UTC_OFFSET));
        browser.see_count(&format!("{marks}.yes"), 2).await?;
        browser.see_count(&format!("{marks}.refused"), 0).await?;

        let own = json!({ "101": READ | EXECUTE, "102": READ });
        guarded
            .write(
                json!([{ "id": DEVICE_OBJECT, "object": 3, "object_instance": 0, "owner": 101, "acl": own }]),
            )
            .await?;
        browser.reload().await?;
        select(browser, UTC_OFFSET).await?;
        let why = |text: &str| text.contains("4.01 no W") && text.contains("/2/2");
        browser.see_text(&refused("Write"), why).await?;
        browser.see_count(&refused("Read"), 0).await?;
        browser.see_text(&format!("{marks}.refused"), |text| text == "W").await?;
        browser.good_for_everybody("an operation that this server may not do").await?;

        // It may be tried all the same, and the device decides as foretold.
        browser.click(&format!("{}.refused", button("write"))).await?;
        browser.fill("[data-testid=write-input]", "+02:00").await?;
        browser.click("[data-testid=write-submit]").await?;
        browser.see(&result("4.01")).await?;

        browser.click(&format!("{RIGHTS} a")).await?;
        browser.see_address(&page(DEVICE)).await?;
        Ok(())
    })
    .await
}
