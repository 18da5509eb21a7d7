use serde::{Deserialize, Serialize};

/// An observation relation that the client accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Observation {
    /// [`crate::Client::id`]
    pub client: u32,
    /// `/` when there are several.
    pub path: String,
    /// Those of an Observe-Composite, otherwise none.
    pub paths: Vec<String>,
    pub since_ms: u64,
}

/// `GET /api/v1/observations`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservationList {
    /// So many observations match; `observations` is the part that was asked for.
    pub total: usize,
    pub observations: Vec<ObservationEntry>,
}

/// What an operator wants observed, and what has become of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservationEntry {
    pub endpoint: String,
    pub name: Option<String>,
    /// `/` when there are several.
    pub path: String,
    pub paths: Vec<String>,
    pub state: ObservationState,
    /// Why it is not active, in words.
    pub why: Option<String>,
    /// Of the state.
    pub since_ms: u64,
    /// Notifications since it is active.
    pub notifications: u64,
    pub last_notification_ms: Option<u64>,
    /// Notifications per minute, over the last ones.
    pub per_minute: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObservationState {
    /// The client accepted it.
    Active,
    /// The client is asked and has not answered yet, or is asked when it wakes.
    Pending,
    /// Wanted; it starts when the client registers again.
    Waiting,
    /// The client turned it down, or ended it.
    Ended,
}
