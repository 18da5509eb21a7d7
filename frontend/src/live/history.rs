use std::collections::VecDeque;

use super::limits::HISTORY_POINTS;

/// The last values of a numeric resource, oldest first: time in milliseconds and value. A value that is no number
/// is a gap: nobody listened from there to the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    points: VecDeque<(f64, f64)>,
}

impl History {
    /// A point that is known already changes nothing: snapshots repeat what was reported.
    pub(crate) fn push(&mut self, at_ms: u64, value: f64) {
        let at_ms = at_ms as f64;
        // Most come in order; values that a client had kept come late.
        let index = match self.points.back() {
            Some((last, _)) if *last >= at_ms => self.points.partition_point(|(at, _)| *at < at_ms),
            _ => self.points.len(),
        };
        if self.points.get(index).is_some_and(|(at, _)| *at == at_ms) {
            return;
        }
        self.points.insert(index, (at_ms, value));
        if self.points.len() > HISTORY_POINTS {
            self.points.pop_front();
        }
    }

    /// From the last value on, some may have been missed.
    pub(crate) fn interrupt(&mut self) {
        if let Some((at_ms, value)) = self.points.back().copied()
            && !value.is_nan()
        {
            self.points.push_back((at_ms + 0.5, f64::NAN));
        }
    }

    /// With gaps.
    pub(crate) fn points(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.points.iter().copied()
    }

    /// Without gaps.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.points().filter(|(_, value)| !value.is_nan())
    }

    /// Up to `count` of the newest values, oldest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<f64> {
        let mut newest: Vec<f64> = self.values().rev().take(count).map(|(_, value)| value).collect();
        newest.reverse();
        newest
    }

    /// The point nearest in time.
    pub(crate) fn nearest(&self, at_ms: f64) -> Option<(f64, f64)> {
        let distance = |point: &(f64, f64)| (point.0 - at_ms).abs();
        self.values().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// Values per minute over the last ones; none with fewer than three, or when they came at once.
    pub(crate) fn per_minute(&self) -> Option<f64> {
        let times: Vec<f64> = self.values().rev().take(RATE_POINTS).map(|(at_ms, _)| at_ms).collect();
        let span_ms = times.first()? - times.last()?;
        (times.len() >= 3 && span_ms > 0.0).then(|| (times.len() - 1) as f64 * 60_000.0 / span_ms)
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
        for at in 0..(HISTORY_POINTS as u64 + 10) {
            history.push(at, at as f64);
        }
        history.push(50, 99.0);
        assert_eq!(history.points().count(), HISTORY_POINTS);
        assert_eq!(history.points().next(), Some((10.0, 10.0)));
        assert_eq!(history.newest(2), [HISTORY_POINTS as f64 + 8.0, HISTORY_POINTS as f64 + 9.0]);
    }

    #[test]
    fn nearest_in_time() {
        let mut history = History::default();
        assert_eq!(history.nearest(0.0), None);
        for (at, value) in [(10, 1.0), (20, 2.0), (40, 3.0)] {
            history.push(at, value);
        }
        assert_eq!(history.nearest(0.0), Some((10.0, 1.0)));
        assert_eq!(history.nearest(31.0), Some((40.0, 3.0)));
        assert_eq!(history.nearest(29.0), Some((20.0, 2.0)));
        assert_eq!(history.nearest(99.0), Some((40.0, 3.0)));
    }

    #[test]
    fn late_values_find_their_place_and_gaps_are_no_values() {
        let mut history = History::default();
        for at in [10, 30, 20, 20] {
            history.push(at, at as f64);
        }
        history.interrupt();
        history.interrupt();
        history.push(90, 9.0);
        assert_eq!(history.points().count(), 5);
        assert_eq!(history.newest(9), [10.0, 20.0, 30.0, 9.0]);
        assert_eq!(history.nearest(31.0), Some((30.0, 30.0)));
        assert_eq!(History::default().per_minute(), None);
        let mut steady = History::default();
        (0..5).for_each(|second| steady.push(second * 1000, 0.0));
        assert_eq!(steady.per_minute(), Some(60.0));
    }
}
