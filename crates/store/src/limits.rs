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

/// Versions of one bootstrap configuration that are kept: a person does not look further back. Beyond, the oldest goes.
pub const CONFIGURATION_VERSIONS: u32 = 100;

/// Bootstrap sessions that are kept: a fleet of this size once. Beyond, the oldest that is over goes.
pub const BOOTSTRAPS: u64 = 10_000;

/// How long a bootstrap session that is over is kept: a quarter of a year.
pub const BOOTSTRAP_KEPT: core::time::Duration = core::time::Duration::from_secs(90 * 24 * 60 * 60);

/// Bootstrap sessions that may go when another begins: more than come, so that their number falls to the bound.
pub(crate) const BOOTSTRAPS_DROPPED: usize = 8;

/// Bytes of one document: a draft of some thousand instances of Object 2. A larger one is refused.
pub const DOCUMENT_BYTES: usize = 1 << 20;

/// Documents of one kind: one for each device of a large fleet. A further one is refused: what a person has written goes
/// nowhere by itself.
pub const DOCUMENTS_OF_A_KIND: u64 = 100_000;

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
