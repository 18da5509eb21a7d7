use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State as Extract,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
};
use console_api::{CredentialAdded, CredentialList, CredentialMode, CredentialServer, CredentialState};
use credentials::CredentialId;
use serde::Deserialize;

use super::{
    super::{
        State,
        error::Failure,
        extract::{Asked, Author, page_limit},
    },
    failure::{body, draft, failure},
};
use crate::credentials::{Added, credential, matches, mode_of, server_of};

/// Bytes of a request with one credential. A longer one is refused.
const REQUEST_BYTES: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Which {
    #[serde(default)]
    text: String,
    endpoint: Option<String>,
    server: Option<CredentialServer>,
    mode: Option<CredentialMode>,
    state: Option<CredentialState>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(in super::super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<CredentialList>, Failure> {
    let limit = page_limit(which.limit)?;
    // It is not cancelled, and has no reason to panic.
    let list = tokio::task::spawn_blocking(move || find(&state, &which, limit)).await;
    list.map(Json).map_err(|_| Failure::stopping())
}

fn find(state: &State, which: &Which, limit: usize) -> CredentialList {
    let now_ms = state.clock.now().as_millis();
    let words: Vec<_> = which.text.split_whitespace().map(str::to_lowercase).collect();
    let tables = state.desk.credentials().tables();
    let server = which.server.map(server_of);
    let mode = which.mode.map(mode_of);
    let fits = |found: &&credentials::Credential| {
        server.is_none_or(|server| found.server == server)
            && mode.is_none_or(|mode| found.proof.mode() == mode)
            && which.state.is_none_or(|state| crate::credentials::state(found.state(now_ms)) == state)
            && matches(found, &words)
    };
    let mut found: Vec<_> = match &which.endpoint {
        Some(endpoint) => tables.of_endpoint(endpoint).filter(fits).collect(),
        None => tables.credentials().filter(fits).collect(),
    };
    found.sort_by(|a, b| {
        (&a.endpoint, a.server, a.version, a.id).cmp(&(&b.endpoint, b.server, b.version, b.id))
    });
    let items = found.iter().skip(which.offset).take(limit).map(|found| credential(found, now_ms));
    CredentialList { total: found.len(), items: items.collect() }
}

pub(in super::super) async fn one(
    Extract(state): Extract<State>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<console_api::Credential>, Failure> {
    let id = self::id(id)?;
    let now_ms = state.clock.now().as_millis();
    let tables = state.desk.credentials().tables();
    let found = tables.credential(id).map(|found| Json(credential(found, now_ms)));
    found.ok_or_else(|| failure(crate::credentials::DeskError::Unknown(id)))
}

pub(in super::super) async fn add(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<CredentialAdded>), Failure> {
    let content = body(content, REQUEST_BYTES)?;
    let added = state.desk.add(author, draft(&headers, &content)?).await.map_err(failure)?;
    Ok((StatusCode::CREATED, Json(view(&state, added))))
}

pub(in super::super) async fn rotate(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Result<Path<u64>, PathRejection>,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<CredentialAdded>), Failure> {
    let (id, content) = (self::id(id)?, body(content, REQUEST_BYTES)?);
    let added = state.desk.rotate(author, id, draft(&headers, &content)?).await.map_err(failure)?;
    Ok((StatusCode::CREATED, Json(view(&state, added))))
}

pub(in super::super) async fn revoke(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<console_api::Credential>, Failure> {
    let revoked = state.desk.revoke(author, self::id(id)?).await.map_err(failure)?;
    Ok(Json(credential(&revoked, state.clock.now().as_millis())))
}

pub(in super::super) async fn forget(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Result<Path<u64>, PathRejection>,
) -> Result<StatusCode, Failure> {
    state.desk.forget(author, self::id(id)?).await.map_err(failure)?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(state: &State, added: Added) -> CredentialAdded {
    CredentialAdded {
        credential: credential(&added.credential, state.clock.now().as_millis()),
        secret: added.secret,
        warnings: added.warnings.iter().map(ToString::to_string).collect(),
    }
}

fn id(id: Result<Path<u64>, PathRejection>) -> Result<CredentialId, Failure> {
    id.map(|Path(id)| CredentialId(id)).map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a credential", "something else")
    })
}
