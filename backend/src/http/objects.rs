//! `/api/v1/objects`: the definitions that payloads are read with.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State as Extract, rejection::BytesRejection},
    http::StatusCode,
};
use console_api::{FoundResource, ObjectDefinition, ObjectList, ObjectSummary, UploadedObjects};
use lwm2m_model::{self as model, DefinitionFileError, ObjectVersion, Registry};
use serde::Deserialize;
use store::Audit;

use super::{
    State,
    error::Failure,
    extract::{Asked, Author},
};
use crate::objects::{UploadError, described};

/// Longest file of definitions. Longer ones are refused before they are read.
pub(super) const FILE_BYTES: usize = model::limits::JSON_MAX;

/// Objects and Resources that a search finds. Of more, the best.
const FOUND: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(default)]
    text: String,
}

pub(super) async fn list(Extract(state): Extract<State>, Asked(which): Asked<Which>) -> Json<ObjectList> {
    let registry = state.objects.registry();
    let fleet = Arc::clone(&state.fleet);
    // It is not cancelled, and has no reason to panic.
    let clients = tokio::task::spawn_blocking(move || fleet.objects_in_use()).await.unwrap_or_default();
    let objects = match which.text.trim() {
        "" => all(&registry, &clients),
        text => found(&registry, &clients, text),
    };
    Json(ObjectList { objects })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichVersion {
    version: Option<String>,
}

/// The current version where none is named.
pub(super) async fn one(
    Extract(state): Extract<State>,
    id: Result<Path<u16>, axum::extract::rejection::PathRejection>,
    Asked(which): Asked<WhichVersion>,
) -> Result<Json<ObjectDefinition>, Failure> {
    let Path(id) = id.map_err(|rejection| no_object(&rejection.body_text()))?;
    let registry = state.objects.registry();
    let version = which.version.as_deref().map(version).transpose()?;
    let object = match version {
        None => registry.object(id),
        Some(version) => registry.versions(id).find(|object| object.version == version),
    };
    let known =
        || registry.versions(id).map(|object| object.version.to_string()).collect::<Vec<_>>().join(", ");
    object.map(|object| Json(described(object))).ok_or_else(|| match version {
        Some(version) => unknown(format!("object {id} has no definition of version {version}"))
            .expected(known(), version.to_string()),
        None => unknown(format!("object {id} has no definition")),
    })
}

pub(super) async fn upload(
    Extract(state): Extract<State>,
    Author(author): Author,
    file: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<UploadedObjects>), Failure> {
    let file = file.map_err(|rejection| {
        let failure = Failure::new(rejection.status(), "too_large", rejection.body_text());
        failure.expected(format!("a file of at most {FILE_BYTES} bytes"), "more")
    })?;
    let (objects, at) = (state.objects, state.clock.now());
    let now_ms = at.as_millis();
    let uploaded = tokio::task::spawn_blocking(move || objects.upload(&file, now_ms)).await;
    let objects = uploaded.map_err(|error| Failure::failed(&error))?.map_err(refused)?;
    state.fleet.objects_changed();
    let names: Vec<_> = objects.iter().map(|object| format!("{} {}", object.id, object.version)).collect();
    let (what, details) = ("upload_objects".to_owned(), names.join(", "));
    let audit = Audit { at, author, what, endpoint: None, details };
    state.operations.audit(audit).await.ok_or_else(Failure::stopping)?;
    Ok((StatusCode::CREATED, Json(UploadedObjects { objects })))
}

pub(super) async fn uploaded(Extract(state): Extract<State>) -> Json<UploadedObjects> {
    Json(UploadedObjects { objects: state.objects.uploaded() })
}

pub(super) async fn delete(
    Extract(state): Extract<State>,
    Author(author): Author,
    which: Result<Path<(u16, String)>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path((id, text)) = which.map_err(|rejection| no_object(&rejection.body_text()))?;
    let version = version(&text)?;
    let objects = state.objects;
    let deleted = tokio::task::spawn_blocking(move || objects.delete(id, version)).await;
    let deleted = deleted.map_err(|error| Failure::failed(&error))?;
    if !deleted.map_err(|error| Failure::failed(&error))? {
        return Err(unknown(format!("object {id} {version} was not uploaded")));
    }
    state.fleet.objects_changed();
    let (at, what) = (state.clock.now(), "delete_object".to_owned());
    let audit = Audit { at, author, what, endpoint: None, details: format!("{id} {version}") };
    state.operations.audit(audit).await.ok_or_else(Failure::stopping)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Registered clients by Object.
type Clients = BTreeMap<u16, usize>;

fn all(registry: &Registry, clients: &Clients) -> Vec<ObjectSummary> {
    let ids: BTreeSet<u16> =
        registry.objects().map(|object| object.id).chain(clients.keys().copied()).collect();
    ids.into_iter().map(|id| summary(registry, clients, id)).collect()
}

fn found(registry: &Registry, clients: &Clients, text: &str) -> Vec<ObjectSummary> {
    let mut objects: Vec<ObjectSummary> = Vec::new();
    for hit in registry.search(text, FOUND) {
        let known = objects.iter().position(|object| object.id == hit.object.id);
        let position = known.unwrap_or_else(|| {
            objects.push(summary(registry, clients, hit.object.id));
            objects.len() - 1
        });
        let resource = hit.resource.map(|found| FoundResource { id: found.id, name: found.name.clone() });
        if let Some(object) = objects.get_mut(position) {
            object.resources.extend(resource);
        }
    }
    objects
}

fn summary(registry: &Registry, clients: &Clients, id: u16) -> ObjectSummary {
    let object = registry.object(id);
    ObjectSummary {
        id,
        name: object.map(|object| object.name.clone()).unwrap_or_default(),
        urn: object.map(|object| object.urn.clone()).unwrap_or_default(),
        versions: registry.versions(id).map(|known| known.version.to_string()).collect(),
        clients: clients.get(&id).copied().unwrap_or_default(),
        // Without a definition a client may do as it likes.
        multiple: object.is_none_or(|object| object.multiple),
        resources: Vec::new(),
    }
}

fn version(text: &str) -> Result<ObjectVersion, Failure> {
    text.parse().map_err(|_| {
        Failure::bad_request("the version cannot be read").expected("a version such as 1.1", text)
    })
}

fn no_object(why: &str) -> Failure {
    Failure::bad_request(why).expected("an Object ID from 0 to 65534", "something else")
}

fn unknown(message: String) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "unknown_object", message)
}

fn refused(error: UploadError) -> Failure {
    let message = error.to_string();
    match error {
        UploadError::Unreadable(DefinitionFileError::Ddf(error)) => {
            let place = format!("{} in line {}, column {}", error.expected, error.line, error.column);
            Failure::new(StatusCode::BAD_REQUEST, "bad_definition", message).expected(place, error.got)
        }
        UploadError::Unreadable(_) => {
            let (expected, got) =
                message.split_once("expected ").and_then(|(_, rest)| rest.split_once(", got ")).map_or_else(
                    || ("object definitions".to_owned(), message.clone()),
                    |(expected, got)| (expected.to_owned(), got.to_owned()),
                );
            Failure::new(StatusCode::BAD_REQUEST, "bad_definition", message).expected(expected, got)
        }
        UploadError::TooMany { limit, got } | UploadError::TooLarge { limit, got } => {
            Failure::new(StatusCode::CONFLICT, "no_room", message)
                .expected(limit.to_string(), got.to_string())
        }
        UploadError::NotStored(_) => {
            tracing::error!("{message}");
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", message)
        }
    }
}
