//! What is bounded, why, and what happens at the bound.

use core::time::Duration;

/// Devices that are asked or written at once, over all runs: each takes a few messages, and the fleet has others to send.
/// Further ones wait.
pub(super) const DEVICES_AT_ONCE: usize = 16;

/// Devices of one run: its documents are begun in one transaction. A larger one is refused.
pub(super) const RUN_DEVICES: usize = 10_000;

/// Devices of all runs that are kept, and runs. Beyond, the oldest that is over goes; where none is, a further one is
/// refused.
pub(super) const KEPT_DEVICES: usize = 90_000;
pub(super) const RUNS: usize = 100;

/// Devices that are told with a run. Beyond, those that came first are only in its list.
pub(super) const LATEST: usize = 32;

/// How long a run waits for a device that sleeps: many wake once a day. Beyond, the device is told to have stopped.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(25 * 60 * 60);

/// Time between looks at which devices have woken: a device stays awake for longer.
pub(super) const WAKE_PACE: Duration = Duration::from_secs(1);

/// Answers of devices that wait to be compared with the rules. Beyond, one is not compared.
pub(crate) const ANSWERED: usize = 1_024;

/// Operations of one device that it has decided otherwise. Beyond, the oldest goes.
pub(super) const DISAGREEMENTS: usize = 32;

/// Rules of a template or a run: more than a person writes. A longer list is refused.
pub(super) const RULES: usize = 1_000;

/// Templates: more than a person tells apart. A further one is refused.
pub(super) const TEMPLATES: usize = 1_000;

/// Bytes of the name of a template or of a server, and of a description. Longer ones are refused.
pub(super) const NAME_BYTES: usize = 128;
pub(super) const DESCRIPTION_BYTES: usize = 4_096;

/// Names of servers: there are no more Short Server IDs on a device that a person looks at. Further ones are refused.
pub(super) const SERVER_NAMES: usize = 1_000;
