//! Our own simulated devices, in the real programs and over real sockets.

use anyhow::{Context as _, Result};
use console_api::{Operation, OperationRequest};
use whole_program_tests::Simulator;

use crate::devices::{KEY_HEX, Secured};

const ENDPOINT: &str = "sim-1";

async fn connects(secured: &Secured, options: &[&str], mode: &str) -> Result<()> {
    let server = secured.context.coaps_uri();
    let options = [&["--prefix", "sim-"], options].concat();
    let _simulator = Simulator::start_towards(&server, 1, &options)?;
    assert_eq!(secured.registered_with(ENDPOINT).await?, format!("\"{mode}\""));
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    assert_eq!(secured.context.operate(ENDPOINT, &read).await?.code, "2.05");
    Ok(())
}

#[tokio::test]
async fn c_051_a_simulated_device_connects_with_a_pre_shared_key() -> Result<()> {
    let secured = Secured::start().await?;
    secured.add_psk(ENDPOINT).await?;
    connects(&secured, &["--psk", &format!("{ENDPOINT}:{KEY_HEX}")], "psk").await
}

#[tokio::test]
async fn c_051_a_simulated_device_connects_with_a_raw_public_key() -> Result<()> {
    let secured = Secured::start().await?;
    let key = secured.add_raw_key(ENDPOINT).await?;
    let files = [
        secured.file("device.key", &key.private_key_to_pem_pkcs8()?)?,
        secured.file("server.pem", secured.security().await?.public_key.pem.as_bytes())?,
    ];
    connects(&secured, &["--rpk", &files.join(",")], "raw_public_key").await
}

#[tokio::test]
async fn c_051_a_simulated_device_connects_with_a_certificate() -> Result<()> {
    let secured = Secured::start().await?;
    secured.found_authority().await?.certificate.context("the server has a certificate")?;
    let files = secured.certificate_files(ENDPOINT).await?;
    connects(&secured, &["--x509", &files.join(",")], "certificate").await
}
