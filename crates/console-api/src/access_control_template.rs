use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::AccessControlInstance;

/// A set of rights that is kept to be applied to devices: `PUT /api/v1/access-control/templates/{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessControlTemplate {
    pub name: String,
    pub description: String,
    pub rules: Vec<AccessControlRule>,
    /// What the server knows of it; not read when it is sent.
    pub saved_at_ms: u64,
    pub author: String,
}

/// How the Access Control Object Instances of some Object Instances shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessControlRule {
    /// The guarded Object.
    pub object: u16,
    /// The guarded Object Instance, 65535 for the Object itself; all instances (and not the Object) when absent. Where
    /// two rules fit, the one that names the instance counts.
    pub object_instance: Option<u16>,
    /// Rights by Short Server ID, as in an [`AccessControlInstance`].
    pub acl: BTreeMap<u16, u16>,
    /// Entries of other servers go; else they stay as they are.
    pub replace: bool,
    /// None leaves the owner.
    pub owner: Option<u16>,
}

/// `GET /api/v1/access-control/templates`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControlTemplateList {
    pub templates: Vec<AccessControlTemplate>,
}

/// `GET|PUT /api/v1/access-control/servers`: what operators call the servers of their devices, by Short Server ID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ServerNames {
    pub names: BTreeMap<u16, String>,
}

/// `GET|PUT|DELETE /api/v1/clients/{endpoint}/access-control/draft`: edits that are not applied yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessControlDraft {
    /// What the device had when they were begun.
    pub base: Vec<AccessControlInstance>,
    pub instances: Vec<AccessControlInstance>,
    /// Counted by the server with every save: one that is sent with an older version is refused (409).
    pub version: u64,
    /// What the server knows of it; not read when it is sent.
    pub saved_at_ms: u64,
    pub author: String,
}
