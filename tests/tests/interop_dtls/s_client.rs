//! `openssl s_client`, of the system and not of ours.

use std::process::Stdio;

use anyhow::{Context as _, Result};
use console_api::FailedHandshakes;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
    time::timeout,
};
use whole_program_tests::wait;

use crate::devices::{KEY_HEX, Secured, can_run};

const PACKAGE: (&str, &str) = ("openssl", "openssl");

/// What it says about a handshake, after which it goes.
async fn s_client(secured: &Secured, options: &[&str]) -> Result<String> {
    let mut child = Command::new("openssl")
        .args(["s_client", "-dtls1_2", "-connect", &secured.context.coaps.to_string()])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().context("stdin is piped")?;
    let mut lines = BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
    let mut said = String::new();
    // Its input must not end before the handshake has: this is the last that it says about a good one.
    while let Some(line) = timeout(wait::PATIENCE, lines.next_line()).await.context("it says nothing")?? {
        said.push_str(&line);
        said.push('\n');
        if line.contains("Extended master secret") {
            input.write_all(b"Q\n").await?;
        }
    }
    Ok(said)
}

fn psk<'a>(cipher: &'a str, key: &'a str) -> [&'a str; 6] {
    ["-psk_identity", "device", "-psk", key, "-cipher", cipher]
}

#[tokio::test]
async fn s_128_it_shares_a_key_in_every_suite() -> Result<()> {
    if !can_run(PACKAGE.0, PACKAGE.1) {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk("device").await?;
    for cipher in ["PSK-AES128-CCM8", "PSK-AES128-CCM", "PSK-AES128-GCM-SHA256", "PSK-AES128-CBC-SHA256"] {
        let said = s_client(&secured, &psk(&format!("{cipher}:@SECLEVEL=0"), KEY_HEX)).await?;
        assert!(said.contains(&format!("Cipher is {cipher}\n")), "{cipher}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn s_133_a_wrong_key_is_refused_and_told_in_words() -> Result<()> {
    if !can_run(PACKAGE.0, PACKAGE.1) {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk("device").await?;
    s_client(&secured, &psk("PSK-AES128-CCM8:@SECLEVEL=0", "00112233445566778899aabbccddeeff")).await?;
    let failed = wait::until("the failed handshake", async || {
        let failed: FailedHandshakes =
            secured.context.rest.get("/api/v1/security/handshakes").await?.json(200)?;
        Ok(failed.items.into_iter().next())
    })
    .await?;
    assert!(failed.what.contains("different key"), "{failed:?}");
    assert!(failed.identity.is_some_and(|identity| identity.contains("device")));
    assert!(failed.advice.contains("same key"));
    Ok(())
}

#[tokio::test]
async fn s_137_it_resumes_its_session() -> Result<()> {
    if !can_run(PACKAGE.0, PACKAGE.1) {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.add_psk("device").await?;
    for cipher in ["PSK-AES128-CCM8", "PSK-AES128-CBC-SHA256"] {
        let kept = secured.file(cipher, b"")?;
        let cipher = format!("{cipher}:@SECLEVEL=0");
        let first = [&psk(&cipher, KEY_HEX)[..], &["-sess_out", &kept]].concat();
        let said = s_client(&secured, &first).await?;
        assert!(said.contains("\nNew, "), "{said}");
        let again = [&psk(&cipher, KEY_HEX)[..], &["-sess_in", &kept]].concat();
        let said = s_client(&secured, &again).await?;
        assert!(said.contains("\nReused, "), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn s_131_it_shows_the_certificate_that_was_issued() -> Result<()> {
    if !can_run(PACKAGE.0, PACKAGE.1) {
        return Ok(());
    }
    let secured = Secured::start().await?;
    secured.found_authority().await?;
    let [certificate, key, authority] = secured.certificate_files("device").await?;
    for cipher in ["ECDHE-ECDSA-AES128-CCM8", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256"] {
        let cipher_list = format!("{cipher}:@SECLEVEL=0");
        let options = ["-cert", &certificate, "-key", &key, "-CAfile", &authority, "-cipher", &cipher_list];
        let more = ["-servername", "localhost", "-verify_hostname", "localhost"];
        let said = s_client(&secured, &[&options[..], &more].concat()).await?;
        assert!(said.contains(&format!("Cipher is {cipher}\n")), "{cipher}: {said}");
        assert!(said.contains("Verify return code: 0 (ok)"), "{cipher}: {said}");
    }
    Ok(())
}
