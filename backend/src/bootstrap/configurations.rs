use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use bootstrap_configuration::fitting;
use coap::Instant;
use console_api::{BootstrapAssignment, BootstrapConfiguration, SavedBootstrapConfiguration};
use credentials::{Place, Secret, Vault};
use lwm2m_model::Registry;
use store::KeptConfiguration;
use zeroize::Zeroizing;

use super::BootstrapError;
use crate::credentials::DeskError;

/// The newest version of each configuration, by id.
#[derive(Default)]
pub(crate) struct Configurations(RwLock<BTreeMap<u64, Arc<Version>>>);

/// One version of a configuration.
pub(crate) struct Version {
    pub(crate) id: u64,
    pub(crate) number: u32,
    pub(crate) saved_at: Instant,
    pub(crate) author: String,
    /// Without secrets.
    pub(crate) configuration: BootstrapConfiguration,
    pub(crate) secrets: Secrets,
}

/// The secret key of each account that has one, by the position of the account.
pub(crate) type Secrets = BTreeMap<usize, Secret>;

/// What a device receives, and why.
pub(crate) struct Assigned {
    pub(crate) version: Arc<Version>,
    pub(crate) because: BootstrapAssignment,
    /// Less specific ones, by name.
    pub(crate) others: Vec<(String, BootstrapAssignment)>,
}

impl Configurations {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, BTreeMap<u64, Arc<Version>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, version: Version) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(version.id, Arc::new(version));
    }

    pub(super) fn remove(&self, id: u64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub(crate) fn one(&self, id: u64) -> Result<Arc<Version>, BootstrapError> {
        self.read().get(&id).cloned().ok_or(BootstrapError::Unknown(id))
    }

    /// By name.
    pub(crate) fn all(&self) -> Vec<Arc<Version>> {
        let mut all: Vec<_> = self.read().values().cloned().collect();
        all.sort_by(|a, b| a.configuration.name.cmp(&b.configuration.name));
        all
    }

    /// What a device of this name receives.
    pub(crate) fn assigned(&self, endpoint: &str) -> Option<Assigned> {
        let all = self.read();
        let assignments = all.values().flat_map(|version| {
            version.configuration.assigned.iter().map(|assignment| (version.id, assignment))
        });
        let mut fitting = fitting(endpoint, assignments).into_iter();
        let (id, because) = fitting.next()?;
        let name = |id: u64| all.get(&id).map(|version| version.configuration.name.clone());
        let others = fitting.filter_map(|(id, assignment)| Some((name(id)?, assignment.clone()))).collect();
        Some(Assigned { version: Arc::clone(all.get(&id)?), because: because.clone(), others })
    }
}

impl Version {
    pub(super) fn to_kept(&self, vault: &Vault) -> Result<KeptConfiguration, BootstrapError> {
        let failed = |error: serde_json::Error| DeskError::Failed(error.to_string());
        let content = serde_json::to_vec(&self.configuration).map_err(failed)?;
        let sealed = if self.secrets.is_empty() {
            None
        } else {
            let place = Place::Configuration(self.id, self.number);
            Some(vault.seal(place, &to_bytes(&self.secrets))?)
        };
        let (id, version, saved_at) = (self.id, self.number, self.saved_at);
        Ok(KeptConfiguration { id, version, saved_at, author: self.author.clone(), content, sealed })
    }

    pub(super) fn of_kept(kept: &KeptConfiguration, vault: &Vault) -> Result<Self, BootstrapError> {
        let KeptConfiguration { id, version, saved_at, author, content, sealed } = kept;
        let unreadable = |why: &dyn std::fmt::Display| {
            DeskError::Failed(format!("version {version} of configuration {id} cannot be read: {why}"))
        };
        let configuration = serde_json::from_slice(content).map_err(|error| unreadable(&error))?;
        let secrets = match sealed {
            None => Secrets::new(),
            Some(sealed) => {
                let opened = vault.open(Place::Configuration(*id, *version), sealed)?;
                of_bytes(opened.expose()).ok_or_else(|| unreadable(&"its secrets are malformed"))?
            }
        };
        let (id, number, saved_at, author) = (*id, *version, *saved_at, author.clone());
        Ok(Self { id, number, saved_at, author, configuration, secrets })
    }

    /// As REST and console see it.
    pub(crate) fn told(&self, registry: &Registry) -> SavedBootstrapConfiguration {
        SavedBootstrapConfiguration {
            id: self.id,
            version: self.number,
            saved_at_ms: self.saved_at.as_millis(),
            author: self.author.clone(),
            warnings: bootstrap_configuration::check(&self.configuration, registry).warnings,
            configuration: self.configuration.clone(),
        }
    }
}

/// Of each the position and the length, in four bytes each, and then its bytes.
fn to_bytes(secrets: &Secrets) -> Zeroizing<Vec<u8>> {
    let mut bytes =
        Zeroizing::new(Vec::with_capacity(secrets.values().map(|key| 8 + key.expose().len()).sum()));
    for (position, key) in secrets {
        for number in [*position, key.expose().len()] {
            bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
        }
        bytes.extend_from_slice(key.expose());
    }
    bytes
}

fn of_bytes(mut bytes: &[u8]) -> Option<Secrets> {
    let mut secrets = Secrets::new();
    while !bytes.is_empty() {
        let (position, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let position = usize::try_from(u32::from_be_bytes(*position)).ok()?;
        secrets.insert(position, Secret::from(key.to_vec()));
        bytes = rest;
    }
    Some(secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_kept_by_the_position_of_their_account() {
        let secrets =
            Secrets::from([(0, vec![1; 16].into()), (3, Vec::new().into()), (300, vec![2; 64].into())]);
        assert_eq!(of_bytes(&to_bytes(&secrets)), Some(secrets.clone()));
        let bytes = to_bytes(&secrets);
        assert_eq!(of_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(of_bytes(&bytes[..7]), None);
        assert_eq!(of_bytes(&[]), Some(Secrets::new()));
    }
}
