//! `cargo xtask bench dtls`: what handshakes, records and sessions cost the server, in CPU time and memory, beside what
//! the same cryptography costs OpenSSL alone.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use dtls::{
    CertificateUsage, Client, ClientConfig, ClientCredential, ClientOutput, Credentials, ExpectedCertificate,
    Identity, Instant, MatchingType, NotAdmitted, Output, PrivateKey, Server, ServerCertificate,
    ServerConfig, SessionId,
};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    cipher::Cipher,
    cipher_ctx::CipherCtx,
    derive::Deriver,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    sign::{Signer, Verifier},
    x509::{X509, X509NameBuilder},
};
use zeroize::Zeroizing;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const KEY: &[u8; 16] = b"0123456789abcdef";
const SESSIONS: u32 = 10_000;
const PUBLIC_KEY_HANDSHAKES: u32 = 1_000;
const ECHOES: u32 = 200_000;
/// Records between two looks at the clock.
const BATCH: u32 = 100;
const SPOOFED: u32 = 100_000;
const NOW: Instant = Instant::from_millis(1_800_000_000_000);

/// Everyone has the same key; nobody else comes.
struct Everyone;

impl Credentials for Everyone {
    fn psk(&self, _: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(KEY.to_vec()))
    }

    fn admits(&self, _: &Identity) -> std::result::Result<(), NotAdmitted> {
        Ok(())
    }
}

/// A server and the CPU time that it takes.
struct Bench {
    server: Server,
    cpu: Duration,
    connected: BTreeMap<SocketAddr, SessionId>,
}

fn main() -> Result<()> {
    println!("CPU time of the server alone, one thread; clients and network take none of it\n");
    sessions()?;
    public_keys()?;
    spoofed()
}

fn sessions() -> Result<()> {
    let mut bench = Bench::new(ServerConfig::new(Arc::new(Everyone)))?;
    // What is allocated once.
    bench.connect(address(0), &psk(0))?;
    let (before, cpu) = (resident()?, bench.cpu);
    let mut last = None;
    for number in 1..=SESSIONS {
        last = Some(bench.connect(address(number), &psk(number))?);
    }
    let per = (bench.cpu - cpu) / SESSIONS;
    println!("PSK, AES-128-CCM-8: a handshake takes {}: {} per CPU-second", us(per), per_second(per));
    let grown = resident()?.saturating_sub(before);
    let resumable = bench.server.usage().resumable;
    println!(
        "{SESSIONS} idle sessions: {} bytes resident each (aim 2,000), of which {} of {} can be resumed",
        grown / SESSIONS as usize,
        resumable.used,
        resumable.limit,
    );
    let mut client = last.ok_or("a client")?;
    let from = address(SESSIONS);
    let session = bench.connected[&from];
    let before = bench.cpu;
    for _ in 0..ECHOES / BATCH {
        for _ in 0..BATCH {
            client.send(&[7; 64])?;
        }
        bench.echo(from, session, &mut client)?;
    }
    let per = (bench.cpu - before) / ECHOES;
    let alone = sealed_alone()?;
    println!(
        "64 bytes opened and sealed: {}: {} per CPU-second, {:.1} times what OpenSSL takes for two AES-128-CCM-8 alone\n",
        us(per),
        per_second(per),
        per.as_secs_f64() / (2.0 * alone.as_secs_f64()),
    );
    Ok(())
}

fn public_keys() -> Result<()> {
    let (server, client) = (Own::new("server")?, Own::new("client")?);
    let config = ServerConfig {
        certificates: vec![ServerCertificate { chain: vec![server.certificate.clone()], key: server.key()? }],
        trust_anchors: vec![client.certificate.clone()],
        ..ServerConfig::new(Arc::new(Everyone))
    };
    let credential = ClientCredential::Certificate {
        chain: vec![client.certificate.clone()],
        key: client.key()?,
        server: ExpectedCertificate {
            usage: CertificateUsage::DomainIssuedCertificate,
            matching: MatchingType::Exact,
            content: server.certificate.clone(),
            anchors: Vec::new(),
        },
    };
    let (mut bench, config) = (Bench::new(config)?, ClientConfig::new(credential));
    for number in 0..PUBLIC_KEY_HANDSHAKES {
        bench.connect(address(number), &config)?;
    }
    let per = bench.cpu / PUBLIC_KEY_HANDSHAKES;
    let alone = signatures_alone(&server.pair)?;
    println!(
        "X.509 both ways, P-256, AES-128-CCM-8: a handshake takes {}: {} per CPU-second, {:.1} times the sign, two \
         verifies and key agreement that it needs",
        us(per),
        per_second(per),
        per.as_secs_f64() / alone.as_secs_f64(),
    );
    Ok(())
}

fn spoofed() -> Result<()> {
    let mut bench = Bench::new(ServerConfig::new(Arc::new(Everyone)))?;
    let mut client = Client::new(psk(1))?;
    client.connect(NOW);
    let Some(ClientOutput::Transmit(hello)) = client.poll() else { return Err("a ClientHello".into()) };
    bench.give(address(0), &mut hello.clone());
    let before = resident()?;
    let started = cpu();
    for number in 0..SPOOFED {
        bench.server.handle_datagram(NOW, address(number), &mut hello.clone());
        while bench.server.poll().is_some() {}
    }
    let per = (cpu() - started) / SPOOFED;
    let grown = resident()?.saturating_sub(before);
    let usage = bench.server.usage();
    println!(
        "{SPOOFED} ClientHellos from other addresses: {} each, {:.1} bytes resident each (aim 16), {} handshakes, {} \
         sources",
        us(per),
        grown as f64 / f64::from(SPOOFED),
        usage.handshakes.used,
        usage.sources.used,
    );
    Ok(())
}

