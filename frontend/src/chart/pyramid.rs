//! Many points, summed up in blocks, so that a chart reads blocks where it cannot show points.

use std::ops::Range;

/// Entries of one level that one entry of the next stands for.
const BLOCK: usize = 64;

/// What there is to say about values that follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: u64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    sum: f64,
    /// Time in milliseconds and value of the earliest.
    pub(crate) first: (f64, f64),
    pub(crate) last: (f64, f64),
}

impl Summary {
    pub(crate) const fn of(point: (f64, f64)) -> Self {
        Self { count: 1, low: point.1, high: point.1, sum: point.1, first: point, last: point }
    }

    /// Of values of which only this is known.
    pub(crate) fn told(
        count: u64,
        (low, mean, high): (f64, f64, f64),
        first: (f64, f64),
        last: (f64, f64),
    ) -> Self {
        Self { count, low, high, sum: mean * count as f64, first, last }
    }

    /// Takes in what came later.
    pub(crate) fn add(&mut self, later: &Self) {
        self.count += later.count;
        self.low = self.low.min(later.low);
        self.high = self.high.max(later.high);
        // Never infinite, so that it is a number whatever is added.
        self.sum = (self.sum + later.sum).clamp(f64::MIN, f64::MAX);
        self.last = later.last;
    }

    pub(crate) fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    /// Where on the time axis it stands: in the middle of its values.
    pub(crate) fn middle_ms(&self) -> f64 {
        (self.first.0 + self.last.0) / 2.0
    }

    /// Points that draw the same: first, lowest, highest and last, where only the order of the two in between is made up.
    pub(crate) fn points(&self) -> impl Iterator<Item = (f64, f64)> + use<> {
        let third = (self.last.0 - self.first.0) / 3.0;
        let falls_first = self.first.1 - self.low < self.high - self.first.1;
        let (early, late) = if falls_first { (self.low, self.high) } else { (self.high, self.low) };
        let between = [(self.first.0 + third, early), (self.first.0 + 2.0 * third, late)];
        let between = between.into_iter().filter({
            let (first, last) = (self.first.1, self.last.1);
            move |(_, value)| *value != first && *value != last
        });
        let last = (self.count > 1).then_some(self.last);
        std::iter::once(self.first).chain(between).chain(last)
    }
}

/// Summaries of each block of points, of each block of blocks, and so on. The points lie elsewhere, in the order of their
/// times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pyramid {
    /// The first is of points. Only whole blocks are in it.
    levels: Vec<Vec<Summary>>,
    revision: u32,
}

impl Pyramid {
    /// Sums up the points that came at the end since the last time; all of them when they have another `revision`, since then
    /// others changed.
    pub(crate) fn catch_up(&mut self, points: &[(f64, f64)], revision: u32) {
        if std::mem::replace(&mut self.revision, revision) != revision {
            self.levels.clear();
        }
        let (mut level, mut below) = (0, points.len());
        while below >= BLOCK {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let known = self.levels.get(level).map_or(0, Vec::len);
            for block in known..below / BLOCK {
                let mut all = None;
                self.add_each(points, level, block * BLOCK..(block + 1) * BLOCK, &mut all);
                if let (Some(all), Some(level)) = (all, self.levels.get_mut(level)) {
                    level.push(all);
                }
            }
            below /= BLOCK;
            level += 1;
        }
    }

    /// Of the points at these positions; none when there are none.
    pub(crate) fn summary(&self, points: &[(f64, f64)], range: Range<usize>) -> Option<Summary> {
        let mut all = None;
        self.add_level(points, 0, range.start..range.end.min(points.len()), &mut all);
        all
    }

    fn add_level(&self, points: &[(f64, f64)], level: usize, range: Range<usize>, all: &mut Option<Summary>) {
        let blocks = range.start.div_ceil(BLOCK)..range.end / BLOCK;
        let summed_up = self.levels.get(level).is_some_and(|level| blocks.end <= level.len());
        if blocks.start < blocks.end && summed_up {
            self.add_each(points, level, range.start..blocks.start * BLOCK, all);
            self.add_level(points, level + 1, blocks.clone(), all);
            self.add_each(points, level, blocks.end * BLOCK..range.end, all);
        } else {
            self.add_each(points, level, range, all);
        }
    }

