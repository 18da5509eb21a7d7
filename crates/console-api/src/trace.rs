use serde::{Deserialize, Serialize};

/// A datagram that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceRecord {
    /// Counts all datagrams since the server started.
    pub seq: u64,
    pub at_ms: u64,
    /// Of the client that is registered at that address.
    pub endpoint: Option<String>,
    /// `127.0.0.1:5683`
    pub peer: String,
    pub direction: Direction,
    /// The datagram: a CoAP message, unless it is malformed.
    #[serde(rename = "datagram_hex", with = "crate::hex::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub datagram: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Received,
    Sent,
}

/// `GET /api/v1/trace`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trace {
    /// Oldest first.
    pub records: Vec<TraceRecord>,
    /// Records that were asked for and are no longer there.
    pub missed: u64,
}
