//! REST, WebSocket and the console's files.

mod access_control;
mod api;
mod audit;
mod boards;
mod bootstrap;
mod clients;
mod coding;
mod commands;
mod console;
mod decoded;
mod error;
mod events;
mod extract;
mod guard;
mod history;
mod objects;
mod observations;
mod openapi;
mod operation;
mod security;
mod simulated;
mod status;
mod trace;
mod websocket;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, delete, get, post, put},
};
pub(crate) use operation::{format_of_several, model};
use tokio::sync::watch;

use crate::{
    access_control::Desk as AccessControlDesk,
    boards::Desk as BoardDesk,
    bootstrap::{CONFIGURATION_BYTES, Desk as BootstrapDesk},
    clock::Clock,
    credentials::{Desk, FailedHandshakes},
    fleet::Fleet,
    history::History,
    objects::Objects,
    observations::Observations,
    runtime::{Operations, Storage},
    simulated::Simulation,
    trace::Trace,
};

/// What every request may use.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) objects: Arc<Objects>,
    pub(crate) observations: Arc<Observations>,
    pub(crate) storage: Arc<Storage>,
    pub(crate) history: Arc<History>,
    pub(crate) simulation: Arc<Simulation>,
    pub(crate) operations: Operations,
    pub(crate) desk: Desk,
    pub(crate) handshakes: Arc<FailedHandshakes>,
    pub(crate) clock: Clock,
    pub(crate) bootstrap: BootstrapDesk,
    pub(crate) access_control: AccessControlDesk,
    pub(crate) boards: BoardDesk,
    /// Where devices connect, if they are managed here.
    pub(crate) coap: Option<SocketAddr>,
    /// Where devices connect with security.
    pub(crate) coaps: Option<SocketAddr>,
    /// Where devices bootstrap, and with security.
    pub(crate) bootstrap_coap: Option<SocketAddr>,
    pub(crate) bootstrap_coaps: Option<SocketAddr>,
    pub(crate) started_at_ms: u64,
}

pub(crate) fn router(state: State, address: SocketAddr, stopped: watch::Receiver<bool>) -> Router {
    let served =
        all_routes().into_iter().fold(Router::new(), |served, (path, methods)| served.route(path, methods));
    served
        .fallback(console::serve)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(axum::Extension(websocket::Stopped(stopped)))
        .layer(middleware::from_fn_with_state(guard::Allowed::new(address), guard::check))
        .with_state(state)
}

/// Every path of the interface.
fn all_routes() -> Vec<(&'static str, MethodRouter<State>)> {
    let mut all = routes();
    all.extend(bootstrap_routes());
    all.extend(access_control_routes());
    all
}

fn routes() -> Vec<(&'static str, MethodRouter<State>)> {
    vec![
        ("/healthz", get(api::health)),
        ("/licences.txt", get(|| async { crate::licences::TEXT })),
        ("/api/v1/server", get(status::server)),
        ("/api/v1/clients", get(clients::list)),
        ("/api/v1/clients/{endpoint}", get(clients::details).delete(clients::forget)),
        ("/api/v1/clients/{endpoint}/bootstrap", post(bootstrap::bootstrap)),
        ("/api/v1/clients/{endpoint}/config", put(clients::configure)),
        ("/api/v1/clients/{endpoint}/history", get(history::of_client)),
        ("/api/v1/clients/{endpoint}/history.csv", get(history::csv_of_client)),
        ("/api/v1/clients/{endpoint}/history.jsonl", get(history::json_lines_of_client)),
        ("/api/v1/clients/{endpoint}/label", put(clients::label)),
        ("/api/v1/clients/{endpoint}/operations", post(operation::operate)),
        ("/api/v1/clients/{endpoint}/refusals", delete(clients::forget_refusals)),
        ("/api/v1/commands", get(commands::list)),
        ("/api/v1/commands/{id}", get(commands::one).delete(commands::cancel)),
        ("/api/v1/commands/{id}/retry", post(commands::retry)),
        ("/api/v1/credentials", get(security::list).post(security::add)),
        (
            "/api/v1/credentials/import",
            post(security::import).layer(DefaultBodyLimit::max(security::FILE_BYTES)),
        ),
        ("/api/v1/credentials/{id}", get(security::one).delete(security::forget)),
        ("/api/v1/credentials/{id}/revoke", post(security::revoke)),
        ("/api/v1/credentials/{id}/rotate", post(security::rotate)),
        ("/api/v1/security/authorities", get(security::authorities).post(security::believe)),
        ("/api/v1/security/authorities/{fingerprint}", delete(security::disbelieve)),
        ("/api/v1/security/authority", post(security::authority)),
        ("/api/v1/security/certificates", post(security::certificates)),
        ("/api/v1/security/handshakes", get(security::handshakes)),
        ("/api/v1/security/server", get(security::server)),
        (
            "/api/v1/objects",
            get(objects::list).post(objects::upload).layer(DefaultBodyLimit::max(objects::FILE_BYTES)),
        ),
        ("/api/v1/objects/uploaded", get(objects::uploaded)),
        ("/api/v1/objects/{id}", get(objects::one)),
        ("/api/v1/objects/{id}/{version}", delete(objects::delete)),
        ("/api/v1/simulated-devices", get(simulated::list).post(simulated::start).delete(simulated::stop)),
        ("/api/v1/history.csv", get(history::csv)),
        ("/api/v1/history.jsonl", get(history::json_lines)),
        ("/api/v1/server/retention", get(history::retention).put(history::retain)),
        ("/api/v1/observations", get(observations::list)),
        ("/api/v1/audit", get(audit::list)),
        ("/api/v1/boards", get(boards::list).post(boards::add)),
        ("/api/v1/boards/{id}", get(boards::one).put(boards::save).delete(boards::delete)),
        ("/api/v1/trace", get(trace::trace)),
        ("/api/v1/trace.pcap", get(trace::pcap)),
        ("/api/v1/events", get(events::list)),
        ("/api/v1/ws", get(websocket::connect)),
        ("/api/v1/openapi.json", get(openapi::serve)),
    ]
}

