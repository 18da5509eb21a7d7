use serde::{Deserialize, Serialize};

use crate::{AccessControlInstance, AccessControlRule, AccessControlWanted, ClientQuery, PlannedWrite};

/// `POST /api/v1/access-control/runs`: change the access control of one device or many. Exactly one of `wanted`, `rules`
/// and `template` says how it shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NewAccessControlRun {
    /// Endpoint Client Names. With `clients` both count.
    pub endpoints: Vec<String>,
    /// All that match, as they are when the run begins.
    pub clients: Option<ClientQuery>,
    /// Of one device.
    pub wanted: Option<AccessControlWanted>,
    pub rules: Option<Vec<AccessControlRule>>,
    /// By name, as it is now.
    pub template: Option<String>,
    /// The Short Server ID of this server on these devices; found out for each when absent.
    pub server: Option<u16>,
    /// Only say what would be written: `POST …/runs/{id}/apply` then does it.
    pub dry_run: bool,
}

/// `GET /api/v1/access-control/runs/{id}`, and the frames of its topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlRun {
    pub id: u64,
    pub state: AccessControlRunState,
    /// What it is about: the name of a template, or the endpoint.
    pub about: String,
    pub author: String,
    pub begun_at_ms: u64,
    pub ended_at_ms: Option<u64>,
    /// Devices, and of them those in each state.
    pub total: u32,
    pub counts: AccessControlRunCounts,
    /// Writes that devices have taken, and all that are known to be needed so far.
    pub written: u32,
    pub writes: u32,
    /// Those under way and those that came last, newest first; all where there are few. The others by `…/devices`.
    pub latest: Vec<AccessControlRunDevice>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessControlRunState {
    /// Devices are asked what they have.
    #[default]
    Planning,
    /// It is known what would be written; nothing was.
    Planned,
    Applying,
    /// Every device has come to an end.
    Over,
    /// An operator stopped it: what was written stays.
    Cancelled,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlRunCounts {
    pub waiting: u32,
    pub working: u32,
    /// Planned, with something to write.
    pub planned: u32,
    pub unchanged: u32,
    pub done: u32,
    /// Partly written, or not at all: the device says why.
    pub stopped: u32,
    /// Nothing of it can be done on this device.
    pub impossible: u32,
}

/// `GET /api/v1/access-control/runs/{id}/devices?state&offset&limit`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlRunDevices {
    pub total: u32,
    pub devices: Vec<AccessControlRunDevice>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlRunDevice {
    pub endpoint: String,
    pub state: AccessControlDeviceState,
    /// In this order; those written are the first `written`.
    pub writes: Vec<PlannedWrite>,
    /// Each answered with success and read back.
    pub written: u32,
    /// Why it stopped or is impossible, and what of it cannot be changed.
    pub why: Option<String>,
    /// What to wish for to have it as it was before.
    pub undo: Vec<AccessControlInstance>,
    pub at_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessControlDeviceState {
    #[default]
    Waiting,
    Working,
    Planned,
    Unchanged,
    Done,
    Stopped,
    Impossible,
}

/// `GET /api/v1/access-control/runs`, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlRunList {
    pub runs: Vec<AccessControlRun>,
}
