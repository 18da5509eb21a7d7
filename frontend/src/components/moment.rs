//! Times of the server in the operator's zone.

use crate::browser;
use crate::time::Civil;

/// A time of today.
pub(crate) fn clock(at_ms: u64) -> String {
    civil(at_ms).clock()
}

pub(crate) fn date_time(at_ms: u64) -> String {
    civil(at_ms).date_time()
}

fn civil(at_ms: u64) -> Civil {
    let epoch_s = (at_ms / 1000) as i64;
    Civil::from_epoch(epoch_s, browser::east_min(epoch_s))
}
