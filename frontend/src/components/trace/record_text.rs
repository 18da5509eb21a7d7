//! Times and places of a datagram in words.

use crate::browser;
use crate::time::Civil;
use crate::trace::{Entry, RelationKind};

/// `10:44:56.120`
pub(super) fn clock_ms(at_ms: u64) -> String {
    let epoch_s = (at_ms / 1000) as i64;
    let civil = Civil::from_epoch(epoch_s, browser::east_min(epoch_s));
    format!("{}.{:03}", civil.clock(), at_ms % 1000)
}

/// How long a response or an acknowledgement took: `12 ms`, `3.4 s`.
pub(super) fn after(entry: &Entry) -> Option<String> {
    let relation = entry.relation.as_ref().filter(|relation| relation.kind != RelationKind::Notifies)?;
    Some(duration(relation.after_ms))
}

pub(super) fn duration(ms: u64) -> String {
    if ms < 10_000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1000.0) }
}
