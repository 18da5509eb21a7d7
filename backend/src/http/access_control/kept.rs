//! Drafts, templates and the names of servers.

use axum::{
    Json,
    extract::{Path, State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{AccessControlDraft, AccessControlTemplate, AccessControlTemplateList, ServerNames};

use crate::http::{
    State,
    error::Failure,
    extract::{Author, Endpoint, not_json},
};

type Body<T> = Result<Json<T>, JsonRejection>;

pub(in crate::http) async fn draft(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
) -> Result<Json<AccessControlDraft>, Failure> {
    Ok(Json(state.access_control.draft(&endpoint)?))
}

pub(in crate::http) async fn save_draft(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    draft: Body<AccessControlDraft>,
) -> Result<Json<AccessControlDraft>, Failure> {
    let Json(draft) = draft.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.access_control.save_draft(&endpoint, author, draft).await?))
}

pub(in crate::http) async fn delete_draft(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
) -> Result<StatusCode, Failure> {
    state.access_control.delete_draft(&endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::http) async fn templates(
    Extract(state): Extract<State>,
) -> Result<Json<AccessControlTemplateList>, Failure> {
    Ok(Json(state.access_control.templates()?))
}

pub(in crate::http) async fn template(
    Extract(state): Extract<State>,
    Path(name): Path<String>,
) -> Result<Json<AccessControlTemplate>, Failure> {
    Ok(Json(state.access_control.template(&name)?))
}

pub(in crate::http) async fn save_template(
    Extract(state): Extract<State>,
    Path(name): Path<String>,
    Author(author): Author,
    template: Body<AccessControlTemplate>,
) -> Result<Json<AccessControlTemplate>, Failure> {
    let Json(template) = template.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.access_control.save_template(&name, author, template).await?))
}

pub(in crate::http) async fn delete_template(
    Extract(state): Extract<State>,
    Path(name): Path<String>,
    Author(author): Author,
) -> Result<StatusCode, Failure> {
    state.access_control.delete_template(&name, &author).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::http) async fn servers(Extract(state): Extract<State>) -> Result<Json<ServerNames>, Failure> {
    Ok(Json(state.access_control.servers()?))
}

pub(in crate::http) async fn name_servers(
    Extract(state): Extract<State>,
    Author(author): Author,
    servers: Body<ServerNames>,
) -> Result<Json<ServerNames>, Failure> {
    let Json(servers) = servers.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.access_control.name_servers(&author, servers).await?))
}
