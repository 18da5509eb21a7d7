use openssl::{
    ec::{EcGroup, EcKey},
    error::ErrorStack,
    nid::Nid,
    pkey::{PKey, Private, Public},
};
use zeroize::Zeroizing;

use crate::Secret;

/// A key pair on P-256, the curve that every device has (RFC 7925, 4.3 and 4.4).
pub struct KeyPair(PKey<Private>);

/// A private key in the forms that devices take.
#[derive(Debug)]
pub struct PrivateKeyForms {
    pub pkcs8_der: Secret,
    pub pkcs8_pem: Secret,
    pub sec1_der: Secret,
    pub sec1_pem: Secret,
}

impl KeyPair {
    /// # Errors
    /// When OpenSSL has no randomness or no memory.
    pub fn generate() -> Result<Self, ErrorStack> {
        let key = EcKey::generate(&*p256()?)?;
        Ok(Self(PKey::from_ec_key(key)?))
    }

    /// # Errors
    /// When it is no private key in PKCS #8.
    pub fn from_pkcs8(der: &Secret) -> Result<Self, ErrorStack> {
        Ok(Self(PKey::private_key_from_pkcs8(der.expose())?))
    }

    /// # Errors
    /// When OpenSSL has no memory.
    pub fn to_pkcs8(&self) -> Result<Secret, ErrorStack> {
        Ok(self.0.private_key_to_pkcs8()?.into())
    }

    /// The SubjectPublicKeyInfo, DER.
    ///
    /// # Errors
    /// When OpenSSL has no memory.
    pub fn public_key(&self) -> Result<Vec<u8>, ErrorStack> {
        self.0.public_key_to_der()
    }

    /// # Errors
    /// When OpenSSL has no memory.
    pub fn forms(&self) -> Result<PrivateKeyForms, ErrorStack> {
        let ec = self.0.ec_key()?;
        Ok(PrivateKeyForms {
            pkcs8_der: self.to_pkcs8()?,
            pkcs8_pem: self.0.private_key_to_pem_pkcs8()?.into(),
            sec1_der: ec.private_key_to_der()?.into(),
            sec1_pem: ec.private_key_to_pem()?.into(),
        })
    }

    pub(crate) fn public(&self) -> Result<PKey<Public>, ErrorStack> {
        PKey::public_key_from_der(&self.public_key()?)
    }

    pub(crate) const fn pkey(&self) -> &PKey<Private> {
        &self.0
    }
}

impl core::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyPair")
    }
}

/// A SubjectPublicKeyInfo (DER) in its one form, if it is a point on P-256.
///
/// # Errors
/// What it is instead.
pub fn public_key(der: &[u8]) -> Result<Vec<u8>, &'static str> {
    let key = PKey::public_key_from_der(der).map_err(|_| "something else")?;
    is_on_p256(&key)?;
    key.public_key_to_der().map_err(|_| "something else")
}

/// The PEM of a SubjectPublicKeyInfo.
pub fn public_key_pem(der: &[u8]) -> String {
    pem("PUBLIC KEY", der).to_string()
}

pub(crate) fn is_on_p256(key: &PKey<Public>) -> Result<(), &'static str> {
    let Ok(key) = key.ec_key() else { return Err("a key that is not on an elliptic curve") };
    if key.group().curve_name() != Some(Nid::X9_62_PRIME256V1) {
        return Err("a key on another curve");
    }
    key.check_key().map_err(|_| "a point that is not on the curve")
}

/// The PEM of something in DER.
pub(crate) fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = openssl::base64::encode_block(der);
    let mut pem = Zeroizing::new(format!("-----BEGIN {label}-----\n"));
    for line in body.as_bytes().chunks(64) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

fn p256() -> Result<EcGroup, ErrorStack> {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)
}

#[cfg(test)]
mod tests {
    use openssl::rsa::Rsa;

    use super::*;

    #[test]
    fn every_form_is_the_same_key() {
        let pair = KeyPair::generate().unwrap();
        let forms = pair.forms().unwrap();
        let from = [
            PKey::private_key_from_pkcs8(forms.pkcs8_der.expose()).unwrap(),
            PKey::private_key_from_pem(forms.pkcs8_pem.expose()).unwrap(),
            PKey::private_key_from_der(forms.sec1_der.expose()).unwrap(),
            PKey::private_key_from_pem(forms.sec1_pem.expose()).unwrap(),
        ];
        for key in from {
            assert!(key.public_eq(pair.pkey()));
        }
        assert!(forms.sec1_pem.expose().starts_with(b"-----BEGIN EC PRIVATE KEY-----"));
        assert!(forms.pkcs8_pem.expose().starts_with(b"-----BEGIN PRIVATE KEY-----"));
        let again = KeyPair::from_pkcs8(&pair.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.public_key().unwrap(), pair.public_key().unwrap());
    }

    #[test]
    fn a_public_key_is_a_point_on_p256() {
        let der = KeyPair::generate().unwrap().public_key().unwrap();
        assert_eq!(public_key(&der), Ok(der.clone()));
        let text = pem("PUBLIC KEY", &der);
        assert!(PKey::public_key_from_pem(text.as_bytes()).is_ok());
        assert_eq!(crate::der_of_text(&text, &["PUBLIC KEY"]).unwrap().as_slice(), der);
        assert_eq!(public_key(b"no key"), Err("something else"));
        let other = EcGroup::from_curve_name(Nid::SECP384R1).unwrap();
        let other = PKey::from_ec_key(EcKey::generate(&other).unwrap()).unwrap();
        assert_eq!(public_key(&other.public_key_to_der().unwrap()), Err("a key on another curve"));
        let rsa = PKey::from_rsa(Rsa::generate(2_048).unwrap()).unwrap().public_key_to_der().unwrap();
        assert_eq!(public_key(&rsa), Err("a key that is not on an elliptic curve"));
    }
}
