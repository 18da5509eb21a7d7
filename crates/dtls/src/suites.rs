//! The cipher suites, in our order of preference.

use core::fmt::Write as _;

/// A cipher suite by its number and by the name that OpenSSL has for it.
struct Named {
    number: u16,
    openssl: &'static str,
    iana: &'static str,
}

const fn named(number: u16, openssl: &'static str, iana: &'static str) -> Named {
    Named { number, openssl, iana }
}

/// CCM_8 first, as every device has it (LwM2M transport, RFC 7925); CBC last, as it stays with OpenSSL. Pre-shared keys
/// before certificates: a client that offers both has a key, but not always a certificate.
const SUITES: [Named; 8] = [
    named(0xc0a8, "PSK-AES128-CCM8", "TLS_PSK_WITH_AES_128_CCM_8"),
    named(0xc0ae, "ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    named(0xc0a4, "PSK-AES128-CCM", "TLS_PSK_WITH_AES_128_CCM"),
    named(0xc0ac, "ECDHE-ECDSA-AES128-CCM", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"),
    named(0x00a8, "PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"),
    named(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    named(0x00ae, "PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256"),
    named(0xc023, "ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
];

/// ECDSA with P-256 signs with SHA-256; certificates above may be signed with SHA-384.
pub(crate) const SIGNATURES: &str = "ECDSA+SHA256:ECDSA+SHA384";
pub(crate) const GROUPS: &str = "P-256";

/// Whether a cipher suite authenticates with a pre-shared key.
pub(crate) const fn is_psk(number: u16) -> bool {
    matches!(number, 0xc0a8 | 0xc0a4 | 0x00a8 | 0x00ae)
}

/// Whether only OpenSSL has the records of a cipher suite.
pub(crate) const fn is_cbc(number: u16) -> bool {
    matches!(number, 0x00ae | 0xc023)
}

/// For OpenSSL: the suites that `allowed` lets through, in our order.
pub(crate) fn openssl_list(allowed: impl Fn(u16) -> bool) -> String {
    let names = SUITES.iter().filter(|suite| allowed(suite.number)).map(|suite| suite.openssl);
    names.collect::<Vec<_>>().join(":")
}

/// Name of a cipher suite with the IANA, where we have one.
pub fn name(number: u16) -> Option<&'static str> {
    SUITES.iter().find(|suite| suite.number == number).map(|suite| suite.iana)
}

/// Names, or numbers, separated by commas.
pub(crate) fn list(numbers: &[u16]) -> String {
    let mut out = String::new();
    for number in numbers {
        let separator = if out.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = match name(*number) {
            Some(name) => write!(out, "{separator}{name}"),
            None => write!(out, "{separator}0x{number:04X}"),
        };
    }
    out
}
