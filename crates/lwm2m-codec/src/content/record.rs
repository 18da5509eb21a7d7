use alloc::format;
use core::fmt;

use crate::error::{DecodeError, ErrorClass};
use crate::limits::{ITEMS_MAX, PAYLOAD_MAX};
use crate::path::Path;
use crate::value::Value;

/// One value, where it belongs, and when it was measured if that is said.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    pub path: Path,
    pub value: Value,
    time: OptionalSeconds,
}

impl Record {
    #[must_use]
    pub const fn new(path: Path, value: Value) -> Self {
        Self { path, value, time: OptionalSeconds::NONE }
    }

    /// The same record with a time as the payload gives it. Not-a-number means no time.
    #[must_use]
    pub const fn at_time(mut self, seconds: f64) -> Self {
        // Minus zero becomes zero: it is the same moment.
        self.time = OptionalSeconds(seconds + 0.0);
        self
    }

    /// The time in seconds as the payload gives it: the sum of base time and time.
    ///
    /// What it counts from depends on the format; see
    /// [`ContentFormat::absolute_time`](crate::ContentFormat::absolute_time).
    #[must_use]
    pub const fn time(&self) -> Option<f64> {
        self.time.get()
    }

    /// Whether both cannot be there. `self` comes first in the order of identities.
    pub(super) fn clashes_with(&self, next: &Self) -> bool {
        let below = next.path != self.path && next.path.starts_with(&self.path);
        below || next.identity() == self.identity()
    }

    /// Tells records apart that belong to the same path: a historical notification has several of them.
    pub(super) const fn identity(&self) -> (Path, u64) {
        (self.path, self.time.0.to_bits())
    }
}

/// The sum of a time and its base (RFC 8428 §4.1), which must be a moment.
pub(super) fn time_of(time: f64, base: Option<f64>) -> Result<f64, DecodeError> {
    let sum = time + base.unwrap_or(0.0);
    if sum.is_finite() {
        return Ok(sum);
    }
    let expected = "a time that is finite together with its base time";
    Err(DecodeError::new(ErrorClass::ValueOutOfRange, expected, format!("{sum}")))
}

// What is decoded takes at most four times the largest payload: its records, and once more what texts and bytes hold.
const _: () = assert!(ITEMS_MAX * size_of::<Record>() + PAYLOAD_MAX <= 4 * PAYLOAD_MAX);

/// Seconds or nothing in eight bytes, where an `Option` would take sixteen.
#[derive(Clone, Copy)]
struct OptionalSeconds(f64);

impl OptionalSeconds {
    const NONE: Self = Self(f64::NAN);

    const fn get(self) -> Option<f64> {
        if self.0.is_nan() { None } else { Some(self.0) }
    }
}

impl PartialEq for OptionalSeconds {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for OptionalSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
