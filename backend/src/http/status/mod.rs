//! `GET /api/v1/server`: how the server is.

mod limits;
mod storage;

use std::net::SocketAddr;

use axum::{Json, extract::State as Extract};
use console_api::ServerStatus;

use super::{State, error::Failure};
use crate::{addresses, process};

pub(super) async fn server(Extract(state): Extract<State>) -> Result<Json<ServerStatus>, Failure> {
    let usage = state.operations.usage().await.ok_or_else(Failure::stopping)?;
    let (received, sent) = state.trace.traffic();
    let process = process::read();
    let bootstrap = match &state.bootstrap.role {
        Some(role) => role.usage().await,
        None => None,
    };
    let limits = limits::limits(&state, &usage, bootstrap.as_ref());
    let view = state.fleet.view();
    let (clients, observations) = (view.registered(), view.observation_count());
    drop(view);
    Ok(Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_ms: state.started_at_ms,
        now_ms: state.clock.now().as_millis(),
        coap: state.coap.map(|address| format!("coap://{address}")).unwrap_or_default(),
        bootstrap_coap: state.bootstrap_coap.map(|address| format!("coap://{address}")),
        bootstrap_coaps: state.bootstrap_coaps.map(|address| format!("coaps://{address}")),
        uris: state.coap.map(uris).unwrap_or_default(),
        clients,
        counts: state.fleet.counts(),
        observations,
        datagrams_received: received.datagrams,
        datagrams_sent: sent.datagrams,
        bytes_received: received.bytes,
        bytes_sent: sent.bytes,
        reports: state.observations.reports(),
        refused: state.fleet.refused_count(),
        consoles: state.fleet.readers(),
        resident_bytes: process.resident_bytes,
        cpu_ms: process.cpu_ms,
        simulated: state.simulation.endpoints().len(),
        storage: storage::status(&state.storage),
        limits,
    }))
}

fn uris(coap: SocketAddr) -> Vec<String> {
    addresses::reachable(coap).iter().map(|address| format!("coap://{address}")).collect()
}
