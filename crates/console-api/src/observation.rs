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
    /// The Content-Format that was asked for, if any.
    pub accept: Option<u16>,
    /// What the Observe brought itself, as in its query: `pmin=10&gt=24` (LwM2M 1.2).
    pub parameters: Option<String>,
    /// Notifications since it is active.
    pub notifications: u64,
    pub last_notification_ms: Option<u64>,
    /// Notifications per minute, over the last ones.
    pub per_minute: Option<f64>,
    /// Whether the last notification was confirmable.
    pub confirmable: Option<bool>,
    /// Notifications that seem to be missing by the Observe option. A hint: clients may count as they like (RFC 7641 §4.4),
    /// so a jump counts only where the option went up by one before.
    pub sequence_gaps: u64,
    /// What decides when there are notifications, as far as the server knows: what Discover told and Write-Attributes set, the
    /// defaults of the Server Object, or the Observe itself. Nothing is known when absent.
    pub attributes: Option<Vec<AttributeInForce>>,
    /// What is set and not in force all the same, and why.
    pub ignored: Vec<String>,
    /// When the client told last, answering a Discover, what is attached.
    pub discovered_ms: Option<u64>,
}

/// An attribute of class notification that is in force (LwM2M Core §5.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttributeInForce {
    /// `pmin`
    pub name: String,
    /// As in a query: seconds, a number, or `0` and `1`.
    pub value: String,
    /// `from /3303/0` where it is attached, `from the Default Maximum Period, /1/x/3` or `given with the Observe`.
    pub origin: String,
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
