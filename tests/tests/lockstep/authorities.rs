//! `/api/v1/security/authorities`: whose certificates count besides those of the server's own authority.

use std::{net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, Result, bail};
use console_api::{AuditList, Authorities, CredentialAdded, FailedHandshakes, ServerSecurity};
use dtls::{
    CertificateUsage, Client, ClientConfig, ClientCredential, ClientOutput, ExpectedCertificate, Instant,
    MatchingType, PrivateKey,
};
use openssl::{
    asn1::Asn1Time,
    bn::{BigNum, MsbOption},
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Name,
        extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
    },
};
use serde_json::json;
use tokio::{net::UdpSocket, time::timeout};
use whole_program_tests::{Answer, TestContext, wait};
use zeroize::Zeroizing;

const AUTHORITIES: &str = "/api/v1/security/authorities";

struct Pair {
    key: PKey<Private>,
    certificate: X509,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Authority,
    Device,
}

impl Pair {
    /// Signed by `issuer`, or by itself.
    fn new(name: &str, of: Of, issuer: Option<&Self>) -> Result<Self> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let mut subject = X509Name::builder()?;
        subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
        let subject = subject.build();
        let mut builder = X509::builder()?;
        builder.set_version(2)?;
        let mut serial = BigNum::new()?;
        serial.rand(64, MsbOption::ONE, false)?;
        builder.set_serial_number(&*serial.to_asn1_integer()?)?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(issuer.map_or(&subject, |issuer| issuer.certificate.subject_name()))?;
        builder.set_pubkey(&key)?;
        builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
        builder.set_not_after(&*Asn1Time::days_from_now(1)?)?;
        if of == Of::Authority {
            builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
            builder.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
        } else {
            builder.append_extension(ExtendedKeyUsage::new().client_auth().build()?)?;
        }
        builder.sign(issuer.map_or(&key, |issuer| &issuer.key), MessageDigest::sha256())?;
        Ok(Self { key, certificate: builder.build() })
    }

    fn pem(&self) -> Result<String> {
        Ok(String::from_utf8(self.certificate.to_pem()?)?)
    }

    fn fingerprint(&self) -> Result<String> {
        Ok(console_api::hex_encode(&self.certificate.digest(MessageDigest::sha256())?))
    }
}

/// A device of which nobody but its authority knows the certificate.
struct Device {
    client: Client,
    socket: UdpSocket,
}

impl Device {
    async fn new(context: &TestContext, pair: &Pair, between: &[&Pair]) -> Result<Self> {
        let server: ServerSecurity = context.rest.get("/api/v1/security/server").await?.json(200)?;
        let server = server.certificate.context("a certificate of the server")?;
        let chain = [&[pair], between].concat();
        let chain = chain.iter().map(|pair| pair.certificate.to_der()).collect::<Result<_, _>>()?;
        let expected = ExpectedCertificate {
            usage: CertificateUsage::DomainIssuedCertificate,
            matching: MatchingType::Exact,
            content: console_api::hex_decode(&server.der).context("hexadecimal")?,
            anchors: Vec::new(),
        };
        let key = PrivateKey(Zeroizing::new(pair.key.private_key_to_der()?));
        let credential = ClientCredential::Certificate { chain, key, server: expected };
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(context.coaps).await?;
        Ok(Self { client: Client::new(ClientConfig::new(credential))?, socket })
    }

    /// Whether it comes in.
    async fn connects(&mut self) -> Result<bool> {
        self.client.connect(Instant::from_millis(0));
        Ok(matches!(self.next().await?, ClientOutput::Connected { .. }))
    }

    /// What happens next, other than that something is sent.
    async fn next(&mut self) -> Result<ClientOutput> {
        let mut buffer = [0; 2048];
        loop {
            while let Some(output) = self.client.poll() {
                match output {
                    ClientOutput::Transmit(datagram) => drop(self.socket.send(&datagram).await?),
                    other => return Ok(other),
                }
            }
            let received = timeout(wait::PATIENCE, self.socket.recv(&mut buffer)).await;
            let length = received.context("nothing comes")??;
            self.client.handle_datagram(Instant::from_millis(0), &mut buffer[..length]);
        }
    }

    /// Whether the server lets it be for a while.
    async fn stays(&mut self) -> Result<bool> {
        match timeout(Duration::from_millis(300), self.next()).await {
            Err(_) => Ok(true),
            Ok(Ok(ClientOutput::Closed(_))) => Ok(false),
            Ok(other) => bail!("{other:?}"),
        }
    }
}

