use std::{collections::BTreeMap, sync::Arc};

use console_api::{BootstrapAssigned, BootstrapConversation, BootstrapStep, SavedBootstrapConfiguration};
use store::StoreError;
use tokio::sync::Mutex;

use super::{BootstrapError, Configurations, Opened, Sessions, configurations::Version, keeping::Keeping};
use crate::{
    clock::Clock,
    credentials,
    objects::Objects,
    runtime::{Bootstrapping, Storage},
};

/// Who changes configurations, and knows the sessions.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) configurations: Arc<Configurations>,
    pub(crate) sessions: Arc<Sessions>,
    pub(super) credentials: credentials::Desk,
    pub(super) objects: Arc<Objects>,
    pub(super) storage: Arc<Storage>,
    pub(super) clock: Clock,
    /// The highest id that a configuration ever had.
    pub(super) last: Arc<Mutex<u64>>,
    /// Where this process is no Bootstrap-Server there is none.
    pub(crate) role: Option<Bootstrapping>,
}

impl Desk {
    pub(crate) fn new(
        opened: Opened,
        credentials: credentials::Desk,
        objects: Arc<Objects>,
        storage: Arc<Storage>,
        clock: Clock,
        role: Option<Bootstrapping>,
    ) -> Self {
        let Opened { configurations, last_configuration, sessions, .. } = opened;
        let last = Arc::new(Mutex::new(last_configuration));
        Self { configurations, sessions, credentials, objects, storage, clock, last, role }
    }

    /// Keeps what the role tells.
    pub(crate) fn keeping(&self) -> Keeping {
        Keeping::new(self.clone())
    }

    /// The newest version of each, by name.
    pub(crate) fn list(&self) -> Vec<SavedBootstrapConfiguration> {
        let registry = self.objects.registry();
        self.configurations.all().iter().map(|version| version.told(&registry)).collect()
    }

    pub(crate) fn one(&self, id: u64) -> Result<SavedBootstrapConfiguration, BootstrapError> {
        Ok(self.configurations.one(id)?.told(&self.objects.registry()))
    }

    /// The newest first.
    pub(crate) fn versions(&self, id: u64) -> Result<Vec<SavedBootstrapConfiguration>, BootstrapError> {
        self.configurations.one(id)?;
        let registry = self.objects.registry();
        let vault = self.credentials.credentials().vault();
        let kept = self.storage.bootstrap().versions(id)?;
        kept.iter().map(|kept| Ok(Version::of_kept(kept, vault)?.told(&registry))).collect()
    }

    /// What a device of this name would receive.
    pub(crate) fn assigned(&self, endpoint: String) -> BootstrapAssigned {
        let Some(assigned) = self.configurations.assigned(&endpoint) else {
            return BootstrapAssigned { endpoint, ..BootstrapAssigned::default() };
        };
        BootstrapAssigned {
            endpoint,
            configuration: Some(assigned.version.told(&self.objects.registry())),
            because: Some(assigned.because),
            others: assigned.others,
        }
    }

    /// A session, message by message: those that are stored and those that are not.
    pub(crate) fn conversation(&self, id: u64) -> Result<Option<BootstrapConversation>, StoreError> {
        // In this order: what is stored in between is there twice, and not missing.
        let Some((session, unstored)) = self.sessions.with_unstored_steps(id) else { return Ok(None) };
        let mut steps = BTreeMap::new();
        for kept in self.storage.bootstrap().steps(id)? {
            let step: BootstrapStep = serde_json::from_slice(&kept.content)
                .map_err(|error| StoreError(format!("step {} of session {id}: {error}", kept.number)))?;
            steps.insert(kept.number, step);
        }
        steps.extend(unstored);
        // The last attempt counts, which may be shorter than the one before.
        steps.retain(|number, _| *number < session.steps);
        Ok(Some(BootstrapConversation { session, steps: steps.into_values().collect() }))
    }
}
