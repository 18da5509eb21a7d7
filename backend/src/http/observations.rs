//! `GET /api/v1/observations`

use axum::{Json, extract::State as Extract};
use console_api::{ObservationList, ObservationState};
use serde::Deserialize;

use super::{
    State,
    error::Failure,
    extract::{Asked, page_limit},
};
use crate::observations::Filter;

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
    let limit = page_limit(which.limit)?;
    let filter = Filter { endpoint: which.endpoint.as_deref(), state: which.state, text: &which.text };
    let view = state.fleet.view();
    let (total, observations) =
        state.observations.select(&filter, |endpoint| view.name(endpoint), which.offset, limit);
    Ok(Json(ObservationList { total, observations }))
}
