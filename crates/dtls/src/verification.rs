//! What the peer shows is judged while OpenSSL verifies it, so that a wrong one never gets a session.

use openssl::{
    ec::EcKey,
    nid::Nid,
    pkey::{PKey, Public},
    ssl::SslRef,
    x509::{X509Ref, X509StoreContextRef, X509VerifyResult},
};

use crate::{
    client::Expectations,
    credentials::{Credentials, NotAdmitted},
    failure::HandshakeFailure,
    ffi,
    identity::{Certificate, Identity},
    notes::notes,
};

// Results of OpenSSL (x509_vfy.h), which also decide on the alert that the peer gets.
const CERT_NOT_YET_VALID: i32 = 9;
const CERT_HAS_EXPIRED: i32 = 10;
const CERT_REVOKED: i32 = 23;
const CERT_REJECTED: i32 = 28;

/// A client's raw public key or certificate, one call for each certificate of the chain and one for the end. Those that
/// are `pinned` are believed whoever signed them, and sign no others.
pub(crate) fn of_client(
    credentials: &dyn Credentials,
    pinned: &[Vec<u8>],
    good: bool,
    context: &mut X509StoreContextRef,
) -> bool {
    let judged = judge_client(credentials, pinned, good, context);
    note(context, judged)
}

/// A server's, against what the client was told to expect (LwM2M Security object, Resources 4, 13, 14 and 15).
pub(crate) fn of_server(good: bool, context: &mut X509StoreContextRef) -> bool {
    let expectations = ssl(context).and_then(|ssl| notes(ssl)?.expectations.clone());
    let judged = match expectations {
        Some(expectations) => judge_server(&expectations, good, context),
        None => Err(HandshakeFailure::Other { reason: "nobody said what to expect".to_owned() }),
    };
    note(context, judged)
}

fn judge_client(
    credentials: &dyn Credentials,
    pinned: &[Vec<u8>],
    good: bool,
    context: &X509StoreContextRef,
) -> Result<(), HandshakeFailure> {
    let identity = if let Some(key) = ffi::raw_public_key_to_verify(context) {
        // OpenSSL has nothing to compare it with.
        check_raw_key(&key)?;
        Identity::RawPublicKey(key)
    } else {
        let certificate = of_chain(good, context)?;
        if context.error_depth() > 0 {
            let signs = certificate.to_der().is_ok_and(|der| pinned.contains(&der));
            return if signs { Err(HandshakeFailure::UnknownAuthority) } else { Ok(()) };
        }
        Certificate::of(certificate).map(Identity::Certificate).ok_or(HandshakeFailure::NoCertificate)?
    };
    if let Some(mut notes) = ssl(context).and_then(notes) {
        notes.identity = Some(identity.clone());
    }
    credentials.admits(&identity).map_err(HandshakeFailure::NotAdmitted)
}

fn judge_server(
    expectations: &Expectations,
    good: bool,
    context: &X509StoreContextRef,
) -> Result<(), HandshakeFailure> {
    if let Some(key) = ffi::raw_public_key_to_verify(context) {
        check_raw_key(&key)?;
        let expected = expectations.raw_public_key();
        return if expected == Some(&key[..]) { Ok(()) } else { Err(HandshakeFailure::OtherPublicKey) };
    }
    if expectations.is_any_chain() {
        // The certificate itself is known: who has signed it does not matter.
        let leaf = context.error_depth() == 0;
        return match (leaf, context.current_cert()) {
            (true, Some(certificate)) => expectations.check(certificate, &[]),
            (true, None) => Err(HandshakeFailure::NoCertificate),
            (false, _) => Ok(()),
        };
    }
    let certificate = of_chain(good, context)?;
    if context.error_depth() > 0 {
        return Ok(());
    }
    let above: Vec<&X509Ref> = context.chain().into_iter().flatten().skip(1).collect();
    expectations.check(certificate, &above)
}

/// One certificate of a chain that OpenSSL has found `good`, or not.
fn of_chain(good: bool, context: &X509StoreContextRef) -> Result<&X509Ref, HandshakeFailure> {
    let certificate = context.current_cert().ok_or(HandshakeFailure::NoCertificate)?;
    if !good {
        return Err(failure_of(context.error()));
    }
    check_strength(certificate, context.error_depth())?;
    Ok(certificate)
}

