//! `GET /api/v1/audit`: what operators have changed.

use axum::{Json, extract::State as Extract, http::StatusCode};
use console_api::{AuditEntry, AuditList};
use serde::Deserialize;

use super::{
    State,
    error::Failure,
    extract::{Asked, page_limit},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    endpoint: Option<String>,
    /// The last entry of the page before.
    after: Option<u64>,
    limit: Option<usize>,
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<AuditList>, Failure> {
    let limit = page_limit(which.limit)?;
    let reader = state.storage.audit().clone();
    let page = move || reader.page(which.endpoint.as_deref(), which.after, limit);
    // It is not cancelled, and has no reason to panic.
    let page = tokio::task::spawn_blocking(page).await.map_err(|_| Failure::stopping())?;
    let page = page
        .map_err(|error| Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_readable", error.to_string()))?;
    let entry = |(id, audit): (u64, store::Audit)| {
        let store::Audit { at, author, what, endpoint, details } = audit;
        AuditEntry { id, at_ms: at.as_millis(), author, what, endpoint, details }
    };
    Ok(Json(AuditList { entries: page.into_iter().map(entry).collect() }))
}
