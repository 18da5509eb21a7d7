use core::time::Duration;

use openssl::error::ErrorStack;
use thiserror::Error;

use crate::{credentials::NotAdmitted, suites};

/// Why a handshake came to nothing, in words for who has to put it right.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum HandshakeFailure {
    #[error("the PSK identity is not registered here")]
    UnknownPskIdentity,
    #[error("both ends have a different key for this PSK identity")]
    WrongPsk,
    #[error("the peer's last message does not open with the keys agreed upon")]
    DifferentKeys,
    #[error("no cipher suite in common; offered were {}", suites::list(offered))]
    NoCommonCipherSuite { offered: Vec<u16> },
    #[error("the peer does not speak DTLS 1.2")]
    Version,
    #[error("the peer's credential {0}")]
    NotAdmitted(NotAdmitted),
    #[error("the peer showed no certificate and no raw public key")]
    NoCertificate,
    #[error("nobody trusted here has issued the peer's certificate")]
    UnknownAuthority,
    #[error("the peer's certificate, or one above it, has expired")]
    Expired,
    #[error("the peer's certificate, or one above it, is not valid yet")]
    NotYetValid,
    #[error("the peer's certificate is not made out for this use")]
    Purpose,
    #[error("the server's certificate is for another name than {expected}")]
    Name { expected: String },
    #[error("the server's certificate is not the one expected")]
    OtherCertificate,
    #[error("the server's public key is not the one expected")]
    OtherPublicKey,
    #[error(
        "the peer's key or one of its signatures is too weak: expected ECDSA with P-256 and SHA-256, got {got}"
    )]
    Weak { got: String },
    #[error("the peer's certificate was refused: {reason}")]
    Certificate { reason: String },
    #[error("the peer has refused: {}", alert_name(*alert))]
    Alert { alert: u8 },
    #[error("no answer within {} s, waiting for {waiting_for}", after.as_secs())]
    TimedOut { after: Duration, waiting_for: &'static str },
    #[error("too many handshakes under way")]
    TooManyHandshakes,
    #[error("too many sessions with a CBC suite")]
    TooManyWholeSessions,
    #[error("the peer began another handshake instead of finishing this one")]
    Superseded,
    #[error("the server no longer believes an authority that it believed when the handshake began")]
    Reconfigured,
    #[error("OpenSSL says: {reason}")]
    Other { reason: String },
}

impl HandshakeFailure {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::UnknownPskIdentity => {
                "Compare the identity on the device, byte for byte, with the registered ones, or register it."
            }
            Self::WrongPsk | Self::DifferentKeys => {
                "Set the same key on both ends; mind that a key in hex is not the same as its characters."
            }
            Self::NoCommonCipherSuite { .. } => {
                "Allow TLS_PSK_WITH_AES_128_CCM_8 or TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 on the device, and see that \
                 this server has a certificate or key of its own if the device uses one."
            }
            Self::Version => "Let the device speak DTLS 1.2.",
            Self::NotAdmitted(NotAdmitted::Unknown) => "Register the device's public key or certificate.",
            Self::NotAdmitted(NotAdmitted::Revoked) => "Give the device a new credential, or let it rest.",
            Self::NotAdmitted(NotAdmitted::Forbidden) => "See what this credential is meant for.",
            Self::NoCertificate => "Give the device a certificate or raw key and let it send it.",
            Self::UnknownAuthority => {
                "Add the authority that issued the certificate, or let the device send the certificates in between."
            }
            Self::Expired => "Issue a new certificate; see whether the clocks of both ends are right.",
            Self::NotYetValid => "See whether the clocks of both ends are right.",
            Self::Purpose => {
                "Issue a certificate whose extended key usage allows client authentication (or server authentication)."
            }
            Self::Name { .. } => {
                "Issue the server a certificate with the name that devices connect to among its alternative names."
            }
            Self::OtherCertificate | Self::OtherPublicKey => {
                "Copy the server's current certificate or public key to the device."
            }
            Self::Weak { .. } => "Use a key on the curve P-256 and signatures with SHA-256 or better.",
            Self::Certificate { .. } => "Look at the certificate and those above it.",
            Self::Alert { alert } => alert_advice(*alert),
            Self::TimedOut { .. } => {
                "See whether datagrams pass in both directions, and whether the device still runs; a key that differs \
                 also looks like this on some devices."
            }
            Self::TooManyHandshakes | Self::TooManyWholeSessions => {
                "Wait; if it goes on, see where the handshakes come from."
            }
            Self::Reconfigured => "Nothing: the device tries again.",
            Self::Superseded => "Nothing, if the device connects now; else look at the device's own log.",
            Self::Other { .. } => "Look at the device's own log.",
        }
    }

    /// What OpenSSL has left behind.
    pub(crate) fn of(errors: &ErrorStack, offered: &[u16]) -> Self {
        let codes = || errors.errors().iter().map(|error| error.reason_code());
        // SSL_AD_REASON_OFFSET: an alert of the peer.
        if let Some(alert) = codes().find_map(|code| u8::try_from(code - 1_000).ok()) {
            return Self::Alert { alert };
        }
        for code in codes() {
            match code {
                NO_SHARED_CIPHER | NO_CIPHERS_AVAILABLE => {
                    return Self::NoCommonCipherSuite { offered: offered.to_vec() };
                }
                PSK_IDENTITY_NOT_FOUND => return Self::UnknownPskIdentity,
                UNSUPPORTED_PROTOCOL | WRONG_SSL_VERSION | WRONG_VERSION_NUMBER => return Self::Version,
                PEER_DID_NOT_RETURN_A_CERTIFICATE => return Self::NoCertificate,
                DIGEST_CHECK_FAILED | DECRYPTION_FAILED_OR_BAD_RECORD_MAC => return Self::DifferentKeys,
                _ => {}
            }
        }
        let reason = errors.errors().iter().find_map(|error| error.reason()).unwrap_or("no reason");
        Self::Other { reason: reason.to_owned() }
    }
}

// Reasons of OpenSSL (sslerr.h).
const NO_SHARED_CIPHER: i32 = 193;
const NO_CIPHERS_AVAILABLE: i32 = 181;
const PSK_IDENTITY_NOT_FOUND: i32 = 223;
const UNSUPPORTED_PROTOCOL: i32 = 258;
const WRONG_SSL_VERSION: i32 = 266;
const WRONG_VERSION_NUMBER: i32 = 267;
const PEER_DID_NOT_RETURN_A_CERTIFICATE: i32 = 199;
const DIGEST_CHECK_FAILED: i32 = 149;
const DECRYPTION_FAILED_OR_BAD_RECORD_MAC: i32 = 281;

/// RFC 5246 §7.2, RFC 4279 §4.
pub(crate) const BAD_RECORD_MAC: u8 = 20;

fn alert_name(alert: u8) -> &'static str {
    match alert {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        90 => "user_canceled",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        115 => "unknown_psk_identity",
        _ => "an alert without a name",
    }
}

fn alert_advice(alert: u8) -> &'static str {
    match alert {
        20 | 51 => "Set the same key on both ends.",
        40 | 71 => "See which cipher suites and kinds of credential both ends allow.",
        42..=46 => {
            "Look at this end's certificate: its dates, its names, its use, and whether the peer expects it."
        }
        48 => "Give the peer the certificate of the authority that issued this end's certificate.",
        49 => "The peer knows this end and does not want it: see whether the credential is still good there.",
        70 => "Let the peer speak DTLS 1.2.",
        115 => "Register the PSK identity on the other end.",
        _ => "Look at the peer's own log.",
    }
}
