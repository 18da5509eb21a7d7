//! The Security page: credentials from being added to being forgotten, and the authority of the server.

use anyhow::{Result, ensure};
use console_api::{Authorities, CredentialList, ServerSecurity};
use fantoccini::key::Key;
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::PKey,
    x509::{X509, X509Name, X509Req, extension::BasicConstraints},
};
use whole_program_tests::{Browser, Simulator, TestContext, wait};

use crate::{device_page, open_live};

const ADD: &str = "[data-testid=security-add]";
const ENDPOINT: &str = "[data-testid=credential-endpoint]";
const SUBMIT: &str = "[data-testid=credential-submit]";
const SECRET: &str = "[data-testid=secret] code";
const ONCE: &str = "[data-testid=secret-once]";
const DONE: &str = "[data-testid=added-done]";
const OPEN_DIALOG: &str = "dialog[open]";
const REFUSED: &str = "[data-testid=import-refused]";

fn in_state(state: &str) -> String {
    format!("[data-testid=credential-row][data-state={state}]")
}

async fn list(context: &TestContext) -> Result<CredentialList> {
    context.rest.get("/api/v1/credentials").await?.json(200)
}

async fn add_psk(context: &TestContext, endpoint: &str) -> Result<()> {
    let wanted = serde_json::json!({ "endpoint": endpoint, "mode": "psk", "generate": true }).to_string();
    let added = context.rest.post("/api/v1/credentials", &wanted).await?;
    ensure!(added.status == 201, "{added:?}");
    Ok(())
}

#[tokio::test]
async fn a_device_gets_a_key_that_is_shown_once() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("a_device_gets_a_key_that_is_shown_once", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.type_text("gk").await?;
        browser.see_address("/security").await?;
        browser.see("[data-testid=security-empty]").await?;
        browser.good_for_everybody("no credential yet").await?;
        browser.click(ADD).await?;
        browser.see(ENDPOINT).await?;
        browser.good_for_everybody("the form of a credential").await?;
        browser.click(SUBMIT).await?;
        browser.see_text("[data-testid=field-problem]", |text| text.contains("Endpoint Client Name")).await?;
        browser.fill(ENDPOINT, "lamp").await?;
        browser.press_key(Key::Enter).await?;
        browser.see(ONCE).await?;
        let key = browser.see(SECRET).await?.text().await?;
        ensure!(key.len() == 32 && key.chars().all(|c| c.is_ascii_hexdigit()), "the key: {key}");
        browser.good_for_everybody("a key that is shown once").await?;
        browser.click(DONE).await?;
        browser.see_count(OPEN_DIALOG, 0).await?;
        browser.see_text(&in_state("active"), |text| text.contains("lamp") && text.contains("PSK")).await?;

        // Nowhere in the page, and not after a reload either.
        let page = browser.evaluate("return document.documentElement.outerHTML").await?;
        ensure!(!page.to_string().contains(&key), "the page still has the key");
        browser.reload().await?;
        browser.see(&in_state("active")).await?;
        browser.see_count(ONCE, 0).await?;
        let told = context.rest.get("/api/v1/credentials").await?.body;
        ensure!(!told.contains(&key), "the server tells the key again");
        browser.good_for_everybody("a credential").await
    })
    .await
}

