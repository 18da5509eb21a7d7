//! Every bound of the client role, why it is there and what happens at it.

use core::time::Duration;

/// Observations one server may hold. Beyond it an Observe is answered 5.03 and nothing is remembered, so that a
/// server cannot make a constrained client allocate without end. As many that were interrupted may wait for the server
/// to observe again.
pub const OBSERVATIONS: usize = 64;

/// Paths of one Observe-Composite. Beyond it 5.03: each costs time with every change of the tree.
pub const OBSERVED_PATHS: usize = 256;

/// Values that one observation keeps while its server cannot be reached. Beyond it the oldest go.
pub const STORED_VALUES: usize = 256;

/// Sends to one server that are not answered yet. At it a further one is refused.
pub const SENDS: usize = 8;

/// Largest payload written or executed, as large as a body in blocks may be, so that a firmware can be pushed. Beyond
/// it 4.13.
pub const REQUEST_PAYLOAD_BYTES: usize = coap::limits::BLOCK1_BODY_BYTES;

/// Objects of one client. One more is refused, to whoever inserts it: the whole registry has some 330.
pub const OBJECTS: usize = 512;

/// Instances of one object. One more is refused, a Create of it with 5.03.
pub const OBJECT_INSTANCES: usize = 256;

/// Instances of one multiple resource. A write that would exceed it is refused with 4.00, because `dim` is one
/// byte (LwM2M 1.2 Core §7.3, attribute `dim`: 0..255).
pub const RESOURCE_INSTANCES: usize = 255;

/// Changed paths remembered between two evaluations of the observations. Beyond it the whole tree counts as
/// changed, which costs some notifications and loses none.
pub const CHANGED_PATHS: usize = 256;

/// Text of a diagnostic payload. Longer ones are cut at a character boundary.
pub const DIAGNOSTIC_BYTES: usize = 200;

/// Events that the application has not drained yet. Beyond it the oldest are dropped: they are news, not state.
pub const PENDING_EVENTS: usize = 1024;

/// A confirmable notification is due at least this often (RFC 7641 §4.5: every 24 hours).
pub const CONFIRMABLE_AT_LEAST_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Observe option values are 24 bits wide (RFC 7641 §3.4).
pub const OBSERVE_SEQUENCE_MASK: u32 = 0x00ff_ffff;
