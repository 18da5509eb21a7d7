//! Every bound of the crate and what happens at it.

/// Longest content of one record (RFC 6347 §4.1, RFC 5246 §6.2.1). Above it `seal` refuses, and a received record is
/// dropped. With a Connection ID the content type and the padding count too (RFC 9146 §5.3).
pub const PLAINTEXT_LENGTH: usize = 1 << 14;

/// Longest protected fragment (RFC 5246 §6.2.3). Above it a record, and what follows it in its datagram, is dropped.
pub const FRAGMENT_LENGTH: usize = PLAINTEXT_LENGTH + 2_048;

/// Records read from one datagram: a whole flight is some ten. At it the rest of the datagram is dropped, so that one
/// datagram cannot ask for thousands of decryptions of nothing.
pub const RECORDS_PER_DATAGRAM: usize = 64;

/// Longest Connection ID that a session takes. RFC 9146 §3 allows 255 bytes, and devices ask for some 4 to 8. A
/// longer one is treated as if the peer had not offered any, and then a session has no Connection ID towards it.
pub const CONNECTION_ID_LENGTH: usize = 20;

/// Records behind the newest one that may still come (RFC 6347 §4.1.2.6 recommends 64). Older ones are dropped.
pub const REPLAY_WINDOW: u64 = 64;

/// Sequence numbers of one epoch (RFC 6347 §4.1). At the end `seal` refuses and the peers need a new handshake.
pub const SEQUENCE_NUMBERS: u64 = 1 << 48;

/// Sequence numbers that are reserved at once: one write to the store for so many records. After a crash those that
/// were not used are skipped, of which 2^32 crashes leave enough.
pub const RESERVATION: u64 = 1 << 16;

/// Length of our cookies: 128 bits can be guessed no sooner than a key. RFC 6347 §4.2.1 allows 255.
pub const COOKIE_LENGTH: usize = 16;
