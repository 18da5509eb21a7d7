use serde::{Deserialize, Serialize};

/// The body of every REST answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// Stable word for programs: `unknown_client`, `bad_request`, `timeout`, …
    pub code: String,
    /// One sentence for people.
    pub message: String,
    pub details: Option<Details>,
}

/// What was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Details {
    pub expected: String,
    pub got: String,
}
