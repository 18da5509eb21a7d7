//! The course of one Resource: what the server has kept, and from there on what came live, without a seam.

use super::pyramid::{Pyramid, Summary};
use super::stretch::Stretch;

/// A silence is a gap when a value had to come meanwhile: after so many maximum periods.
const PERIODS_MISSED: f64 = 2.0;

/// And when values came closer before: attributes that hold now may not have held then.
const TIMES_AS_LONG: f64 = 4.0;

/// What came while this page looked: single values in the order of their times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    pub(crate) points: &'a [(f64, f64)],
    /// It has caught up with them.
    pub(crate) pyramid: &'a Pyramid,
    /// From the values at these times on, some may have been missed.
    pub(crate) gaps: &'a [f64],
}

impl Heard<'_> {
    /// How many values have an earlier time.
    fn before(&self, at_ms: f64) -> usize {
        self.points.partition_point(|(at, _)| *at < at_ms)
    }
}

/// The values of one Resource in the order of their times, with the gaps between them.
#[derive(Clone, Debug)]
pub(crate) struct Course<'a> {
    stored: &'a [Summary],
    heard: Option<Heard<'a>>,
    /// Position of the first value that is not stored already.
    start: usize,
    /// Between the values before each of these times, or at it, and those after it, something may be missing.
    breaks: Vec<f64>,
    /// Maximum period, when there is one.
    pmax_ms: Option<f64>,
}

impl<'a> Course<'a> {
    /// The server stores a value before it tells it. So whatever is not newer than the newest stored one is stored,
    /// also what this page has heard, and what it has missed.
    pub(crate) fn new(stored: Option<&'a Stretch>, heard: Option<Heard<'a>>, pmax_ms: Option<f64>) -> Self {
        let parts = stored.map_or(&[][..], |stretch| &stretch.parts);
        let newest_ms = parts.last().map(|part| part.last.0);
        let seam_ms = match stored {
            Some(stretch) if stretch.open => newest_ms,
            Some(stretch) => Some(stretch.to_ms.max(newest_ms.unwrap_or_default())),
            None => None,
        };
        let mut breaks: Vec<f64> = stored.into_iter().flat_map(Stretch::holes).collect();
        let missed = heard.iter().flat_map(|heard| heard.gaps);
        breaks.extend(missed.filter(|at_ms| seam_ms.is_none_or(|seam_ms| **at_ms >= seam_ms)));
        breaks.sort_by(f64::total_cmp);
        let start = match (heard, seam_ms) {
            (Some(heard), Some(seam_ms)) => heard.points.partition_point(|(at_ms, _)| *at_ms <= seam_ms),
            _ => 0,
        };
        Self { stored: parts, heard, start, breaks, pmax_ms }
    }

    /// Between the values before these times and those after them something may be missing, too.
    pub(crate) fn broken_at(mut self, times: impl Iterator<Item = f64>) -> Self {
        self.breaks.extend(times);
        self.breaks.sort_by(f64::total_cmp);
        self
    }