#[tokio::test]
async fn a_credential_is_rotated_revoked_and_deleted() -> Result<()> {
    let context = TestContext::start().await?;
    add_psk(&context, "lamp").await?;
    Browser::run("a_credential_is_rotated_revoked_and_deleted", async |browser| {
        open_live(browser, &context, "/security?endpoint=lamp").await?;
        browser.see_text("[data-testid=security-device]", |text| text.contains("lamp")).await?;
        browser.click("[data-testid=credential-rotate]").await?;
        browser.see("[data-testid=credential-retire]").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_count(OPEN_DIALOG, 0).await?;
        ensure!(browser.has_focus("[data-testid=credential-rotate]").await?, "the focus is lost");
        browser.press_key(Key::Enter).await?;
        browser.click(SUBMIT).await?;
        browser.see(SECRET).await?;
        browser.click(DONE).await?;
        browser.see_count(&in_state("retiring"), 1).await?;
        browser.see_text(&in_state("active"), |text| text.contains("lamp-2")).await?;

        browser.click(&format!("{} [data-testid=credential-revoke]", in_state("retiring"))).await?;
        browser
            .see_text("[data-testid=ending-dialog]", |text| {
                text.contains("registration") && text.contains("version 1")
            })
            .await?;
        browser.accessible().await?;
        browser.click("[data-testid=ending-submit]").await?;
        browser.see_count(&in_state("revoked"), 1).await?;
        browser.click("[data-testid=credential-delete]").await?;
        browser.click("[data-testid=ending-submit]").await?;
        browser.see_count("[data-testid=credential-row]", 1).await?;
        ensure!(list(&context).await?.total == 1, "the server still has both");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_import_tells_every_bad_line_before_anything_is_stored() -> Result<()> {
    const FILE: &str = "endpoint,mode,identity,key\n\
        lamp,psk,lamp,00112233445566778899aabbccddeeff\n\
        ,psk,nobody,00112233445566778899aabbccddeeff\n\
        pump,psk,pump,not-hex\n";
    let context = TestContext::start().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("credentials.csv");
    std::fs::write(&path, FILE)?;
    Browser::run("an_import_tells_every_bad_line_before_anything_is_stored", async |browser| {
        open_live(browser, &context, "/security").await?;
        browser.click("[data-testid=security-import]").await?;
        browser.choose_file("[data-testid=import-file]", &path).await?;
        browser.see_text(REFUSED, |text| text.contains('3') && text.contains("endpoint")).await?;
        browser.see_text(&format!("{REFUSED} + {REFUSED}"), |text| text.contains("key")).await?;
        browser.good_for_everybody("an import with bad lines").await?;
        ensure!(list(&context).await?.total == 0, "a dry run stores nothing");
        browser.see_text("[data-testid=import-store]", |text| text.contains("1 credential")).await?;
        browser.click("[data-testid=import-store]").await?;
        browser.see_text("[data-testid=import-told]", |text| text == "1 credential imported").await?;
        browser.press_key(Key::Escape).await?;
        browser.see_text(&in_state("active"), |text| text.contains("lamp")).await?;
        ensure!(list(&context).await?.total == 1, "one line is good");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_authority_is_made_in_one_step_and_issues_certificates() -> Result<()> {
    let context = TestContext::start().await?;
    Browser::run("an_authority_is_made_in_one_step_and_issues_certificates", async |browser| {
        open_live(browser, &context, "/security").await?;
        browser.fill("[data-testid=authority-names]", "lwm2m.example.org, 192.0.2.7").await?;
        browser.click("[data-testid=authority-make]").await?;
        browser.see_text("[data-testid=certificate-Certificate]", |text| text.contains("192.0.2.7")).await?;
        browser.see("[data-testid=certificate-Authority]").await?;
        let server: ServerSecurity = context.rest.get("/api/v1/security/server").await?.json(200)?;
        ensure!(server.authority.is_some(), "{server:?}");
        browser.see_text("[data-testid=server-key]", |text| text == server.public_key.der).await?;

        browser.click(ADD).await?;
        browser.fill(ENDPOINT, "meter").await?;
        browser.click("[data-testid=credential-dialog] [data-mode=x509]").await?;
        browser.see("[data-testid=issue-own]").await?;
        browser.accessible().await?;
        browser.click(SUBMIT).await?;
        browser
            .see_text("[data-testid=added-dialog]", |text| {
                text.contains("BEGIN PRIVATE KEY") && text.contains("BEGIN CERTIFICATE")
            })
            .await?;
        browser.good_for_everybody("a certificate that was issued").await?;
        browser.click(DONE).await?;
        browser
            .see_text(&in_state("active"), |text| text.contains("Certificate") && text.contains("meter"))
            .await?;
        browser.good_for_everybody("a device with a certificate").await
    })
    .await
}

/// PEM of an authority that is not the server's, and a request for a certificate.
fn authority_and_request() -> Result<(String, String)> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, "Factory")?;
    let name = name.build();
    let mut authority = X509::builder()?;
    authority.set_version(2)?;
    authority.set_serial_number(&*BigNum::from_u32(7)?.to_asn1_integer()?)?;
    authority.set_subject_name(&name)?;
    authority.set_issuer_name(&name)?;
    authority.set_pubkey(&key)?;
    authority.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    authority.set_not_after(&*Asn1Time::days_from_now(30)?)?;
    authority.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    authority.sign(&key, MessageDigest::sha256())?;
    let mut request = X509Req::builder()?;
    request.set_pubkey(&key)?;
    request.sign(&key, MessageDigest::sha256())?;
    let (authority, request) = (authority.build().to_pem()?, request.build().to_pem()?);
    Ok((String::from_utf8(authority)?, String::from_utf8(request)?))
}

#[tokio::test]
async fn another_authority_is_believed_until_it_is_removed() -> Result<()> {
    const ITEM: &str = "[data-testid=authority]";
    const TEXT: &str = "[data-testid=authority-certificate]";
    let context = TestContext::start().await?;
    let (authority, request) = authority_and_request()?;
    let known = async || -> Result<usize> {
        let all: Authorities = context.rest.get("/api/v1/security/authorities").await?.json(200)?;
        Ok(all.items.len())
    };
    Browser::run("another_authority_is_believed_until_it_is_removed", async |browser| {
        open_live(browser, &context, "/security").await?;
        browser.fill(TEXT, &request).await?;
        browser.click("[data-testid=authority-add]").await?;
        browser.see_text("[data-testid=authority-problem]", |text| text.contains("expected")).await?;
        browser.fill(TEXT, &authority).await?;
        browser.click("[data-testid=authority-add]").await?;
        browser.see_text(ITEM, |text| text.contains("CN=Factory") && text.contains("until")).await?;
        browser.see_count("[data-testid=authority-problem]", 0).await?;
        ensure!(known().await? == 1, "the server does not believe it");
        browser.good_for_everybody("another authority").await?;
        browser.reload().await?;
        browser.click("[data-testid=authority-remove]").await?;
        browser.see_count(ITEM, 0).await?;
        ensure!(known().await? == 0, "the server still believes it");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_certificate_is_issued_for_the_key_that_a_device_has() -> Result<()> {
    const LONG: &str =
        "urn:dev:ops:32473-Refrigerator-5002-in-the-cellar-of-the-house-at-the-end-of-the-street";
    const CSR: &str = "[data-testid=credential-csr]";
    const NOTE: &str = "th.credential-note";
    let context = TestContext::start().await?;
    let made = context.rest.post("/api/v1/security/authority", r#"{"names":["localhost"]}"#).await?;
    ensure!(made.status == 201, "{made:?}");
    let (_, request) = authority_and_request()?;
    add_psk(&context, LONG).await?;
    Browser::run("a_certificate_is_issued_for_the_key_that_a_device_has", async |browser| {
        open_live(browser, &context, "/security").await?;
        // A long name is there whole, and no column for notes that nobody has made.
        let whole = "const cell = document.querySelector('.credential-device'); return cell.scrollWidth <= cell.clientWidth && cell.textContent";
        browser.see(".credential-device").await?;
        ensure!(browser.evaluate(whole).await? == LONG, "the name is cut");
        browser.see_count(NOTE, 0).await?;
        browser.good_for_everybody("a long name").await?;

        browser.click(ADD).await?;
        browser.fill(ENDPOINT, "meter").await?;
        browser.click("[data-testid=credential-dialog] [data-mode=x509]").await?;
        browser.fill(CSR, "no request").await?;
        browser.click(SUBMIT).await?;
        browser.see_text("[data-testid=field-problem]", |text| text.contains("PEM")).await?;
        browser.good_for_everybody("a request that is none").await?;
        browser.fill(CSR, &request).await?;
        browser.fill("[data-testid=credential-note]", "Key of its own").await?;
        browser.click(SUBMIT).await?;
        browser
            .see_text("[data-testid=added-dialog]", |text| {
                text.contains("BEGIN CERTIFICATE") && !text.contains("PRIVATE KEY")
            })
            .await?;
        browser.click(DONE).await?;
        browser.see_count(NOTE, 1).await?;
        browser.see_text("[data-testid=credential-row]:first-child", |text| text.contains("Key of its own")).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn many_credentials_are_searched_filtered_and_turned() -> Result<()> {
    const MANY: usize = 1_200;
    let context = TestContext::start().await?;
    let file = (0..MANY)
        .fold("endpoint,mode,key\n".to_owned(), |file, i| format!("{file}device-{i:04},psk,{i:032x}\n"));
    let host = context.http.to_string();
    let headers = [("host", host.as_str()), ("content-type", "text/csv")];
    let imported =
        context.rest.request("POST", "/api/v1/credentials/import?format=csv", &headers, &file).await?;
    ensure!(imported.status == 200, "{imported:?}");
    wait::until("the import", async || Ok((list(&context).await?.total == MANY).then_some(()))).await?;
    Browser::run("many_credentials_are_searched_filtered_and_turned", async |browser| {
        open_live(browser, &context, "/security").await?;
        browser.see_text("[data-testid=security-count]", |text| text == "1,200 credentials").await?;
        browser.see_count("[data-testid=credential-row]", 100).await?;
        browser.see_text(".pager", |text| text.contains("1 to 100 of 1,200")).await?;
        browser.click(".pager button:last-child").await?;
        browser.see_text(&in_state("active"), |text| text.contains("device-0100")).await?;
        browser.press('/').await?;
        browser.type_text("device-0777").await?;
        browser.see_count("[data-testid=credential-row]", 1).await?;
        browser.click("[data-testid=security-mode] [value=rpk]").await?;
        browser.see("[data-testid=security-nothing]").await?;
        browser.accessible().await?;
        Ok(())
    })
    .await
}

/// From the first failed attempt to the last one.
#[tokio::test]
async fn a_device_is_refused_connects_and_is_revoked() -> Result<()> {
    const KEY: &str = "00112233445566778899aabbccddeeff";
    let context = TestContext::start().await?;
    let server = context.coaps_uri();
    let wanted = serde_json::json!({ "endpoint": "lamp1", "mode": "psk", "key": KEY }).to_string();
    ensure!(context.rest.post("/api/v1/credentials", &wanted).await?.status == 201, "it is added");
    let device = |key: &str| {
        Simulator::start_towards(&server, 1, &["--prefix", "lamp", "--psk", &format!("lamp1:{key}")])
    };
    Browser::run("a_device_is_refused_connects_and_is_revoked", async |browser| {
        let wrong = device(&KEY.replace("ff", "00"))?;
        wait::until("a failed handshake", async || {
            let failed = context.rest.get("/api/v1/security/handshakes").await?.body;
            Ok(failed.contains("different key").then_some(()))
        })
        .await?;
        drop(wrong);
        open_live(browser, &context, "/security").await?;
        browser
            .see_text("[data-testid=handshake]", |text| {
                text.contains("lamp1")
                    && text.contains("different key")
                    && text.contains("same key on both ends")
            })
            .await?;
        browser.good_for_everybody("a failed handshake").await?;

        let _right = device(KEY)?;
        context.registered("lamp1").await?;
        open_live(browser, &context, &device_page("lamp1")).await?;
        browser.see_text("body", |text| text.contains("PSK")).await?;

        open_live(browser, &context, "/security?endpoint=lamp1").await?;
        browser.click(&format!("{} [data-testid=credential-revoke]", in_state("active"))).await?;
        browser.click("[data-testid=ending-submit]").await?;
        browser.see_count(&in_state("revoked"), 1).await?;
        context.departed("lamp1").await
    })
    .await
}
