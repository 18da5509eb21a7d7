use serde::{Deserialize, Serialize};

use crate::{DecodedValue, Source};

/// `GET /api/v1/clients/{endpoint}/history`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryPage {
    /// In the order that was asked for.
    pub rows: Vec<HistoryRow>,
    /// What to give as `before` or `after`, whichever it was, for the next page. Null when this was the last.
    pub next: Option<String>,
    /// Days that should be in it and are not.
    pub unreadable: Vec<UnreadableDay>,
}

/// A payload that a client sent or took, untouched, and what is in it. Also a line of the export as JSON lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryRow {
    /// Where it stands: what comes `before` it, and what comes `after` it.
    pub cursor: String,
    pub endpoint: String,
    /// Path of the request or observation that the payload belongs to: `/` when it names several itself.
    pub path: String,
    pub source: Source,
    /// When it came.
    pub at_ms: u64,
    pub content_format: Option<u16>,
    pub payload_hex: String,
    /// Value of the Observe option of a notification.
    pub sequence: Option<u32>,
    pub confirmable: bool,
    /// False for a notification that a newer one had overtaken.
    pub current: bool,
    /// Read with the definitions in use now.
    pub values: Vec<DecodedValue>,
    /// Why there are no values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode_error: Option<String>,
}

/// `GET /api/v1/clients/{endpoint}/history` with `buckets`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryBuckets {
    pub from_ms: u64,
    pub to_ms: u64,
    /// How long each is. It begins at a multiple of that since 1970.
    pub width_ms: u64,
    /// Those with values in them, oldest first.
    pub buckets: Vec<HistoryBucket>,
    /// Days that should be in it and are not.
    pub unreadable: Vec<UnreadableDay>,
}

/// Numbers of one Resource within some time. What is false counts as 0, what is true as 1, a Time as its seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryBucket {
    pub start_ms: u64,
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub first: f64,
    pub first_ms: u64,
    pub last: f64,
    pub last_ms: u64,
}

/// A day whose file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadableDay {
    /// `2026-11-26`, of UTC.
    pub day: String,
    pub why: String,
}

/// `GET` and `PUT /api/v1/server/retention`: how much of the past is kept. The oldest days go first, never today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// A day goes when it has been over for so many days.
    pub days: u32,
    /// What all days may take on the disk.
    pub bytes: u64,
}