    fn add_each(&self, points: &[(f64, f64)], level: usize, range: Range<usize>, all: &mut Option<Summary>) {
        for index in range {
            let entry = match level.checked_sub(1) {
                None => points.get(index).map(|point| Summary::of(*point)),
                Some(level) => self.levels.get(level).and_then(|level| level.get(index)).copied(),
            };
            match (all.as_mut(), entry) {
                (Some(all), Some(entry)) => all.add(&entry),
                (None, entry) => *all = entry,
                (Some(_), None) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(points: &[(f64, f64)]) -> Option<Summary> {
        let (first, last) = (*points.first()?, *points.last()?);
        let values = || points.iter().map(|point| point.1);
        Some(Summary {
            count: points.len() as u64,
            low: values().fold(f64::INFINITY, f64::min),
            high: values().fold(f64::NEG_INFINITY, f64::max),
            sum: values().sum(),
            first,
            last,
        })
    }

    /// Whole numbers, of which sums are exact in any order.
    fn points(values: &[i16]) -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(at, value)| (at as f64, f64::from(*value))).collect()
    }

    proptest! {
        #[test]
        fn blocks_say_what_the_points_say(
            values in proptest::collection::vec(any::<i16>(), 0..9000),
            (one, other) in (0..9000_usize, 0..9000_usize),
            seen in proptest::collection::vec(0..9000_usize, 0..5),
        ) {
            let points = points(&values);
            let mut pyramid = Pyramid::default();
            let mut seen: Vec<usize> = seen.into_iter().map(|count| count.min(points.len())).collect();
            seen.sort_unstable();
            seen.into_iter().for_each(|count| pyramid.catch_up(&points[..count], 0));
            let (start, end) = (one.min(other).min(points.len()), one.max(other).min(points.len()));
            prop_assert_eq!(pyramid.summary(&points, start..end), naive(&points[start..end]), "what was not summed up");
            pyramid.catch_up(&points, 0);
            prop_assert_eq!(pyramid.summary(&points, start..end), naive(&points[start..end]));
        }

        #[test]
        fn also_when_others_changed(
            before in proptest::collection::vec(any::<i16>(), 0..5000),
            after in proptest::collection::vec(any::<i16>(), 0..5000),
        ) {
            let mut pyramid = Pyramid::default();
            pyramid.catch_up(&points(&before), 1);
            let points = points(&after);
            pyramid.catch_up(&points, 2);
            prop_assert_eq!(pyramid.summary(&points, 0..points.len()), naive(&points));
        }
    }

    #[test]
    fn a_hundred_thousand_points_are_summed_up_in_few_steps() {
        let points = points(&(0..100_000).map(|at| (at % 977) as i16).collect::<Vec<_>>());
        let mut pyramid = Pyramid::default();
        pyramid.catch_up(&points, 0);
        assert_eq!(pyramid.levels.iter().map(Vec::len).collect::<Vec<_>>(), [1562, 24]);
        assert_eq!(pyramid.summary(&points, 1..99_999), naive(&points[1..99_999]));
        assert_eq!(pyramid.summary(&points, 7..7), None);
        assert_eq!(pyramid.summary(&points, 200_000..300_000), None);
    }

    #[test]
    fn the_points_of_a_summary_draw_the_same() {
        let points = |points: &[(f64, f64)]| naive(points).map(|all| all.points().collect::<Vec<_>>());
        assert_eq!(points(&[(1.0, 5.0)]).unwrap(), [(1.0, 5.0)]);
        assert_eq!(points(&[(0.0, 5.0), (3.0, 6.0)]).unwrap(), [(0.0, 5.0), (3.0, 6.0)]);
        let all = points(&[(0.0, 5.0), (1.0, 9.0), (2.0, 4.0), (3.0, 6.0)]).unwrap();
        assert_eq!(all, [(0.0, 5.0), (1.0, 4.0), (2.0, 9.0), (3.0, 6.0)]);
    }
}