impl Bench {
    fn new(config: ServerConfig) -> Result<Self> {
        Ok(Self { server: Server::new(config, [1; 32])?, cpu: Duration::ZERO, connected: BTreeMap::new() })
    }

    fn give(&mut self, from: SocketAddr, datagram: &mut [u8]) {
        let before = cpu();
        self.server.handle_datagram(NOW, from, datagram);
        self.cpu += cpu() - before;
    }

    /// A client after its handshake.
    fn connect(&mut self, from: SocketAddr, config: &ClientConfig) -> Result<Client> {
        let mut client = Client::new(config.clone())?;
        client.connect(NOW);
        while !self.connected.contains_key(&from) || !client.is_connected() {
            let mut quiet = true;
            while let Some(output) = client.poll() {
                match output {
                    ClientOutput::Transmit(mut datagram) => self.give(from, &mut datagram),
                    ClientOutput::Failed(failure) => return Err(failure.into()),
                    _ => {}
                }
                quiet = false;
            }
            while let Some(output) = self.server.poll() {
                match output {
                    Output::Transmit { mut datagram, .. } => client.handle_datagram(NOW, &mut datagram),
                    Output::Connected { session, from, .. } => {
                        self.connected.insert(from, session);
                    }
                    Output::Failed { failure, .. } => return Err(failure.into()),
                    _ => {}
                }
                quiet = false;
            }
            if quiet {
                return Err("the handshake goes no further".into());
            }
        }
        while client.poll().is_some() {}
        Ok(client)
    }

    fn echo(&mut self, from: SocketAddr, session: SessionId, client: &mut Client) -> Result<()> {
        let records = std::iter::from_fn(|| client.poll());
        let mut records: Vec<_> = records
            .filter_map(|output| match output {
                ClientOutput::Transmit(datagram) => Some(datagram),
                _ => None,
            })
            .collect();
        let before = cpu();
        for record in &mut records {
            self.server.handle_datagram(NOW, from, record);
            while let Some(output) = self.server.poll() {
                match output {
                    Output::Data { payload, .. } => self.server.send(session, &payload)?,
                    Output::Reserve { session } => self.server.reserved(session),
                    _ => {}
                }
            }
        }
        self.cpu += cpu() - before;
        Ok(())
    }
}

/// A key pair with a certificate that it has signed itself.
struct Own {
    pair: PKey<Private>,
    certificate: Vec<u8>,
}

impl Own {
    fn new(name: &str) -> Result<Self> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let pair = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let mut subject = X509NameBuilder::new()?;
        subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
        let subject = subject.build();
        let mut builder = X509::builder()?;
        builder.set_version(2)?;
        builder.set_serial_number(&*BigNum::from_u32(1)?.to_asn1_integer()?)?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(&subject)?;
        builder.set_pubkey(&pair)?;
        builder.set_not_before(&*Asn1Time::from_unix(1_700_000_000)?)?;
        builder.set_not_after(&*Asn1Time::from_unix(1_900_000_000)?)?;
        builder.sign(&pair, MessageDigest::sha256())?;
        Ok(Self { pair, certificate: builder.build().to_der()? })
    }

    fn key(&self) -> Result<PrivateKey> {
        Ok(PrivateKey(Zeroizing::new(self.pair.private_key_to_der()?)))
    }
}

/// One signature, two verifications, a fresh key and an agreement with it.
fn signatures_alone(pair: &PKey<Private>) -> Result<Duration> {
    const TIMES: u32 = 200;
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let before = cpu();
    for _ in 0..TIMES {
        let mut signer = Signer::new(MessageDigest::sha256(), pair)?;
        signer.update(b"a handshake")?;
        let signature = signer.sign_to_vec()?;
        for _ in 0..2 {
            let mut verifier = Verifier::new(MessageDigest::sha256(), pair)?;
            verifier.update(b"a handshake")?;
            assert!(verifier.verify(&signature)?);
        }
        let fresh = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let mut deriver = Deriver::new(&fresh)?;
        deriver.set_peer(pair)?;
        deriver.derive_to_vec()?;
    }
    Ok((cpu() - before) / TIMES)
}

fn sealed_alone() -> Result<Duration> {
    const TIMES: u32 = 100_000;
    let (mut sealed, mut tag) = ([0; 64 + 16], [0; 8]);
    let before = cpu();
    for _ in 0..TIMES {
        let mut context = CipherCtx::new()?;
        context.encrypt_init(Some(Cipher::aes_128_ccm()), None, None)?;
        context.set_iv_length(12)?;
        context.set_tag_length(tag.len())?;
        context.encrypt_init(None, Some(KEY), Some(&[1; 12]))?;
        context.set_data_len(64)?;
        context.cipher_update(&[0; 13], None)?;
        context.cipher_update(&[7; 64], Some(&mut sealed))?;
        context.tag(&mut tag)?;
    }
    Ok((cpu() - before) / TIMES)
}

fn psk(number: u32) -> ClientConfig {
    let identity = format!("urn:dev:ops:{number}").into_bytes();
    ClientConfig::new(ClientCredential::Psk { identity, key: Zeroizing::new(KEY.to_vec()) })
}

fn address(number: u32) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from_bits(0x0a00_0000 + number), 5_683))
}

/// What this thread has taken of the processor.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap_or_default()
}

fn resident() -> Result<usize> {
    const PAGE: usize = 4_096;
    let text = fs::read_to_string("/proc/self/statm")?;
    Ok(text.split_whitespace().nth(1).ok_or("the second field")?.parse::<usize>()? * PAGE)
}

fn us(per: Duration) -> String {
    format!("{:.2} µs", per.as_secs_f64() * 1e6)
}

fn per_second(per: Duration) -> u64 {
    (1.0 / per.as_secs_f64().max(1e-9)) as u64
}
