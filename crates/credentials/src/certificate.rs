use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    error::ErrorStack,
    nid::Nid,
    sha::sha256,
    x509::{X509, X509NameRef, X509Ref, X509VerifyResult},
};

use crate::{
    key_pair::{is_on_p256, pem},
    limits,
};

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInfo {
    pub subject: String,
    pub issuer: String,
    pub common_name: Option<String>,
    /// Host names, addresses and URIs of its subjectAltName.
    pub names: Vec<String>,
    pub serial: Vec<u8>,
    pub not_before_ms: u64,
    pub not_after_ms: u64,
    /// SHA-256 of the DER.
    pub fingerprint: [u8; 32],
    pub pem: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("something that is no certificate")]
    Malformed,
    #[error("{0}")]
    Key(&'static str),
    #[error("a certificate that is longer than {} bytes", limits::CERTIFICATE_BYTES)]
    TooLong,
}

impl CertificateInfo {
    /// # Errors
    /// When it is no certificate.
    pub fn of(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = read(der)?;
        Self::read(&certificate, der).map_err(|_| CertificateError::Malformed)
    }

    fn read(certificate: &X509Ref, der: &[u8]) -> Result<Self, ErrorStack> {
        let common_name = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next();
        let names = certificate.subject_alt_names().into_iter().flatten().filter_map(|name| {
            let text = name.dnsname().or_else(|| name.uri()).map(str::to_owned);
            text.or_else(|| name.ipaddress().and_then(address))
        });
        Ok(Self {
            subject: shown(certificate.subject_name()),
            issuer: shown(certificate.issuer_name()),
            common_name: common_name.and_then(|name| name.data().to_string().ok()),
            names: names.collect(),
            serial: certificate.serial_number().to_bn()?.to_vec(),
            not_before_ms: since_1970(certificate.not_before())?,
            not_after_ms: since_1970(certificate.not_after())?,
            fingerprint: sha256(der),
            pem: pem("CERTIFICATE", der).to_string(),
        })
    }
}

/// A certificate that a device may have: its key has to be on P-256.
pub(crate) fn of_device(der: &[u8]) -> Result<CertificateInfo, CertificateError> {
    if der.len() > limits::CERTIFICATE_BYTES {
        return Err(CertificateError::TooLong);
    }
    let info = CertificateInfo::of(der)?;
    let key =
        read(der)?.public_key().map_err(|_| CertificateError::Key("a certificate without a usable key"))?;
    is_on_p256(&key).map_err(CertificateError::Key)?;
    Ok(info)
}

/// Whether an authority itself has signed a certificate (both DER), with none in between.
pub fn is_signed_by(certificate: &[u8], authority: &[u8]) -> bool {
    let (Ok(certificate), Ok(authority)) = (read(certificate), read(authority)) else { return false };
    authority.issued(&certificate) == X509VerifyResult::OK
        && authority.public_key().is_ok_and(|key| certificate.verify(&key).unwrap_or(false))
}

/// The whole of it and nothing else: what follows would make the same certificate a different one.
fn read(der: &[u8]) -> Result<X509, CertificateError> {
    let certificate = X509::from_der(der).map_err(|_| CertificateError::Malformed)?;
    match certificate.to_der() {
        Ok(again) if again == der => Ok(certificate),
        _ => Err(CertificateError::Malformed),
    }
}

fn shown(name: &X509NameRef) -> String {
    let entries = name.entries().filter_map(|entry| {
        let short = entry.object().nid().short_name().ok()?;
        Some(format!("{short}={}", entry.data().to_string().ok()?))
    });
    entries.collect::<Vec<_>>().join(", ")
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(std::net::IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from)).ok().map(|ip| ip.to_string())
}

/// Milliseconds since 1970; 0 for what was before.
fn since_1970(time: &Asn1TimeRef) -> Result<u64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    Ok(u64::try_from(seconds).unwrap_or(0) * 1_000)
}
