//! The page of the object registry.

use anyhow::Result;
use coap::{Code, Options};
use fantoccini::key::Key;
use whole_program_tests::{Browser, TestContext, Viewport};

use crate::{button, device_page, open_live, result, select, tree_row, tree_value};

const ROW: &str = "[data-testid=object-row]";
const SEARCH: &str = "[data-testid=objects-search]";
const UPLOAD: &str = "[data-testid=objects-upload]";
const DEFINITION: &str = "[data-testid=definition]";
const RESOURCES: &str = "[data-testid=definition-resources] tbody tr";

fn row(id: u16) -> String {
    format!("{ROW}[data-id=\"{id}\"]")
}

fn upload_line(state: &str) -> String {
    format!("[data-testid=upload-line][data-state={state}]")
}

/// Object 33000, whose Resource 0 has this type.
fn ddf(value_type: &str) -> String {
    format!(
        "<LWM2M>\n<Object ObjectType=\"MODefinition\">\n<Name>Silo</Name>\n<ObjectID>33000</ObjectID>\n\
         <ObjectURN>urn:oma:lwm2m:x:33000</ObjectURN>\n<MultipleInstances>Multiple</MultipleInstances>\n\
         <Mandatory>Optional</Mandatory>\n<Resources>\n<Item ID=\"0\">\n<Name>Fill Level</Name>\n\
         <Operations>R</Operations>\n<MultipleInstances>Single</MultipleInstances>\n<Mandatory>Mandatory</Mandatory>\n\
         <Type>{value_type}</Type>\n<RangeEnumeration>0..100</RangeEnumeration>\n<Units>m</Units>\n\
         </Item>\n</Resources>\n</Object>\n</LWM2M>\n"
    )
}

#[tokio::test]
async fn an_uploaded_definition_decodes_what_is_already_on_the_screen() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("silo", 300, "</3/0>,</33000/0>").await?;
    Browser::run("an_uploaded_definition_decodes_what_is_already_on_the_screen", async |browser| {
        open_live(browser, &context, &device_page("silo")).await?;
        select(browser, "/33000/0").await?;
        browser.click(&button("read")).await?;
        let request = peer.receive_request(Code::GET, "/33000/0").await?;
        let options = Options::new().with_content_format(11542);
        peer.answer(&request, Code::CONTENT, options, &[0xc1, 0, 42]).await?;
        browser.see(&result("2.05")).await?;
        browser.see_text(&tree_value("/33000/0/0"), |text| text.starts_with("2a")).await?;

        // Somebody else uploads the definition: nothing is done in this tab.
        context.rest.post("/api/v1/objects", &ddf("Integer")).await?;
        browser.see_text(&tree_value("/33000/0/0"), |text| text.starts_with("42")).await?;
        browser.see_text(&tree_row("/33000/0/0"), |text| text.contains("Fill Level")).await?;

        // And takes it back.
        context.rest.delete("/api/v1/objects/33000/1.0").await?;
        browser.see_text(&tree_value("/33000/0/0"), |text| text.starts_with("2a")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn definitions_are_uploaded_replaced_and_removed() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("silo", 300, "</3/0>,</33000/0>").await?;
    let files = tempfile::tempdir()?;
    let (good, bad) = (files.path().join("silo.xml"), files.path().join("broken.xml"));
    std::fs::write(&good, ddf("Integer"))?;
    std::fs::write(&bad, ddf("Integr"))?;
    Browser::run("definitions_are_uploaded_replaced_and_removed", async |browser| {
        open_live(browser, &context, "/objects/33000").await?;
        browser.see_text("[data-testid=definition-unknown]", |text| text.contains("1 device")).await?;
        browser.click(UPLOAD).await?;
        browser.choose_files("[data-testid=upload-files]", &[good.as_path(), bad.as_path()]).await?;
        browser.see(&upload_line("added")).await?;
        let refused = browser.see_text(&upload_line("refused"), |text| text.contains("Expected")).await?;
        anyhow::ensure!(refused.contains("line 14") && refused.contains("Integr"), "{refused}");
        browser.press_key(Key::Escape).await?;
        browser.see_text(DEFINITION, |text| text.contains("Silo") && text.contains("0 to 100")).await?;
        browser.see_count(RESOURCES, 1).await?;
        browser.see_text(&row(33_000), |text| text.contains("uploaded")).await?;

        // The same object again, pasted, takes the place of the first.
        browser.click(UPLOAD).await?;
        browser.fill("[data-testid=upload-text]", &ddf("Float")).await?;
        browser.click("[data-testid=upload-paste]").await?;
        browser.see_count(&upload_line("added"), 2).await?;
        browser.press_key(Key::Escape).await?;
        browser.see_text(RESOURCES, |text| text.to_lowercase().contains("float")).await?;

        browser.click("[data-testid=definition-remove]").await?;
        browser.click("[data-testid=definition-remove-now]").await?;
        browser.see("[data-testid=definition-unknown]").await?;
        // Nobody has defined it, but a device has it.
        browser.see_text(&row(33_000), |text| text.contains("no definition")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_registry_is_searched_and_read_with_the_keyboard() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("room", 300, "</3/0>,</3303/0>").await?;
    Browser::run("the_registry_is_searched_and_read_with_the_keyboard", async |browser| {
        open_live(browser, &context, "/objects/3").await?;
        browser
            .see_text(DEFINITION, |text| text.contains("Device") && text.contains("Battery Level"))
            .await?;
        browser.see_text("[data-testid=definition-owners]", |text| text.contains("1 device")).await?;
        let battery_status = format!("{RESOURCES}[data-id=\"20\"]");
        browser.see(&battery_status).await?;
        browser.click("[data-testid=definition-version]:last-child").await?;
        browser.see_attribute("[data-testid=definition-version]:last-child", "aria-pressed", "true").await?;

        browser.press('/').await?;
        browser.see_focus(SEARCH).await?;
        browser.type_text("temperature").await?;
        browser.see_text("[data-testid=objects-count]", |text| !text.starts_with('3')).await?;
        browser.press_key(Key::Down).await?;
        browser.see_focus(&row(3303)).await?;
        browser.press_key(Key::Enter).await?;
        browser.see_text(DEFINITION, |text| text.contains("Temperature")).await?;
        browser.see_attribute(&row(3303), "aria-current", "true").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(DEFINITION, 0).await?;
        browser.see_focus(&row(3303)).await?;

        browser.fill(SEARCH, "no such object").await?;
        browser.see("[data-testid=objects-nothing]").await?;
        browser.click("[data-testid=objects-nothing] button").await?;
        browser.click("[data-kind=InUse]").await?;
        browser.see_count(ROW, 2).await?;
        browser.see(&row(3303)).await?;

        browser.emulate(Viewport::PHONE, whole_program_tests::ColorScheme::Dark).await?;
        browser.fits_its_width().await?;
        browser.click(&row(3303)).await?;
        browser.see(RESOURCES).await?;
        browser.fits_its_width().await
    })
    .await
}
