//! Invariants of the parsers, of what decides by their results, and of the roles, one function for each fuzz target.
//!
//! A target in `targets/` gives what libFuzzer made up to the function of its name, which panics when something does
//! not hold. That is more than not to panic: see [`payload`] for what must be true of any payload in any format.
//! [`CHECKS`] names them all, so that inputs that once failed can be replayed by a plain test.
//!
//! To add a target: a function here, a file in `targets/`, its `[[bin]]` in the manifest, and a line in the table of
//! `crates/xtask/src/fuzz/targets.rs` that says what its first inputs are.

mod access;
mod allocation;
mod answers;
mod arguments;
mod attribute_texts;
mod bootstrap_server_role;
mod client_role;
mod coap_endpoints;
mod coap_messages;
mod conversation;
mod definition_files;
mod definitions;
mod dtls_records;
mod lines;
mod links;
mod observations;
mod parameters;
mod path_lists;
mod payload;
mod records;
mod request;
mod script;
mod server_role;
mod transcoding;
mod value_texts;

#[cfg(test)]
mod regressions;

pub use access::access_control;
pub use arguments::execute;
pub use attribute_texts::attributes;
pub use bootstrap_server_role::bootstrap_server;
pub use client_role::client;
pub use coap_endpoints::coap_endpoint;
pub use coap_messages::coap_message;
pub use definition_files::{ddf_xml, definitions};
pub use dtls_records::{dtls_client_hello, dtls_open, dtls_records};
pub use lines::json_lines;
pub use links::link;
pub use observations::notification;
pub use parameters::registration_parameters;
pub use path_lists::paths;
pub use server_role::server;
pub use transcoding::transcode;
pub use value_texts::value_text;

use lwm2m_codec::ContentFormat;

/// What a target does with an input.
pub type Check = fn(&[u8]);

/// Every check by the name of its target.
pub const CHECKS: [(&str, Check); 27] = [
    ("access_control", access_control),
    ("attributes", attributes),
    ("bootstrap_server", bootstrap_server),
    ("cbor", cbor),
    ("client", client),
    ("coap_endpoint", coap_endpoint),
    ("coap_message", coap_message),
    ("ddf_xml", ddf_xml),
    ("definitions", definitions),
    ("dtls_client_hello", dtls_client_hello),
    ("dtls_open", dtls_open),
    ("dtls_records", dtls_records),
    ("execute", execute),
    ("json", json),
    ("json_lines", json_lines),
    ("link", link),
    ("lwm2m_cbor", lwm2m_cbor),
    ("notification", notification),
    ("paths", paths),
    ("registration_parameters", registration_parameters),
    ("senml_cbor", senml_cbor),
    ("senml_json", senml_json),
    ("server", server),
    ("single", single),
    ("tlv", tlv),
    ("transcode", transcode),
    ("value_text", value_text),
];

/// The two formats that are nothing but a value: text and opaque.
pub fn single(data: &[u8]) {
    payload::check(ContentFormat::TEXT, data);
    payload::check(ContentFormat::OPAQUE, data);
}

pub fn tlv(data: &[u8]) {
    payload::check(ContentFormat::TLV, data);
}

/// The JSON of LwM2M 1.0.
pub fn json(data: &[u8]) {
    payload::check(ContentFormat::JSON, data);
}

pub fn cbor(data: &[u8]) {
    payload::check(ContentFormat::CBOR, data);
}

pub fn senml_json(data: &[u8]) {
    payload::check(ContentFormat::SENML_JSON, data);
}

pub fn senml_cbor(data: &[u8]) {
    payload::check(ContentFormat::SENML_CBOR, data);
}

/// With ids from the object down, and with ids that may begin below the target.
pub fn lwm2m_cbor(data: &[u8]) {
    payload::check(ContentFormat::LWM2M_CBOR, data);
    payload::check_relative(data);
}
