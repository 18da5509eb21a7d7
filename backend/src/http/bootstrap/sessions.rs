use axum::{
    Json,
    extract::{Path, State as Extract, rejection::PathRejection},
    http::StatusCode,
};
use console_api::{BootstrapConversation, BootstrapSessionList, BootstrapSessionQuery, BootstrapState};
use serde::Deserialize;

use super::super::{
    State,
    error::Failure,
    extract::{Asked, page_limit},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Which {
    #[serde(default)]
    text: String,
    endpoint: Option<String>,
    state: Option<BootstrapState>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(in super::super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<BootstrapSessionList>, Failure> {
    let Which { text, endpoint, state: wanted, offset, limit } = which;
    let limit = page_limit(limit)?;
    let found = state.bootstrap.sessions.find(&BootstrapSessionQuery { endpoint, state: wanted, text });
    let total = found.len();
    Ok(Json(BootstrapSessionList { total, sessions: found.into_iter().skip(offset).take(limit).collect() }))
}

pub(in super::super) async fn one(
    Extract(state): Extract<State>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<BootstrapConversation>, Failure> {
    let Path(id) = id.map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a session", "something else")
    })?;
    // It is not cancelled, and has no reason to panic.
    let found = tokio::task::spawn_blocking(move || state.bootstrap.conversation(id)).await;
    let found = found.map_err(|_| Failure::stopping())?;
    let found = found
        .map_err(|error| Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_readable", error.to_string()))?;
    found.map(Json).ok_or_else(|| {
        let message = format!("no bootstrap session {id} is known");
        Failure::new(StatusCode::NOT_FOUND, "unknown_session", message)
    })
}
