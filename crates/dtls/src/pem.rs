//! PEM files (RFC 7468) as the DER that configurations take.

use openssl::{error::ErrorStack, pkey::PKey, x509::X509};
use zeroize::Zeroizing;

use crate::PrivateKey;

/// All certificates of a file, in their order.
pub fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, ErrorStack> {
    X509::stack_from_pem(pem)?.iter().map(|certificate| certificate.to_der()).collect()
}

/// PKCS#8 or SEC1, not encrypted.
pub fn private_key(pem: &[u8]) -> Result<PrivateKey, ErrorStack> {
    let key = PKey::private_key_from_pem(pem)?;
    Ok(PrivateKey(Zeroizing::new(key.private_key_to_der()?)))
}

/// SubjectPublicKeyInfo.
pub fn public_key(pem: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    PKey::public_key_from_pem(pem)?.public_key_to_der()
}

/// The SubjectPublicKeyInfo that belongs to a private key.
pub fn public_key_of(key: &PrivateKey) -> Result<Vec<u8>, ErrorStack> {
    PKey::private_key_from_der(&key.0)?.public_key_to_der()
}
