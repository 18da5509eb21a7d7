use std::{
    path::Path,
    sync::{Mutex, RwLock},
};

use anyhow::{Context, Result, bail};
use credentials::{KeyPair, Place, Table};
use store::{Outcome, SecurityChange, Store};
use tokio::sync::watch;

use super::{
    Credentials, DeskError, ServerKeys, key_file,
    server_keys::{AUTHORITY, CERTIFICATE, Own, RAW},
};

/// What is stored, in memory. On the first start the server gets its raw key. With a key that did not encrypt what is
/// stored nothing is changed.
pub(crate) fn open(data: &Path, store: &mut dyn Store) -> Result<Credentials> {
    let secrets = store.server_secrets()?;
    let stored = store.credentials()?;
    let vault = key_file::vault(data, !secrets.is_empty() || !stored.is_empty())?;
    let own = |name: &str| -> Result<Option<Own>> {
        let secret = secrets.iter().find(|secret| secret.name == name);
        let opened = secret.map(|secret| Own::restore(secret, &vault)).transpose();
        opened.with_context(|| format!("the stored key {name:?} of the server cannot be decrypted"))
    };
    let (raw, authority, certificate) = (own(RAW)?, own(AUTHORITY)?, own(CERTIFICATE)?);
    let mut table = Table::default();
    for stored in stored {
        let place = Place::Credential(stored.credential.id, stored.credential.version);
        let key = stored.sealed.as_ref().map(|sealed| vault.open(place, sealed)).transpose();
        let key = key.with_context(|| {
            format!("the stored credential {} cannot be decrypted", stored.credential.id.0)
        })?;
        table.put(stored.credential, key);
    }
    let raw = match raw {
        Some(raw) => raw,
        None => {
            let raw = make_raw()?;
            keep(store, raw.to_change(RAW, &vault)?)?;
            raw
        }
    };
    let server = ServerKeys { raw, authority, certificate };
    let changes = watch::Sender::new(0);
    let (table, server, uses) = (RwLock::new(table), RwLock::new(server), Mutex::default());
    Ok(Credentials { table, server, vault, uses, changes })
}

fn make_raw() -> Result<Own, DeskError> {
    let failed = |error: &dyn std::fmt::Display| DeskError::Failed(error.to_string());
    let pair = KeyPair::generate().map_err(|error| failed(&error))?;
    let public = pair.public_key().map_err(|error| failed(&error))?;
    Own::of_pair(&pair, public)
}

fn keep(store: &mut dyn Store, change: SecurityChange) -> Result<()> {
    match store.secure(&[change], &[]) {
        Outcome::Stored | Outcome::Known => Ok(()),
        Outcome::Failed(why) => bail!("the server's key cannot be stored: {why}"),
    }
}
