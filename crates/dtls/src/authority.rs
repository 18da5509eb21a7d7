use openssl::{asn1::Asn1Time, x509::X509};
use thiserror::Error;

use crate::{failure::HandshakeFailure, ffi, time::Instant, verification::check_strength};

/// Why a certificate cannot be one of [`crate::ServerConfig::trust_anchors`].
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum NotAnAuthority {
    #[error("something that is no certificate")]
    Malformed,
    #[error("one that does not say that it signs others (basicConstraints, keyUsage)")]
    SignsNoOthers,
    #[error("one that has expired")]
    Expired,
    #[error("one with {0}")]
    Weak(String),
}

/// Whether handshakes would believe in what this certificate (DER) has signed.
///
/// # Errors
/// What is wrong with it.
pub fn check_authority(der: &[u8], now: Instant) -> Result<(), NotAnAuthority> {
    let malformed = |_| NotAnAuthority::Malformed;
    let certificate = X509::from_der(der).map_err(malformed)?;
    if !ffi::signs_certificates(&certificate) {
        return Err(NotAnAuthority::SignsNoOthers);
    }
    let seconds = i64::try_from(now.as_millis() / 1_000).unwrap_or(i64::MAX);
    let now = Asn1Time::from_unix(seconds).map_err(malformed)?;
    if certificate.not_after() < &*now {
        return Err(NotAnAuthority::Expired);
    }
    match check_strength(&certificate, 1) {
        Err(HandshakeFailure::Weak { got }) => Err(NotAnAuthority::Weak(got)),
        _ => Ok(()),
    }
}
