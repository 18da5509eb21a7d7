/// The points of a line that make a difference at `columns` pixels: first, lowest, highest and last of every
/// column. `points` are ordered by time; those left of `from_ms` are dropped but the last of them, which the
/// line comes in from. A value that is no number is a gap, and stays one.
pub(crate) fn decimate(
    points: impl Iterator<Item = (f64, f64)>,
    from_ms: f64,
    to_ms: f64,
    columns: usize,
) -> Vec<(f64, f64)> {
    let mut out = Vec::with_capacity(columns.saturating_mul(2));
    let mut before = None;
    let mut column: Option<Column> = None;
    let per_ms = columns.max(1) as f64 / (to_ms - from_ms).max(1.0);
    for point in points {
        if point.0 < from_ms {
            before = Some(point).filter(|point| !point.1.is_nan());
            continue;
        }
        if point.1.is_nan() {
            // A gap ends what was drawn so far.
            out.extend(before.take());
            if let Some(done) = column.take() {
                done.write(&mut out);
            }
            if !out.is_empty() {
                out.push(point);
            }
            continue;
        }
        if point.0 > to_ms {
            break;
        }
        if out.is_empty() && column.is_none() {
            out.extend(before.take());
        }
        let index = ((point.0 - from_ms) * per_ms) as usize;
        match &mut column {
            Some(open) if open.index == index => open.add(point),
            _ => {
                if let Some(done) = column.replace(Column::new(index, point)) {
                    done.write(&mut out);
                }
            }
        }
    }
    match column {
        Some(done) => done.write(&mut out),
        None => out.extend(before),
    }
    out
}

struct Column {
    index: usize,
    first: (f64, f64),
    low: (f64, f64),
    high: (f64, f64),
    last: (f64, f64),
}

impl Column {
    fn new(index: usize, point: (f64, f64)) -> Self {
        Self { index, first: point, low: point, high: point, last: point }
    }

    fn add(&mut self, point: (f64, f64)) {
        if point.1 < self.low.1 {
            self.low = point;
        }
        if point.1 > self.high.1 {
            self.high = point;
        }
        self.last = point;
    }

    fn write(self, out: &mut Vec<(f64, f64)>) {
        let (early, late) =
            if self.low.0 <= self.high.0 { (self.low, self.high) } else { (self.high, self.low) };
        for point in [self.first, early, late, self.last] {
            if out.last() != Some(&point) {
                out.push(point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_extremes_and_bounds_the_work() {
        let points: Vec<(f64, f64)> =
            (0..100_000).map(|i| (f64::from(i), if i == 50_123 { 99.0 } else { f64::from(i % 7) })).collect();
        let drawn = decimate(points.iter().copied(), 0.0, 100_000.0, 500);
        assert!(drawn.len() <= 4 * 501, "{}", drawn.len());
        assert!(drawn.is_sorted_by(|a, b| a.0 <= b.0));
        assert!(drawn.contains(&(50_123.0, 99.0)));
        assert_eq!(drawn.first(), points.first());
        assert_eq!(drawn.last(), points.last());
    }

    #[test]
    fn the_line_comes_in_from_the_left() {
        let points = [(1.0, 1.0), (5.0, 2.0), (20.0, 3.0), (40.0, 9.0)];
        assert_eq!(decimate(points.into_iter(), 10.0, 30.0, 100), [(5.0, 2.0), (20.0, 3.0)]);
        assert_eq!(decimate(points.into_iter(), 50.0, 60.0, 100), [(40.0, 9.0)]);
        assert_eq!(decimate(points.into_iter(), 0.0, 30.0, 100), [(1.0, 1.0), (5.0, 2.0), (20.0, 3.0)]);
        assert_eq!(decimate(std::iter::empty(), 0.0, 1.0, 100), []);
    }

    #[test]
    fn gaps_stay() {
        let gap = (15.0, f64::NAN);
        let points = [(1.0, 1.0), (12.0, 2.0), gap, (20.0, 3.0)];
        let drawn = decimate(points.into_iter(), 10.0, 30.0, 100);
        let values: Vec<Option<f64>> =
            drawn.iter().map(|(_, value)| Some(*value).filter(|value| !value.is_nan())).collect();
        assert_eq!(values, [Some(1.0), Some(2.0), None, Some(3.0)]);
        let before = [(1.0, 1.0), (2.0, f64::NAN), (20.0, 3.0)];
        assert_eq!(
            decimate(before.into_iter(), 10.0, 30.0, 100),
            [(20.0, 3.0)],
            "nothing comes in over a gap"
        );
    }
}
