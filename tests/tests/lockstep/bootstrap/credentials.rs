//! What is made for devices: it counts with the session, and nobody else learns it.

use anyhow::{Context as _, Result};
use coap::{Code, Message, Options};
use console_api::{
    AuditList, Credential, CredentialAdded, CredentialList, CredentialServer, CredentialState,
};
use serde_json::json;
use whole_program_tests::{RawPeer, Simulator, TestContext, wait};

use super::{CONFIGURATIONS, SESSIONS, account, ask, bootstrap, conversation, over, save, sessions};
use crate::credentials::{assert_absent, files_without};

async fn credentials(context: &TestContext) -> Result<Vec<Credential>> {
    let list: CredentialList = context.rest.get("/api/v1/credentials?endpoint=meter").await?.json(200)?;
    Ok(list.items)
}

/// Waits until credentials are in these states, by version.
async fn settled(context: &TestContext, expected: &[(u32, CredentialState)]) -> Result<Vec<Credential>> {
    wait::until("the credentials to be settled", async || {
        let all = credentials(context).await?;
        let states: Vec<_> = all.iter().map(|credential| (credential.version, credential.state)).collect();
        Ok((states == expected).then_some(all))
    })
    .await
}

/// The key in a Write of `/0/0`: Resource 5 of 32 bytes (LwM2M 1.0 TS §6.4.3).
fn key(write: &Message) -> Result<Vec<u8>> {
    let header = [0xc8, 5, 32];
    let at = write.payload.windows(3).position(|bytes| bytes == header).context("no key of 32 bytes")?;
    Ok(write.payload[at + 3..at + 35].to_vec())
}

async fn refuse(peer: &mut RawPeer) -> Result<Message> {
    ask(peer, "meter").await?;
    let write = peer.receive_request(Code::PUT, "/0/0").await?;
    peer.answer(&write, Code::BAD_REQUEST, Options::new(), b"").await?;
    Ok(write)
}

#[tokio::test]
async fn b_017_credentials_count_with_their_session() -> Result<()> {
    use CredentialState::{Active, Revoked};
    let mut context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "psk")).await?;
    let mut peer = context.bootstrap_peer().await?;
    let first_key = key(&bootstrap(&mut peer, "meter").await?[0])?;
    let first = settled(&context, &[(1, Active)]).await?;
    assert_eq!((first[0].identity.as_deref(), first[0].key_bytes), (Some("meter"), Some(32)));
    assert_eq!(first[0].server, CredentialServer::DeviceManagement);
    assert!(first[0].note.contains("session 1") && first[0].author == "bootstrap", "{first:?}");

    // What a device refuses is withdrawn, as if it had never been.
    let second_key = key(&refuse(&mut peer).await?)?;
    over(&context).await?;
    settled(&context, &[(1, Active)]).await?;

    // What it takes instead ends what it had.
    let third_key = key(&bootstrap(&mut peer, "meter").await?[0])?;
    settled(&context, &[(1, Revoked), (2, Active)]).await?;
    assert!(first_key != second_key && second_key != third_key && first_key != third_key);

    // A device that may have taken it can connect with either, until it has bootstrapped again.
    ask(&mut peer, "meter").await?;
    peer.receive_request(Code::PUT, "/0/0").await?;
    context.crash().await?;
    settled(&context, &[(1, Revoked), (2, Active), (3, Active)]).await?;
    bootstrap(&mut peer, "meter").await?;
    settled(&context, &[(2, Revoked), (3, Revoked), (4, Active)]).await?;

    let audits: AuditList = context.rest.get("/api/v1/audit?endpoint=meter").await?.json(200)?;
    assert!(audits.entries.iter().all(|entry| entry.author == "bootstrap"), "{audits:?}");
    let withdrawn = audits.entries.iter().filter(|entry| entry.what == "forget_credential").count();
    assert_eq!(withdrawn, 2, "the refused one, and the one that was revoked twice over");
    Ok(())
}

