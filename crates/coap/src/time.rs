use core::{
    fmt,
    ops::{Add, AddAssign},
    time::Duration,
};

/// Milliseconds since 1970 on a clock that never goes backwards while the process runs.
///
/// The crate reads no clock: every input takes the current instant as an argument.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(u64);

impl Instant {
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Zero when `earlier` is in fact later.
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Saturates at the end of time; fractions of a millisecond are dropped.
impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(milliseconds))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addition_saturates() {
        let end = Instant::from_millis(u64::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(Instant::default() + Duration::MAX, end);
    }

    #[test]
    fn a_later_instant_is_no_distance_away() {
        let (early, late) = (Instant::from_millis(5), Instant::from_millis(9));
        assert_eq!(late.saturating_duration_since(early), Duration::from_millis(4));
        assert_eq!(early.saturating_duration_since(late), Duration::ZERO);
    }
}
