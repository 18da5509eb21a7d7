use axum::{
    Json,
    extract::State as Extract,
    http::{Method, StatusCode, Uri},
};
use console_api::{ClientDetails, ClientList, ServerStatus};
use serde_json::{Value, json};

use super::{State, error::Failure, extract::Endpoint};

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn server(Extract(state): Extract<State>) -> Json<ServerStatus> {
    let (received, sent) = state.trace.traffic();
    Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_ms: state.started_at_ms,
        now_ms: state.clock.now().as_millis(),
        coap: format!("coap://{}", state.coap),
        clients: state.fleet.view().len(),
        observations: state.fleet.observation_count(),
        datagrams_received: received.datagrams,
        datagrams_sent: sent.datagrams,
        bytes_received: received.bytes,
        bytes_sent: sent.bytes,
        refused: state.fleet.refused_count(),
        ..ServerStatus::default()
    })
}

pub(super) async fn clients(Extract(state): Extract<State>) -> Json<ClientList> {
    let clients = state.fleet.view().clients();
    Json(ClientList { total: clients.len(), clients })
}

pub(super) async fn client(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
) -> Result<Json<ClientDetails>, Failure> {
    state.fleet.view().details(&endpoint).map(Json).ok_or_else(|| Failure::unknown_client(&endpoint))
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

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let message = format!("{method} is not possible on {}", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
