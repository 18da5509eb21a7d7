//! Leshan's client, whose DTLS is Californium's.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use console_api::{Operation, OperationRequest, ValueContent};
use netsim::{NetworkConditions, Proxy, ProxyConfig};
use whole_program_tests::{Leshan, wait};

use crate::devices::{KEY_HEX, Secured};

const ENDPOINT: &str = "leshan";

/// Starts it and reads something over the session.
async fn it_is_read(secured: &Secured, server: &str, options: &[&str]) -> Result<Leshan> {
    let options = [&["--name", ENDPOINT, "-t", "0"], options].concat();
    let leshan = Leshan::start_towards(server, &options, 1).await?;
    read(secured).await?;
    Ok(leshan)
}

async fn read(secured: &Secured) -> Result<()> {
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let answer = secured.context.operate(ENDPOINT, &read).await?;
    assert_eq!(answer.code, "2.05");
    assert_eq!(answer.values[0].value, ValueContent::Text("Eclipse Leshan".into()));
    Ok(())
}

#[tokio::test]
async fn s_128_it_registers_with_a_pre_shared_key() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk(ENDPOINT).await?;
    let psk = format!("{ENDPOINT}:{KEY_HEX}");
    let _leshan = it_is_read(&secured, &secured.context.coaps_uri(), &["--psk", &psk]).await?;
    assert_eq!(secured.registered_with(ENDPOINT).await?, "\"psk\"");
    Ok(())
}

#[tokio::test]
async fn s_130_it_registers_with_a_raw_public_key() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let secured = Secured::start().await?;
    let key = secured.add_raw_key(ENDPOINT).await?;
    let server = console_api::hex_decode(&secured.security().await?.public_key.der).context("hexadecimal")?;
    let files = [
        secured.file("public", &key.public_key_to_der()?)?,
        secured.file("private", &key.private_key_to_pkcs8()?)?,
        secured.file("server", &server)?,
    ];
    let files = files.join(",");
    let _leshan = it_is_read(&secured, &secured.context.coaps_uri(), &["--rpk", &files]).await?;
    assert_eq!(secured.registered_with(ENDPOINT).await?, "\"raw_public_key\"");
    Ok(())
}

#[tokio::test]
async fn s_131_it_registers_with_a_certificate() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let secured = Secured::start().await?;
    let security = secured.found_authority().await?;
    let server = security.certificate.context("the server has a certificate")?;
    let issued = secured.issue(ENDPOINT).await?;
    let key = issued.secret.and_then(|secret| secret.pkcs8_der).context("a private key")?;
    let der = |hex: &str| console_api::hex_decode(hex).context("hexadecimal");
    let files = [
        secured.file("certificate", &der(&issued.certificate.der)?)?,
        secured.file("private", &der(&key.0)?)?,
        secured.file("server", &der(&server.der)?)?,
    ];
    let files = files.join(",");
    let _leshan = it_is_read(&secured, &secured.context.coaps_uri(), &["--x509", &files]).await?;
    assert_eq!(secured.registered_with(ENDPOINT).await?, "\"certificate\"");
    Ok(())
}

fn through(server: SocketAddr, conditions: NetworkConditions, rebind: Option<Duration>) -> Result<Proxy> {
    let config = ProxyConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        upstream: server,
        conditions,
        rebind_every: rebind,
        seed: 7,
        pcap: None,
    };
    Ok(Proxy::start(config)?)
}

/// A gateway in between that gives it another port after a while.
#[tokio::test]
async fn s_136_it_is_followed_by_its_connection_id() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk(ENDPOINT).await?;
    let every = Duration::from_secs(8);
    let proxy = through(secured.context.coaps, NetworkConditions::perfect(0), Some(every))?;
    let psk = format!("{ENDPOINT}:{KEY_HEX}");
    let server = format!("coaps://{}", proxy.address());
    let _leshan = it_is_read(&secured, &server, &["--psk", &psk, "--cid", "0", "-t", "500"]).await?;
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    assert_eq!(secured.context.operate(ENDPOINT, &observe).await?.code, "2.05");
    let before = secured.context.registered(ENDPOINT).await?;
    let after = wait::until("it to be seen elsewhere", async || {
        let now = secured.context.registered(ENDPOINT).await?;
        Ok((now.address != before.address).then_some(now))
    })
    .await?;
    assert_eq!(after.registration_id, before.registration_id);
    read(&secured).await
}

#[tokio::test]
async fn s_128_it_gets_through_when_a_tenth_is_lost() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk(ENDPOINT).await?;
    let conditions = NetworkConditions { loss: 0.1, ..NetworkConditions::perfect(0) };
    let proxy = through(secured.context.coaps, conditions, None)?;
    let psk = format!("{ENDPOINT}:{KEY_HEX}");
    let server = format!("coaps://{}", proxy.address());
    let _leshan = it_is_read(&secured, &server, &["--psk", &psk]).await?;
    for _ in 0..10 {
        read(&secured).await?;
    }
    Ok(())
}
