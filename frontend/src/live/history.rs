use std::collections::VecDeque;

use super::limits::HISTORY_POINTS;

/// The last values of a numeric resource, oldest first: time in milliseconds and value.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    points: VecDeque<(f64, f64)>,
}

impl History {
    /// A point that is not newer than the last one is known already: snapshots repeat what was reported.
    pub(crate) fn push(&mut self, at_ms: u64, value: f64) {
        let at_ms = at_ms as f64;
        if self.points.back().is_some_and(|(last, _)| *last >= at_ms) {
            return;
        }
        if self.points.len() >= HISTORY_POINTS {
            self.points.pop_front();
        }
        self.points.push_back((at_ms, value));
    }

    pub(crate) fn points(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.points.iter().copied()
    }

    /// Up to `count` of the newest values, oldest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<f64> {
        let skip = self.points.len().saturating_sub(count);
        self.points.iter().skip(skip).map(|(_, value)| *value).collect()
    }

    /// The point nearest in time.
    pub(crate) fn nearest(&self, at_ms: f64) -> Option<(f64, f64)> {
        let after = self.points.partition_point(|(at, _)| *at < at_ms);
        let candidates = [after.checked_sub(1).and_then(|i| self.points.get(i)), self.points.get(after)];
        let distance = |point: &(f64, f64)| (point.0 - at_ms).abs();
        candidates.into_iter().flatten().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_and_in_order() {
        let mut history = History::default();
        for at in 0..(HISTORY_POINTS as u64 + 10) {
            history.push(at, at as f64);
        }
        history.push(5, 99.0);
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
}
