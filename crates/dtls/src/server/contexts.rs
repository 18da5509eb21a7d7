use std::sync::{Arc, Mutex, PoisonError};

use dtls_record::{ClientHello, ConnectionId, Suite};
use openssl::{
    ec::EcKey,
    error::ErrorStack,
    nid::Nid,
    pkey::{PKey, Private},
    ssl::{
        ExtensionContext, SslContext, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode,
        SslVerifyMode, SslVersion,
    },
    x509::{X509, store::X509StoreBuilder, verify::X509VerifyFlags},
};

use crate::{
    credentials::{Credentials, NotAdmitted},
    failure::HandshakeFailure,
    ffi,
    handshake::peer_identity,
    identity::{Certificate, Identity},
    limits,
    notes::notes,
    server::{
        config::{ConfigError, PrivateKey, ServerCertificate, ServerConfig},
        resumable::Resumable,
    },
    suites, verification,
};

const EXTENSION_SERVER_NAME: u16 = 0;
const EXTENSION_SERVER_CERTIFICATE_TYPE: u16 = 20;
pub(crate) const EXTENSION_CONNECTION_ID: u16 = 54;
const RAW_PUBLIC_KEY: u8 = 2;

/// One context of OpenSSL for every credential that the server can show, chosen by the ClientHello.
pub(crate) struct Contexts {
    raw: Option<SslContext>,
    /// Names of the certificate, in lower case. The first one is the default.
    certificates: Vec<(Vec<String>, SslContext)>,
    psk_only: SslContext,
}

/// What all contexts have in common.
struct Common<'a> {
    config: &'a ServerConfig,
    resumable: &'a Arc<Mutex<Resumable>>,
}

impl Contexts {
    pub(crate) fn new(config: &ServerConfig, resumable: &Arc<Mutex<Resumable>>) -> Result<Self, ConfigError> {
        let got = config.certificates.len();
        if got > limits::SERVER_CERTIFICATES {
            return Err(ConfigError::TooManyCertificates { got });
        }
        let common = Common { config, resumable };
        let mut certificates = Vec::new();
        for (number, certificate) in (2..).zip(&config.certificates) {
            certificates.push(common.with_certificate(number, certificate)?);
        }
        let raw_key = config.raw_key.as_ref().or(config.certificates.first().map(|first| &first.key));
        Ok(Self {
            raw: raw_key.map(|key| common.with_raw_key(key)).transpose()?,
            certificates,
            psk_only: common.builder(0)?.build(),
        })
    }

    /// RFC 7250 §4.2 for the kind of credential, RFC 6066 §3 for the name.
    pub(crate) fn choose(&self, hello: &ClientHello<'_>) -> &SslContext {
        let extension = |number| {
            hello.extensions().find_map(|(extension, content)| (extension == number).then_some(content))
        };
        let types = extension(EXTENSION_SERVER_CERTIFICATE_TYPE).unwrap_or_default();
        if let Some(raw) = &self.raw
            && types.iter().skip(1).any(|kind| *kind == RAW_PUBLIC_KEY)
        {
            return raw;
        }
        let name = extension(EXTENSION_SERVER_NAME).and_then(host_name);
        let named = name.and_then(|name| {
            let name = name.to_ascii_lowercase();
            self.certificates.iter().find(|(names, _)| names.iter().any(|of| covers(of, &name)))
        });
        let certificate = named.or(self.certificates.first()).map(|(_, context)| context);
        certificate.or(self.raw.as_ref()).unwrap_or(&self.psk_only)
    }
}

/// RFC 6066 §3: a list of names, of which only host names are defined.
fn host_name(content: &[u8]) -> Option<&str> {
    let [_, _, 0, high, low, name @ ..] = content else { return None };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    core::str::from_utf8(name.get(..length)?).ok()
}

/// A `*` stands for one label, the first (RFC 6125 §6.4.3).
fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => name.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => pattern == name,
    }
}

