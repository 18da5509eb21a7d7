//! Every bound of the crate and what happens at it.

use core::{ops::RangeInclusive, time::Duration};

/// Longest datagram sent: the most UDP over IPv4 carries. Above it a request is refused, and a response or
/// notification is replaced by 5.00 Internal Server Error.
pub const DATAGRAM_LENGTH: usize = 65_507;

/// Requests waiting for one peer behind the one under way. At it a request is refused.
pub const QUEUED_REQUESTS_PER_PEER: usize = 64;

/// Confirmable notifications waiting for one peer. At it the oldest waiting one is dropped: the newest state
/// matters most (RFC 7641 §4.5).
pub const QUEUED_NOTIFICATIONS_PER_PEER: usize = 64;

/// Received messages remembered for deduplication, each taking some 100 bytes. At it the oldest is forgotten.
pub const DEDUPLICATION_ENTRIES: usize = 131_072;

/// The same for one peer: at 22 messages a second it covers the 93 s in which a peer sends one message. At it
/// the oldest of that peer is forgotten, so that a flood from one peer does no harm to the others.
pub const DEDUPLICATION_ENTRIES_PER_PEER: usize = 2_048;

/// Bytes of stored answers to received messages. At it the oldest message is forgotten.
pub const DEDUPLICATION_ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// The same for one peer. At it the oldest message of that peer is forgotten.
pub const DEDUPLICATION_ANSWER_BYTES_PER_PEER: usize = 1024 * 1024;

/// Requests surfaced and not yet responded to. At it a request is answered 5.03 with
/// [`SERVICE_UNAVAILABLE_MAX_AGE_S`].
pub const OPEN_REQUESTS: usize = 4_096;

/// Seconds after which a requester turned away with 5.03 may try again.
pub const SERVICE_UNAVAILABLE_MAX_AGE_S: u32 = 10;

/// Confirmable notifications surfaced and neither acknowledged nor rejected. At it further ones are dropped
/// without acknowledgement, so that the peer sends them again.
pub const UNDECIDED_NOTIFICATIONS: usize = 4_096;

/// Non-confirmable notifications that can still be rejected. At it the oldest becomes final.
pub const REJECTABLE_NON_NOTIFICATIONS: usize = 4_096;

/// Non-confirmable notifications sent whose Reset would still be understood. At it the oldest is forgotten,
/// and a Reset for it is ignored.
pub const SENT_NON_NOTIFICATIONS: usize = 16_384;

/// Body of a request received in blocks. Above it the answer is 4.13 Request Entity Too Large.
pub const BLOCK1_BODY_BYTES: usize = 1024 * 1024;

/// Bytes of all request bodies received in part. Above it the longest unused one is forgotten, so that its
/// next block is answered 4.08 Request Entity Incomplete.
pub const BLOCK1_TOTAL_BYTES: usize = 64 * 1024 * 1024;

/// Requests being received in blocks, one for each peer. At it the longest unused one is forgotten, so that
/// its next block is answered 4.08 Request Entity Incomplete.
pub const BLOCK1_TRANSFERS: usize = 1_024;

/// Payload of a request, sent in blocks when it is longer than one: a firmware image is the largest. Above it
/// the request is refused.
pub const BLOCK1_SENT_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of all payloads that are sent in blocks. Above it a further such request is refused.
pub const BLOCK1_SENT_TOTAL_BYTES: usize = 256 * 1024 * 1024;

/// Body of a response received in blocks. Above it the exchange fails.
pub const BLOCK2_BODY_BYTES: usize = 1024 * 1024;

/// Bytes of all response bodies received in part. Above it the exchange that got there fails.
pub const BLOCK2_TOTAL_BYTES: usize = 64 * 1024 * 1024;

/// How often a response whose blocks do not fit together is fetched anew. Beyond it the exchange fails.
pub const BLOCK2_RESTARTS: u32 = 2;

/// Bodies of responses and notifications kept so that a peer can fetch them block by block. At it the longest
/// unused one is forgotten: asking for its next block then has the effect of a new request.
pub const BLOCK2_KEPT_BODIES: usize = 4_096;

/// The same for one peer.
pub const BLOCK2_KEPT_BODIES_PER_PEER: usize = 8;

/// Bytes of all these bodies. At it the longest unused one is forgotten; a longer body is not kept at all.
pub const BLOCK2_KEPT_BYTES: usize = 64 * 1024 * 1024;

/// Peers with a message id sequence or a queue. At it the longest idle peer is forgotten; while none is
/// idle, requests to further peers are refused and their other messages get random ids.
pub const PEERS: usize = 131_072;

/// Messages towards one peer within EXCHANGE_LIFETIME, as no message id may return sooner (RFC 7252 §4.4). The
/// number depends on where the ids began. At it requests wait until an id is free, while notifications and
/// responses of their own are left out as if lost on the way.
pub const MESSAGES_PER_EXCHANGE_LIFETIME: RangeInclusive<usize> = 49_152..=65_536;

/// Expired deduplication entries may stay this long, so that they do not each cause a wake-up.
pub const DEDUPLICATION_SWEEP: Duration = Duration::from_secs(1);
