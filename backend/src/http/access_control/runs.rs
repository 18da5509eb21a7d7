//! `/api/v1/access-control/runs`

use axum::{
    Json,
    extract::{
        Path, State as Extract,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use console_api::{
    AccessControlDeviceState, AccessControlRun, AccessControlRunDevices, AccessControlRunList,
    NewAccessControlRun,
};
use serde::Deserialize;

use crate::{
    access_control::Page,
    http::{
        State,
        error::Failure,
        extract::{Asked, Author, not_json, page_limit},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Part {
    state: Option<AccessControlDeviceState>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

type Id = Result<Path<u64>, PathRejection>;

pub(in crate::http) async fn list(Extract(state): Extract<State>) -> Json<AccessControlRunList> {
    Json(state.access_control.runs.list())
}

pub(in crate::http) async fn begin(
    Extract(state): Extract<State>,
    Author(author): Author,
    asked: Result<Json<NewAccessControlRun>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(asked) = asked.map_err(|rejection| not_json(&rejection))?;
    Ok(accepted(state.access_control.begin_run(author, asked).await?))
}

pub(in crate::http) async fn one(
    Extract(state): Extract<State>,
    which: Id,
) -> Result<Json<AccessControlRun>, Failure> {
    Ok(Json(state.access_control.run(id(which)?)?))
}

pub(in crate::http) async fn apply(
    Extract(state): Extract<State>,
    Author(author): Author,
    which: Id,
) -> Result<Response, Failure> {
    Ok(accepted(state.access_control.apply_run(id(which)?, &author).await?))
}

pub(in crate::http) async fn cancel(
    Extract(state): Extract<State>,
    Author(author): Author,
    which: Id,
) -> Result<Response, Failure> {
    Ok(accepted(state.access_control.cancel_run(id(which)?, &author).await?))
}

pub(in crate::http) async fn devices(
    Extract(state): Extract<State>,
    which: Id,
    Asked(part): Asked<Part>,
) -> Result<Json<AccessControlRunDevices>, Failure> {
    let page = Page { state: part.state, offset: part.offset, limit: page_limit(part.limit)? };
    let which = id(which)?;
    let desk = state.access_control;
    let read = tokio::task::spawn_blocking(move || desk.run_devices(which, &page)).await;
    Ok(Json(read.map_err(|_| Failure::stopping())??))
}

fn id(id: Id) -> Result<u64, Failure> {
    let Path(id) = id.map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a run", "something else")
    })?;
    Ok(id)
}

/// 202: it goes on by itself, and its address tells how.
fn accepted(run: AccessControlRun) -> Response {
    let address = format!("/api/v1/access-control/runs/{}", run.id);
    (StatusCode::ACCEPTED, [(header::LOCATION, address)], Json(run)).into_response()
}