    fn heard(&self) -> &'a [(f64, f64)] {
        self.heard.and_then(|heard| heard.points.get(self.start..)).unwrap_or_default()
    }

    /// Everything within this time: single values, and what is known of several.
    pub(crate) fn parts(&self, from_ms: f64, to_ms: f64) -> impl Iterator<Item = Summary> + use<'a> {
        let heard = self.heard().iter().copied().map(Summary::of);
        let all = self.stored.iter().copied().chain(heard);
        all.filter(move |part| (from_ms..=to_ms).contains(&part.middle_ms()))
    }

    /// Of everything within this time.
    pub(crate) fn summary(&self, from_ms: f64, to_ms: f64) -> Option<Summary> {
        let within = |part: &&Summary| (from_ms..=to_ms).contains(&part.middle_ms());
        let mut all: Option<Summary> = None;
        let heard = self.heard.and_then(|heard| {
            let first = heard.before(from_ms).max(self.start);
            let end = heard.points.partition_point(|(at_ms, _)| *at_ms <= to_ms);
            heard.pyramid.summary(heard.points, first..end)
        });
        for part in self.stored.iter().filter(within).chain(&heard) {
            match &mut all {
                Some(all) => all.add(part),
                None => all = Some(*part),
            }
        }
        all
    }

    /// When the oldest value was that is known.
    pub(crate) fn oldest_ms(&self) -> Option<f64> {
        let stored = self.stored.first().map(|part| part.first.0);
        stored.or_else(|| Some(self.heard().first()?.0))
    }

    /// Whether nothing can have been missed since this part, which is the newest.
    pub(crate) fn holds(&self, newest: &Summary) -> bool {
        self.breaks.last().is_none_or(|at_ms| *at_ms < newest.last.0)
    }

    /// The part nearest in time.
    pub(crate) fn nearest(&self, at_ms: f64) -> Option<Summary> {
        let (stored, heard) = (self.stored, self.heard());
        let after = stored.partition_point(|part| part.middle_ms() < at_ms);
        let around = stored.iter().skip(after.saturating_sub(1)).take(2).copied();
        let after = heard.partition_point(|(at, _)| *at < at_ms);
        let live = heard.iter().skip(after.saturating_sub(1)).take(2).copied().map(Summary::of);
        let distance = |part: &Summary| (part.middle_ms() - at_ms).abs();
        around.chain(live).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// What makes a difference at `columns` pixels, in runs without a gap: a summary for each column with something in
    /// it, the last value before them, which the line comes in from, and the first one after them.
    pub(crate) fn runs(&self, from_ms: f64, to_ms: f64, columns: usize) -> Vec<Vec<Summary>> {
        let mut runs: Vec<Vec<Summary>> = Vec::new();
        let mut spacing_ms = None;
        for column in self.columns(from_ms, to_ms, columns) {
            match runs.last_mut().and_then(|run| run.last().copied().map(|last| (run, last))) {
                Some((run, last)) if !self.is_gap(&last, spacing_ms, &column) => run.push(column),
                _ => runs.push(vec![column]),
            }
            spacing_ms = spacing(runs.last().map_or(&[], Vec::as_slice));
        }
        runs
    }

    fn columns(&self, from_ms: f64, to_ms: f64, columns: usize) -> Vec<Summary> {
        let columns = columns.max(1);
        let width_ms = (to_ms - from_ms).max(1.0) / columns as f64;
        // None outside; what lies on the right edge belongs to the last column.
        let index = |at_ms: f64| {
            let within = (from_ms..=to_ms).contains(&at_ms);
            within.then(|| (((at_ms - from_ms) / width_ms) as usize).min(columns - 1))
        };
        let mut out = Columns::default();
        let first = self.stored.partition_point(|part| part.last.0 < from_ms);
        for part in self.stored.iter().skip(first.saturating_sub(1)) {
            out.put(index(part.middle_ms()), part);
            if part.first.0 > to_ms {
                break;
            }
        }
        let Some(heard) = self.heard else {
            return out.done;
        };
        let points = heard.points;
        let first = heard.before(from_ms).max(self.start);
        let end = points.partition_point(|(at_ms, _)| *at_ms <= to_ms).max(first);
        let single = |range: std::ops::Range<usize>, out: &mut Columns| {
            for point in points.get(range).unwrap_or_default() {
                out.put(index(point.0), &Summary::of(*point));
            }
        };
        single(first.saturating_sub(1).max(self.start)..first, &mut out);
        if end - first <= 2 * columns {
            single(first..end, &mut out);
        } else {
            let mut begin = first;
            for column in 0..columns {
                let until = heard.before(from_ms + (column + 1) as f64 * width_ms).clamp(begin, end);
                let until = if column + 1 == columns { end } else { until };
                if let Some(summary) = heard.pyramid.summary(points, begin..until) {
                    out.put(Some(column), &summary);
                }
                begin = until;
            }
        }
        single(end..end + 1, &mut out);
        out.done
    }

    fn is_gap(&self, before: &Summary, spacing_ms: Option<f64>, after: &Summary) -> bool {
        let (from_ms, to_ms) = (before.last.0, after.first.0);
        let broken = self.breaks.partition_point(|at_ms| *at_ms < from_ms);
        if self.breaks.get(broken).is_some_and(|at_ms| *at_ms < to_ms) {
            return true;
        }
        let silence_ms = to_ms - from_ms;
        let overdue = self.pmax_ms.is_some_and(|pmax_ms| silence_ms > PERIODS_MISSED * pmax_ms);
        overdue && spacing_ms.is_some_and(|spacing_ms| silence_ms > TIMES_AS_LONG * spacing_ms)
    }
}

/// How far apart the newest values of a run are.
fn spacing(run: &[Summary]) -> Option<f64> {
    match run {
        [.., last] if last.count > 1 => Some((last.last.0 - last.first.0) / (last.count - 1) as f64),
        [.., before, last] => Some(last.first.0 - before.last.0),
        _ => None,
    }
}

/// Summaries by column, each the sum of what was put there.
#[derive(Default)]
struct Columns {
    open: Option<usize>,
    done: Vec<Summary>,
}

impl Columns {
    fn put(&mut self, column: Option<usize>, part: &Summary) {
        match self.done.last_mut().filter(|_| column.is_some() && self.open == column) {
            Some(last) => last.add(part),
            None => self.done.push(*part),
        }
        self.open = column;
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
