use std::sync::Arc;

use lwm2m_model::Registry;

use crate::server::Admission;

/// A session of one device with the Bootstrap-Server. No two sessions have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootstrapId(pub u64);

/// What an operator decides about a Bootstrap-Server.
#[derive(Clone, Debug)]
pub struct BootstrapServerConfig {
    /// What the Resources of an Object are in each of its versions.
    pub definitions: Arc<Registry>,
    /// Who may ask for a configuration.
    pub admission: Admission,
    /// The id of the first session; the following ones count on from it.
    pub first: BootstrapId,
}
