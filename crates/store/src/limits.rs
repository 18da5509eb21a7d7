//! What the store bounds, why, and what happens at the bound.

/// Paths of one client whose newest payload is kept: more than a person looks at. Beyond, the oldest goes.
pub const LATEST_PER_CLIENT: usize = 512;

/// Clients whose newest payloads are kept. Beyond, those of a client without registration go first.
pub const CLIENTS_WITH_LATEST: usize = 1_000_000;

/// Clients with a label. Beyond, a further one is refused and says so: what a person has written goes nowhere by
/// itself.
pub const LABELS: usize = 1_000_000;

/// Commands of one client that are over and still listed. Beyond, the oldest goes.
pub const COMMANDS_OVER_PER_CLIENT: usize = 100;

/// Changes after which the write-ahead log is brought into the file although more are waiting: the log stays at a few
/// megabytes, and reading from it quick.
pub(crate) const CHANGES_IN_LOG: usize = 4_096;

/// What the file of the write-ahead log is cut down to after a burst.
pub(crate) const LOG_BYTES_KEPT: usize = 16 << 20;

/// Statements that are kept ready: all that there are.
pub(crate) const PREPARED_STATEMENTS: usize = 64;

/// What must find room on a disk that was full before it counts as good again.
pub(crate) const PROBE_BYTES: usize = 256 << 10;

/// Changes by operators that are remembered: months of busy ones. Beyond, the oldest goes.
pub const AUDITS: u64 = 100_000;
