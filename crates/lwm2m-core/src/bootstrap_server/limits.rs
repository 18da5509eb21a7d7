//! What the Bootstrap-Server role bounds, why, and what happens at the bound.

use core::time::Duration;

/// Sessions at once. Each holds what its device receives, some kilobytes. Beyond, a Bootstrap-Request gets 5.03 with
/// Max-Age, and the device comes again.
pub const SESSIONS: usize = 16_384;

/// Sessions at once from one IP address without security, so that one host cannot take all the room. Many devices may
/// be behind one address. Beyond, a Bootstrap-Request gets 5.03 with Max-Age.
pub const SESSIONS_PER_ADDRESS: usize = 4_096;

/// Messages of one session that are told as steps, answers among them. What a device is to receive and takes more is
/// refused with 5.00 before anything is sent.
pub const STEPS_PER_SESSION: usize = 1_024;

/// Endpoints without security whose address is remembered, so that they can be bootstrapped unasked. Beyond, the one
/// that was not heard for longest is forgotten.
pub const REMEMBERED_ADDRESSES: usize = 65_536;

/// Devices that were refused and are remembered, each with why, so that the next attempt is counted and not told as
/// another session. Beyond, what is refused before there is a session is only logged.
pub const REFUSALS: usize = 1_024;

/// How long a refused device is remembered: longer than devices wait before they try again.
pub const REFUSALS_COUNTED: Duration = Duration::from_secs(2 * 60 * 60);

/// How long a device that is refused a pack may take for its Bootstrap-Request, so that it goes on in the same session.
pub const AFTER_PACK: Duration = Duration::from_secs(60);

/// Steps from which on a session does not go on: a device that is corrected again and again gets another one.
pub const STEPS_TO_GO_ON: u32 = 512;

/// Payload of one Write or of a pack. Beyond, nothing is sent and the session has failed.
pub const PAYLOAD_BYTES: usize = 1024 * 1024;

/// Payload of an answer that is told in a step. Of a longer one the beginning is told.
pub const STEP_PAYLOAD_BYTES: usize = 64 * 1024;

/// Length of a diagnostic payload (RFC 7252 §5.5.2), so that an answer is never much larger than its request.
pub const DIAGNOSTIC_BYTES: usize = 160;

/// Characters of what a device says about a refusal that are told.
pub const QUOTED_CHARACTERS: usize = 200;

/// Max-Age of a 5.03 (RFC 7252 §5.9.3.4): as long as a session takes over a slow link.
pub const RETRY_AFTER: Duration = Duration::from_secs(30);

/// What each block of a long payload adds to the time in which an answer has to come: a slow link with a loss now and
/// then.
pub const BLOCK_TIME: Duration = Duration::from_secs(2);
