//! Scripted CoAP conversations with the real server, datagram by datagram.

mod access_control;
mod attributes;
mod audit;
mod authorities;
mod boards;
mod bootstrap;
mod clients;
mod commands;
mod composite;
mod create_and_delete;
mod credentials;
mod device_management;
mod endpoint_names;
mod events;
mod handshake_flood;
mod history;
mod hostile;
mod http;
mod information_reporting;
mod large_payloads;
mod maintenance;
mod messages;
mod object_uploads;
mod object_versions;
mod observation_list;
mod openapi;
mod payload_lines;
mod queue_mode;
mod registration;
mod restart;
mod send;
mod server_status;
mod simulated_devices;
mod start;
mod storage;
mod trace;
mod websocket;

/// A request of the REST interface as its callers write it.
fn asked(json: &str) -> console_api::OperationRequest {
    serde_json::from_str(json).expect("a request")
}
