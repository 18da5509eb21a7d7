use openssl::{
    hash::{MessageDigest, hash},
    x509::X509Ref,
};

use super::{CertificateUsage, ClientConfig, ClientCredential, ExpectedCertificate, MatchingType, Psk};
use crate::{failure::HandshakeFailure, identity::Certificate};

/// What a client shows by its callbacks, and what it wants to see.
#[derive(Clone, Default)]
pub(crate) struct Expectations {
    pub(crate) psk: Option<Psk>,
    raw_public_key: Option<Vec<u8>>,
    certificate: Option<ExpectedCertificate>,
    name: Option<String>,
}

impl Expectations {
    pub(super) fn of(config: &ClientConfig) -> Self {
        let name = config.server_name.clone();
        match &config.credential {
            ClientCredential::Psk { identity, key } => {
                Self { psk: Some((identity.clone(), key.clone())), name, ..Self::default() }
            }
            ClientCredential::RawPublicKey { server, .. } => {
                Self { raw_public_key: Some(server.clone()), name, ..Self::default() }
            }
            ClientCredential::Certificate { server, .. } => {
                Self { certificate: Some(server.clone()), name, ..Self::default() }
            }
        }
    }

    pub(crate) fn raw_public_key(&self) -> Option<&[u8]> {
        self.raw_public_key.as_deref()
    }

    pub(crate) fn is_any_chain(&self) -> bool {
        let usage = self.certificate.as_ref().map(|expected| expected.usage);
        usage == Some(CertificateUsage::DomainIssuedCertificate)
    }

    /// The server's certificate, with those above it.
    pub(crate) fn check(&self, leaf: &X509Ref, above: &[&X509Ref]) -> Result<(), HandshakeFailure> {
        let expected = self.certificate.as_ref().ok_or(HandshakeFailure::OtherCertificate)?;
        let is_it = |certificate: &X509Ref| matches_content(expected, certificate);
        let found = match expected.usage {
            CertificateUsage::CaConstraint => above.iter().any(|certificate| is_it(certificate)),
            // Whatever else is believed, it is this one that the path must lead to.
            CertificateUsage::TrustAnchorAssertion => {
                is_it(leaf) || above.iter().any(|certificate| is_it(certificate))
            }
            CertificateUsage::ServiceCertificateConstraint | CertificateUsage::DomainIssuedCertificate => {
                is_it(leaf)
            }
        };
        if !found {
            return Err(HandshakeFailure::OtherCertificate);
        }
        match &self.name {
            Some(name) if !self.is_any_chain() => check_name(leaf, name),
            _ => Ok(()),
        }
    }
}

fn matches_content(expected: &ExpectedCertificate, certificate: &X509Ref) -> bool {
    let Ok(der) = certificate.to_der() else { return false };
    let digest = match expected.matching {
        MatchingType::Exact => return der == expected.content,
        MatchingType::Sha256 => MessageDigest::sha256(),
        MatchingType::Sha384 => MessageDigest::sha384(),
        MatchingType::Sha512 => MessageDigest::sha512(),
    };
    hash(digest, &der).is_ok_and(|digest| *digest == *expected.content)
}

/// Subject alternative names count; the common name only where there are none (RFC 6125 §6.4.4).
fn check_name(leaf: &X509Ref, expected: &str) -> Result<(), HandshakeFailure> {
    let certificate = Certificate::of(leaf).ok_or(HandshakeFailure::NoCertificate)?;
    let covers = |name: &String| {
        let (name, expected) = (name.to_ascii_lowercase(), expected.to_ascii_lowercase());
        match name.strip_prefix("*.") {
            Some(domain) => expected.split_once('.').is_some_and(|(_, rest)| rest == domain),
            None => name == expected,
        }
    };
    let covered = match certificate.names.is_empty() {
        false => certificate.names.iter().any(covers),
        true => certificate.common_name.iter().any(covers),
    };
    if covered { Ok(()) } else { Err(HandshakeFailure::Name { expected: expected.to_owned() }) }
}
