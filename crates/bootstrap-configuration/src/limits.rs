//! What is bounded, why, and what happens at the bound.

/// Accounts with servers in one configuration. A device has room for few. Beyond, it is a problem.
pub const SERVERS: usize = 64;

/// Access Control instances in one configuration: one for each instance of a device and some. Beyond, it is a problem.
pub const ACCESS_CONTROL: usize = 256;

/// Other instances in one configuration. Beyond, it is a problem.
pub const INSTANCES: usize = 128;

/// Values of one instance. Beyond, it is a problem.
pub const VALUES_PER_INSTANCE: usize = 1_024;

/// What is deleted first. Beyond, it is a problem.
pub const DELETES: usize = 256;

/// What is read back. Beyond, it is a problem.
pub const READS: usize = 64;

/// Assignments of one configuration. Beyond, it is a problem: a pattern says the same shorter.
pub const ASSIGNMENTS: usize = 1_024;

/// Characters of a name. Beyond, it is a problem.
pub const NAME_CHARACTERS: usize = 100;

/// Bytes of a note. Beyond, it is a problem.
pub const NOTE_BYTES: usize = 4_096;

/// Bytes of an Endpoint Client Name or a pattern: the most that a Register may have. Beyond, it is a problem.
pub const ENDPOINT_BYTES: usize = 255;

/// Bytes of a URI (`/0/x/0`, range 0..255). Beyond, it is a problem.
pub const URI_BYTES: usize = 255;

/// Bytes of a PSK identity that any server has to take (RFC 4279 §5.3). Beyond, it is a problem.
pub const IDENTITY_BYTES: usize = 128;

/// Bytes of a pre-shared key that any server has to take (RFC 4279 §5.3). Beyond, it is a problem.
pub const KEY_BYTES: usize = 64;

/// A shorter key is warned about: who has recorded a handshake can try all keys (RFC 7925 §4.2).
pub const ADVISABLE_KEY_BYTES: usize = 16;

/// Bytes of a public key, a certificate or a private key. Beyond, it is a problem.
pub const DER_BYTES: usize = 8_192;

/// Problems and, apart from them, warnings that are told. Beyond, the rest is not: it shows when these are mended.
pub const PROBLEMS: usize = 200;

/// Characters of what came that a problem quotes; the rest is cut.
pub const QUOTED_CHARACTERS: usize = 80;
