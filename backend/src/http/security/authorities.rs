use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State as Extract,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
};
use console_api::{Authorities, NewBelievedAuthority};
use credentials::limits;

use super::{
    super::{State, error::Failure, extract::Author},
    failure::{body, failure},
    server::{REQUEST_BYTES, read},
};
use crate::credentials::certificate;

pub(in super::super) async fn authorities(Extract(state): Extract<State>) -> Json<Authorities> {
    Json(view(&state))
}

pub(in super::super) async fn believe(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Authorities>), Failure> {
    let new: NewBelievedAuthority = read(&headers, &body(content, REQUEST_BYTES)?)?;
    state.desk.believe(author, &new.certificate).await.map_err(failure)?;
    Ok((StatusCode::CREATED, Json(view(&state))))
}

pub(in super::super) async fn disbelieve(
    Extract(state): Extract<State>,
    Author(author): Author,
    fingerprint: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(fingerprint) = fingerprint.map_err(|rejection| Failure::bad_request(rejection.body_text()))?;
    state.desk.disbelieve(author, fingerprint).await.map_err(failure)?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(state: &State) -> Authorities {
    let keys = state.desk.credentials().server();
    let items = keys.believed.iter().filter_map(|der| certificate(der)).collect();
    Authorities { items, limit: limits::AUTHORITIES }
}
