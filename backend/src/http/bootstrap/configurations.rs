use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State as Extract,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use console_api::{
    BootstrapAssigned, BootstrapCheck, BootstrapConfiguration, BootstrapConfigurationList,
    BootstrapConfigurationVersions, SavedBootstrapConfiguration,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    super::{
        State,
        error::Failure,
        extract::{Asked, Author},
        security::body,
    },
    failure::failure,
};
use crate::bootstrap::{CONFIGURATION_BYTES, Save};

/// Longest file of configurations. Longer ones are refused before they are read.
pub(in super::super) const IMPORT_BYTES: usize = 16 << 20;

type Id = Result<Path<u64>, PathRejection>;
type Content = Result<Bytes, BytesRejection>;

pub(in super::super) async fn list(Extract(state): Extract<State>) -> Json<BootstrapConfigurationList> {
    Json(BootstrapConfigurationList { configurations: state.bootstrap.list() })
}

pub(in super::super) async fn one(
    Extract(state): Extract<State>,
    id: Id,
) -> Result<Json<SavedBootstrapConfiguration>, Failure> {
    state.bootstrap.one(self::id(id)?).map(Json).map_err(failure)
}

pub(in super::super) async fn add(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Content,
) -> Result<(StatusCode, Json<SavedBootstrapConfiguration>), Failure> {
    let configuration = one_of(&headers, content)?;
    let save = Save { author, id: None, of_version: None, configuration };
    let saved = state.bootstrap.save(save).await.map_err(failure)?;
    Ok((StatusCode::CREATED, Json(saved)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct OfVersion {
    version: Option<u32>,
}

pub(in super::super) async fn replace(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Id,
    Asked(OfVersion { version }): Asked<OfVersion>,
    headers: HeaderMap,
    content: Content,
) -> Result<Json<SavedBootstrapConfiguration>, Failure> {
    let of_version = version.map_or_else(|| if_match(&headers), |version| Ok(Some(version)))?;
    let configuration = one_of(&headers, content)?;
    let save = Save { author, id: Some(self::id(id)?), of_version, configuration };
    state.bootstrap.save(save).await.map(Json).map_err(failure)
}

pub(in super::super) async fn delete(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Id,
    Asked(OfVersion { version }): Asked<OfVersion>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let of_version = version.map_or_else(|| if_match(&headers), |version| Ok(Some(version)))?;
    state.bootstrap.delete(author, self::id(id)?, of_version).await.map_err(failure)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in super::super) async fn versions(
    Extract(state): Extract<State>,
    id: Id,
) -> Result<Json<BootstrapConfigurationVersions>, Failure> {
    let id = self::id(id)?;
    // It is not cancelled, and has no reason to panic.
    let versions = tokio::task::spawn_blocking(move || state.bootstrap.versions(id)).await;
    let versions = versions.map_err(|_| Failure::stopping())?.map_err(failure)?;
    Ok(Json(BootstrapConfigurationVersions { versions }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ToVersion {
    version: u32,
}

pub(in super::super) async fn roll_back(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Id,
    Asked(ToVersion { version }): Asked<ToVersion>,
) -> Result<Json<SavedBootstrapConfiguration>, Failure> {
    state.bootstrap.roll_back(author, self::id(id)?, version).await.map(Json).map_err(failure)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Checked {
    /// The configuration that it is to be a version of.
    id: Option<u64>,
}

pub(in super::super) async fn check(
    Extract(state): Extract<State>,
    Asked(Checked { id }): Asked<Checked>,
    headers: HeaderMap,
    content: Content,
) -> Result<Json<BootstrapCheck>, Failure> {
    let configuration = one_of(&headers, content)?;
    Ok(Json(state.bootstrap.check(id, configuration)))
}

/// The file of an export: an array, or one.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Several(Vec<BootstrapConfiguration>),
    One(Box<BootstrapConfiguration>),
}

pub(in super::super) async fn import(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Content,
) -> Result<Json<BootstrapConfigurationList>, Failure> {
    let configurations = match read(&headers, &body(content, IMPORT_BYTES)?)? {
        File::Several(configurations) => configurations,
        File::One(configuration) => vec![*configuration],
    };
    let configurations = state.bootstrap.import(author, configurations).await.map_err(failure)?;
    Ok(Json(BootstrapConfigurationList { configurations }))
}

pub(in super::super) async fn export(Extract(state): Extract<State>) -> Response {
    let configurations: Vec<_> =
        state.bootstrap.list().into_iter().map(|saved| saved.configuration).collect();
    let disposition = "attachment; filename=\"bootstrap-configurations.json\"";
    ([(header::CONTENT_DISPOSITION, disposition)], Json(configurations)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct OfDevice {
    endpoint: String,
}

pub(in super::super) async fn assignment(
    Extract(state): Extract<State>,
    Asked(OfDevice { endpoint }): Asked<OfDevice>,
) -> Json<BootstrapAssigned> {
    Json(state.bootstrap.assigned(endpoint))
}

fn id(id: Id) -> Result<u64, Failure> {
    id.map(|Path(id)| id).map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a configuration", "something else")
    })
}

/// `If-Match: "3"`: the version that it was made from (RFC 9110 §13.1.1).
fn if_match(headers: &HeaderMap) -> Result<Option<u32>, Failure> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text == "*" {
        return Ok(None);
    }
    text.trim_matches('"').parse().map(Some).map_err(|_| {
        Failure::bad_request("If-Match cannot be read").expected("a version in quotation marks", text)
    })
}

/// A configuration. An array would be taken for one by the order of its members.
fn one_of(headers: &HeaderMap, content: Content) -> Result<BootstrapConfiguration, Failure> {
    let content = body(content, CONFIGURATION_BYTES)?;
    if content.trim_ascii_start().starts_with(b"[") {
        let failure = Failure::bad_request("the body is no configuration");
        return Err(failure.expected("a JSON object", "an array at line 1"));
    }
    read(headers, &content)
}

/// What is wrong with it is told by its place: it may be a secret.
fn read<T: DeserializeOwned>(headers: &HeaderMap, content: &[u8]) -> Result<T, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        let failure = Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "the body has to be JSON");
        return Err(failure.expected("Content-Type: application/json", "another, or none"));
    }
    serde_json::from_slice(content).map_err(|error| {
        let got = format!("something else at line {}, column {}", error.line(), error.column());
        let failure = Failure::bad_request("the body is no configuration");
        failure.expected("the members of /api/v1/openapi.json", got)
    })
}
