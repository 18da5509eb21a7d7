//! What is bounded, why, and what happens at the bound.

use core::time::Duration;

/// Configurations: more than a person tells apart. A further one is refused.
pub(super) const CONFIGURATIONS: usize = 1_000;

/// Bytes of one configuration as JSON: certificates for all its accounts find room. A longer one is refused.
pub(crate) const CONFIGURATION_BYTES: usize = 256 << 10;

/// Sessions that are remembered: as many as are stored. Beyond, the oldest that is over goes.
pub(super) const SESSIONS: usize = store::limits::BOOTSTRAPS as usize;

/// Notices of the role that are taken together: what they bring is one transaction.
pub(super) const NOTICES: usize = 256;

/// How long a message of a session may wait to be stored, for others to be stored with it. After a crash it is missing.
pub(super) const STORED_EVERY: Duration = Duration::from_millis(500);

/// Bytes of a pre-shared key that is made for a device (RFC 7925 §4.2): it does not have to be typed.
pub(super) const KEY_BYTES: usize = 32;

/// Days that a certificate is valid which is made for a device.
pub(super) const CERTIFICATE_DAYS: u32 = 3_650;
