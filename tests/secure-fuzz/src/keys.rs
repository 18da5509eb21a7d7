//! Who is who: one server, and one device in each of the three modes. The keys are fixed, and so are of no use elsewhere.

use std::sync::Arc;

use dtls::{
    CertificateUsage, ClientConfig, ClientCredential, ConnectionId, Credentials, ExpectedCertificate,
    Identity, MatchingType, NotAdmitted, PrivateKey, ServerCertificate, ServerConfig,
};
use zeroize::Zeroizing;

const IDENTITY: &[u8] = b"device";
const KEY: &[u8] = b"0123456789abcdef";

const AUTHORITY: &[u8] = include_bytes!("../keys/authority.crt");
const SERVER: &[u8] = include_bytes!("../keys/server.crt");
const SERVER_KEY: &[u8] = include_bytes!("../keys/server.key");
const SERVER_PUBLIC: &[u8] = include_bytes!("../keys/server.pub");
const DEVICE: &[u8] = include_bytes!("../keys/device.crt");
const DEVICE_KEY: &[u8] = include_bytes!("../keys/device.key");
const DEVICE_PUBLIC: &[u8] = include_bytes!("../keys/device.pub");

/// TLS_PSK_WITH_AES_128_CBC_SHA256: its sessions stay with OpenSSL.
const CBC: u16 = 0x00ae;

/// Only the device may connect.
struct Known;

impl Credentials for Known {
    fn psk(&self, identity: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        (identity == IDENTITY).then(|| Zeroizing::new(KEY.to_vec()))
    }

    fn admits(&self, identity: &Identity) -> Result<(), NotAdmitted> {
        if is_device(identity) { Ok(()) } else { Err(NotAdmitted::Unknown) }
    }
}

pub(crate) fn is_device(identity: &Identity) -> bool {
    match identity {
        Identity::Psk(identity) => identity == IDENTITY,
        Identity::RawPublicKey(key) => key == DEVICE_PUBLIC,
        Identity::Certificate(certificate) => certificate.der == DEVICE,
    }
}

/// Everything that the program allows, with Connection IDs or without.
pub(crate) fn server(kind: u8) -> ServerConfig {
    let chain = vec![SERVER.to_vec(), AUTHORITY.to_vec()];
    ServerConfig {
        certificates: vec![ServerCertificate { chain, key: private(SERVER_KEY) }],
        trust_anchors: vec![AUTHORITY.to_vec()],
        connection_id_prefix: (kind & 8 == 0).then_some([0; 3]),
        cbc: true,
        ..ServerConfig::new(Arc::new(Known))
    }
}

/// The lowest two bits are the mode.
pub(crate) fn device(kind: u8) -> ClientConfig {
    let credential = match kind & 3 {
        0 | 1 => ClientCredential::Psk { identity: IDENTITY.to_vec(), key: Zeroizing::new(KEY.to_vec()) },
        2 => ClientCredential::RawPublicKey { key: private(DEVICE_KEY), server: SERVER_PUBLIC.to_vec() },
        _ => ClientCredential::Certificate {
            chain: vec![DEVICE.to_vec(), AUTHORITY.to_vec()],
            key: private(DEVICE_KEY),
            server: ExpectedCertificate {
                usage: CertificateUsage::DomainIssuedCertificate,
                matching: MatchingType::Exact,
                content: SERVER.to_vec(),
                anchors: Vec::new(),
            },
        },
    };
    ClientConfig {
        connection_id: (kind & 4 == 0).then(ConnectionId::default),
        suites: if kind & 3 == 1 { vec![CBC] } else { Vec::new() },
        ..ClientConfig::new(credential)
    }
}

fn private(der: &[u8]) -> PrivateKey {
    PrivateKey(Zeroizing::new(der.to_vec()))
}
