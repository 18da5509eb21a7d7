use super::limits::{GAPS, HISTORY_POINTS};

/// The last values of a numeric resource, oldest first: time in milliseconds and value.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    points: Vec<(f64, f64)>,
    /// From the values at these times to the next ones nobody listened.
    gaps: Vec<f64>,
    /// Counts what came late and what went: whoever has put something beside this looks again.
    revision: u32,
}

impl History {
    /// A point that is known already changes nothing: snapshots repeat what was reported.
    pub(crate) fn push(&mut self, at_ms: u64, value: f64) {
        let at_ms = at_ms as f64;
        // Most come in order; values that a client had kept come late.
        let index = match self.points.last() {
            Some((last, _)) if *last >= at_ms => self.points.partition_point(|(at, _)| *at < at_ms),
            _ => self.points.len(),
        };
        if self.points.get(index).is_some_and(|(at, _)| *at == at_ms) {
            return;
        }
        self.revision += u32::from(index < self.points.len());
        self.points.insert(index, (at_ms, value));
        if self.points.len() > HISTORY_POINTS {
            self.shorten();
        }
    }

    /// Drops the oldest eighth, and says how many those are. Many at once, since whoever sums them up begins anew.
    pub(crate) fn shorten(&mut self) -> usize {
        let dropped = (self.points.len() / 8).max(1).min(self.points.len());
        self.points.drain(..dropped);
        self.revision += 1;
        dropped
    }

    /// From the last value on, some may have been missed.
    pub(crate) fn interrupt(&mut self) {
        if let Some(at_ms) = self.newest_ms().filter(|at_ms| self.gaps.last() != Some(at_ms)) {
            if self.gaps.len() >= GAPS {
                self.gaps.remove(0);
            }
            self.gaps.push(at_ms);
        }
    }

    pub(crate) fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// When the values were after which some may have been missed.
    pub(crate) fn gaps(&self) -> &[f64] {
        &self.gaps
    }

    /// Another number when more has changed than what came at the end.
    pub(crate) const fn revision(&self) -> u32 {
        self.revision
    }

    /// Up to `count` of the newest values, oldest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<f64> {
        self.newest_points(count).iter().map(|(_, value)| *value).collect()
    }

    /// When the newest value was.
    pub(crate) fn newest_ms(&self) -> Option<f64> {
        self.points.last().map(|(at_ms, _)| *at_ms)
    }

    fn newest_points(&self, count: usize) -> &[(f64, f64)] {
        self.points.get(self.points.len().saturating_sub(count)..).unwrap_or_default()
    }

    /// Values per minute over the last ones; none with fewer than three, or when they came at once.
    pub(crate) fn per_minute(&self) -> Option<f64> {
        let newest = self.newest_points(RATE_POINTS);
        let span_ms = newest.last()?.0 - newest.first()?.0;
        (newest.len() >= 3 && span_ms > 0.0).then(|| (newest.len() - 1) as f64 * 60_000.0 / span_ms)
    }
}

/// Values that a rate is worked out from.
const RATE_POINTS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_and_in_order() {
        let mut history = History::default();
        for at in 0..=HISTORY_POINTS as u64 {
            history.push(at, at as f64);
        }
        assert_eq!(history.revision(), 1);
        history.push(HISTORY_POINTS as u64 - 50, 99.0);
        let points = history.points();
        assert_eq!(points.len(), HISTORY_POINTS + 1 - HISTORY_POINTS / 8);
        assert_eq!(points.first(), Some(&((HISTORY_POINTS / 8) as f64, (HISTORY_POINTS / 8) as f64)));
        assert_eq!(history.newest(2), [HISTORY_POINTS as f64 - 1.0, HISTORY_POINTS as f64]);
        assert_eq!(history.revision(), 1, "a value that was known already");
    }

    #[test]
    fn late_values_find_their_place_and_gaps_are_no_values() {
        let mut history = History::default();
        history.interrupt();
        for at in [10, 30, 20, 20] {
            history.push(at, at as f64);
        }
        history.interrupt();
        history.interrupt();
        history.push(90, 9.0);
        assert_eq!((history.gaps(), history.revision()), (&[30.0][..], 1));
        assert_eq!(history.newest(9), [10.0, 20.0, 30.0, 9.0]);
        assert_eq!(history.newest_ms(), Some(90.0));
        assert_eq!(History::default().per_minute(), None);
        let mut steady = History::default();
        (0..5).for_each(|second| steady.push(second * 1000, 0.0));
        assert_eq!(steady.per_minute(), Some(60.0));
    }
}
