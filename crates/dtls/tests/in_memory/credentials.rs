//! Keys and certificates for the tests.

use dtls::PrivateKey;
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Name,
        extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName},
    },
};
use zeroize::Zeroizing;

/// A certificate and its key.
pub(crate) struct Pair {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: X509,
}

/// What a certificate says.
#[derive(Copy, Clone)]
pub(crate) struct Says<'a> {
    pub(crate) name: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) is_authority: bool,
    pub(crate) is_for_clients: bool,
    pub(crate) digest: fn() -> MessageDigest,
    /// Seconds since 1970.
    pub(crate) valid: (i64, i64),
}

pub(crate) const fn says(name: &str) -> Says<'_> {
    Says {
        name,
        host: None,
        is_authority: false,
        is_for_clients: true,
        digest: MessageDigest::sha256,
        valid: (1_700_000_000, 1_900_000_000),
    }
}

pub(crate) fn key_on(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

pub(crate) fn key() -> PKey<Private> {
    key_on(Nid::X9_62_PRIME256V1)
}

pub(crate) fn private(key: &PKey<Private>) -> PrivateKey {
    PrivateKey(Zeroizing::new(key.private_key_to_der().unwrap()))
}

impl Pair {
    pub(crate) fn authority(name: &str) -> Self {
        Self::new(Says { is_authority: true, ..says(name) }, key(), None)
    }

    /// Signed by `issuer`, or by itself.
    pub(crate) fn new(says: Says<'_>, key: PKey<Private>, issuer: Option<&Self>) -> Self {
        let mut subject = X509Name::builder().unwrap();
        subject.append_entry_by_nid(Nid::COMMONNAME, says.name).unwrap();
        let subject = subject.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let mut serial = BigNum::new().unwrap();
        serial.rand(64, openssl::bn::MsbOption::ONE, false).unwrap();
        builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(issuer.map_or(&subject, |issuer| issuer.certificate.subject_name())).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(says.valid.0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(says.valid.1).unwrap()).unwrap();
        if says.is_authority {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        } else {
            let mut usage = ExtendedKeyUsage::new();
            let usage = if says.is_for_clients { usage.client_auth() } else { usage.server_auth() };
            builder.append_extension(usage.build().unwrap()).unwrap();
        }
        if let Some(host) = says.host {
            let names = SubjectAlternativeName::new().dns(host).build(&builder.x509v3_context(None, None));
            builder.append_extension(names.unwrap()).unwrap();
        }
        builder.sign(issuer.map_or(&key, |issuer| &issuer.key), (says.digest)()).unwrap();
        Self { key, certificate: builder.build() }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }

    pub(crate) fn private(&self) -> PrivateKey {
        private(&self.key)
    }

    /// With the certificate of its issuer.
    pub(crate) fn chain(&self, issuer: &Self) -> Vec<Vec<u8>> {
        vec![self.der(), issuer.der()]
    }
}