/// OpenSSL itself would let pass anything, at the security level that CCM_8 needs.
pub(crate) fn check_strength(certificate: &X509Ref, depth: u32) -> Result<(), HandshakeFailure> {
    let weak = |got: String| HandshakeFailure::Weak { got };
    let signature = certificate.signature_algorithm().object().nid();
    let signed_well = [
        Nid::ECDSA_WITH_SHA256,
        Nid::ECDSA_WITH_SHA384,
        Nid::ECDSA_WITH_SHA512,
        Nid::SHA256WITHRSAENCRYPTION,
        Nid::SHA384WITHRSAENCRYPTION,
        Nid::SHA512WITHRSAENCRYPTION,
    ];
    if !signed_well.contains(&signature) {
        let name = signature.long_name().unwrap_or("something unknown");
        return Err(weak(format!("a signature with {name}")));
    }
    let key = certificate.public_key().map_err(|_| weak("a key that cannot be read".to_owned()))?;
    match key.ec_key() {
        Ok(key) if depth == 0 => check_curve(&key),
        Ok(_) if key.bits() >= 256 => Ok(()),
        // An authority may have an RSA key.
        Err(_) if depth > 0 && key.rsa().is_ok() && key.bits() >= 2_048 => Ok(()),
        _ => Err(weak(format!("a key of {} bits", key.bits()))),
    }
}

fn check_raw_key(der: &[u8]) -> Result<(), HandshakeFailure> {
    match PKey::public_key_from_der(der).and_then(|key| key.ec_key()) {
        Ok(key) => check_curve(&key),
        Err(_) => Err(HandshakeFailure::Weak { got: "a raw key of another kind".to_owned() }),
    }
}

fn check_curve(key: &EcKey<Public>) -> Result<(), HandshakeFailure> {
    match key.group().curve_name() {
        Some(Nid::X9_62_PRIME256V1) => Ok(()),
        other => {
            let name = other.and_then(|nid| nid.short_name().ok()).unwrap_or("an unnamed one");
            Err(HandshakeFailure::Weak { got: format!("the curve {name}") })
        }
    }
}

fn failure_of(error: X509VerifyResult) -> HandshakeFailure {
    // x509_vfy.h
    match error.as_raw() {
        // Another authority of the same name is still another one: 7.
        2 | 7 | 18 | 19 | 20 | 21 | 24 => HandshakeFailure::UnknownAuthority,
        CERT_NOT_YET_VALID => HandshakeFailure::NotYetValid,
        CERT_HAS_EXPIRED => HandshakeFailure::Expired,
        26 | 79 => HandshakeFailure::Purpose,
        _ => HandshakeFailure::Certificate { reason: error.error_string().to_owned() },
    }
}

/// What was judged is said in words afterwards; OpenSSL only gets a yes or no, and the alert that fits.
fn note(context: &mut X509StoreContextRef, judged: Result<(), HandshakeFailure>) -> bool {
    let Err(failure) = judged else {
        context.set_error(X509VerifyResult::OK);
        return true;
    };
    let found = context.error();
    let code = match &failure {
        HandshakeFailure::NotAdmitted(NotAdmitted::Revoked) => ffi::verify_result(CERT_REVOKED),
        HandshakeFailure::NotAdmitted(_)
        | HandshakeFailure::OtherCertificate
        | HandshakeFailure::OtherPublicKey
        | HandshakeFailure::Name { .. }
        | HandshakeFailure::Weak { .. } => ffi::verify_result(CERT_REJECTED),
        _ if found == X509VerifyResult::OK => ffi::verify_result(CERT_REJECTED),
        _ => found,
    };
    context.set_error(code);
    if let Some(mut notes) = ssl(context).and_then(notes) {
        notes.failure.get_or_insert(failure);
    }
    false
}

fn ssl(context: &X509StoreContextRef) -> Option<&SslRef> {
    let index = openssl::x509::X509StoreContext::ssl_idx().ok()?;
    context.ex_data::<SslRef>(index)
}
