//! What is bounded, why, and what happens at the bound.

/// Bytes of a PSK identity that any server has to take (RFC 4279, 5.3). A longer one is refused.
pub const IDENTITY_BYTES: usize = 128;

/// Bytes of a pre-shared key that any server has to take (RFC 4279, 5.3). A longer one is refused.
pub const KEY_BYTES: usize = 64;

/// A shorter key is taken and warned about: who has recorded a handshake can try all keys (RFC 7925, 4.2).
pub const ADVISABLE_KEY_BYTES: usize = 16;

/// Bytes of a key that we make: as strong as the cipher suites.
pub const MADE_KEY_BYTES: usize = 16;

/// Bytes of an Endpoint Client Name: the most that a Register may have. A longer one is refused.
pub const ENDPOINT_BYTES: usize = 255;

/// Bytes of a note. A longer one is refused.
pub const NOTE_BYTES: usize = 1_024;

/// Bytes of a certificate or a signing request: several times that of devices. A longer one is refused.
pub const CERTIFICATE_BYTES: usize = 8_192;

/// Authorities of others whose certificates are believed: an operator knows each of them, and every handshake with a
/// certificate may look at all. A further one is refused.
pub const AUTHORITIES: usize = 32;

/// Credentials, revoked ones too. Beyond, a further one is refused and says so.
pub const CREDENTIALS: usize = 1_000_000;

/// Bytes of one file of credentials. A longer one is refused before it is read.
pub const IMPORT_BYTES: usize = 16 << 20;

/// Entries of one file: an import is stored as a whole. Beyond, it is refused.
pub const IMPORT_ENTRIES: usize = 100_000;

/// Faults of one file that are told one by one. Of more, the first.
pub const IMPORT_FAULTS: usize = 1_000;

/// Names in a certificate that we make, and bytes of one. Beyond, it is refused.
pub const NAMES: usize = 32;
pub const NAME_BYTES: usize = 253;

/// Days that a certificate of ours is valid. Beyond, it is refused.
pub const DAYS: u32 = 36_500;
