use std::sync::Arc;

use console_api::Source;
use lwm2m_codec::Value;

use super::exchange::Exchange;

/// The latest value of a Resource or Resource Instance, and how it was obtained.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) content: Content,
    pub(crate) at_ms: u64,
    /// When the client says that it was measured.
    pub(crate) measured_ms: Option<u64>,
    pub(crate) source: Source,
    /// Observe option of the notification.
    pub(crate) sequence: Option<u32>,
    pub(crate) confirmable: bool,
    /// What brought the value.
    pub(crate) exchange: Arc<Exchange>,
    /// Counts changes of the content, so that a row can flash once for each.
    pub(crate) revision: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Single(Value),
    /// A multiple Resource: its Resource Instances in the order of their ids.
    Multiple(Vec<(u16, Value)>),
    /// A payload that could not be decoded.
    Undecodable(Vec<u8>),
}

impl Content {
    pub(crate) fn single(&self) -> Option<&Value> {
        match self {
            Self::Single(value) => Some(value),
            _ => None,
        }
    }

    /// Values by Resource Instance ID; a single value has none.
    pub(crate) fn instances(&self) -> Option<&[(u16, Value)]> {
        match self {
            Self::Multiple(values) => Some(values),
            _ => None,
        }
    }
}
