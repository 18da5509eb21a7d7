use std::{
    path::Path,
    sync::{Mutex, RwLock, atomic::AtomicU64},
};

use anyhow::{Context, Result, bail};
use coap::Instant;
use credentials::{CertificateInfo, KeyPair, Place, Server, Tables, Vault};
use store::{Outcome, SecurityChange, ServerSecret, Store};
use tokio::sync::broadcast;

use super::{
    CHANGES, Credentials, DeskError, ServerKeys, authorities, issue, key_file,
    server_keys::{AUTHORITY, Keys, Own, certificate_name, raw_name},
};

/// What is stored, in memory. On the first start each server gets its raw key. With a key that did not encrypt what is
/// stored nothing is changed.
pub(crate) fn open(data: &Path, store: &mut dyn Store, now: Instant) -> Result<Credentials> {
    let secrets = store.server_secrets()?;
    let stored = store.credentials()?;
    let configurations = store.configurations()?;
    let has_sealed = configurations.iter().any(|kept| kept.sealed.is_some());
    let vault = key_file::vault(data, has_sealed || !secrets.is_empty() || !stored.is_empty())?;
    let mut tables = Tables::default();
    for stored in stored {
        let place = Place::Credential(stored.credential.id, stored.credential.version);
        let key = stored.sealed.as_ref().map(|sealed| vault.open(place, sealed)).transpose();
        let key = key.with_context(|| {
            format!("the stored credential {} cannot be decrypted", stored.credential.id.0)
        })?;
        tables.put(stored.credential, key);
    }
    let authority = own(&secrets, AUTHORITY, &vault)?;
    let [device_management, bootstrap] = Server::ALL.map(|server| stored_keys(&secrets, server, &vault));
    let (mut made, mut opened) = (Vec::new(), Vec::new());
    for (server, (raw, certificate)) in Server::ALL.into_iter().zip([device_management?, bootstrap?]) {
        let raw = match raw {
            Some(raw) => raw,
            None => {
                let raw = make_raw()?;
                made.push(raw.to_change(raw_name(server), &vault)?);
                raw
            }
        };
        opened.push(Keys { raw, certificate });
    }
    let (Some(bootstrap), Some(device_management)) = (opened.pop(), opened.pop()) else {
        bail!("a server has no keys");
    };
    let mut server =
        ServerKeys { device_management, bootstrap, authority, believed: authorities::stored(&secrets) };
    if let Some(certificate) = missing_certificate(&server, now)? {
        made.push(certificate.to_change(certificate_name(Server::Bootstrap), &vault)?);
        server.bootstrap.certificate = Some(certificate);
    }
    keep(store, &made)?;
    let changes = broadcast::Sender::new(CHANGES);
    let (tables, server, uses) = (RwLock::new(tables), RwLock::new(server), Mutex::default());
    let (refused, refused_authorities) = (AtomicU64::new(0), AtomicU64::new(0));
    Ok(Credentials { tables, server, vault, uses, changes, refused, refused_authorities })
}

fn own(secrets: &[ServerSecret], name: &str, vault: &Vault) -> Result<Option<Own>> {
    let secret = secrets.iter().find(|secret| secret.name == name);
    let opened = secret.map(|secret| Own::restore(secret, vault)).transpose();
    opened.with_context(|| format!("the stored key {name:?} of the server cannot be decrypted"))
}

/// Raw key and certificate.
fn stored_keys(
    secrets: &[ServerSecret],
    server: Server,
    vault: &Vault,
) -> Result<(Option<Own>, Option<Own>)> {
    Ok((own(secrets, raw_name(server), vault)?, own(secrets, certificate_name(server), vault)?))
}

fn make_raw() -> Result<Own, DeskError> {
    let failed = |error: &dyn std::fmt::Display| DeskError::Failed(error.to_string());
    let pair = KeyPair::generate().map_err(|error| failed(&error))?;
    let public = pair.public_key().map_err(|error| failed(&error))?;
    Own::of_pair(&pair, public)
}

/// The certificate of the Bootstrap-Server, where the authority is older than that server: for the same names.
fn missing_certificate(server: &ServerKeys, now: Instant) -> Result<Option<Own>> {
    let (Some(authority), Some(other), None) =
        (server.to_authority()?, &server.device_management.certificate, &server.bootstrap.certificate)
    else {
        return Ok(None);
    };
    let names = CertificateInfo::of(&other.public).context("the certificate of the server")?.names;
    let pair = KeyPair::generate()?;
    Ok(Some(issue::for_server(&authority, &pair, &names, None, now)?))
}

fn keep(store: &mut dyn Store, changes: &[SecurityChange]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    match store.secure(changes, &[]) {
        Outcome::Stored | Outcome::Known => Ok(()),
        Outcome::Failed(why) => bail!("the server's key cannot be stored: {why}"),
    }
}
