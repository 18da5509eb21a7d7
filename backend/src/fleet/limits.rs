//! What the projection bounds, why, and what happens at the bound.

use std::time::Duration;

/// Events that a slow console may be behind. Beyond, it is told so and gets fresh snapshots.
pub(super) const EVENTS: usize = 16_384;

/// Bytes that the events of the journal may hold. Beyond, the oldest go as if there were too many.
pub(super) const EVENT_BYTES: usize = 8 << 20;

/// Consoles and scripts that follow what happens. Beyond, a further one gets 503.
pub(super) const READERS: usize = 1_024;

/// How long events are kept for after the last console has gone: it may only have lost its connection.
pub(super) const KEPT_WITHOUT_READER: Duration = Duration::from_secs(60);

/// Paths of one client whose newest payload is shown. Beyond, the oldest goes.
pub(super) const REPORTED_PER_CLIENT: usize = 512;

/// Clients that are no longer registered and are known still. Beyond, those go that left first, and those that an
/// operator has labelled after all others.
pub(super) const DEPARTED: usize = 10_000;

/// Longest payload that is shown in a row. A longer one is only on the page of its device.
pub(super) const LATEST_BYTES: usize = 64;

/// Clients that are looked at in one go, so that the CoAP thread never waits long for them.
pub(super) const ROWS_AT_ONCE: usize = 4_096;
