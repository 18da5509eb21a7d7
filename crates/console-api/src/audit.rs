use serde::{Deserialize, Serialize};

/// `GET /api/v1/audit`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditList {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
}

/// Something that an operator has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Higher for a later one.
    pub id: u64,
    pub at_ms: u64,
    /// Who did it: the console or another program, and from which address.
    pub author: String,
    /// A stable word for programs: `label`, `forget`, `command`, `cancel`, `configure`, `upload_objects`,
    /// `delete_object`, `retention`.
    pub what: String,
    /// The client that it was about.
    pub endpoint: Option<String>,
    /// For people.
    pub details: String,
}
