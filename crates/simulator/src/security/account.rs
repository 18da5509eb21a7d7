//! What a device connects with, as an instance of the Security object holds it (LwM2M Core App. E.1).

use anyhow::{Context, bail};
use dtls::{CertificateUsage, ClientConfig, ClientCredential, ExpectedCertificate, MatchingType, PrivateKey};
use lwm2m_codec::{Path, Value};
use lwm2m_core::client::ObjectTree;
use zeroize::Zeroizing;

const PSK: i64 = 0;
const RAW_PUBLIC_KEY: i64 = 1;
const CERTIFICATE: i64 = 2;

/// The credential of `/0/{instance}`. `host` is the host of its URI, unless that is an address.
pub(crate) fn of_account(
    tree: &ObjectTree,
    instance: u16,
    host: Option<&str>,
) -> anyhow::Result<ClientConfig> {
    let value = |resource| tree.value(&Path::resource(0, instance, resource));
    let opaque = |resource| match value(resource) {
        Some(Value::Opaque(bytes)) if !bytes.is_empty() => Ok(bytes.to_vec()),
        _ => bail!("/0/{instance}/{resource}: expected key material, got none"),
    };
    let key = || anyhow::Ok(PrivateKey(Zeroizing::new(opaque(5)?)));
    let credential = match value(2) {
        Some(Value::Integer(PSK)) => {
            ClientCredential::Psk { identity: opaque(3)?, key: Zeroizing::new(opaque(5)?) }
        }
        Some(Value::Integer(RAW_PUBLIC_KEY)) => {
            ClientCredential::RawPublicKey { key: key()?, server: opaque(4)? }
        }
        Some(Value::Integer(CERTIFICATE)) => ClientCredential::Certificate {
            chain: certificates(&opaque(3)?).with_context(|| format!("/0/{instance}/3: expected DER"))?,
            key: key()?,
            server: ExpectedCertificate {
                usage: usage(value(15))?,
                matching: matching(value(13))?,
                content: opaque(4)?,
                anchors: Vec::new(),
            },
        },
        mode => bail!("/0/{instance}/2: expected Security Mode 0, 1 or 2 for coaps, got {mode:?}"),
    };
    // LwM2M 1.1 Transport: the SNI stands in where the URI has an address.
    let server_name = match value(14) {
        Some(Value::String(name)) if !name.is_empty() => Some(name.to_string()),
        _ => host.map(str::to_owned),
    };
    Ok(ClientConfig { server_name, ..ClientConfig::new(credential) })
}

/// One certificate after the other, each of which says how long it is (X.690 §8.1.3).
fn certificates(mut der: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    while let [_, length, rest @ ..] = der {
        let (header, content) = match length {
            ..=0x7f => (2, usize::from(*length)),
            0x81..=0x84 => {
                let octets = rest.get(..usize::from(length & 0x7f))?;
                let content = octets.iter().fold(0_usize, |sum, octet| sum << 8 | usize::from(*octet));
                (2 + octets.len(), content)
            }
            0x80 | 0x85.. => return None,
        };
        let (certificate, further) = der.split_at_checked(header.checked_add(content)?)?;
        found.push(certificate.to_vec());
        der = further;
    }
    (der.is_empty() && !found.is_empty()).then_some(found)
}

/// Resource 15; without it the certificate is the server's own.
fn usage(value: Option<&Value>) -> anyhow::Result<CertificateUsage> {
    Ok(match value {
        None | Some(Value::Unsigned(3)) => CertificateUsage::DomainIssuedCertificate,
        Some(Value::Unsigned(0)) => CertificateUsage::CaConstraint,
        Some(Value::Unsigned(1)) => CertificateUsage::ServiceCertificateConstraint,
        Some(Value::Unsigned(2)) => CertificateUsage::TrustAnchorAssertion,
        Some(other) => bail!("expected a Certificate Usage of 0 to 3, got {other}"),
    })
}

/// Resource 13
fn matching(value: Option<&Value>) -> anyhow::Result<MatchingType> {
    Ok(match value {
        None | Some(Value::Unsigned(0)) => MatchingType::Exact,
        Some(Value::Unsigned(1)) => MatchingType::Sha256,
        Some(Value::Unsigned(2)) => MatchingType::Sha384,
        Some(Value::Unsigned(3)) => MatchingType::Sha512,
        Some(other) => bail!("expected a Matching Type of 0 to 3, got {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_follow_one_another() {
        let long = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        let short = [0x30, 2, 1, 2];
        let both = [&long[..], &short].concat();
        assert_eq!(certificates(&both), Some(vec![long, short.to_vec()]));
        for bad in
            [&both[..both.len() - 1], &[], &[0x30], &[0x30, 0x80, 0, 0], &[0x30, 0x84, 255, 255, 255, 255]]
        {
            assert_eq!(certificates(bad), None, "{bad:02x?}");
        }
    }
}