async fn believe(context: &TestContext, pem: &str) -> Result<Answer> {
    context.rest.post(AUTHORITIES, &json!({ "certificate": pem }).to_string()).await
}

/// A server that believes its own authority only, and the endpoints of which any good certificate is taken.
async fn server(endpoints: &[&str]) -> Result<TestContext> {
    let context = TestContext::start().await?;
    let made = context.rest.post("/api/v1/security/authority", r#"{"names":["localhost"]}"#).await?;
    made.json::<ServerSecurity>(201)?;
    for endpoint in endpoints {
        let new = json!({ "endpoint": endpoint, "mode": "x509" }).to_string();
        context.rest.post("/api/v1/credentials", &new).await?.json::<CredentialAdded>(201)?;
    }
    Ok(context)
}

#[tokio::test]
async fn s_131_certificates_of_another_authority_count_while_it_is_believed() -> Result<()> {
    let mut context = server(&["meter", "lamp", "pump"]).await?;
    let [first, second] =
        [Pair::new("first", Of::Authority, None)?, Pair::new("second", Of::Authority, None)?];
    let between = Pair::new("between", Of::Authority, Some(&first))?;
    let meter = Pair::new("meter", Of::Device, Some(&first))?;
    let lamp = Pair::new("lamp", Of::Device, Some(&between))?;
    let pump = Pair::new("pump", Of::Device, Some(&second))?;
    let mut meter = Device::new(&context, &meter, &[]).await?;
    let mut lamp = Device::new(&context, &lamp, &[&between]).await?;
    let mut pump = Device::new(&context, &pump, &[]).await?;

    assert!(!meter.connects().await?);
    let failed: FailedHandshakes = context.rest.get("/api/v1/security/handshakes").await?.json(200)?;
    assert!(failed.items[0].advice.contains("Add the authority"), "{failed:?}");

    believe(&context, &first.pem()?).await?.json::<Authorities>(201)?;
    let both: Authorities = believe(&context, &second.pem()?).await?.json(201)?;
    let subjects: Vec<_> = both.items.iter().map(|item| item.subject.as_str()).collect();
    assert_eq!(subjects, ["CN=first", "CN=second"]);
    assert!(meter.connects().await? && lamp.connects().await? && pump.connects().await?);
    // Somebody whom they have signed still needs a credential.
    let stranger = Pair::new("stranger", Of::Device, Some(&first))?;
    assert!(!Device::new(&context, &stranger, &[]).await?.connects().await?);

    let path = format!("{AUTHORITIES}/{}", first.fingerprint()?);
    assert_eq!(context.rest.delete(&path).await?.status, 204);
    assert_eq!(context.rest.delete(&path).await?.error(404)?.code, "unknown_authority");
    for device in [&mut meter, &mut lamp] {
        assert!(matches!(device.next().await?, ClientOutput::Closed(_)));
        assert!(!device.connects().await?);
    }
    assert!(pump.stays().await?, "its authority is still believed");

    context.crash().await?;
    let kept: Authorities = context.rest.get(AUTHORITIES).await?.json(200)?;
    assert_eq!(kept.items, both.items[1..]);
    let audits: AuditList = context.rest.get("/api/v1/audit").await?.json(200)?;
    let what: Vec<_> = audits.entries.iter().map(|entry| entry.what.as_str()).take(3).collect();
    assert_eq!(what, ["disbelieve_authority", "believe_authority", "believe_authority"]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_authority_is_refused_and_says_why() -> Result<()> {
    let context = server(&[]).await?;
    let authority = Pair::new("authority", Of::Authority, None)?;
    let device = Pair::new("device", Of::Device, Some(&authority))?;
    for (text, got) in [
        (device.pem()?, "does not say that it signs others"),
        (console_api::hex_encode(&device.certificate.to_der()?), "does not say that it signs others"),
        ("no certificate".to_owned(), "a text"),
        ("00ff".to_owned(), "no certificate"),
        (String::new(), "no certificate"),
    ] {
        let error = believe(&context, &text).await?.error(400)?;
        assert_eq!(error.code, "bad_credential");
        assert!(error.message.contains(got), "{error:?}");
    }
    // Its own is believed already, and another once.
    let own: ServerSecurity = context.rest.get("/api/v1/security/server").await?.json(200)?;
    let own = own.authority.context("an authority")?.pem;
    assert_eq!(believe(&context, &own).await?.error(409)?.code, "conflict");
    let der = console_api::hex_encode(&authority.certificate.to_der()?);
    believe(&context, &der).await?.json::<Authorities>(201)?;
    assert_eq!(believe(&context, &authority.pem()?).await?.error(409)?.code, "conflict");
    Ok(())
}
