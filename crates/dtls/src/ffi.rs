//! The functions of OpenSSL that the crate `openssl` does not bind. Nothing else in this crate is unsafe.

#![allow(unsafe_code)]

use core::{
    ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_void},
    ptr, slice,
};
use std::ffi::CString;

use foreign_types_shared::ForeignTypeRef as _;
use openssl::{
    error::ErrorStack,
    ssl::{SslContextBuilder, SslContextRef, SslRef, SslSession, SslSessionRef, SslStream},
    x509::{X509Ref, X509StoreContextRef, X509VerifyResult},
};
use openssl_sys::{
    BIO_ADDR, EVP_PKEY, EXFLAG_CA, SSL, SSL_CIPHER, SSL_CTX, X509_STORE_CTX, X509_get_extension_flags,
    X509_get_key_usage,
};

use crate::link::Link;

/// RFC 7250: the types of certificates.
const CERT_TYPES_WITH_RAW_PUBLIC_KEY: [c_uchar; 2] = [2, 0];

type TimerCallback = extern "C" fn(*mut SSL, c_uint) -> c_uint;

unsafe extern "C" {
    fn BIO_ADDR_new() -> *mut BIO_ADDR;
    fn BIO_ADDR_free(address: *mut BIO_ADDR);
    fn DTLSv1_listen(ssl: *mut SSL, peer: *mut BIO_ADDR) -> c_int;
    fn DTLS_set_timer_cb(ssl: *mut SSL, callback: TimerCallback);
    fn SSL_get_pending_cipher(ssl: *const SSL) -> *const SSL_CIPHER;
    fn SSL_CTX_set_timeout(context: *mut SSL_CTX, seconds: c_long) -> c_long;
    fn SSL_CTX_set1_client_cert_type(context: *mut SSL_CTX, types: *const c_uchar, length: usize) -> c_int;
    fn SSL_CTX_set1_server_cert_type(context: *mut SSL_CTX, types: *const c_uchar, length: usize) -> c_int;
    fn SSL_get0_peer_rpk(ssl: *const SSL) -> *mut EVP_PKEY;
    fn X509_STORE_CTX_get0_rpk(context: *const X509_STORE_CTX) -> *mut EVP_PKEY;
    fn CRYPTO_free(pointer: *mut c_void, file: *const c_char, line: c_int);
}

/// RFC 5280 §4.2.1.3, as OpenSSL has it (x509v3.h); all bits are set where a certificate does not say.
const KEY_CERT_SIGN: u32 = 0x4;

/// Whether a certificate says that its key signs others (RFC 5280 §4.2.1.3 and §4.2.1.9).
pub(crate) fn signs_certificates(certificate: &X509Ref) -> bool {
    // SAFETY: `certificate` is alive. What OpenSSL keeps of its extensions it fills in under its own lock.
    let (flags, usage) =
        unsafe { (X509_get_extension_flags(certificate.as_ptr()), X509_get_key_usage(certificate.as_ptr())) };
    flags & EXFLAG_CA != 0 && usage & KEY_CERT_SIGN != 0
}

/// Reads the ClientHello with a cookie that waits in the link, and begins the handshake after it.
pub(crate) fn listen(stream: &mut SslStream<Link>) -> bool {
    // SAFETY: plain allocation, freed below.
    let peer = unsafe { BIO_ADDR_new() };
    if peer.is_null() {
        return false;
    }
    // SAFETY: `ssl` is alive and has a link for both directions, as it is in a stream; `peer` was allocated above.
    let result = unsafe { DTLSv1_listen(stream.ssl().as_ptr(), peer) };
    // SAFETY: allocated above, and OpenSSL keeps no reference to it.
    unsafe { BIO_ADDR_free(peer) };
    result > 0
}

/// OpenSSL would look at the clock of the machine before every read. From now on its timer is not due before the
/// handshake has long been given up, and flights are repeated by us.
pub(crate) fn disable_timer(ssl: &mut SslRef) {
    extern "C" fn an_hour(_: *mut SSL, _: c_uint) -> c_uint {
        3_600_000_000
    }
    // SAFETY: `ssl` is alive, and the callback is a function without state.
    unsafe { DTLS_set_timer_cb(ssl.as_ptr(), an_hour) };
}

/// Number of the cipher suite that the handshake has agreed upon.
pub(crate) fn pending_cipher_suite(ssl: &SslRef) -> Option<u16> {
    // SAFETY: `ssl` is alive; the result points to a static table or is null.
    let cipher = unsafe { SSL_get_pending_cipher(ssl.as_ptr()) };
    if cipher.is_null() {
        return None;
    }
    // SAFETY: not null, see above.
    Some(unsafe { openssl_sys::SSL_CIPHER_get_protocol_id(cipher) })
}