/// Only the answer to Finish is lost: the device has connected with what was made for it, and keeps it.
#[tokio::test]
async fn b_017_a_key_that_is_in_use_is_not_withdrawn() -> Result<()> {
    use CredentialState::Active;
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "psk")).await?;
    let mut peer = context.bootstrap_peer().await?;
    ask(&mut peer, "meter").await?;
    let write = peer.receive_request(Code::PUT, "/0/0").await?;
    let psk = format!("meter:{}", console_api::hex_encode(&key(&write)?));
    peer.answer(&write, Code::CHANGED, Options::new(), b"").await?;
    let write = peer.receive_request(Code::PUT, "/1/0").await?;
    peer.answer(&write, Code::CHANGED, Options::new(), b"").await?;
    peer.receive_request(Code::POST, "/bs").await?;
    let server = context.coaps_uri();
    let device = Simulator::start_towards(&server, 1, &["--name", "meter", "--psk", &psk])?;
    context.registered("meter").await?;

    // The device asks again, so that the first session has failed; and again, so that the second has.
    for _ in 0..2 {
        let mut again = context.bootstrap_peer().await?;
        ask(&mut again, "meter").await?;
        again.receive_request(Code::PUT, "/0/0").await?;
    }
    wait::until("the first and the second session to be over", async || {
        let all = sessions(&context, "").await?;
        Ok((all.iter().filter(|session| session.ended_at_ms.is_some()).count() == 2).then_some(()))
    })
    .await?;
    // What the second had made went with it.
    let all = credentials(&context).await?;
    assert!(all.len() == 2 && all.iter().all(|credential| credential.state == Active), "{all:?}");
    assert!(all[0].last_used_at_ms.is_some() && all[1].last_used_at_ms.is_none(), "{all:?}");
    assert_ne!(all[0].identity, all[1].identity);
    assert!(conversation(&context, 1).await?.session.registered_at_ms.is_some());
    drop(device);
    Ok(())
}

#[tokio::test]
async fn raw_keys_and_certificates_are_made_as_well() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "rpk", json!({ "endpoint": "meter" }), "raw_public_key")).await?;
    let mut peer = context.bootstrap_peer().await?;
    bootstrap(&mut peer, "meter").await?;
    let made = settled(&context, &[(1, CredentialState::Active)]).await?;
    let public = made[0].public_key.clone().context("a raw public key")?;
    let told = conversation(&context, 1).await?;
    let write = told.steps.iter().find(|step| step.path == "/0/0").context("a Write")?;
    let shown = console_api::hex_encode(&write.payload);
    assert!(shown.contains(&public), "the public key is no secret");
    assert!(write.masked.contains(&"/0/0/5".to_owned()), "{write:?}");

    // Without an authority there is no certificate, and the device is told to come back.
    let x509 = account(&context, "x509", json!({ "endpoint": "other" }), "certificate");
    save(&context, &x509).await?;
    assert_eq!(ask(&mut peer, "other").await?.code, Code::SERVICE_UNAVAILABLE);
    let failure = over(&context).await?.failure.context("it failed")?;
    assert!(failure.what.contains("authority"), "{failure:?}");
    let names = r#"{"names":["localhost"]}"#;
    assert_eq!(context.rest.post("/api/v1/security/authority", names).await?.status, 201);
    bootstrap(&mut peer, "other").await?;
    let list: CredentialList =
        context.rest.get("/api/v1/credentials?endpoint=other&mode=x509").await?.json(200)?;
    let certificate = list.items[0].certificate.as_ref().context("a certificate")?;
    assert_eq!(certificate.subject, "CN=other");
    Ok(())
}

/// LwM2M 1.0 TS §7.1.1: the Bootstrap-Server has keys of its own.
#[tokio::test]
async fn b_017_the_keys_of_both_servers_differ() -> Result<()> {
    let context = TestContext::start().await?;
    let names = r#"{"names":["localhost"]}"#;
    let server: console_api::ServerSecurity =
        context.rest.post("/api/v1/security/authority", names).await?.json(201)?;
    assert_ne!(server.public_key, server.bootstrap_public_key);
    assert_ne!(server.certificate.map(|it| it.der), server.bootstrap_certificate.map(|it| it.der));
    assert_eq!(server.bootstrap_coap, Some(format!("coap://{}", context.bootstrap_coap)));
    assert_eq!(server.bootstrap_coaps, Some(format!("coaps://{}", context.bootstrap_coaps)));

    let key = "000102030405060708090a0b0c0d0e0f";
    let new = |server: &str, key: &str| {
        json!({ "endpoint": "meter", "mode": "psk", "key": key, "server": server }).to_string()
    };
    let all = "/api/v1/credentials";
    let first: CredentialAdded = context.rest.post(all, &new("device_management", key)).await?.json(201)?;
    assert_eq!(first.credential.server, CredentialServer::DeviceManagement);
    let same = context.rest.post(all, &new("bootstrap", key)).await?.error(409)?;
    assert!(!format!("{same:?}").contains(key), "{same:?}");
    let other: CredentialAdded =
        context.rest.post(all, &new("bootstrap", "ff0102030405060708090a0b0c0d0e0f")).await?.json(201)?;
    assert_eq!((other.credential.version, other.credential.identity.as_deref()), (1, Some("meter")));
    let wrong = context.rest.post(all, &new("another", key)).await?;
    assert_eq!(wrong.error(400)?.code, "bad_credential");
    let list: CredentialList = context.rest.get(&format!("{all}?server=bootstrap")).await?.json(200)?;
    assert_eq!(list.items.iter().map(|it| it.id).collect::<Vec<_>>(), [other.credential.id]);

    let certificate = r#"{"endpoint":"x","server":"bootstrap"}"#;
    let issued: console_api::IssuedCertificate =
        context.rest.post("/api/v1/security/certificates", certificate).await?.json(201)?;
    assert_eq!(issued.credential.server, CredentialServer::Bootstrap);

    // An endpoint with a credential for bootstrap cannot do it without security.
    let mut peer = context.bootstrap_peer().await?;
    assert!(!ask(&mut peer, "meter").await?.code.is_success());
    Ok(())
}

