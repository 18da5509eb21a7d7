//! The page Bootstrap: what devices receive, how it went, what failed and how it is mended.

use anyhow::{Context as _, Result, ensure};
use console_api::{BootstrapConfigurationList, SavedBootstrapConfiguration, SecurityMode, ServerStatus};
use fantoccini::key::Key;
use serde_json::json;
use whole_program_tests::{Browser, Simulator, TestContext};

use crate::open_live;

const NAME: &str = "[data-field=name]";
const SAVE: &str = "[data-testid=configuration-save]";
const ADD_ACCOUNT: &str = "[data-testid=account-add]";
const SEQUENCE: &str = "[data-testid=sequence]";
const STEP: &str = "[data-testid=step]";
const PROBLEMS: &str = "[data-testid=problems]";

fn field(name: &str) -> String {
    format!("[data-field=\"{name}\"]")
}

fn in_state(state: &str) -> String {
    format!("{SEQUENCE}[data-state={state}]")
}

/// A device of that name that knows nobody but the Bootstrap-Server.
async fn device(context: &TestContext, name: &str) -> Result<Simulator> {
    let server: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    let address = server.bootstrap_coap.context("the Bootstrap-Server is on")?;
    Simulator::bootstrap_from(&address, &["--name", name])
}

async fn configurations(context: &TestContext) -> Result<Vec<SavedBootstrapConfiguration>> {
    let list: BootstrapConfigurationList =
        context.rest.get("/api/v1/bootstrap/configurations").await?.json(200)?;
    Ok(list.configurations)
}

/// With this server, for names that begin with `meter-`. `more`: further members.
async fn configure(context: &TestContext, name: &str, more: serde_json::Value) -> Result<u64> {
    let account = json!({ "uri": context.coap_uri(), "short_server_id": 101, "lifetime_s": 300 });
    let mut wanted = json!({
        "name": name,
        "assigned": [{ "pattern": "meter-*" }],
        "servers": [account],
    });
    for (member, value) in more.as_object().into_iter().flatten() {
        wanted[member] = value.clone();
    }
    let saved = context.rest.post("/api/v1/bootstrap/configurations", &wanted.to_string()).await?;
    let saved: SavedBootstrapConfiguration = saved.json(201)?;
    Ok(saved.id)
}

#[tokio::test]
async fn a_configuration_with_two_servers_and_access_control_brings_a_device_in() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("a_configuration_with_two_servers_and_access_control_brings_a_device_in", async |browser| {
        open_live(browser, &context, "/bootstrap").await?;
        browser.see_text("[data-testid=bootstrap-addresses]", |text| text.contains("coap://")).await?;
        browser.good_for_everybody("no configuration").await?;
        browser.click("[data-testid=configuration-new]").await?;
        browser.see_address("/bootstrap/new").await?;
        browser.fill("[data-field=note]", "those in the cellar").await?;
        browser.click(SAVE).await?;
        browser.see_text(PROBLEMS, |text| text.contains("Name")).await?;
        browser.good_for_everybody("a configuration with problems").await?;
        browser.fill(NAME, "Meters").await?;

        browser.fill("[data-testid=assign-text]", "meter-*").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_text("[data-testid=assigned]", |text| text.contains("matches meter-*")).await?;
        browser.click("[data-path=\"/\"]").await?;
        browser.click(ADD_ACCOUNT).await?;
        browser.click(ADD_ACCOUNT).await?;
        browser.see_count("[data-testid=account]", 2).await?;
        // The first is this server with a key for each device, the second another one without security.
        let second = |part: &str| format!("[data-field=\"servers/1\"] {part}");
        browser.click(&second("[data-choice=nosec]")).await?;
        browser.fill(&field("servers/1/uri"), "coap://127.0.0.1:9").await?;
        browser.fill(&field("servers/1/lifetime_s"), "a day").await?;
        browser.see_text(PROBLEMS, |text| text.contains("a number from")).await?;
        browser.fill(&field("servers/1/lifetime_s"), "86400").await?;
        browser.click("[data-testid=access-add]").await?;
        browser
            .click("[data-testid=rights] [aria-label=\"Read, Observe, Write-Attributes: server 102\"]")
            .await?;
        browser.see_count(PROBLEMS, 0).await?;
        browser.good_for_everybody("the editor").await?;
        browser.click(SAVE).await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 1").await?;
        let saved = configurations(&context).await?;
        let configuration = &saved[0].configuration;
        ensure!(configuration.delete == ["/"] && configuration.servers.len() == 2, "{configuration:?}");
        ensure!(configuration.servers[0].uri == context.coaps_uri(), "{configuration:?}");
        ensure!(configuration.access_control[0].acl == [(101, 15), (102, 1)].into(), "{configuration:?}");
        browser.see_address(&format!("/bootstrap/{}", saved[0].id)).await?;

        browser.fill("[data-testid=probe]", "meter-1").await?;
        browser.see_text("[data-testid=probe-answer]", |text| text.contains("receives Meters")).await?;

        let _device = device(&context, "meter-1").await?;
        browser.see(&in_state("finished")).await?;
        browser.see("[data-testid=then-registers]").await?;
        browser.see_text(".bs-lines", |text| text.contains("PUT /0/") && text.contains("finish")).await?;
        browser.click(&format!("{STEP}:has([aria-label*=\"security\"]) button")).await?;
        browser
            .see_text("[data-testid=step-detail]", |text| text.contains("secret") && text.contains("URI"))
            .await?;
        browser.good_for_everybody("a session beside its configuration").await?;
        let client = context.registered("meter-1").await?;
        ensure!(client.security == SecurityMode::Psk, "{client:?}");

        browser.click("[data-testid=as-table]").await?;
        browser.see_text("[data-testid=step-table]", |text| text.contains("Bootstrap-Finish")).await?;
        browser.good_for_everybody("a session as a table").await
    })
    .await
}

