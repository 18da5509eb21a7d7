use serde::{Deserialize, Serialize};

use crate::SecurityMode;

/// What one device and the Bootstrap-Server have said to each other, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapSession {
    pub id: u64,
    pub endpoint: String,
    pub address: String,
    /// None for a device that did not come far enough to show it.
    pub security_mode: Option<SecurityMode>,
    pub begun_by: BootstrapBeginning,
    pub state: BootstrapState,
    /// Of the newest attempt, if there were several.
    pub started_at_ms: u64,
    pub ended_at_ms: Option<u64>,
    /// What the device receives: id, name and version of the configuration.
    pub configuration: Option<BootstrapConfigurationName>,
    /// Of the LwM2M Servers that the device gets accounts with.
    #[serde(default)]
    pub short_server_ids: Vec<u16>,
    /// Of the session as it is: how many steps there are.
    pub steps: u32,
    pub failure: Option<BootstrapFailure>,
    /// When the device registered with this server afterwards.
    pub registered_at_ms: Option<u64>,
    /// How often the device tried: what is refused again and again is one session, and the newest attempt is told.
    #[serde(default = "once")]
    pub attempts: u32,
    /// When the first of several attempts was.
    #[serde(default)]
    pub first_at_ms: Option<u64>,
}

const fn once() -> u32 {
    1
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapConfigurationName {
    pub id: u64,
    pub name: String,
    pub version: u32,
}

/// Who began (LwM2M 1.0 TS §5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapBeginning {
    /// Client Initiated Bootstrap: Bootstrap-Request.
    Client,
    /// Server Initiated Bootstrap as LwM2M 1.0 has it: the Bootstrap-Server writes unasked.
    Server,
    /// Bootstrap-Pack-Request (LwM2M 1.2).
    Pack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapState {
    Running,
    /// The device answered Bootstrap-Finish with 2.04, or took the pack.
    Finished,
    Failed,
    /// The server was stopped, or the device began anew.
    Interrupted,
}

/// Why a session failed, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapFailure {
    /// The step at which it failed, from 0; none when there was no step.
    pub step: Option<u32>,
    pub what: String,
    /// What to do.
    pub advice: String,
}

/// One message of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapStep {
    pub at_ms: u64,
    pub from: BootstrapSpeaker,
    pub operation: BootstrapOperation,
    /// `POST`, or the response code: `2.04`.
    pub code: String,
    /// Of the request: `/bs`, `/1/0`.
    pub path: String,
    /// Of the request: `ep=…&pct=112`.
    pub query: String,
    pub content_format: Option<u16>,
    /// As it was sent, but for secrets: their bytes are zero.
    #[serde(rename = "payload_hex", with = "crate::hex::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payload: Vec<u8>,
    /// Resources in the payload that are not shown.
    pub masked: Vec<String>,
    /// Whether it is a refusal, or a message that nobody answered.
    pub failed: bool,
    /// What there is to say of it, in words; may be empty.
    pub remark: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapSpeaker {
    Device,
    Server,
}

/// Operations of the Bootstrap Interface (LwM2M 1.2 Core §6.1.7), and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapOperation {
    Request,
    Discover,
    Read,
    Write,
    Delete,
    Finish,
    Pack,
    /// The device registered with this server.
    Register,
}

/// Which sessions: the query of `GET /api/v1/bootstrap/sessions` and of the list of a console.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct BootstrapSessionQuery {
    /// Those of one device.
    pub endpoint: Option<String>,
    pub state: Option<BootstrapState>,
    /// Words that must all occur in endpoint name, address, configuration or failure.
    pub text: String,
}

/// The part of the sessions that is on a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BootstrapView {
    #[serde(default)]
    pub query: BootstrapSessionQuery,
    /// So many of the newest are left out.
    #[serde(default)]
    pub offset: u32,
    /// Sessions wanted, at most [`BootstrapView::ROWS`].
    pub limit: u32,
}

impl BootstrapView {
    /// Beyond, fewer come than were asked for.
    pub const ROWS: u32 = 256;
}

/// The sessions of a [`BootstrapView`], newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapWindow {
    pub view: BootstrapView,
    /// Sessions that match the query.
    pub matching: u32,
    /// Sessions that are not over.
    pub running: u32,
    pub sessions: Vec<BootstrapSession>,
}

/// `GET /api/v1/bootstrap/sessions`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapSessionList {
    /// So many match; `sessions` is the part that was asked for.
    pub total: usize,
    /// Newest first.
    pub sessions: Vec<BootstrapSession>,
}

/// `GET /api/v1/bootstrap/sessions/{id}`: a session, message by message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapConversation {
    pub session: BootstrapSession,
    pub steps: Vec<BootstrapStep>,
}

/// `POST /api/v1/clients/{endpoint}/bootstrap`, and `POST /api/v1/bootstrap/sessions` with an `endpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapNow {
    pub endpoint: String,
    pub by: BootstrapNowBy,
    /// Of the command that executes `/1/x/9`, or of the session that was begun.
    pub id: u64,
}

/// How a device was made to bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapNowBy {
    /// Execute of the Bootstrap-Request Trigger `/1/x/9` (since LwM2M 1.1): the device begins.
    Trigger,
    /// The Bootstrap-Server writes unasked, over the session that the device has with it (LwM2M 1.0).
    Session,
}
