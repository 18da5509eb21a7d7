//! What the list of commands bounds, why, and what happens at the bound. Commands that are not over are bounded by the
//! server role.

/// Commands of all clients that are over and listed. Beyond, the oldest goes.
pub(super) const OVER: usize = 20_000;

/// Bytes that the payloads of commands that are over may hold. Beyond, the oldest go as if there were too many.
pub(super) const OVER_BYTES: usize = 32 << 20;