#[tokio::test]
async fn a_failure_is_explained_mended_and_rolled_back() -> Result<()> {
    let context = TestContext::start().await?;
    // Rights to an instance that no device has: it says so at Bootstrap-Finish.
    let rights = json!([{ "object": 3303, "object_instance": 77, "acl": { "101": 1 }, "owner": 101 }]);
    let id = configure(&context, "Meters", json!({ "access_control": rights })).await?;
    let failing = device(&context, "meter-1").await?;
    Browser::run("a_failure_is_explained_mended_and_rolled_back", async |browser| {
        open_live(browser, &context, "/bootstrap").await?;
        let failed = "[data-testid=session-row][data-state=failed]";
        browser.see_text(failed, |text| text.contains("meter-1") && text.contains("Meters")).await?;
        browser.good_for_everybody("configurations and sessions").await?;
        browser.click(&format!("{failed} a")).await?;
        browser.see_text("[data-testid=sequence-failure]", |text| text.len() > 20).await?;
        browser.see(&format!("{STEP}.failed")).await?;
        browser.good_for_everybody("a failed session").await?;
        drop(failing);

        open_live(browser, &context, &format!("/bootstrap/{id}")).await?;
        browser.see(&in_state("failed")).await?;
        browser.click("[data-testid=access] [aria-label^=\"Remove access control\"]").await?;
        browser.see_count("[data-testid=access]", 0).await?;
        browser.see("[data-testid=unsaved]").await?;
        browser.click(SAVE).await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 2").await?;
        let _mended = device(&context, "meter-2").await?;
        browser.see(&in_state("finished")).await?;
        context.registered("meter-2").await?;

        browser.click("[data-testid=versions]").await?;
        browser.see_count("[data-testid=version-row]", 2).await?;
        browser
            .see_text("[data-testid=versions-dialog]", |text| text.contains("From version 1 to 2"))
            .await?;
        browser.see("[data-testid=difference]").await?;
        browser.good_for_everybody("versions").await?;
        browser.click("[data-testid=roll-back]").await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 3").await?;
        browser.see_count("[data-testid=access]", 1).await?;
        ensure!(configurations(&context).await?[0].configuration.access_control.len() == 1, "rolled back");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_configuration_is_made_with_the_keyboard_alone() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("a_configuration_is_made_with_the_keyboard_alone", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.type_text("gb").await?;
        browser.see_address("/bootstrap").await?;
        browser.see("[data-testid=configurations-empty]").await?;
        browser.tab_to("[data-testid=configuration-new]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see(NAME).await?;
        browser.tab_to(ADD_ACCOUNT).await?;
        browser.press_key(Key::Enter).await?;
        browser.see_focus(&field("servers/0")).await?;
        browser.tab_to(&field("servers/0/lifetime_s")).await?;
        browser.press_chord(&[Key::Control], 'a').await?;
        browser.type_text("600").await?;
        open_field_backwards(browser, NAME).await?;
        browser.type_text("By hand").await?;
        browser.tab_to("[data-testid=assign-text]").await?;
        browser.type_text("by-hand-*").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_count("[data-testid=assigned]", 1).await?;
        open_field_backwards(browser, SAVE).await?;
        browser.press_key(Key::Enter).await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 1").await?;
        let saved = configurations(&context).await?;
        ensure!(saved[0].configuration.servers[0].lifetime_s == 600, "{saved:?}");
        Ok(())
    })
    .await
}

/// Moves the focus back until it is on an element.
async fn open_field_backwards(browser: &Browser, selector: &str) -> Result<()> {
    const MOST_STOPS: usize = 60;
    for _ in 0..MOST_STOPS {
        if browser.has_focus(selector).await? {
            return Ok(());
        }
        browser.press_chord(&[Key::Shift], char::from(Key::Tab)).await?;
    }
    anyhow::bail!("`{selector}` is not reached with {MOST_STOPS} presses of Shift Tab");
}

#[tokio::test]
async fn who_saves_second_is_told_and_chooses() -> Result<()> {
    let context = TestContext::start().await?;
    let id = configure(&context, "Meters", json!({})).await?;
    Browser::run("who_saves_second_is_told_and_chooses", async |browser| {
        open_live(browser, &context, &format!("/bootstrap/{id}")).await?;
        browser.fill("[data-field=note]", "mine").await?;
        let mut theirs = configurations(&context).await?[0].configuration.clone();
        theirs.note = "theirs".to_owned();
        let address = format!("/api/v1/bootstrap/configurations/{id}?version=1");
        let saved = context.rest.put(&address, &serde_json::to_string(&theirs)?).await?;
        ensure!(saved.status == 200, "{saved:?}");
        browser.click(SAVE).await?;
        browser.see_text("[data-testid=conflict]", |text| text.contains("version 2")).await?;
        browser.good_for_everybody("a conflict").await?;
        browser.click("[data-testid=conflict-ours]").await?;
        browser.click(SAVE).await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 3").await?;
        ensure!(configurations(&context).await?[0].configuration.note == "mine", "mine is saved over it");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn configurations_go_from_one_server_to_another() -> Result<()> {
    let context = TestContext::start().await?;
    configure(&context, "Meters", json!({})).await?;
    let exported = context.rest.get("/api/v1/bootstrap/configurations/export").await?.body;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("configurations.json");
    std::fs::write(&path, exported.replace("Meters", "Pumps").replace("meter-", "pump-"))?;
    Browser::run("configurations_go_from_one_server_to_another", async |browser| {
        open_live(browser, &context, "/bootstrap").await?;
        browser.see_count("[data-testid=configuration-row]", 1).await?;
        browser.click("[data-testid=configurations-import]").await?;
        browser.fill("[data-testid=configurations-text]", "[{\"name\":\"\"}]").await?;
        browser.click("[data-testid=configurations-submit]").await?;
        browser.see("[data-testid=configurations-problem]").await?;
        browser.good_for_everybody("an import that is refused").await?;
        browser.choose_file("[data-testid=configurations-file]", &path).await?;
        browser.click("[data-testid=configurations-submit]").await?;
        browser.see_count("[data-testid=configuration-row]", 2).await?;
        browser.click("[data-testid=configuration-duplicate]").await?;
        browser.see_text("h1", |text| text.contains("(copy)")).await?;
        browser.go_back().await?;
        browser.click("[data-testid=configuration-delete]").await?;
        browser.see("[data-testid=delete-configuration-submit]").await?;
        browser.accessible().await?;
        browser.click("[data-testid=delete-configuration-submit]").await?;
        browser.see_count("[data-testid=configuration-row]", 1).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_registered_device_is_bootstrapped_from_its_page_and_tried_on() -> Result<()> {
    let context = TestContext::start().await?;
    let id = configure(&context, "Meters", json!({})).await?;
    let _device = device(&context, "meter-1").await?;
    context.registered("meter-1").await?;
    Browser::run("a_registered_device_is_bootstrapped_from_its_page_and_tried_on", async |browser| {
        open_live(browser, &context, &crate::device_page("meter-1")).await?;
        browser.click("[data-testid=device-menu]").await?;
        browser.click("[data-op=bootstrap]").await?;
        browser.see_address("/bootstrap?endpoint=meter-1").await?;
        browser.see_count("[data-testid=session-row][data-state=finished]", 2).await?;

        open_live(browser, &context, &format!("/bootstrap/{id}")).await?;
        browser.click("[data-testid=try]").await?;
        browser.fill("[data-testid=try-endpoint]", "meter-1").await?;
        browser.good_for_everybody("trying it on one device").await?;
        browser.click("[data-testid=try-submit]").await?;
        browser.see_text("[data-testid=versions]", |text| text == "Version 2").await?;
        browser
            .see_text("[data-testid=assigned] + [data-testid=assigned]", |text| text.contains("meter-1"))
            .await?;
        browser
            .see_text("[data-testid=latest-session]", |text| {
                text.contains("Sessions of") && text.contains("meter-1")
            })
            .await?;
        browser.see(&in_state("finished")).await?;
        Ok(())
    })
    .await
}
