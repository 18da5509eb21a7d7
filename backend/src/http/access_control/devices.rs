//! `/api/v1/clients/{endpoint}/access-control`

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
};
use console_api::{
    AccessAnswer, AccessControl, AccessControlApplied, AccessControlPlan, AccessControlWanted, AccessQuestion,
};

use crate::http::{
    State,
    error::Failure,
    extract::{Asked, Author, Endpoint, not_json},
    operation,
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Which {
    /// The Short Server ID of this server on the device.
    server: Option<u16>,
    /// What was last read, without asking the device.
    #[serde(default)]
    known: bool,
    /// Of the path, where it stands in the query.
    #[expect(dead_code, reason = "read as the endpoint")]
    endpoint: Option<String>,
}

type Body<T> = Result<Json<T>, JsonRejection>;

pub(in crate::http) async fn read(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    Asked(which): Asked<Which>,
) -> Result<Json<AccessControl>, Failure> {
    if which.known {
        return Ok(Json(state.access_control.known(&endpoint, which.server)?));
    }
    Ok(Json(state.access_control.read(&endpoint, author, which.server).await?))
}

pub(in crate::http) async fn plan(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    wanted: Body<AccessControlWanted>,
) -> Result<Json<AccessControlPlan>, Failure> {
    let Json(wanted) = wanted.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.access_control.plan(&endpoint, author, &wanted).await?))
}

pub(in crate::http) async fn apply(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    wanted: Body<AccessControlWanted>,
) -> Result<Json<AccessControlApplied>, Failure> {
    let Json(wanted) = wanted.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.access_control.apply(&endpoint, author, &wanted).await?))
}

pub(in crate::http) async fn evaluate(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    question: Body<AccessQuestion>,
) -> Result<Json<AccessAnswer>, Failure> {
    let Json(question) = question.map_err(|rejection| not_json(&rejection))?;
    let path = operation::path(&question.path)?;
    Ok(Json(state.access_control.evaluate(&endpoint, author, &question, path).await?))
}