impl Common<'_> {
    fn with_certificate(
        &self,
        number: usize,
        certificate: &ServerCertificate,
    ) -> Result<(Vec<String>, SslContext), ConfigError> {
        let mut builder = self.builder(number)?;
        let mut chain = certificate.chain.iter();
        let leaf = chain.next().ok_or(ConfigError::EmptyChain)?;
        let leaf = X509::from_der(leaf).map_err(ConfigError::Certificate)?;
        builder.set_certificate(&leaf)?;
        for above in chain {
            builder.add_extra_chain_cert(X509::from_der(above).map_err(ConfigError::Certificate)?)?;
        }
        let key = private_key(&certificate.key)?;
        builder.set_private_key(&key)?;
        builder.check_private_key().map_err(|_| ConfigError::KeyMismatch)?;
        let of = Certificate::of(&leaf).ok_or(ConfigError::EmptyChain)?;
        let names = of.names.into_iter().chain(of.common_name).map(|name| name.to_ascii_lowercase());
        Ok((names.collect(), builder.build()))
    }

    fn with_raw_key(&self, key: &PrivateKey) -> Result<SslContext, ConfigError> {
        let mut builder = self.builder(1)?;
        ffi::allow_raw_public_keys(&mut builder)?;
        let key = private_key(key)?;
        builder.set_private_key(&key)?;
        Ok(builder.build())
    }

    fn builder(&self, number: usize) -> Result<SslContextBuilder, ConfigError> {
        let allowed = |suite| self.config.cbc || Suite::of(suite).is_some();
        let mut builder = base(SslMethod::dtls_server(), &suites::openssl_list(allowed))?;
        builder.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
        // The cookie was checked before OpenSSL saw anything.
        builder.set_cookie_verify_cb(|_, _| true);
        builder.set_session_id_context(b"lwm2m")?;
        self.answer_psk(&mut builder);
        self.verify_clients(&mut builder)?;
        self.resume(&mut builder, number);
        builder.add_custom_ext(
            EXTENSION_CONNECTION_ID,
            ExtensionContext::CLIENT_HELLO | ExtensionContext::TLS1_2_SERVER_HELLO,
            |ssl, _, _| Ok(agree_on_connection_ids(ssl)),
            |ssl, _, content, _| {
                if let Some(mut notes) = notes(ssl) {
                    notes.their_connection_id = ConnectionId::from_extension(content);
                }
                Ok(())
            },
        )?;
        Ok(builder)
    }

    fn answer_psk(&self, builder: &mut SslContextBuilder) {
        let credentials = Arc::clone(&self.config.credentials);
        builder.set_psk_server_callback(move |ssl, identity, place| {
            let identity = identity.unwrap_or_default();
            let known = psk_of(&*credentials, identity);
            if let Some(mut notes) = notes(ssl) {
                notes.identity = Some(Identity::Psk(identity.to_vec()));
                notes.failure = known.as_ref().err().cloned();
            }
            // No key means the alert unknown_psk_identity (RFC 4279 §2).
            let Ok(key) = known else { return Ok(0) };
            let Some(place) = place.get_mut(..key.len()) else { return Ok(0) };
            place.copy_from_slice(&key);
            Ok(key.len())
        });
    }

    fn verify_clients(&self, builder: &mut SslContextBuilder) -> Result<(), ConfigError> {
        let mut store = X509StoreBuilder::new()?;
        let pinned = self.config.pinned.clone();
        for anchor in self.config.trust_anchors.iter().chain(&pinned) {
            store.add_cert(X509::from_der(anchor).map_err(ConfigError::Certificate)?)?;
        }
        // An anchor need not be a root.
        store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        builder.set_verify_cert_store(store.build())?;
        let credentials = Arc::clone(&self.config.credentials);
        let mode = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
        builder.set_verify_callback(mode, move |good, context| {
            verification::of_client(&*credentials, &pinned, good, context)
        });
        Ok(())
    }

    fn resume(&self, builder: &mut SslContextBuilder, number: usize) {
        builder.set_session_cache_mode(SslSessionCacheMode::SERVER | SslSessionCacheMode::NO_INTERNAL);
        ffi::set_session_timeout(builder, limits::RESUMABLE_FOR_S);
        let (store, credentials) = (Arc::clone(self.resumable), Arc::clone(&self.config.credentials));
        builder.set_new_session_callback(move |ssl, session| {
            let Some(identity) = peer_identity(ssl) else { return };
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            store.insert(number, session, identity, &*credentials);
        });
        let (store, credentials) = (Arc::clone(self.resumable), Arc::clone(&self.config.credentials));
        ffi::set_session_source(builder, move |id| {
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            store.find(number, id, &*credentials)
        });
    }
}

fn psk_of(
    credentials: &dyn Credentials,
    identity: &[u8],
) -> Result<zeroize::Zeroizing<Vec<u8>>, HandshakeFailure> {
    let known = (identity.len() <= limits::PSK_IDENTITY_LENGTH).then(|| credentials.psk(identity)).flatten();
    let key = known.filter(|key| !key.is_empty() && key.len() <= limits::PSK_LENGTH);
    match (key, credentials.admits(&Identity::Psk(identity.to_vec()))) {
        (_, Err(why @ (NotAdmitted::Revoked | NotAdmitted::Forbidden))) => {
            Err(HandshakeFailure::NotAdmitted(why))
        }
        (Some(key), Ok(())) => Ok(key),
        _ => Err(HandshakeFailure::UnknownPskIdentity),
    }
}

/// Content of our extension, if both ends want one and the records are ours.
fn agree_on_connection_ids(ssl: &SslRef) -> Option<Vec<u8>> {
    let ours = ffi::pending_cipher_suite(ssl).and_then(Suite::of).is_some();
    let mut notes = notes(ssl)?;
    let id = notes.our_connection_id?;
    notes.connection_ids_negotiated = ours && notes.their_connection_id.is_some();
    notes.connection_ids_negotiated.then(|| id.to_extension())
}

/// What contexts of both roles have in common.
pub(crate) fn base(method: SslMethod, suites: &str) -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContextBuilder::new(method)?;
    // CCM_8 counts for 64 bits, which any higher level forbids. What is allowed is all named here instead.
    builder.set_security_level(0);
    builder.set_min_proto_version(Some(SslVersion::DTLS1_2))?;
    builder.set_max_proto_version(Some(SslVersion::DTLS1_2))?;
    builder.set_cipher_list(suites)?;
    builder.set_sigalgs_list(suites::SIGNATURES)?;
    builder.set_groups_list(suites::GROUPS)?;
    builder.set_options(
        SslOptions::NO_QUERY_MTU
            | SslOptions::NO_RENEGOTIATION
            | SslOptions::NO_TICKET
            | SslOptions::NO_COMPRESSION,
    );
    Ok(builder)
}

/// A private key on P-256, the one curve that every device has.
pub(crate) fn private_key(key: &PrivateKey) -> Result<PKey<Private>, ConfigError> {
    let key = PKey::private_key_from_der(&key.0).map_err(ConfigError::PrivateKey)?;
    let on_curve =
        key.ec_key().is_ok_and(|key: EcKey<Private>| key.group().curve_name() == Some(Nid::X9_62_PRIME256V1));
    if on_curve { Ok(key) } else { Err(ConfigError::Curve) }
}
