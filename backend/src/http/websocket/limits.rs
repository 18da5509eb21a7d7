//! What the WebSocket bounds, why, and what happens at the bound.

use std::time::Duration;

/// Events are collected this long into one frame.
pub(super) const FLUSH: Duration = Duration::from_millis(12);

/// Events, and bytes that they carry, in one frame. Beyond, another one follows.
pub(super) const EVENTS_PER_FRAME: usize = 512;
pub(super) const BYTES_PER_FRAME: usize = 256 * 1024;

/// Events that a console is not told of because they concern nothing that it shows. Beyond, it is told their number
/// all the same, so that it can resume from there.
pub(super) const EVENTS_UNTOLD: u64 = 4_096;

/// Devices that one console follows: all of a board. Beyond, a subscription is refused.
pub(super) const DEVICES: usize = console_api::Board::DEVICES;

/// Longest text of a query. Beyond, the subscription is refused.
pub(super) const QUERY_BYTES: usize = 1_024;

/// Longest message of a console: a Resume with all topics that it may have. Beyond, the connection is closed.
pub(super) const MESSAGE_BYTES: usize = 32 * 1024;

/// How long a console may take to read what it is sent. Beyond, the connection is closed.
pub(super) const UNREAD: Duration = Duration::from_secs(60);

/// Time between looks at who belongs to a fleet window: after clients came or went, and after messages that may have
/// changed the order.
pub(super) const MEMBERS_PACE: Duration = Duration::from_millis(250);
pub(super) const ORDER_PACE: Duration = Duration::from_secs(1);

/// Time between looks at the commands that a console shows.
pub(super) const COMMANDS_PACE: Duration = Duration::from_millis(250);

/// Bootstrap sessions that one console follows message by message. Beyond, a subscription is refused.
pub(super) const BOOTSTRAPS: usize = 16;

/// Time between looks at the bootstrap sessions that a console shows.
pub(super) const BOOTSTRAPS_PACE: Duration = Duration::from_millis(250);

/// Access control runs that one console follows. Beyond, a subscription is refused.
pub(super) const ACCESS_CONTROL_RUNS: usize = 16;

/// Time between looks at the access control runs that a console follows.
pub(super) const ACCESS_CONTROL_RUNS_PACE: Duration = Duration::from_millis(100);

/// A window is looked at no longer than this part of the time.
pub(super) const REST: u32 = 10;
