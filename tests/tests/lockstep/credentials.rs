//! `/api/v1/credentials` and `/api/v1/security`: who may connect, and that nobody learns a secret.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use console_api::{
    AuditList, Credential, CredentialAdded, CredentialImport, CredentialList, CredentialMode,
    CredentialServer, CredentialState, IssuedCertificate, ServerSecurity,
};
use openssl::{pkey::PKey, x509::X509};
use serde_json::json;
use tokio::process::Command;
use whole_program_tests::{Answer, TestContext, console_program};

const ALL: &str = "/api/v1/credentials";

async fn add(context: &TestContext, new: &serde_json::Value) -> Result<CredentialAdded> {
    context.rest.post(ALL, &new.to_string()).await?.json(201)
}

async fn list(context: &TestContext, query: &str) -> Result<Vec<Credential>> {
    let list: CredentialList = context.rest.get(&format!("{ALL}{query}")).await?.json(200)?;
    Ok(list.items)
}

async fn import(context: &TestContext, query: &str, file: &str) -> Result<Answer> {
    context.rest.post(&format!("{ALL}/import?{query}"), file).await
}

#[tokio::test]
async fn credentials_are_kept_over_a_crash_with_their_versions() -> Result<()> {
    let mut context = TestContext::start().await?;
    let new = json!({ "endpoint": "meter", "mode": "psk", "generate": true, "note": "Hall" });
    let first = add(&context, &new).await?;
    let key = first.secret.and_then(|secret| secret.key).context("a key was made")?;
    assert_eq!((key.0.len(), first.credential.identity.as_deref()), (32, Some("meter")));

    let rotate = format!("{ALL}/{}/rotate", first.credential.id);
    let rotated = context.rest.post(&rotate, r#"{"generate":true,"retire_after_s":3600}"#).await?;
    let rotated: CredentialAdded = rotated.json(201)?;
    assert_eq!((rotated.credential.version, rotated.credential.identity.as_deref()), (2, Some("meter#2")));
    // The same identity can only have another key when the earlier one ends.
    let same = r#"{"identity":"meter#2","key":"000102030405060708090a0b0c0d0e0f","retire_after_s":0}"#;
    let rotate = format!("{ALL}/{}/rotate", rotated.credential.id);
    let third: CredentialAdded = context.rest.post(&rotate, same).await?.json(201)?;
    assert_eq!(third.secret, None);

    context.crash().await?;
    let kept = list(&context, "?endpoint=meter").await?;
    let seen: Vec<_> = kept.iter().map(|kept| (kept.version, kept.state)).collect();
    let expected =
        [(1, CredentialState::Retiring), (2, CredentialState::Revoked), (3, CredentialState::Active)];
    assert_eq!(seen, expected);
    assert_eq!((kept[0].note.as_str(), kept[2].key_bytes), ("Hall", Some(16)));
    assert_eq!(list(&context, "?text=hall&mode=psk&state=retiring").await?.len(), 1);

    // One that is not revoked is not forgotten.
    let path = format!("{ALL}/{}", kept[0].id);
    assert_eq!(context.rest.delete(&path).await?.error(409)?.code, "conflict");
    let revoked: Credential = context.rest.post(&format!("{path}/revoke"), "").await?.json(200)?;
    assert_eq!(revoked.state, CredentialState::Revoked);
    assert_eq!(context.rest.delete(&path).await?.status, 204);
    assert_eq!(context.rest.get(&path).await?.error(404)?.code, "unknown_credential");

    let audits: AuditList = context.rest.get("/api/v1/audit?endpoint=meter").await?.json(200)?;
    let what: Vec<_> = audits.entries.iter().map(|entry| entry.what.as_str()).collect();
    let expected = [
        "forget_credential",
        "revoke_credential",
        "rotate_credential",
        "rotate_credential",
        "add_credential",
    ];
    assert_eq!(what, expected);
    Ok(())
}

#[tokio::test]
async fn what_is_added_lets_the_earlier_ones_of_its_mode_retire() -> Result<()> {
    let context = TestContext::start().await?;
    let psk = |more: serde_json::Value| {
        let mut new = json!({ "endpoint": "meter", "mode": "psk", "generate": true });
        new.as_object_mut()
            .into_iter()
            .for_each(|new| new.extend(more.as_object().cloned().unwrap_or_default()));
        new
    };
    add(&context, &psk(json!({}))).await?;
    add(&context, &psk(json!({ "server": "bootstrap" }))).await?;
    add(&context, &json!({ "endpoint": "meter", "mode": "rpk", "generate": true })).await?;
    add(&context, &json!({ "endpoint": "other", "mode": "psk", "generate": true })).await?;
    let states = async || -> Result<Vec<(String, CredentialMode, CredentialState)>> {
        let all = list(&context, "").await?;
        Ok(all.into_iter().map(|kept| (kept.endpoint, kept.mode, kept.state)).collect())
    };
    // Without a word of it nothing retires.
    add(&context, &psk(json!({}))).await?;
    assert!(states().await?.iter().all(|(_, _, state)| *state == CredentialState::Active));

    let later = add(&context, &psk(json!({ "retire_after_s": 3600 }))).await?.credential;
    let retiring = list(&context, "?state=retiring").await?;
    let seen: Vec<_> = retiring.iter().map(|kept| (kept.version, kept.mode, kept.server)).collect();
    let mode = (CredentialMode::Psk, CredentialServer::DeviceManagement);
    assert_eq!(seen, [(1, mode.0, mode.1), (3, mode.0, mode.1)]);
    for kept in &retiring {
        let after_ms = kept.retire_at_ms.context("a time")?.saturating_sub(later.created_at_ms);
        assert!((3_590_000..=3_600_000).contains(&after_ms), "{after_ms}");
    }
    // At once: then the identity is free for another key.
    let same = psk(json!({ "identity": later.identity, "retire_after_s": 0 }));
    let same = add(&context, &same).await?.credential;
    assert_eq!((same.identity, same.state), (later.identity, CredentialState::Active));
    let active: Vec<_> = list(&context, "?endpoint=meter&state=active").await?;
    let seen: Vec<_> = active.iter().map(|kept| (kept.mode, kept.server, kept.version)).collect();
    let expected = [
        (CredentialMode::Rpk, CredentialServer::DeviceManagement, 2),
        (CredentialMode::Psk, CredentialServer::DeviceManagement, 5),
        (CredentialMode::Psk, CredentialServer::Bootstrap, 1),
    ];
    assert_eq!(seen, expected);
    assert_eq!(list(&context, "?endpoint=meter&state=revoked").await?.len(), 3);

    let long = psk(json!({ "retire_after_s": u64::MAX })).to_string();
    let details = context.rest.post(ALL, &long).await?.error(400)?.details.context("details")?;
    assert!(details.expected.starts_with("at most"), "{details:?}");
    Ok(())
}

#[tokio::test]
async fn every_bad_line_of_a_file_is_told_and_nothing_of_it_stored() -> Result<()> {
    let context = TestContext::start().await?;
    add(&context, &json!({ "endpoint": "there", "mode": "psk", "key": "00112233445566778899aabbccddeeff" }))
        .await?;
    let file = "\u{feff}endpoint,mode,identity,key\n\
        good,psk,\"a, b\",00112233445566778899aabbccddeeff\n\
        ,psk,x,00112233445566778899aabbccddeeff\n\
        bad,psk,y,geheim!\n\
        bad,nosec,z,00\n\
        twice,psk,\"a, b\",AAECAwQFBgcICQoLDA0ODw==\n\
        there,psk,there,00112233445566778899aabbccddeeff\n\
        short,psk,,0011\n";
    let dry: CredentialImport = import(&context, "format=csv&dry_run=true", file).await?.json(200)?;
    let refused: Vec<_> = dry.refused.iter().map(|entry| (entry.line, entry.field.as_str())).collect();
    let expected = [(3, "endpoint"), (4, "key"), (5, "mode"), (6, "identity"), (7, "identity")];
    assert_eq!((refused.as_slice(), dry.accepted, dry.stored), (expected.as_slice(), 2, false));
    assert_eq!(dry.warnings.iter().map(|entry| entry.line).collect::<Vec<_>>(), [8]);

    let whole: CredentialImport = import(&context, "format=csv", file).await?.json(200)?;
    assert!(!whole.stored);
    assert_eq!(list(&context, "").await?.len(), 1);
    let partial: CredentialImport = import(&context, "format=csv&partial=true", file).await?.json(200)?;
    assert!(partial.stored);
    let endpoints: Vec<_> = list(&context, "").await?.into_iter().map(|kept| kept.endpoint).collect();
    assert_eq!(endpoints, ["good", "short", "there"]);

    let lines = "{\"endpoint\":\"j1\",\"mode\":\"psk\",\"key\":\"AAECAwQFBgcICQoLDA0ODw\"}\n{\"endpoint\":\n";
    let json: CredentialImport = import(&context, "format=json&partial=true", lines).await?.json(200)?;
    assert_eq!((json.accepted, json.stored, json.refused[0].line), (1, true, 2));
    Ok(())
}

#[tokio::test]
async fn an_authority_signs_for_the_server_and_for_devices() -> Result<()> {
    let mut context = TestContext::start().await?;
    let certificates = "/api/v1/security/certificates";
    let none = context.rest.post(certificates, r#"{"endpoint":"meter"}"#).await?;
    assert_eq!(none.error(409)?.code, "conflict");
    let made = r#"{"names":["lwm2m.example.com","192.0.2.1","::1"]}"#;
    let server: ServerSecurity = context.rest.post("/api/v1/security/authority", made).await?.json(201)?;
    let own = server.certificate.clone().context("a certificate")?;
    assert_eq!(own.names, ["lwm2m.example.com", "192.0.2.1", "::1"]);

    let issued = context.rest.post(certificates, r#"{"endpoint":"meter","days":30}"#).await?;
    let issued: IssuedCertificate = issued.json(201)?;
    let authority = X509::from_pem(issued.authority.pem.as_bytes())?;
    let certificate = X509::from_pem(issued.certificate.pem.as_bytes())?;
    assert!(certificate.verify(&*authority.public_key()?)?);
    assert!(X509::from_pem(own.pem.as_bytes())?.verify(&*authority.public_key()?)?);
    assert_eq!(issued.certificate.subject, "CN=meter");
    let pem = issued.secret.and_then(|secret| secret.sec1_pem).context("a private key")?;
    assert!(PKey::private_key_from_pem(pem.0.as_bytes())?.public_eq(&*certificate.public_key()?));

    // Forgotten, it would be good again.
    let path = format!("{ALL}/{}", issued.credential.id);
    context.rest.post(&format!("{path}/revoke"), "").await?.json::<Credential>(200)?;
    assert_eq!(context.rest.delete(&path).await?.error(409)?.code, "conflict");
    context.restart().await?;
    let again: ServerSecurity = context.rest.get("/api/v1/security/server").await?.json(200)?;
    assert_eq!((again.authority, again.public_key), (server.authority, server.public_key));
    Ok(())
}

#[tokio::test]
async fn s_139_secrets_are_nowhere() -> Result<()> {
    let mut context = TestContext::start().await?;
    let given: [u8; 24] =
        core::array::from_fn(|i| 0xa1_u8.wrapping_add(29_u8.wrapping_mul(u8::try_from(i).unwrap_or(0))));
    let hex = console_api::hex_encode(&given);
    let base64 = openssl::base64::encode_block(&given);
    let mut answers = Vec::new();
    // Where it belongs, and everywhere that it may be put by mistake.
    for body in [
        json!({ "endpoint": "a", "mode": "psk", "key": hex }).to_string(),
        json!({ "endpoint": "b", "mode": "psk", "key": base64 }).to_string(),
        json!({ "endpoint": "c", "mode": hex, "key": hex }).to_string(),
        json!({ "endpoint": "d", "mode": "rpk", "public_key": base64, "key": hex }).to_string(),
        json!({ "endpoint": "e", "mode": "psk", "key": format!("{hex}!") }).to_string(),
        json!({ "endpoint": "f", "mode": "psk", "key": hex.repeat(4) }).to_string(),
        json!({ "endpoint": "g", "mode": "psk", "generate": hex }).to_string(),
        json!({ "endpoint": "h", "mode": "psk", hex.as_str(): 1 }).to_string(),
        format!("{{\"endpoint\":\"i\",\"key\":\"{hex}\""),
        format!("\"{hex}\""),
    ] {
        answers.push(context.rest.post(ALL, &body).await?);
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 2);
    let first = list(&context, "?endpoint=a").await?.remove(0).id;
    let rotate = json!({ "identity": "a2", "key": base64 }).to_string();
    answers.push(context.rest.post(&format!("{ALL}/{first}/rotate"), &rotate).await?);
    for file in [
        format!("endpoint,mode,identity,key\nk,psk,k,{hex}\nl,{base64},l,{hex}\nm,psk,m,{hex}{hex}{hex}\n"),
        format!("{hex}\n{base64}\n"),
        format!("endpoint,mode,identity,key\nn,psk,n,\"{base64}\n"),
    ] {
        answers.push(import(&context, "format=csv&partial=true", &file).await?);
    }
    for file in [format!("[{{\"endpoint\":\"o\",\"mode\":\"psk\",\"key\":\"{hex}\"}},{hex}]"), base64.clone()]
    {
        answers.push(import(&context, "format=json&partial=true", &file).await?);
    }
    answers.push(context.rest.post("/api/v1/security/authority", r#"{"names":["localhost"]}"#).await?);
    let csr = json!({ "endpoint": "p", "csr": hex }).to_string();
    answers.push(context.rest.post("/api/v1/security/certificates", &csr).await?);

    // What the server makes is told once: it is looked for everywhere else.
    let made = add(&context, &json!({ "endpoint": "q", "mode": "psk", "generate": true })).await?;
    let made = made.secret.and_then(|secret| secret.key).context("a key")?.0;
    let made = console_api::hex_decode(&made).context("hexadecimal")?;
    let issued: IssuedCertificate =
        context.rest.post("/api/v1/security/certificates", r#"{"endpoint":"r"}"#).await?.json(201)?;
    let private = issued.secret.and_then(|secret| secret.sec1_der).context("a private key")?.0;
    let private = PKey::private_key_from_der(&console_api::hex_decode(&private).context("hexadecimal")?)?;
    let private = private.ec_key()?.private_key().to_vec();
    let master = fs::read_to_string(context.data().join("secret.key"))?;
    let master = console_api::hex_decode(master.trim()).context("hexadecimal")?;
    let secrets = [given.to_vec(), made, private, master];

    for path in [
        ALL,
        "/api/v1/audit",
        "/api/v1/events?after=0",
        "/api/v1/trace",
        "/api/v1/server",
        "/api/v1/openapi.json",
        "/api/v1/security/server",
        "/api/v1/security/handshakes",
        "/api/v1/clients?status=any",
    ] {
        answers.push(context.rest.get(path).await?);
    }
    answers.push(context.rest.post(&format!("{ALL}/{first}/revoke"), "").await?);
    for answer in &answers {
        assert_absent(&secrets, answer.body.as_bytes(), &format!("the answer {}", answer.status));
    }
    let parent = tempfile::tempdir()?;
    let backup = parent.path().join("backup");
    let copied = Command::new(console_program()?)
        .args(["backup", "--to"])
        .arg(&backup)
        .arg("--data")
        .arg(context.data())
        .output()
        .await?;
    assert!(copied.status.success());
    assert_absent(&secrets, &[copied.stdout, copied.stderr].concat(), "what backup says");
    assert!(files_without(&secrets, &backup)? > 1);
    assert!(files_without(&secrets, context.data())? > 1);
    let log = context.server.log();
    assert_absent(&secrets, log.as_bytes(), "the log");
    context.restart().await?;
    assert_absent(&secrets, context.server.log().as_bytes(), "the log after a restart");
    assert!(files_without(&secrets, context.data())? > 1);
    Ok(())
}

/// How many files there are, none of which has a secret, except the key of all of them in its own.
pub(crate) fn files_without(secrets: &[Vec<u8>], directory: &Path) -> Result<usize> {
    let (mut files, mut folders) = (0, vec![directory.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() != "secret.key" {
                files += 1;
                assert_absent(secrets, &fs::read(entry.path())?, &entry.path().display().to_string());
            }
        }
    }
    Ok(files)
}

/// In no form: as it is, in hexadecimal, and in base64 at whichever place of a longer text.
pub(crate) fn assert_absent(secrets: &[Vec<u8>], text: &[u8], what: &str) {
    let lower = text.to_ascii_lowercase();
    for secret in secrets {
        let has = |text: &[u8], form: &[u8]| text.windows(form.len()).any(|found| found == form);
        assert!(!has(text, secret), "a secret is in {what}");
        assert!(
            !has(&lower, console_api::hex_encode(secret).as_bytes()),
            "a secret is in {what}, in hexadecimal"
        );
        for skipped in 0..3 {
            let whole = (secret.len() - skipped) / 3 * 3;
            let form = openssl::base64::encode_block(&secret[skipped..skipped + whole]);
            assert!(!has(text, form.as_bytes()), "a secret is in {what}, in base64");
        }
    }
}

#[tokio::test]
async fn another_key_than_that_of_the_data_is_refused_and_nothing_changed() -> Result<()> {
    let mut context = TestContext::start().await?;
    add(&context, &json!({ "endpoint": "meter", "mode": "psk", "generate": true })).await?;
    context.server.terminate().await?;
    let key = context.data().join("secret.key");
    let right = fs::read(&key)?;
    let database = context.data().join("lwm2m-console.db");
    let before = fs::read(&database)?;
    for (text, expected) in [("ab".repeat(32), "cannot be decrypted"), ("no key".to_owned(), "hexadecimal")] {
        fs::write(&key, text)?;
        let output = serve(context.data()).await?;
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(expected) && !said.contains("abab"), "{said}");
    }
    fs::remove_file(&key)?;
    let output = serve(context.data()).await?;
    assert!(String::from_utf8_lossy(&output.stderr).contains("secret.key"), "it is not made anew");
    assert!(!key.exists());
    assert_eq!(fs::read(&database)?, before);
    fs::write(&key, right)?;
    // A file that is written anew is for everyone.
    let refused = serve(context.data()).await?;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("0600"));
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    context.restart().await?;
    assert_eq!(list(&context, "").await?.len(), 1);
    Ok(())
}

/// A server that does not come up.
async fn serve(data: &Path) -> Result<std::process::Output> {
    let mut command = Command::new(console_program()?);
    let addresses = ["--http", "127.0.0.1:0", "--coap", "127.0.0.1:0", "--data"];
    Ok(command.args(addresses).arg(data).output().await?)
}
