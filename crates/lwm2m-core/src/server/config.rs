use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use coap::TransmissionParameters;
use lwm2m_codec::registration::RegisteredObject;
use lwm2m_model::Registry;

/// What an operator decides about a server. By default everyone may register, and what the standard leaves open is
/// accepted.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Whether a parameter of Register or Update that the standard does not know is refused with 4.00. Otherwise it
    /// is kept.
    pub strict_parameters: bool,
    pub admission: Admission,
    /// The Objects that a profile identifier stands for (Core 1.2 §6.2.1).
    pub profiles: BTreeMap<String, BTreeMap<u16, RegisteredObject>>,
    /// What is written is checked against these definitions before it is sent.
    pub definitions: Option<Arc<Registry>>,
    /// How long a client in queue mode listens after its last message (Core 1.1 Transport §6.5).
    pub awake_time: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            strict_parameters: false,
            admission: Admission::default(),
            profiles: BTreeMap::new(),
            definitions: None,
            awake_time: TransmissionParameters::default().max_transmit_wait(),
        }
    }
}

/// Who may register.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Endpoint Client Names that get 4.03. One `*` in a name stands for any text.
    pub blocked: Vec<String>,
    /// When given, every other name gets 4.00.
    pub known: Option<BTreeSet<String>>,
    /// Endpoint Client Names that get 4.03 without security, since there is a credential for them.
    pub secured: Arc<BTreeSet<String>>,
}
