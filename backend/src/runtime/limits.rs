//! What the runtime bounds, why, and what happens at the bound.

use std::time::Duration;

/// Changes on their way to the store. Beyond, a change fails and its requester is asked to come back.
pub(super) const STORE_QUEUE: usize = 8_192;

/// Changes that one commit groups before it looks for no further ones.
pub(super) const COMMIT_BATCH: usize = 1_024;

/// Operations from REST that the worker has not taken yet. Beyond, callers wait.
pub(super) const OPERATION_QUEUE: usize = 1_024;

/// Datagrams taken from the socket before anything else gets a turn.
pub(super) const RECEIVE_BATCH: usize = 64;

/// Records of a session kept after a crash until it is known that they are new. Beyond, the oldest is dropped, and its
/// sender repeats it.
pub(super) const UNPROVEN_RECORDS: usize = 8;

/// How long after a crash a session is asked again whether its peer is there, as long as it sends.
pub(super) const PING_AGAIN: Duration = Duration::from_secs(2);

/// Numbers of sessions that are set aside at once, so that none is given twice although not every session is stored.
pub(super) const SESSION_NUMBERS: u64 = 1 << 16;

/// What the Bootstrap-Server has told and is not kept yet. Beyond, it takes no further datagram, so that devices send
/// theirs again; what has begun goes on.
pub(super) const BOOTSTRAP_NOTICES: usize = 8_192;

/// What operators ask of the Bootstrap-Server and it has not taken yet. Beyond, callers wait.
pub(super) const BOOTSTRAP_QUEUE: usize = 64;

/// The largest UDP datagram.
pub(super) const DATAGRAM_BYTES: usize = 65_535;

/// Refusals written to the log in one second. Beyond, they are only counted.
pub(super) const REFUSALS_LOGGED_PER_S: u32 = 10;

/// Datagrams that the system keeps for us while we are busy: about 8,000 of a typical Register. Beyond, they are
/// lost and retransmitted.
pub(super) const RECEIVE_BUFFER_BYTES: usize = 4 << 20;

/// How often the store does what nobody waits for, and how long it has nothing to do before it counts as idle.
pub(super) const TEND_EVERY: Duration = Duration::from_secs(1);

/// How long a stopping server waits for what is being stored, so that it can be acknowledged. Beyond, the device or
/// operator hears nothing, and asks again.
pub(super) const LAST_CHANGES: Duration = Duration::from_millis(500);
