use serde::{Deserialize, Serialize};

/// `GET /api/v1/server`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerStatus {
    pub version: String,
    pub started_at_ms: u64,
    pub now_ms: u64,
    /// `coap://127.0.0.1:5683`; empty where devices are not managed.
    pub coap: String,
    /// Where devices bootstrap without security, and with it.
    pub bootstrap_coap: Option<String>,
    pub bootstrap_coaps: Option<String>,
    /// Addresses to copy into devices: one for each address of this machine that the server listens on.
    pub uris: Vec<String>,
    /// Registered clients.
    pub clients: usize,
    pub counts: Counts,
    pub observations: usize,
    pub datagrams_received: u64,
    pub datagrams_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    /// Notifications and Sends that were taken.
    pub reports: u64,
    /// Datagrams and requests that were turned down; the log says why.
    pub refused: u64,
    /// Browser tabs and scripts on the WebSocket.
    pub consoles: usize,
    /// Memory of the process, where the system tells it.
    pub resident_bytes: Option<u64>,
    /// CPU time of the process so far, where the system tells it.
    pub cpu_ms: Option<u64>,
    /// Simulated devices that run within this server.
    pub simulated: usize,
    pub storage: StorageStatus,
    pub limits: Vec<LimitUse>,
}

/// How what must survive is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorageStatus {
    /// `SQLite 3.50.4`
    pub engine: String,
    pub directory: String,
    /// What everything but the history takes on the disk.
    pub bytes: u64,
    pub history_bytes: u64,
    /// The first day of which there is history, as `2026-11-26`.
    pub oldest_day: Option<String>,
    pub state: StorageState,
    /// When it came into this state.
    pub since_ms: u64,
    /// Why nothing can be stored at present.
    pub why: Option<String>,
}

/// Whether what is to be kept can be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageState {
    #[default]
    Good,
    /// Nothing is acknowledged: devices and operators are asked to come back. It ends by itself when there is room on the
    /// disk again.
    Failing,
}

/// Known clients by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    pub awake: usize,
    pub asleep: usize,
    pub expired: usize,
    pub deregistered: usize,
}

/// How much of a bound is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitUse {
    /// Stable word for programs: `registrations`.
    pub name: String,
    /// For people: `Registered clients`.
    pub title: String,
    pub used: u64,
    pub limit: u64,
    /// How often the bound was met since the start.
    pub reached: u64,
    /// What happens at the bound, in words.
    pub at_limit: String,
}
