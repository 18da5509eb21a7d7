use std::sync::{Arc, OnceLock};

use dtls_record::ConnectionId;
use openssl::{
    ssl::{
        ExtensionContext, SslAlert, SslContext, SslContextBuilder, SslMethod, SslSessionCacheMode,
        SslVerifyMode,
    },
    x509::{X509, store::X509StoreBuilder, verify::X509VerifyFlags},
};

use super::{CertificateUsage, ClientConfig, ClientCredential, MatchingType};
use crate::{
    ffi,
    notes::notes,
    server::{ConfigError, EXTENSION_CONNECTION_ID, base, private_key},
    suites, verification,
};

/// A context of OpenSSL.
pub(super) struct Context {
    pub(super) ssl: SslContext,
}

impl Context {
    /// Clients with pre-shared keys have one in common, as a fleet of them would take much memory otherwise.
    pub(super) fn of(config: &ClientConfig) -> Result<Arc<Self>, ConfigError> {
        static PSK: OnceLock<Arc<Context>> = OnceLock::new();
        let is_common = matches!(config.credential, ClientCredential::Psk { .. }) && config.suites.is_empty();
        if let (true, Some(common)) = (is_common, PSK.get()) {
            return Ok(Arc::clone(common));
        }
        let made = Arc::new(Self { ssl: build(config)? });
        Ok(if is_common { Arc::clone(PSK.get_or_init(|| made)) } else { made })
    }
}

fn build(config: &ClientConfig) -> Result<SslContext, ConfigError> {
    let is_psk = matches!(config.credential, ClientCredential::Psk { .. });
    let wanted = |suite| config.suites.is_empty() || config.suites.contains(&suite);
    let list = suites::openssl_list(|suite| suites::is_psk(suite) == is_psk && wanted(suite));
    let mut builder = base(SslMethod::dtls_client(), &list)?;
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    negotiate_connection_id(&mut builder)?;
    match &config.credential {
        ClientCredential::Psk { .. } => show_psk(&mut builder),
        ClientCredential::RawPublicKey { key, .. } => {
            ffi::allow_raw_public_keys(&mut builder)?;
            let key = private_key(key)?;
            builder.set_private_key(&key)?;
            verify(&mut builder);
        }
        ClientCredential::Certificate { chain, key, server } => {
            let mut chain = chain.iter();
            let leaf = chain.next().ok_or(ConfigError::EmptyChain)?;
            builder.set_certificate(&*X509::from_der(leaf).map_err(ConfigError::Certificate)?)?;
            for above in chain {
                builder.add_extra_chain_cert(X509::from_der(above).map_err(ConfigError::Certificate)?)?;
            }
            let key = private_key(key)?;
            builder.set_private_key(&key)?;
            builder.check_private_key().map_err(|_| ConfigError::KeyMismatch)?;
            let mut store = X509StoreBuilder::new()?;
            let asserted = server.usage == CertificateUsage::TrustAnchorAssertion
                && server.matching == MatchingType::Exact;
            let asserted = asserted.then_some(&server.content);
            for anchor in server.anchors.iter().chain(asserted) {
                store.add_cert(X509::from_der(anchor).map_err(ConfigError::Certificate)?)?;
            }
            store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
            builder.set_verify_cert_store(store.build())?;
            verify(&mut builder);
        }
    }
    Ok(builder.build())
}

fn verify(builder: &mut SslContextBuilder) {
    builder.set_verify_callback(SslVerifyMode::PEER, verification::of_server);
}

fn show_psk(builder: &mut SslContextBuilder) {
    builder.set_psk_client_callback(|ssl, _, identity_place, key_place| {
        let psk = notes(ssl).and_then(|notes| notes.expectations.as_ref()?.psk.clone());
        let Some((identity, key)) = psk else { return Ok(0) };
        // The identity ends with a zero.
        let (Some(to), Some(key_to)) =
            (identity_place.get_mut(..=identity.len()), key_place.get_mut(..key.len()))
        else {
            return Ok(0);
        };
        to[..identity.len()].copy_from_slice(&identity);
        to[identity.len()] = 0;
        key_to.copy_from_slice(&key);
        Ok(key.len())
    });
}

fn negotiate_connection_id(builder: &mut SslContextBuilder) -> Result<(), ConfigError> {
    builder.add_custom_ext(
        EXTENSION_CONNECTION_ID,
        ExtensionContext::CLIENT_HELLO | ExtensionContext::TLS1_2_SERVER_HELLO,
        |ssl, _, _| Ok(notes(ssl).and_then(|notes| notes.our_connection_id).map(|id| id.to_extension())),
        |ssl, _, content, _| {
            let id = ConnectionId::from_extension(content).ok_or(SslAlert::ILLEGAL_PARAMETER)?;
            if let Some(mut notes) = notes(ssl) {
                notes.their_connection_id = Some(id);
                notes.connection_ids_negotiated = true;
            }
            Ok(())
        },
    )?;
    Ok(())
}
