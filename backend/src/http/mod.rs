//! REST, WebSocket and the console's files.

mod api;
mod clients;
mod coding;
mod console;
mod error;
mod guard;
mod operation;
mod websocket;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router, middleware,
    routing::{delete, get, post},
};
use tokio::sync::watch;

use crate::{clock::Clock, fleet::Fleet, runtime::Operations};

/// What every request may use.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) operations: Operations,
    pub(crate) clock: Clock,
    pub(crate) coap: SocketAddr,
    pub(crate) started_at_ms: u64,
}

pub(crate) fn router(state: State, address: SocketAddr, stopped: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/healthz", get(api::health))
        .route("/licences.txt", get(|| async { crate::licences::TEXT }))
        .route("/api/v1/server", get(api::server))
        .route("/api/v1/clients", get(clients::list))
        .route("/api/v1/clients/{endpoint}", get(clients::details))
        .route("/api/v1/clients/{endpoint}/operations", post(operation::operate))
        .route("/api/v1/clients/{endpoint}/refusals", delete(clients::forget_refusals))
        .route("/api/v1/ws", get(websocket::connect))
        .fallback(console::serve)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(axum::Extension(websocket::Stopped(stopped)))
        .layer(middleware::from_fn_with_state(guard::Allowed::new(address), guard::check))
        .with_state(state)
}

/// Ends when the process is asked to stop.
pub(crate) async fn stop_requested(mut stopped: watch::Receiver<bool>) {
    // The sender going away means the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