#[tokio::test]
async fn s_139_b_024_secrets_of_bootstrap_are_nowhere() -> Result<()> {
    let mut context = TestContext::start().await?;
    let given: Vec<u8> = (0..24_u8).map(|i| 0xa1_u8.wrapping_add(29_u8.wrapping_mul(i))).collect();
    let hex = console_api::hex_encode(&given);
    let mut configuration = account(&context, "all", json!("default"), "psk");
    let mut second = configuration["servers"][0].clone();
    (second["short_server_id"], second["credentials"]) = (102.into(), "same".into());
    (second["identity"], second["secret_key"]) = ("all".into(), hex.clone().into());
    configuration["servers"] = json!([configuration["servers"][0], second]);
    let mut answers = Vec::new();
    // Where it belongs, and everywhere that it may be put by mistake.
    let mut wrong = configuration.clone();
    wrong["servers"][1]["secret_key"] = format!("{hex}!").into();
    answers.push(context.rest.post(CONFIGURATIONS, &wrong.to_string()).await?);
    wrong["servers"][1]["secret_key"] = json!([hex]);
    answers.push(context.rest.post(CONFIGURATIONS, &wrong.to_string()).await?);
    wrong["servers"][1] = json!({ hex.as_str(): 1 });
    answers.push(context.rest.post(CONFIGURATIONS, &wrong.to_string()).await?);
    assert!(answers.iter().all(|answer| matches!(answer.status, 400 | 422)), "{answers:?}");
    let saved = context.rest.post(CONFIGURATIONS, &configuration.to_string()).await?;
    assert_eq!(saved.status, 201, "{}", saved.body);
    answers.push(saved);

    let mut peer = context.bootstrap_peer().await?;
    let asked = bootstrap(&mut peer, "meter").await?;
    let made = key(&asked[0])?;
    let same = asked.iter().any(|message| message.payload.windows(24).any(|bytes| bytes == given));
    assert!(same, "the device gets it");
    let refused = key(&refuse(&mut peer).await?)?;
    over(&context).await?;
    let secrets = [given, made, refused];
    for path in [
        CONFIGURATIONS.to_owned(),
        format!("{CONFIGURATIONS}/1"),
        format!("{CONFIGURATIONS}/1/versions"),
        format!("{CONFIGURATIONS}/export"),
        "/api/v1/bootstrap/assignment?endpoint=meter".to_owned(),
        SESSIONS.to_owned(),
        format!("{SESSIONS}/1"),
        format!("{SESSIONS}/2"),
        "/api/v1/credentials".to_owned(),
        "/api/v1/audit".to_owned(),
        "/api/v1/events?after=0".to_owned(),
        "/api/v1/trace".to_owned(),
        "/api/v1/server".to_owned(),
    ] {
        let answer = context.rest.get(&path).await?;
        assert_eq!(answer.status, 200, "{path}");
        answers.push(answer);
    }
    for answer in &answers {
        assert_absent(&secrets, answer.body.as_bytes(), &format!("the answer {}", answer.status));
    }
    let log = context.server.log();
    context.restart().await?;
    answers.push(context.rest.get(&format!("{SESSIONS}/1")).await?);
    assert_absent(&secrets, log.as_bytes(), "the log");
    assert!(files_without(&secrets, context.data())? > 1);
    Ok(())
}