pub(crate) fn set_cipher_list(ssl: &mut SslRef, list: &str) -> Result<(), ErrorStack> {
    let Ok(list) = CString::new(list) else { return Err(ErrorStack::get()) };
    // SAFETY: `ssl` is alive, and the list ends with a zero; OpenSSL copies it.
    succeeded(unsafe { openssl_sys::SSL_set_cipher_list(ssl.as_ptr(), list.as_ptr()) })
}

/// One of the codes of x509_vfy.h.
pub(crate) fn verify_result(code: c_int) -> X509VerifyResult {
    // SAFETY: the type holds any number; it is only ever compared, and looked up in a table with a default.
    unsafe { X509VerifyResult::from_raw(code) }
}

/// Seconds for which a session may be resumed.
pub(crate) fn set_session_timeout(context: &mut SslContextBuilder, seconds: u32) {
    // SAFETY: the context is alive.
    unsafe {
        SSL_CTX_set_timeout(context.as_ptr(), c_long::from(i32::try_from(seconds).unwrap_or(i32::MAX)))
    };
}

/// Raw public keys preferred, X.509 allowed, for both ends (RFC 7250 §3).
pub(crate) fn allow_raw_public_keys(context: &mut SslContextBuilder) -> Result<(), ErrorStack> {
    let types = &CERT_TYPES_WITH_RAW_PUBLIC_KEY;
    // SAFETY: the context is alive, and OpenSSL copies the array.
    succeeded(unsafe { SSL_CTX_set1_client_cert_type(context.as_ptr(), types.as_ptr(), types.len()) })?;
    // SAFETY: as above.
    succeeded(unsafe { SSL_CTX_set1_server_cert_type(context.as_ptr(), types.as_ptr(), types.len()) })
}

/// SubjectPublicKeyInfo of the peer (DER), if it showed a raw public key.
pub(crate) fn peer_raw_public_key(ssl: &SslRef) -> Option<Vec<u8>> {
    // SAFETY: `ssl` is alive and owns the key, which is used up before this returns.
    unsafe { public_key_to_der(SSL_get0_peer_rpk(ssl.as_ptr())) }
}

/// The same while it is being verified.
pub(crate) fn raw_public_key_to_verify(context: &X509StoreContextRef) -> Option<Vec<u8>> {
    // SAFETY: the context is alive and owns the key, which is used up before this returns.
    unsafe { public_key_to_der(X509_STORE_CTX_get0_rpk(context.as_ptr())) }
}

/// # Safety
/// `key` is null or points to a key that lives until this returns.
unsafe fn public_key_to_der(key: *mut EVP_PKEY) -> Option<Vec<u8>> {
    if key.is_null() {
        return None;
    }
    let mut der = ptr::null_mut();
    // SAFETY: the key is alive; with a null pointer in `der` OpenSSL allocates.
    let length = unsafe { openssl_sys::i2d_PUBKEY(key, &raw mut der) };
    let length = usize::try_from(length).ok().filter(|_| !der.is_null())?;
    // SAFETY: OpenSSL wrote `length` bytes to its allocation.
    let copy = unsafe { slice::from_raw_parts(der, length) }.to_vec();
    // SAFETY: allocated by OpenSSL above, and no longer used.
    unsafe { CRYPTO_free(der.cast(), ptr::null(), 0) };
    Some(copy)
}

/// Where a server looks for the session that a client wants to resume.
///
/// `find` is only to return sessions that the same context has made.
pub(crate) fn set_session_source(
    context: &mut SslContextBuilder,
    find: impl Fn(&[u8]) -> Option<SslSession> + Send + Sync + 'static,
) {
    // SAFETY: the only caller keeps the number of the context beside each session, and returns none of another one.
    unsafe { context.set_get_session_callback(move |_, id| find(id)) };
}

/// Offers to resume `session`, provided that `context` has made it.
pub(crate) fn resume(
    ssl: &mut SslRef,
    context: &SslContextRef,
    session: &SslSessionRef,
) -> Result<(), ErrorStack> {
    if ssl.ssl_context().as_ptr() != context.as_ptr() {
        return Ok(());
    }
    // SAFETY: sessions of clients are made by the contexts of clients alone, which live as long as the process.
    unsafe { ssl.set_session(session) }
}

fn succeeded(result: c_int) -> Result<(), ErrorStack> {
    if result == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}
