use axum::{
    Json,
    extract::State as Extract,
    http::{Method, StatusCode, Uri},
};
use console_api::ServerStatus;
use serde_json::{Value, json};

use super::{State, error::Failure};

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn server(Extract(state): Extract<State>) -> Json<ServerStatus> {
    let (datagrams_received, datagrams_sent, refused) = state.fleet.counters();
    Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_ms: state.started_at_ms,
        now_ms: state.clock.now().as_millis(),
        coap: format!("coap://{}", state.coap),
        clients: state.fleet.view().registered(),
        counts: state.fleet.counts(),
        observations: state.fleet.view().observation_count(),
        datagrams_received,
        datagrams_sent,
        refused,
        consoles: state.fleet.readers(),
        ..ServerStatus::default()
    })
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let message = format!("{method} is not possible on {}", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
