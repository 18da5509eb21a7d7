use serde::{Deserialize, Serialize};

/// A registered Client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Short name of this client in frames; valid while the server process runs.
    pub id: u32,
    /// Endpoint Client Name.
    pub endpoint: String,
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
    pub sms_number: Option<String>,
    pub registered_at_ms: u64,
    /// Time of the last Register or Update.
    pub updated_at_ms: u64,
    pub expires_at_ms: u64,
    /// Alternate path, `/` when there is none.
    pub root: String,
    /// Content formats announced by `ct` on the root link.
    pub content_formats: Vec<u16>,
    pub objects: Vec<ObjectEntry>,
    /// Oddities of the registration that were accepted, in words.
    pub remarks: Vec<String>,
}

/// An Object in a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectEntry {
    pub id: u16,
    pub version: Option<String>,
    pub instances: Vec<u16>,
}

/// `GET /api/v1/clients/{endpoint}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDetails {
    #[serde(flatten)]
    pub client: Client,
    pub observations: Vec<Observation>,
    /// What the client turned down since it registered, in words.
    pub refused: Vec<String>,
}

/// `GET /api/v1/clients`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientList {
    pub total: usize,
    pub clients: Vec<Client>,
}

/// How a client authenticated (LwM2M 1.0 TS §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityMode {
    NoSec,
    Psk,
    RawPublicKey,
    Certificate,
}

/// An observation relation that the client accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// [`Client::id`]
    pub client: u32,
    /// `/` when there are several.
    pub path: String,
    /// Those of an Observe-Composite, otherwise none.
    pub paths: Vec<String>,
    pub since_ms: u64,
}

/// `GET /api/v1/server`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    pub version: String,
    pub started_at_ms: u64,
    pub now_ms: u64,
    /// `coap://127.0.0.1:5683`
    pub coap: String,
    pub clients: usize,
    pub observations: usize,
    pub datagrams_received: u64,
    pub datagrams_sent: u64,
    /// Datagrams and requests that were turned down; the log says why.
    pub refused: u64,
}
