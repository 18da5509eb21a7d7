//! The whole server with security: handshakes over real sockets, what follows them, and what idle sessions take.

mod alone;
mod device;

use std::{
    env,
    net::SocketAddr,
    ops::Range,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use core_bench::server::Server;
use device::{KEY, SecureDevice};
use dtls::{CertificateUsage, ClientConfig, ClientCredential, ExpectedCertificate, MatchingType, PrivateKey};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::PKey,
    x509::{X509, X509NameBuilder},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Devices in the same step of a handshake: as many of its datagrams as the system keeps for one socket by default.
const AT_ONCE: usize = 64;
/// Devices with a pre-shared key that connect and register. More than there are sessions that can be resumed, so that
/// those are not counted with the idle sessions that follow.
const REGISTERED: usize = 10_240;
/// Devices with a pre-shared key that only connect.
const IDLE: usize = 10_240;
/// Devices with a certificate.
const CERTIFIED: usize = 1_024;

const IMPORT: &str = "/api/v1/credentials/import?format=json";

/// CPU time of the server, or of OpenSSL alone.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    handshake: Duration,
    register: Duration,
    alone: Duration,
    wall: Duration,
}

/// A certificate of a device in DER.
struct Certified {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

pub(crate) fn measure(path: &str) -> Result<()> {
    println!("\nMeasuring {path} with security ...");
    let data = env::temp_dir().join(format!("core-bench-{}", std::process::id()));
    let server = Server::start_secure(Path::new(path), &data)?;
    let coaps = server.program.address("coaps")?;
    let expected = authority(&server)?;
    let certified = (0..CERTIFIED).map(certified).collect::<Result<Vec<_>>>()?;
    server.post(IMPORT, &certificates(&certified)?)?;
    let first = certified.first().context("a device with a certificate")?;
    let alone = alone::certificates(&first.certificate, &first.key)?;
    let config = |number: usize| certificate(&certified[number], &expected);
    let x509 = Cost { alone, ..connect_and_register(&server, coaps, 0..CERTIFIED, config)? };

    let (registered, idle) = (CERTIFIED + REGISTERED, CERTIFIED + REGISTERED + IDLE);
    server.post(IMPORT, &keys(CERTIFIED..idle))?;
    let alone = alone::psk(KEY)?;
    let psk = Cost { alone, ..connect_and_register(&server, coaps, CERTIFIED..registered, device::psk)? };
    let before = server.program.resident_bytes()?;
    for first in (registered..idle).step_by(AT_ONCE) {
        connect(coaps, first..first + AT_ONCE, device::psk)?;
    }
    let idle_bytes = server.program.resident_bytes()?.saturating_sub(before) / IDLE as u64;
    drop(std::fs::remove_dir_all(data));
    print(psk, x509, idle_bytes);
    Ok(())
}

fn print(psk: Cost, x509: Cost, idle_bytes: u64) {
    println!(
        "\nThe whole server with security, sockets, store and kernel included ({AT_ONCE} devices at once):"
    );
    println!(
        "{:<24} {:>14} {:>14} {:>22} {:>16} {:>14} {:>12}",
        "",
        "handshake µs",
        "Register µs",
        "both per CPU-second",
        "OpenSSL alone µs",
        "of the server",
        "per second"
    );
    for (name, devices, cost) in
        [("PSK, AES-128-CCM-8", REGISTERED, psk), ("X.509 both ways, P-256", CERTIFIED, x509)]
    {
        let both = cost.handshake + cost.register;
        println!(
            "{name:<24} {:>14.1} {:>14.1} {:>22.0} {:>16.1} {:>12.0} % {:>12.0}",
            us(cost.handshake),
            us(cost.register),
            1.0 / both.as_secs_f64(),
            us(cost.alone),
            100.0 * cost.alone.as_secs_f64() / cost.handshake.as_secs_f64(),
            devices as f64 / cost.wall.as_secs_f64(),
        );
    }
    println!(
        "{IDLE} more idle sessions, when no further one can be resumed: {idle_bytes} bytes resident each (aim 2,000)"
    );
}

fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// What a handshake and a Register cost each.
fn connect_and_register(
    server: &Server,
    coaps: SocketAddr,
    numbers: Range<usize>,
    config: impl Fn(usize) -> ClientConfig,
) -> Result<Cost> {
    let mut cost = Cost::default();
    let count = u32::try_from(numbers.len())?;
    for first in numbers.clone().step_by(AT_ONCE) {
        let (start, before) = (Instant::now(), server.program.cpu_time()?);
        let mut devices = connect(coaps, first..numbers.end.min(first + AT_ONCE), &config)?;
        let between = server.program.cpu_time()?;
        devices.iter_mut().try_for_each(SecureDevice::send_register)?;
        devices.iter_mut().try_for_each(SecureDevice::registered)?;
        cost.handshake += between.saturating_sub(before);
        cost.register += server.program.cpu_time()?.saturating_sub(between);
        cost.wall += start.elapsed();
    }
    Ok(Cost { handshake: cost.handshake / count, register: cost.register / count, ..cost })
}

/// Devices after their handshakes.
fn connect(
    coaps: SocketAddr,
    numbers: Range<usize>,
    config: impl Fn(usize) -> ClientConfig,
) -> Result<Vec<SecureDevice>> {
    let mut devices =
        numbers.map(|number| SecureDevice::new(number, coaps, config(number))).collect::<Result<Vec<_>>>()?;
    devices.iter_mut().try_for_each(SecureDevice::connect)?;
    while devices.iter().any(|device| !device.is_connected()) {
        devices.iter_mut().filter(|device| !device.is_connected()).try_for_each(SecureDevice::step)?;
    }
    Ok(devices)
}

/// Their pre-shared keys, for the server.
fn keys(numbers: Range<usize>) -> String {
    let entries = numbers.map(|number| {
        let endpoint = device::endpoint(number);
        json!({ "endpoint": endpoint, "mode": "psk", "identity": endpoint, "key": hex(KEY) })
    });
    Value::from_iter(entries).to_string()
}

/// Founds the authority; the certificate that the server shows from now on.
fn authority(server: &Server) -> Result<Vec<u8>> {
    let names = json!({ "names": ["localhost"] });
    server.post("/api/v1/security/authority", &names.to_string())?;
    let security = server.get("/api/v1/security/server")?;
    der(&security["certificate"]["der"])
}

/// A certificate that its device has signed itself.
fn certified(number: usize) -> Result<Certified> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let pair = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_nid(Nid::COMMONNAME, &device::endpoint(number))?;
    let subject = subject.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*BigNum::from_u32(1)?.to_asn1_integer()?)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(&subject)?;
    builder.set_pubkey(&pair)?;
    builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    builder.set_not_after(&*Asn1Time::days_from_now(1)?)?;
    builder.sign(&pair, MessageDigest::sha256())?;
    Ok(Certified { certificate: builder.build().to_der()?, key: pair.private_key_to_der()? })
}

/// Their certificates, for the server.
fn certificates(certified: &[Certified]) -> Result<String> {
    let entries = certified.iter().enumerate().map(|(number, Certified { certificate, .. })| {
        let pem = String::from_utf8(X509::from_der(certificate)?.to_pem()?)?;
        Ok(json!({ "endpoint": device::endpoint(number), "mode": "x509", "certificate": pem }))
    });
    Ok(Value::Array(entries.collect::<Result<_>>()?).to_string())
}

fn certificate(Certified { certificate, key }: &Certified, expected: &[u8]) -> ClientConfig {
    ClientConfig::new(ClientCredential::Certificate {
        chain: vec![certificate.clone()],
        key: PrivateKey(Zeroizing::new(key.clone())),
        server: ExpectedCertificate {
            usage: CertificateUsage::DomainIssuedCertificate,
            matching: MatchingType::Exact,
            content: expected.to_vec(),
            anchors: Vec::new(),
        },
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn der(hex: &Value) -> Result<Vec<u8>> {
    let hex = hex.as_str().context("hexadecimal digits")?;
    ensure!(hex.len() % 2 == 0, "an even number of hexadecimal digits");
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}
