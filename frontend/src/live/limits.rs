//! Every bound of the live store.

/// Points kept per resource for chart and sparkline, a day of one a second; at the limit the oldest eighth goes, which a
/// chart asks the server for.
pub(crate) const HISTORY_POINTS: usize = 100_000;

/// Points kept of the open device, 16 MB of them; at the limit the longest history loses its oldest eighth.
pub(crate) const DEVICE_POINTS: usize = 1_000_000;

/// Points kept of all clients that are looked at, 32 MB of them; at the limit the longest history of all loses its oldest
/// eighth.
pub(crate) const HELD_POINTS: usize = 2_000_000;

/// Interruptions of the connection that a chart knows of; at the limit the oldest is forgotten.
pub(crate) const GAPS: usize = 256;

/// Values kept for the open device; at the limit new paths are shown in the wire view only.
pub(crate) const CELLS: usize = 20_000;

/// Payloads kept for the open device, one per request path; at the limit the oldest goes.
pub(crate) const EXCHANGES: usize = 2000;

/// Frames that wait for the next animation frame; at the limit they are applied at once, since a hidden tab
/// draws none.
pub(crate) const QUEUED_FRAMES: usize = 256;

/// How long frames wait in a tab that draws nothing.
pub(crate) const HIDDEN_FLUSH_MS: u32 = 1000;

/// Longest payload that a row of the fleet shows the value of; a longer one leaves the row as it is.
pub(crate) const LATEST_BYTES: usize = 64;
