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
