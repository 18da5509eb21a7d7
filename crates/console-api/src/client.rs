use serde::{Deserialize, Serialize};

use crate::{Observation, Queue, Reported};

/// A Client that is registered, or was and is not forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Client {
    /// Short name of this client in frames; valid while the server process runs.
    pub id: u32,
    /// Endpoint Client Name.
    pub endpoint: String,
    /// Given by operators.
    pub name: Option<String>,
    pub tags: Vec<String>,
    pub status: Status,
    /// Last segment of the location that the server gave out: `/rd/{registration_id}`.
    pub registration_id: String,
    /// Where requests are sent. Never used to identify the client.
    pub address: String,
    pub security: SecurityMode,
    /// LwM2M enabler version as announced: `1.0`, `1.1`, `1.2`.
    pub lwm2m_version: String,
    pub lifetime_s: u32,
    /// Binding as announced, `U` when absent.
    pub binding: String,
    pub queue_mode: bool,
    pub queue: Queue,
    pub sms_number: Option<String>,
    pub registered_at_ms: u64,
    /// Time of the last Register or Update.
    pub updated_at_ms: u64,
    /// Time of the last message of any kind.
    pub heard_at_ms: u64,
    pub expires_at_ms: u64,
    /// Why and when the registration ended.
    pub departed: Option<Departed>,
    /// Alternate path, `/` when there is none.
    pub root: String,
    /// Content formats announced by `ct` on the root link.
    pub content_formats: Vec<u16>,
    pub objects: Vec<ObjectEntry>,
    /// Observations that are active.
    pub observation_count: u32,
    /// The newest value of a Resource that was notified or read, when it is short enough for a row.
    pub latest: Option<Reported>,
    /// Oddities of the registration that were accepted, in words.
    pub remarks: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Awake,
    /// Registered in queue mode, and not heard for longer than it listens (LwM2M 1.1 Core §6.5).
    Asleep,
    Expired,
    /// De-registered by itself, or since its credential counts no longer.
    Deregistered,
}

impl Status {
    pub fn of(departed: Option<Departed>, awake: bool) -> Self {
        match departed.map(|departed| departed.why) {
            Some(Departure::Expired) => Self::Expired,
            Some(Departure::Deregistered | Departure::Revoked) => Self::Deregistered,
            None if awake => Self::Awake,
            None => Self::Asleep,
        }
    }

    pub fn is_registered(self) -> bool {
        matches!(self, Self::Awake | Self::Asleep)
    }
}

/// The end of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Departed {
    pub why: Departure,
    pub at_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    Deregistered,
    Expired,
    /// Its credential counts no longer.
    Revoked,
}

/// An Object in a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectEntry {
    pub id: u16,
    pub version: Option<String>,
    pub instances: Vec<u16>,
}

/// `GET /api/v1/clients/{endpoint}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientDetails {
    #[serde(flatten)]
    pub client: Client,
    /// Given by operators.
    pub notes: String,
    pub observations: Vec<Observation>,
    /// What the client turned down since it registered, in words.
    pub refused: Vec<String>,
}

/// `GET /api/v1/clients`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientList {
    /// So many clients match; `clients` is the part that was asked for.
    pub total: usize,
    pub clients: Vec<Client>,
}

/// How a client authenticated (LwM2M 1.0 TS §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecurityMode {
    NoSec,
    Psk,
    RawPublicKey,
    Certificate,
}
