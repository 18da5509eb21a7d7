//! A certificate authority of one's own: it signs the server's certificate and those of devices.

use std::net::IpAddr;

use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Public},
    x509::{
        X509, X509Builder, X509Extension, X509Name, X509NameBuilder, X509Req,
        extension::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
            SubjectKeyIdentifier,
        },
    },
};

use crate::{
    Field, KeyPair, Secret, Wrong, certificate::of_device, draft::endpoint_fault, key_pair::is_on_p256,
    limits,
};

/// Clocks of devices may be behind: our certificates are valid since an hour before they were made.
const BEFORE_MS: u64 = 60 * 60 * 1_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Bytes of a serial number: too many to guess, or to be drawn twice (RFC 5280, 4.1.2.2).
const SERIAL_BYTES: usize = 16;

/// An authority with its key.
pub struct Authority {
    certificate: X509,
    key: KeyPair,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error(transparent)]
    Wrong(#[from] Wrong),
    #[error("the certificate cannot be made: {0}")]
    OpenSsl(#[from] ErrorStack),
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl Authority {
    /// # Errors
    /// When something about it cannot be in a certificate.
    pub fn create(name: &str, days: u32, now_ms: u64) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let subject = common_name(name, "the name of an authority")?;
        let mut builder = builder(&subject, &subject, &key.public()?, days, now_ms)?;
        builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(key.pkey(), MessageDigest::sha256())?;
        Ok(Self { certificate: builder.build(), key })
    }

    /// One that was made earlier.
    ///
    /// # Errors
    /// When certificate or key cannot be read.
    pub fn restore(certificate: &[u8], key: &Secret) -> Result<Self, AuthorityError> {
        Ok(Self { certificate: X509::from_der(certificate)?, key: KeyPair::from_pkcs8(key)? })
    }

    /// DER.
    ///
    /// # Errors
    /// When OpenSSL has no memory.
    pub fn certificate(&self) -> Result<Vec<u8>, AuthorityError> {
        Ok(self.certificate.to_der()?)
    }

    pub const fn key(&self) -> &KeyPair {
        &self.key
    }

    /// The certificate (DER) of a server that devices find by these names and addresses.
    ///
    /// # Errors
    /// When a name cannot be in a certificate.
    pub fn issue_for_server(
        &self,
        key: &KeyPair,
        names: &[String],
        days: u32,
        now_ms: u64,
    ) -> Result<Vec<u8>, AuthorityError> {
        let Some(first) = names.first() else {
            return Err(names_wrong("none").into());
        };
        if names.len() > limits::NAMES {
            return Err(names_wrong(&names.len().to_string()).into());
        }
        let mut alternative = SubjectAlternativeName::new();
        for name in names {
            match name.parse::<IpAddr>() {
                Ok(_) => alternative.ip(name),
                Err(_) if is_host_name(name) => alternative.dns(name),
                Err(_) => return Err(names_wrong("something that is neither").into()),
            };
        }
        let usage = ExtendedKeyUsage::new().server_auth().build()?;
        // A Common Name has 64 characters at most (RFC 5280, Appendix A.1); names are looked for beside it.
        let subject = if first.len() <= 64 { first } else { "LwM2M Server" };
        self.issue(common_name(subject, "a name")?, &key.public()?, days, now_ms, |authority, new| {
            new.append_extension(usage)?;
            let alternative = alternative.build(&new.x509v3_context(Some(&authority.certificate), None))?;
            new.append_extension(alternative)
        })
    }

    /// The certificate (DER) of a device with this key: its endpoint name is the Common Name, as the certificate
    /// mode of LwM2M has it.
    ///
    /// # Errors
    /// When the endpoint name cannot be in a certificate.
    pub fn issue_for_device(
        &self,
        endpoint: &str,
        key: &DeviceKey,
        days: u32,
        now_ms: u64,
    ) -> Result<Vec<u8>, AuthorityError> {
        if let Some(wrong) = endpoint_fault(endpoint) {
            return Err(wrong.into());
        }
        let subject = common_name(endpoint, "an endpoint name")?;
        let usage = ExtendedKeyUsage::new().client_auth().build()?;
        let der = self.issue(subject, &key.0, days, now_ms, |_, new| new.append_extension(usage))?;
        // What we would not take we do not make.
        of_device(&der).map_err(|error| Field::Endpoint.wrong("a usable certificate", error.to_string()))?;
        Ok(der)
    }

    fn issue(
        &self,
        subject: X509Name,
        key: &PKey<Public>,
        days: u32,
        now_ms: u64,
        special: impl FnOnce(&Self, &mut X509Builder) -> Result<(), ErrorStack>,
    ) -> Result<Vec<u8>, AuthorityError> {
        let mut builder = X509::builder()?;
        begin(&mut builder, key, days, now_ms)?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        special(self, &mut builder)?;
        for extension in self.identifiers(&builder)? {
            builder.append_extension(extension)?;
        }
        builder.sign(self.key.pkey(), MessageDigest::sha256())?;
        Ok(builder.build().to_der()?)
    }

    fn identifiers(&self, builder: &X509Builder) -> Result<[X509Extension; 2], ErrorStack> {
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let subject = SubjectKeyIdentifier::new().build(&context)?;
        let authority = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        Ok([subject, authority])
    }
}

/// The public key of a device, for which its private key is known to be there.
pub struct DeviceKey(PKey<Public>);

impl DeviceKey {
    /// # Errors
    /// When OpenSSL has no memory.
    pub fn of_pair(pair: &KeyPair) -> Result<Self, AuthorityError> {
        Ok(Self(pair.public()?))
    }

    /// That of a signing request (PKCS #10, DER), which has to be signed with the private one. Nothing else of the
    /// request counts: who a device is decides who issues.
    ///
    /// # Errors
    /// When it is none, or its key is not on P-256.
    pub fn of_request(der: &[u8]) -> Result<Self, Wrong> {
        let wrong = |got: &str| Field::Csr.wrong("a signing request (PKCS #10) with a key on P-256", got);
        if der.len() > limits::CERTIFICATE_BYTES {
            return Err(wrong("one that is too long"));
        }
        let request = X509Req::from_der(der).map_err(|_| wrong("something else"))?;
        let key = request.public_key().map_err(|_| wrong("one without a usable key"))?;
        is_on_p256(&key).map_err(wrong)?;
        if !request.verify(&key).unwrap_or(false) {
            return Err(wrong("one that is not signed with its own key"));
        }
        Ok(Self(key))
    }
}

fn builder(
    subject: &X509Name,
    issuer: &X509Name,
    key: &PKey<Public>,
    days: u32,
    now_ms: u64,
) -> Result<X509Builder, AuthorityError> {
    let mut builder = X509::builder()?;
    begin(&mut builder, key, days, now_ms)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    Ok(builder)
}

fn begin(
    builder: &mut X509Builder,
    key: &PKey<Public>,
    days: u32,
    now_ms: u64,
) -> Result<(), AuthorityError> {
    if !(1..=limits::DAYS).contains(&days) {
        let expected = format!("1 to {} days", limits::DAYS);
        return Err(Field::Days.wrong(expected, days.to_string()).into());
    }
    // Version 3 is written as 2.
    builder.set_version(2)?;
    builder.set_serial_number(&*serial()?)?;
    builder.set_not_before(&*time(now_ms.saturating_sub(BEFORE_MS))?)?;
    builder.set_not_after(&*time(now_ms.saturating_add(u64::from(days) * DAY_MS))?)?;
    builder.set_pubkey(key)?;
    Ok(())
}

fn serial() -> Result<Asn1Integer, AuthorityError> {
    let mut serial = [0; SERIAL_BYTES];
    getrandom::fill(&mut serial).map_err(|_| AuthorityError::NoRandomness)?;
    // Positive, and of one length.
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(BigNum::from_slice(&serial)?.to_asn1_integer()?)
}

fn time(ms: u64) -> Result<Asn1Time, ErrorStack> {
    Asn1Time::from_unix(i64::try_from(ms / 1_000).unwrap_or(i64::MAX))
}

fn common_name(name: &str, what: &str) -> Result<X509Name, AuthorityError> {
    let characters = name.chars().count();
    if !(1..=64).contains(&characters) || name.chars().any(char::is_control) {
        // RFC 5280, Appendix A.1: ub-common-name.
        let expected = format!("{what} of 1 to 64 characters, which a Common Name can have");
        return Err(Field::Endpoint.wrong(expected, format!("{characters} characters")).into());
    }
    let mut builder = X509NameBuilder::new()?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= limits::NAME_BYTES && name.split('.').all(label)
}

fn names_wrong(got: &str) -> Wrong {
    Field::Names.wrong(format!("1 to {} host names and IP addresses", limits::NAMES), got)
}

#[cfg(test)]
mod tests {
    use openssl::{
        stack::Stack,
        x509::{X509StoreContext, store::X509StoreBuilder, verify::X509VerifyParam},
    };

    use super::*;
    use crate::{CertificateInfo, is_signed_by};

    const NOW_MS: u64 = 1_764_000_000_000;

    fn authority() -> Authority {
        Authority::create("Test authority", 3_650, NOW_MS).unwrap()
    }

    fn is_trusted(authority: &Authority, der: &[u8]) -> bool {
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(authority.certificate.clone()).unwrap();
        let mut at = X509VerifyParam::new().unwrap();
        at.set_time(i64::try_from(NOW_MS / 1_000).unwrap());
        store.set_param(&at).unwrap();
        let (store, certificate) = (store.build(), X509::from_der(der).unwrap());
        let mut context = X509StoreContext::new().unwrap();
        context.init(&store, &certificate, &Stack::new().unwrap(), |context| context.verify_cert()).unwrap()
    }

    #[test]
    fn what_it_signs_is_trusted_and_says_whose_it_is() {
        let (authority, pair) = (authority(), KeyPair::generate().unwrap());
        let key = DeviceKey::of_pair(&pair).unwrap();
        let der = authority.issue_for_device("urn:dev:ops:1", &key, 30, NOW_MS).unwrap();
        assert!(is_trusted(&authority, &der) && !is_trusted(&self::authority(), &der));
        // Another of the same name is still another one.
        let signed_by = |authority: &Authority| is_signed_by(&der, &authority.certificate().unwrap());
        assert!(signed_by(&authority) && !signed_by(&self::authority()) && !is_signed_by(b"", &der));
        let info = CertificateInfo::of(&der).unwrap();
        assert_eq!(info.common_name.as_deref(), Some("urn:dev:ops:1"));
        assert_eq!(info.issuer, "CN=Test authority");
        assert_eq!((info.not_before_ms, info.not_after_ms), (NOW_MS - BEFORE_MS, NOW_MS + 30 * DAY_MS));
        assert_eq!(info.serial.len(), SERIAL_BYTES);
        let names = ["a.example", "192.0.2.1", "2001:db8::1"].map(str::to_owned);
        let der = authority.issue_for_server(&pair, &names, 30, NOW_MS).unwrap();
        assert!(is_trusted(&authority, &der));
        assert_eq!(CertificateInfo::of(&der).unwrap().names, names);
    }

    #[test]
    fn one_that_was_kept_signs_on() {
        let made = authority();
        let again =
            Authority::restore(&made.certificate().unwrap(), &made.key().to_pkcs8().unwrap()).unwrap();
        let key = DeviceKey::of_pair(&KeyPair::generate().unwrap()).unwrap();
        assert!(is_trusted(&made, &again.issue_for_device("a", &key, 1, NOW_MS).unwrap()));
    }

    #[test]
    fn a_signing_request_has_to_be_signed_with_its_own_key() {
        let (pair, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let request = |key: &KeyPair, signer: &KeyPair| {
            let mut request = X509Req::builder().unwrap();
            request.set_pubkey(&key.public().unwrap()).unwrap();
            request.sign(signer.pkey(), MessageDigest::sha256()).unwrap();
            request.build().to_der().unwrap()
        };
        let key = DeviceKey::of_request(&request(&pair, &pair)).unwrap();
        assert!(key.0.public_eq(pair.pkey()));
        let der = authority().issue_for_device("whoever-issues-says", &key, 1, NOW_MS).unwrap();
        assert_eq!(CertificateInfo::of(&der).unwrap().subject, "CN=whoever-issues-says");
        assert!(DeviceKey::of_request(&request(&pair, &other)).is_err());
        assert!(DeviceKey::of_request(b"0").is_err());
    }

    #[test]
    fn what_cannot_be_in_a_certificate_is_refused() {
        let (authority, pair) = (authority(), KeyPair::generate().unwrap());
        let key = DeviceKey::of_pair(&pair).unwrap();
        let long = "e".repeat(65);
        for (endpoint, days) in [("", 1), (long.as_str(), 1), ("a\nb", 1), ("a", 0), ("a", limits::DAYS + 1)]
        {
            assert!(authority.issue_for_device(endpoint, &key, days, NOW_MS).is_err(), "{endpoint:?} {days}");
        }
        for names in [vec![], vec!["a b".to_owned()], vec!["a,IP:1.2.3.4".to_owned()], vec![String::new()]] {
            assert!(authority.issue_for_server(&pair, &names, 1, NOW_MS).is_err(), "{names:?}");
        }
    }
}
