use console_api::{HistoryBuckets, UnreadableDay};

use super::pyramid::Summary;
use crate::format;
use crate::time::Civil;

/// What the server has kept of a Resource over some time, at some resolution.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    /// It went up to the present when it was asked for: what is newer than its last value came live.
    pub(crate) open: bool,
    width_ms: f64,
    pub(super) parts: Vec<Summary>,
    unreadable: Vec<UnreadableDay>,
}

impl Stretch {
    pub(crate) fn new(told: HistoryBuckets, open: bool) -> Self {
        let part = |bucket: &console_api::HistoryBucket| {
            let (first, last) = (bucket.first_ms as f64, bucket.last_ms as f64);
            Summary::told(
                bucket.count,
                (bucket.min, bucket.mean, bucket.max),
                (first, bucket.first),
                (last, bucket.last),
            )
        };
        Self {
            from_ms: told.from_ms as f64,
            to_ms: told.to_ms as f64,
            open,
            width_ms: told.width_ms as f64,
            parts: told.buckets.iter().map(part).collect(),
            unreadable: told.unreadable,
        }
    }

    /// Of what lies elsewhere, and is whole.
    pub(crate) fn elsewhere((from_ms, to_ms): (f64, f64), open: bool) -> Self {
        Self { from_ms, to_ms, open, ..Self::default() }
    }

    /// Whether it can show this time with so many columns, the present included if `open`.
    pub(crate) fn serves(&self, (from_ms, to_ms): (f64, f64), columns: f64, open: bool) -> bool {
        let covers = self.from_ms <= from_ms && (self.open || (!open && to_ms <= self.to_ms));
        covers && (self.is_exact() || self.width_ms <= 2.0 * (to_ms - from_ms) / columns.max(1.0))
    }

    /// No two values are summed up.
    pub(crate) fn is_exact(&self) -> bool {
        self.parts.iter().all(|part| part.count == 1)
    }

    /// When the days begin that are not there.
    pub(super) fn holes(&self) -> impl Iterator<Item = f64> + '_ {
        let begin = |day: &UnreadableDay| {
            Civil::from_input(&format!("{}T00:00", day.day)).map(|day| day.epoch(0) as f64 * 1000.0)
        };
        self.unreadable.iter().filter_map(begin)
    }

    /// What is not in it, and why.
    pub(crate) fn missing(&self) -> Option<String> {
        let first = self.unreadable.first()?;
        let more = self.unreadable.len() - 1;
        let more =
            if more > 0 { format!(", and {} more", format::plural(more, "day")) } else { String::new() };
        Some(format!("Not all is there: {} cannot be read ({}){more}.", first.day, first.why))
    }
}
