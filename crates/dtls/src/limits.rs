//! Every bound of the crate and what happens at it.

use core::time::Duration;

/// Longest datagram of a handshake: what IPv6 carries everywhere (1,280 bytes) without its headers and some room for
/// a tunnel. Longer messages are sent in fragments.
pub const HANDSHAKE_DATAGRAM_LENGTH: u32 = 1_200;

/// Longest PSK identity (RFC 7925 §4.1; OMA asks for 128 bytes). A longer one counts as unknown.
pub const PSK_IDENTITY_LENGTH: usize = 128;

/// Longest pre-shared key. A longer one counts as unknown.
pub const PSK_LENGTH: usize = 64;

/// First wait before a flight is repeated, doubled each time (RFC 6347 §4.2.4.1).
pub const RETRANSMISSION_FIRST: Duration = Duration::from_secs(1);

/// Longest wait before a flight is repeated.
pub const RETRANSMISSION_LONGEST: Duration = Duration::from_secs(60);

/// A repeated flight of the peer is answered with ours at once, but not more often than this, so that fragments of one
/// flight do not each ask for a whole one.
pub const REPEATED_FLIGHT_INTERVAL: Duration = Duration::from_millis(200);

/// Age at which a handshake is given up. A client that waits 1, 2, 4, 8, 16 s has tried six times by then.
pub const HANDSHAKE_LIFETIME: Duration = Duration::from_secs(60);

/// Handshakes under way at once, each taking some 82 kB within OpenSSL. At it the oldest is given up for a new one,
/// unless it is younger than [`HANDSHAKE_PROTECTED`]: then the new ClientHello is dropped, and comes again.
pub const HANDSHAKES: usize = 1_024;

/// How long a handshake cannot be displaced by another one.
pub const HANDSHAKE_PROTECTED: Duration = Duration::from_secs(2);

/// Protected records kept because they came before the message that makes their keys. Further ones are dropped, and the
/// peer repeats them.
pub const HELD_RECORDS: usize = 4;

/// Application data kept because it came before the peer's Finished. Further records are dropped.
pub const EARLY_RECORDS: usize = 4;

/// Protected records of a handshake that do not open. At it the handshake fails: both ends have different keys.
pub const RECORDS_THAT_DO_NOT_OPEN: u32 = 3;

/// Sessions, each taking about 1 kB. At it the one that was silent for longest is closed for a new one.
pub const SESSIONS: usize = 200_000;

/// Sessions of the CBC suites, which stay with OpenSSL and take some 75 kB each. At it a further handshake with such a
/// suite fails.
pub const WHOLE_SESSIONS: usize = 256;

/// Sessions that can be resumed, each taking some 1.1 kB with a pre-shared key and 6 kB with a certificate. At it the
/// oldest can no longer be, and its client makes a full handshake.
pub const RESUMABLE_SESSIONS: usize = 8_192;

/// How long a session can be resumed (RFC 5246 §F.1.4 suggests a day at most).
pub const RESUMABLE_FOR_S: u32 = 24 * 3_600;

/// Handshakes that one source (an IPv4 address, or a /64 of IPv6) may begin at once. Above it a ClientHello is dropped
/// until [`HANDSHAKES_PER_SOURCE_AND_SECOND`] makes room. Many devices can be behind one address.
pub const HANDSHAKES_PER_SOURCE: u32 = 512;

/// Handshakes that one source may begin in every second, after the first ones.
pub const HANDSHAKES_PER_SOURCE_AND_SECOND: u32 = 64;

/// Sources whose rate is counted. At it the one that was quiet for longest is forgotten.
pub const SOURCES: usize = 16_384;

/// Server certificates to choose from. Further ones are refused.
pub const SERVER_CERTIFICATES: usize = 64;

/// The secret of the cookies is changed after this, and the one before still counts.
pub const COOKIE_SECRET_LIFETIME: Duration = Duration::from_secs(300);

/// A session's silence is known to within this, so that not every datagram moves it in the order of silence.
pub const SILENCE_PRECISION: Duration = Duration::from_secs(60);

/// Numbers of a block that are left when the next block is asked for.
pub const RESERVATION_LOW: u64 = 1 << 12;
