use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `GET /api/v1/clients/{endpoint}/access-control`: who may do what on a device, as the device says now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControl {
    pub state: AccessControlState,
    /// The Short Server ID that this server has on the device, where that can be told.
    pub server: Option<u16>,
    /// The Short Server IDs that the device or the lists name, with the instance of the Server Object where this server
    /// can see it.
    pub servers: BTreeMap<u16, Option<u16>>,
    pub instances: Vec<AccessControlInstance>,
    /// What could not be read, and other things to know, in words.
    pub remarks: Vec<String>,
    /// Where the device answered otherwise than these rights say, newest first.
    pub disagreements: Vec<AccessDisagreement>,
    /// 0 when it was never read: `?known=true` asks no device.
    pub read_at_ms: u64,
}

/// An operation that a device decided otherwise than its access control, as it was last read, says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessDisagreement {
    pub at_ms: u64,
    /// Of the command.
    pub command: u64,
    pub operation: AccessOperation,
    pub path: String,
    /// By the rules.
    pub expected: String,
    pub reason: String,
    /// By the device.
    pub got: String,
}

/// Of an answer 4.01 or 4.05: what the rules say to it, by what is known of the device's access control.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessExplanation {
    /// What the rules lead to.
    pub expected: String,
    /// The rule that decides, in words.
    pub reason: String,
    /// Whether the device answered that.
    pub agrees: bool,
    /// Why some devices decide otherwise; empty where the standard leaves no room.
    pub may_differ: Vec<String>,
    /// When the access control was read.
    pub read_at_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessControlState {
    /// Object 2 has instances, so it decides.
    #[default]
    Enabled,
    /// It has none: every server may do everything (LwM2M Core §8.2).
    Disabled,
    /// The device does not have Object 2.
    Missing,
    /// The device did not let this server read it.
    Unreadable,
}

/// An instance of the Access Control Object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessControlInstance {
    /// As in `/2/3`.
    pub id: u16,
    /// `/2/x/0`
    pub object: u16,
    /// `/2/x/1`: 65535 for the Object itself.
    pub object_instance: u16,
    /// `/2/x/3`: 65535 for bootstrap.
    pub owner: u16,
    /// `/2/x/2`: rights by Short Server ID, 0 for everyone else: 1 Read, 2 Write, 4 Execute, 8 Delete, 16 Create.
    pub acl: BTreeMap<u16, u16>,
}

/// `POST …/access-control/plan` and `…/apply`: how it shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessControlWanted {
    /// The Short Server ID of this server on the device; found out when absent.
    pub server: Option<u16>,
    /// What the wish was made from: where the device has something else by now, that is a conflict. Without it there
    /// are none.
    pub base: Option<Vec<AccessControlInstance>>,
    /// Those that are to change, or all.
    pub instances: Vec<AccessControlInstance>,
}

/// What will be written, and what there is to know before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlPlan {
    pub server: u16,
    /// In this order.
    pub writes: Vec<PlannedWrite>,
    /// What this server cannot change.
    pub obstacles: Vec<AccessControlObstacle>,
    /// Instances that are no longer as the wish was made from.
    pub conflicts: Vec<AccessControlObstacle>,
    /// What may not be meant.
    pub checks: Vec<String>,
    /// As the device has it now.
    pub current: AccessControl,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedWrite {
    /// `/2/4/2`, `/2/4/2/102` or `/2/4/3`; it is replaced (PUT).
    pub path: String,
    pub content_format: u16,
    pub payload_hex: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlObstacle {
    /// As in `/2/3`.
    pub id: u16,
    pub why: String,
}

/// What became of a wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlApplied {
    /// What was written, each read back, up to the first that failed.
    pub written: Vec<WrittenAccessControl>,
    /// Why it stopped, when it did; what comes after was not written.
    pub stopped: Option<String>,
    /// As the device has it now.
    pub current: AccessControl,
    /// What to wish for to have it as it was before.
    pub undo: Vec<AccessControlInstance>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrittenAccessControl {
    pub path: String,
    /// CoAP response code.
    pub code: String,
    /// Whether the device says so when it is read.
    pub confirmed: bool,
}

/// `POST …/access-control/evaluate`: may a server do that?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessQuestion {
    /// Who asks; this server when absent.
    pub server: Option<u16>,
    /// `read`, `write`, `execute`, `create`, `delete`, `discover`, `observe` or `write_attributes`.
    pub operation: AccessOperation,
    pub path: String,
    /// Object 2 as it might be; as the device has it when absent.
    pub instances: Option<Vec<AccessControlInstance>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessOperation {
    #[default]
    Read,
    Discover,
    Write,
    WriteAttributes,
    Execute,
    Create,
    Delete,
    Observe,
}

/// What the device decides by the rules of the standard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessAnswer {
    pub server: u16,
    pub allowed: bool,
    /// `2.05`
    pub code: String,
    /// The rule that decides, in words.
    pub reason: String,
    /// What goes along with it.
    pub effects: Vec<String>,
    /// Why some devices decide otherwise; empty where the standard leaves no room.
    pub may_differ: Vec<String>,
}
