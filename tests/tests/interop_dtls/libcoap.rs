//! `coap-client` of libcoap, which registers as a device does.

use anyhow::{Context as _, Result};
use console_api::FailedHandshakes;
use tokio::{process::Command, time::timeout};
use whole_program_tests::wait;

use crate::devices::{KEY, Secured, can_run};

const PACKAGE: &str = "libcoap3-bin";
const OPENSSL: &str = "coap-client-openssl";
const GNUTLS: &str = "coap-client-gnutls";

/// A Register, whose answer has no content: whether it counts is asked of the server.
async fn register(secured: &Secured, program: &str, endpoint: &str, options: &[&str]) -> Result<()> {
    let uri = format!("{}/rd?ep={endpoint}&lt=300&lwm2m=1.1&b=U", secured.context.coaps_uri());
    let mut command = Command::new(program);
    command.args(["-B", "5", "-m", "post", "-t", "40", "-e", "</1/0>,</3/0>"]).args(options).arg(uri);
    let output = timeout(wait::PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output.with_context(|| format!("{program} does not end"))??;
    println!("{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn s_128_both_register_with_a_pre_shared_key() -> Result<()> {
    for program in [OPENSSL, GNUTLS] {
        if can_run(program, PACKAGE) {
            let secured = Secured::start().await?;
            secured.add_psk("meter").await?;
            register(&secured, program, "meter", &["-u", "meter", "-k", KEY]).await?;
            assert_eq!(secured.registered_with("meter").await?, "\"psk\"", "{program}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn s_133_neither_registers_with_a_wrong_key() -> Result<()> {
    for program in [OPENSSL, GNUTLS] {
        if can_run(program, PACKAGE) {
            let secured = Secured::start().await?;
            secured.add_psk("meter").await?;
            register(&secured, program, "meter", &["-u", "meter", "-k", "another key 0123"]).await?;
            wait::until("the failed handshake", async || {
                let failed: FailedHandshakes =
                    secured.context.rest.get("/api/v1/security/handshakes").await?.json(200)?;
                Ok(failed.items.into_iter().find(|failed| failed.what.contains("different key")))
            })
            .await?;
            assert!(secured.context.client("meter").await?.is_none(), "{program}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn s_131_both_register_with_a_certificate() -> Result<()> {
    for program in [OPENSSL, GNUTLS] {
        if can_run(program, PACKAGE) {
            let secured = Secured::start().await?;
            secured.found_authority().await?;
            let [certificate, key, authority] = secured.certificate_files("meter").await?;
            let options = ["-c", &certificate, "-j", &key, "-C", &authority];
            register(&secured, program, "meter", &options).await?;
            assert_eq!(secured.registered_with("meter").await?, "\"certificate\"", "{program}");
        }
    }
    Ok(())
}

/// Only the one on GnuTLS has them.
#[tokio::test]
async fn s_130_it_registers_with_a_raw_public_key() -> Result<()> {
    if !can_run(GNUTLS, PACKAGE) {
        return Ok(());
    }
    let secured = Secured::start().await?;
    let key = secured.add_raw_key("meter").await?;
    let pem = [key.ec_key()?.private_key_to_pem()?, key.public_key_to_pem()?].concat();
    let file = secured.file("raw.pem", &pem)?;
    register(&secured, GNUTLS, "meter", &["-M", &file]).await?;
    assert_eq!(secured.registered_with("meter").await?, "\"raw_public_key\"");
    Ok(())
}