/// Those of the Bootstrap-Server.
fn bootstrap_routes() -> Vec<(&'static str, MethodRouter<State>)> {
    let one_configuration = DefaultBodyLimit::max(CONFIGURATION_BYTES);
    vec![
        ("/api/v1/bootstrap/assignment", get(bootstrap::assignment)),
        (
            "/api/v1/bootstrap/configurations",
            get(bootstrap::list).post(bootstrap::add).layer(one_configuration),
        ),
        ("/api/v1/bootstrap/configurations/check", post(bootstrap::check).layer(one_configuration)),
        ("/api/v1/bootstrap/configurations/export", get(bootstrap::export)),
        (
            "/api/v1/bootstrap/configurations/import",
            post(bootstrap::import).layer(DefaultBodyLimit::max(bootstrap::IMPORT_BYTES)),
        ),
        (
            "/api/v1/bootstrap/configurations/{id}",
            get(bootstrap::one).put(bootstrap::replace).delete(bootstrap::delete).layer(one_configuration),
        ),
        ("/api/v1/bootstrap/configurations/{id}/rollback", post(bootstrap::roll_back)),
        ("/api/v1/bootstrap/configurations/{id}/versions", get(bootstrap::versions)),
        ("/api/v1/bootstrap/sessions", get(bootstrap::list_sessions).post(bootstrap::begin)),
        ("/api/v1/bootstrap/sessions/{id}", get(bootstrap::one_session)),
    ]
}

/// Who may do what on devices.
fn access_control_routes() -> Vec<(&'static str, MethodRouter<State>)> {
    use access_control::{devices, kept, runs};
    vec![
        ("/api/v1/clients/{endpoint}/access-control", get(devices::read)),
        ("/api/v1/clients/{endpoint}/access-control/apply", post(devices::apply)),
        (
            "/api/v1/clients/{endpoint}/access-control/draft",
            get(kept::draft).put(kept::save_draft).delete(kept::delete_draft),
        ),
        ("/api/v1/clients/{endpoint}/access-control/evaluate", post(devices::evaluate)),
        ("/api/v1/clients/{endpoint}/access-control/plan", post(devices::plan)),
        ("/api/v1/access-control/runs", get(runs::list).post(runs::begin)),
        ("/api/v1/access-control/runs/{id}", get(runs::one)),
        ("/api/v1/access-control/runs/{id}/apply", post(runs::apply)),
        ("/api/v1/access-control/runs/{id}/cancel", post(runs::cancel)),
        ("/api/v1/access-control/runs/{id}/devices", get(runs::devices)),
        ("/api/v1/access-control/servers", get(kept::servers).put(kept::name_servers)),
        ("/api/v1/access-control/templates", get(kept::templates)),
        (
            "/api/v1/access-control/templates/{name}",
            get(kept::template).put(kept::save_template).delete(kept::delete_template),
        ),
    ]
}

/// Ends when the process is asked to stop.
pub(crate) async fn stop_requested(mut stopped: watch::Receiver<bool>) {
    // The sender going away means the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
