use coap::Instant;

/// How long the intervals are that are summed up in advance. Whatever a chart asks for is made of whole ones, and of
/// single values at its edges.
pub(super) const WIDTHS_MS: [i64; 2] = [60_000, 3_600_000];

/// What there is to say about several values of one Resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    /// The value with the earliest time; of several, the one that came first.
    pub first: (Instant, f64),
    /// The value with the latest time; of several, the one that came last.
    pub last: (Instant, f64),
}

impl Summary {
    pub fn of(time: Instant, number: f64) -> Self {
        Self { count: 1, min: number, max: number, sum: number, first: (time, number), last: (time, number) }
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// Takes in what came later.
    pub fn add(&mut self, later: &Self) {
        self.count += later.count;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        // Never infinite, so that it is a number whatever is added.
        self.sum = (self.sum + later.sum).clamp(f64::MIN, f64::MAX);
        if later.first.0 < self.first.0 {
            self.first = later.first;
        }
        if later.last.0 >= self.last.0 {
            self.last = later.last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sums without a bound, of opposite signs, would be no number at all.
    #[test]
    fn a_sum_is_a_number_whatever_is_added() {
        let at = Instant::from_millis;
        let mut sum = Summary::of(at(1), f64::MAX);
        sum.add(&Summary::of(at(2), f64::MAX));
        assert_eq!(sum.sum, f64::MAX);
        sum.add(&Summary::of(at(3), f64::MIN));
        assert_eq!((sum.sum, sum.count, sum.min), (0.0, 3, f64::MIN));
    }

    #[test]
    fn of_equal_times_the_first_and_the_last_to_come_count() {
        let at = Instant::from_millis(7);
        let mut summary = Summary::of(at, 1.0);
        summary.add(&Summary::of(at, 2.0));
        summary.add(&Summary::of(at, 3.0));
        assert_eq!((summary.first, summary.last), ((at, 1.0), (at, 3.0)));
    }
}
