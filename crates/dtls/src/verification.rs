//! What the peer shows is judged while OpenSSL verifies it, so that a wrong one never gets a session.

use openssl::{
    nid::Nid,
    pkey::{PKeyRef, Public},
    ssl::SslRef,
    x509::{X509Ref, X509StoreContextRef, X509VerifyResult},
};

use crate::{
    client::Expectations,
    credentials::Credentials,
    failure::HandshakeFailure,
    ffi,
    identity::{Certificate, Identity},
    notes::notes,
};

/// A client's raw public key or certificate, one call for each certificate of the chain and one for the end.
pub(crate) fn of_client(
    credentials: &dyn Credentials,
    good: bool,
    context: &mut X509StoreContextRef,
) -> bool {
    let judged = judge_client(credentials, good, context);
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
    good: bool,
    context: &X509StoreContextRef,
) -> Result<(), HandshakeFailure> {
    let identity = if let Some(key) = ffi::raw_public_key_to_verify(context) {
        // OpenSSL has nothing to compare it with.
        Identity::RawPublicKey(key)
    } else {
        let certificate = of_chain(good, context)?;
        if context.error_depth() > 0 {
            return Ok(());
        }
        Certificate::of(certificate).map(Identity::Certificate).ok_or(HandshakeFailure::NoCertificate)?
    };
    credentials.admits(&identity).map_err(HandshakeFailure::NotAdmitted)
}

fn judge_server(
    expectations: &Expectations,
    good: bool,
    context: &X509StoreContextRef,
) -> Result<(), HandshakeFailure> {
    if let Some(key) = ffi::raw_public_key_to_verify(context) {
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
    match certificate.public_key() {
        Ok(key) if is_strong(&key) => Ok(certificate),
        Ok(key) => Err(HandshakeFailure::Weak { got: describe(&key) }),
        Err(_) => Err(HandshakeFailure::Weak { got: "a key that cannot be read".to_owned() }),
    }
}

/// At least 256 bits on a curve (LwM2M: no group below 255 bits). Authorities may also have RSA of 2048 bits or more.
fn is_strong(key: &PKeyRef<Public>) -> bool {
    match key.id() {
        openssl::pkey::Id::EC => key.bits() >= 256,
        openssl::pkey::Id::RSA => key.bits() >= 2_048,
        _ => false,
    }
}

fn describe(key: &PKeyRef<Public>) -> String {
    let kind = match key.id() {
        openssl::pkey::Id::EC => "an elliptic curve key",
        openssl::pkey::Id::RSA => "an RSA key",
        _ => "a key of another kind",
    };
    let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
    let curve = curve.and_then(|nid: Nid| nid.short_name().ok());
    match curve {
        Some(curve) => format!("{kind} on {curve}"),
        None => format!("{kind} of {} bits", key.bits()),
    }
}

fn failure_of(error: X509VerifyResult) -> HandshakeFailure {
    // x509_vfy.h
    match error.as_raw() {
        2 | 18 | 19 | 20 | 21 | 24 => HandshakeFailure::UnknownAuthority,
        9 => HandshakeFailure::NotYetValid,
        10 => HandshakeFailure::Expired,
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
    if let Some(mut notes) = ssl(context).and_then(notes) {
        notes.failure.get_or_insert(failure);
    }
    if context.error() == X509VerifyResult::OK {
        context.set_error(X509VerifyResult::APPLICATION_VERIFICATION);
    }
    false
}

fn ssl(context: &X509StoreContextRef) -> Option<&SslRef> {
    let index = openssl::x509::X509StoreContext::ssl_idx().ok()?;
    context.ex_data::<SslRef>(index)
}
