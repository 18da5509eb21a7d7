//! `/api/v1/clients`: who is registered, and what operators keep about them.

use axum::{Json, extract::State as Extract, http::StatusCode};
use console_api::{ClientDetails, ClientList, ClientQuery, SecurityMode, SortBy, StatusFilter};

use super::{
    State,
    error::Failure,
    extract::{Asked, Endpoint},
};

/// Clients in one answer when the request does not say how many.
const LIMIT: usize = 1_000;

/// Clients in one answer at most. Beyond, the request is refused.
const LARGEST_LIMIT: usize = 10_000;

/// [`ClientQuery`] as parameters, and the part that is wanted.
#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listed {
    text: String,
    status: StatusFilter,
    object: Option<u16>,
    binding: Option<String>,
    version: Option<String>,
    security: Option<SecurityMode>,
    tag: Option<String>,
    sort: SortBy,
    descending: bool,
    offset: usize,
    limit: usize,
}

impl Default for Listed {
    fn default() -> Self {
        let ClientQuery { text, status, object, binding, version, security, tag, sort, descending } =
            ClientQuery::default();
        let (offset, limit) = (0, LIMIT);
        Self { text, status, object, binding, version, security, tag, sort, descending, offset, limit }
    }
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(listed): Asked<Listed>,
) -> Result<Json<ClientList>, Failure> {
    let Listed { text, status, object, binding, version, security, tag, sort, descending, offset, limit } =
        listed;
    if limit > LARGEST_LIMIT {
        return Err(Failure::bad_request("limit is out of range")
            .expected(format!("at most {LARGEST_LIMIT}"), limit.to_string()));
    }
    let query = ClientQuery { text, status, object, binding, version, security, tag, sort, descending };
    let found = state.fleet.find(query).await;
    let total = found.len();
    let part: Vec<_> = found.into_iter().skip(offset).take(limit).collect();
    let clients = state.fleet.view().clients(&part);
    Ok(Json(ClientList { total, clients }))
}

#[derive(serde::Deserialize)]
pub(super) struct Detailed {
    /// `any` asks also for one that is no longer registered.
    #[serde(default)]
    status: StatusFilter,
}

pub(super) async fn details(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Asked(detailed): Asked<Detailed>,
) -> Result<Json<ClientDetails>, Failure> {
    let details = state.fleet.view().details(&endpoint);
    details
        .filter(|details| detailed.status.admits(details.client.status))
        .map(Json)
        .ok_or_else(|| Failure::unknown_client(&endpoint))
}

pub(super) async fn forget_refusals(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
) -> Result<StatusCode, Failure> {
    if !state.fleet.forget_refusals(&endpoint) {
        return Err(Failure::unknown_client(&endpoint));
    }
    state.operations.forget_refusals(endpoint).await.ok_or_else(Failure::stopping)?;
    Ok(StatusCode::NO_CONTENT)
}
