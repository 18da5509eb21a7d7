//! `GET /api/v1/trace` and `GET /api/v1/trace.pcap`

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    Json,
    extract::State as Extract,
    http::header,
    response::{IntoResponse, Response},
};
use console_api::Trace;
use packet_capture::Capture;
use serde::Deserialize;

use super::{
    State,
    error::Failure,
    extract::{Asked, page_limit},
};
use crate::{addresses::local_address_towards, trace::Captured};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    endpoint: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

pub(super) async fn trace(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<Trace>, Failure> {
    let limit = page_limit(which.limit)?;
    let endpoint = which.endpoint.as_deref();
    Ok(Json(match which.after {
        Some(after) => state.trace.page(endpoint, after, limit),
        None => state.trace.newest(endpoint, None, limit),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfWhom {
    endpoint: Option<String>,
}

pub(super) async fn pcap(Extract(state): Extract<State>, Asked(of_whom): Asked<OfWhom>) -> Response {
    let captured = state.trace.captured(of_whom.endpoint.as_deref());
    // Where no device is managed, nothing was captured.
    let coap = state.coap.unwrap_or(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0));
    match capture(&captured, coap) {
        Ok(file) => {
            let headers = [
                (header::CONTENT_TYPE, "application/vnd.tcpdump.pcap"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"lwm2m.pcap\""),
            ];
            (headers, file).into_response()
        }
        Err(error) => Failure::failed(&error).into_response(),
    }
}

fn capture(captured: &[Captured], coap: SocketAddr) -> std::io::Result<Vec<u8>> {
    let bytes: usize = captured.iter().map(|record| record.datagram().len() + 64).sum();
    let mut capture = Capture::new(Vec::with_capacity(bytes + 24))?;
    // A socket that listens on all addresses does not tell which one a datagram came to.
    let mut local: BTreeMap<IpAddr, SocketAddr> = BTreeMap::new();
    for record in captured {
        let peer = record.peer();
        let local = *local.entry(peer.ip()).or_insert_with(|| local_address_towards(peer, coap));
        let (from, to) = record.between(local);
        capture.record(record.at_ms(), from, to, record.datagram())?;
    }
    Ok(capture.into_inner())
}
