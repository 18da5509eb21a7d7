//! What the history bounds, why, and what happens at the bound.

/// Deliveries that are remembered over a start: those of EXCHANGE_LIFETIME at 4,000 a second. Beyond, the older ones
/// are not, and a retransmission of one of those is stored twice.
pub(super) const DELIVERIES: usize = 1_000_000;

/// Clients and paths of a day whose numbers are kept in memory. Beyond, all are looked up again.
pub(super) const DICTIONARY: usize = 65_536;

/// Rows that one call of `tend` works off at least and at most, so that no acknowledgement waits long for it. In
/// between it is a quarter of what waits, so that it keeps up.
pub(super) const TENDED_ROWS: core::ops::RangeInclusive<usize> = 1_000..=16_000;

/// Bytes of payloads that one call of `tend` works off. Beyond, the rest waits for the next.
pub(super) const TENDED_BYTES: usize = 16 << 20;

/// Rows of forgotten clients that one call of `tend` deletes.
pub(super) const PURGED_ROWS: usize = 2_000;

/// Bytes of a write-ahead log from which on it is written back into its file.
pub(super) const LOG_BYTES: u64 = 4 << 20;

/// Notices for people that wait to be read. Beyond, further ones are dropped.
pub(super) const NOTICES: usize = 100;

/// How long a file is waited for that somebody else has locked. Beyond, what was to be done with it fails.
pub(super) const BUSY: core::time::Duration = core::time::Duration::from_secs(2);

/// Rows of all clients that are looked at for one page, so that a question that finds little can be given up. Beyond,
/// the page ends early and says where to go on.
pub(super) const SCANNED_ROWS: usize = 4_096;

/// Bytes of payloads in one page. Beyond, it ends early and says where to go on.
pub(super) const PAGE_BYTES: usize = 4 << 20;
