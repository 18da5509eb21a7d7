//! What the server role bounds, why, and what happens at the bound.

use core::time::Duration;

/// Changes waiting for the store. Each holds a request that was not answered yet; beyond, a request gets 5.03
/// with Max-Age and a notification no acknowledgement, so that the peer sends it again.
pub const OPEN_FLOWS: usize = 4_096;

/// Registered clients. Beyond, a Register gets 5.03 with Max-Age; Updates of those registered still work.
pub const REGISTRATIONS: usize = 1_000_000;

/// Objects in one registration. Beyond, the Register gets 4.13.
pub const OBJECTS_PER_CLIENT: usize = 1_024;

/// Object Instances in one registration. Beyond, the Register gets 4.13.
pub const INSTANCES_PER_CLIENT: usize = 4_096;

/// Different lists of Objects that clients share. Beyond, a client with a list of its own keeps it for itself.
pub const SHARED_OBJECT_LISTS: usize = 1_024;

/// Lists of Objects learned for profile identifiers. Beyond, one of them is forgotten: its client is answered 4.09
/// when it names the profile again, and then sends the list.
pub const LEARNED_PROFILES: usize = 4_096;

/// Registrations of one address that a Send is compared with. Beyond, it is not for one of the others.
pub const REGISTRATIONS_PER_SENDER: usize = 16;

/// Observations wanted of one client. Beyond, an Observe is refused before it is sent.
pub const OBSERVATIONS_PER_CLIENT: usize = 256;

/// Paths of one client whose written attributes are remembered. Beyond, those of a further path are not written again
/// when the client registers anew.
pub const PATHS_WITH_ATTRIBUTES: usize = 256;

/// Refused formats remembered of a client. Beyond, further ones are not, and may be asked for again.
pub const REFUSED_FORMATS: usize = 16;

/// Paths of one composite operation. Beyond, it is refused before it is sent.
pub const PATHS_PER_OPERATION: usize = 256;

/// Longest payload of an operation: as much as the codec reads. Beyond, it is refused before it is sent.
pub const PAYLOAD_BYTES: usize = 1024 * 1024;

/// Longest written payload that is reported. Of a longer one only the answer is told: it is a package, which nobody
/// can read back.
pub const REPORTED_WRITE_BYTES: usize = 64 * 1024;

/// Longest package of firmware or software that is written as it is. Beyond, it is refused before it is sent.
pub const PACKAGE_BYTES: usize = 64 * 1024 * 1024;

/// Max-Age of a 5.03 (RFC 7252 §5.9.3.4): long enough for a slow disk to catch up.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How long the blocks of a notification may take. Beyond, its value is given up.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(93);

/// How long a client that has registered anew may take to accept the observations it had. Beyond, they are given up
/// until its next Register, so that a client that does not answer keeps no operator waiting.
pub const OBSERVE_AGAIN_TIMEOUT: Duration = Duration::from_secs(180);

/// Longest time a caller may let an operation wait.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(600);

/// What each block of a long payload adds to that time: a slow link with a loss now and then. A peer that is gone is
/// noticed sooner, by its first unacknowledged block.
pub const BLOCK_TIME: Duration = Duration::from_secs(2);

/// Length of a diagnostic payload (RFC 7252 §5.5.2), so that an answer is never much larger than its request.
pub const DIAGNOSTIC_BYTES: usize = 160;

/// Commands of one client that are not over. Beyond, a further one is refused; those that were accepted stay.
pub const COMMANDS_PER_CLIENT: usize = 100;

/// Commands of all clients that are not over. Beyond, a further one is refused.
pub const COMMANDS: usize = 100_000;

/// Payloads in all of them together. Beyond, a further one with a payload is refused.
pub const COMMAND_PAYLOAD_BYTES: usize = 256 * 1024 * 1024;

/// How often a command is sent to a client in queue mode that does not answer. Each time it has said before that it is
/// awake. Beyond, the command has failed.
pub const ATTEMPTS_PER_COMMAND: u32 = 5;

/// Clients that an operator has decided something about. Beyond, a further one is refused.
pub const CONFIGURED_CLIENTS: usize = 1_000_000;

/// Changes that nobody waits for and that the store could not take: the end of a registration or an observation. Beyond,
/// the oldest is not stored, and is found out about after the next restart.
pub const UNKEPT_CHANGES: usize = 65_536;
