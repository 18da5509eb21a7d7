//! `GET /api/v1/observations`

use axum::{Json, extract::State as Extract};
use console_api::{ObservationList, ObservationState};
use serde::Deserialize;

use super::{State, error::Failure, extract::Asked};
use crate::observations::Filter;

/// Observations in one answer where the caller names no number.
const DEFAULT_LIMIT: usize = 1_000;

/// The most that a caller may name. More are refused.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    endpoint: Option<String>,
    #[serde(default)]
    text: String,
    state: Option<ObservationState>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<ObservationList>, Failure> {
    let limit = which.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MOST {
        let failure = Failure::bad_request("limit is out of range");
        return Err(failure.expected(format!("at most {MOST}"), limit.to_string()));
    }
    let filter = Filter { endpoint: which.endpoint.as_deref(), state: which.state, text: &which.text };
    let view = state.fleet.view();
    let (total, observations) =
        state.observations.select(&filter, |endpoint| view.name(endpoint), which.offset, limit);
    Ok(Json(ObservationList { total, observations }))
}
