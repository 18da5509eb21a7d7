//! The numbers of one Resource over time, summed up for a chart.

use core::time::Duration;
use std::{collections::BTreeMap, ops::Range};

use coap::Instant;
use lwm2m_codec::Path;
use rusqlite::{Connection, OptionalExtension};

use super::{
    Day, HistoryReader, file,
    projection::{DAYS_AFTER, DAYS_BEFORE, time_of},
    row,
    summary::{Summary, WIDTHS_MS},
};
use crate::StoreError;

/// How long a bucket can be, as people count time; beyond, twice the one before. From a minute on each is made of
/// whole minutes, from an hour on of whole hours.
const BUCKETS_MS: [i64; 31] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    345_600_000,
    604_800_000,
    1_209_600_000,
];

#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// Each begins at a multiple of it.
    pub width: Duration,
    /// Those with values in them, from the oldest.
    pub buckets: Vec<Bucket>,
    /// Days that should be in it and cannot be read, with the reason.
    pub unreadable: Vec<(Day, String)>,
}

/// The values with a time from its start on, and within what was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub start: Instant,
    pub summary: Summary,
}

impl HistoryReader {
    /// The numbers of one Resource or Resource Instance in at most so many buckets (at least one). What counts is the
    /// device's own time where it gives one that can be right, else the time of arrival.
    pub fn buckets(
        &self,
        endpoint: &str,
        path: Path,
        during: Range<Instant>,
        at_most: usize,
    ) -> Result<Buckets, StoreError> {
        let (start, end) = (row::millis(during.start), row::millis(during.end));
        let width = width(start, end, i64::try_from(at_most).unwrap_or(i64::MAX));
        let days = Day::of(during.start).minus(DAYS_AFTER)..=Day::of(during.end).plus(DAYS_BEFORE);
        let mut question = Question { endpoint, path, during, start, end, width, found: BTreeMap::new() };
        let mut unreadable = Vec::new();
        for day in self.days()?.into_iter().filter(|day| days.contains(day)) {
            let asked = self.ask(day, |connection| {
                let mut found = question.clone();
                found.read(connection, self)?;
                Ok(found)
            });
            match asked {
                Ok(Some(found)) => question = found,
                Ok(None) => {}
                Err(problem) => unreadable.push((day, problem.to_string())),
            }
        }
        let buckets =
            question.found.into_iter().map(|(start, summary)| Bucket { start: row::moment(start), summary });
        let width = Duration::from_millis(u64::try_from(width).unwrap_or(0));
        Ok(Buckets { width, buckets: buckets.collect(), unreadable })
    }
}

/// The shortest that makes at most so many.
fn width(start: i64, end: i64, at_most: i64) -> i64 {
    let longest = BUCKETS_MS[BUCKETS_MS.len() - 1];
    let doubled = core::iter::successors(Some(longest), |width| width.checked_mul(2)).skip(1);
    let count = |width: i64| end.saturating_sub(1).max(start) / width - start / width + 1;
    let mut widths = BUCKETS_MS.into_iter().chain(doubled);
    widths.find(|width| count(*width) <= at_most.max(1)).unwrap_or(i64::MAX)
}

#[derive(Clone)]
struct Question<'a> {
    endpoint: &'a str,
    path: Path,
    during: Range<Instant>,
    start: i64,
    end: i64,
    width: i64,
    found: BTreeMap<i64, Summary>,
}

impl Question<'_> {
    fn read(&mut self, connection: &Connection, reader: &HistoryReader) -> rusqlite::Result<()> {
        let key = row::path_key(&self.path);
        let series = connection
            .query_row(
                "SELECT series.id FROM series JOIN client ON client.id = series.client \
                 WHERE client.endpoint = ? AND series.path = ?",
                (self.endpoint, key),
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        if let Some(series) = series {
            self.read_series(connection, series)?;
        }
        self.read_waiting(connection, reader)
    }

    /// Whole intervals are summed up already; what is left are the values at the edges.
    fn read_series(&mut self, connection: &Connection, series: i64) -> rusqlite::Result<()> {
        let summed = WIDTHS_MS.into_iter().rev().find(|summed| self.width % summed == 0);
        let Some(summed) = summed else { return self.read_points(connection, series, self.start..self.end) };
        let first = self.start.saturating_add(summed - 1) / summed * summed;
        let last = self.end / summed * summed;
        if first >= last {
            return self.read_points(connection, series, self.start..self.end);
        }
        self.read_points(connection, series, self.start..first)?;
        self.read_roll_ups(connection, series, summed, first..last)?;
        self.read_points(connection, series, last..self.end)
    }

    fn read_points(
        &mut self,
        connection: &Connection,
        series: i64,
        during: Range<i64>,
    ) -> rusqlite::Result<()> {
        let mut points = connection.prepare_cached(
            "SELECT time, number FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time, row, item",
        )?;
        let mut points = points.query((series, during.start, during.end))?;
        while let Some(row) = points.next()? {
            let time = row.get(0)?;
            self.add(time, &Summary::of(row::moment(time), row.get(1)?));
        }
        Ok(())
    }

    fn read_roll_ups(
        &mut self,
        connection: &Connection,
        series: i64,
        summed: i64,
        during: Range<i64>,
    ) -> rusqlite::Result<()> {
        let mut roll_ups = connection.prepare_cached(
            "SELECT start, count, min, max, sum, first_time, first, last_time, last FROM roll_up \
             WHERE series = ? AND width = ? AND start >= ? AND start < ? ORDER BY start",
        )?;
        let mut roll_ups = roll_ups.query((series, summed, during.start, during.end))?;
        while let Some(row) = roll_ups.next()? {
            let summary = Summary {
                count: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                min: row.get(2)?,
                max: row.get(3)?,
                sum: row.get(4)?,
                first: (row::moment(row.get(5)?), row.get(6)?),
                last: (row::moment(row.get(7)?), row.get(8)?),
            };
            self.add(row.get(0)?, &summary);
        }
        Ok(())
    }

    /// What `tend` has not come to yet.
    fn read_waiting(&mut self, connection: &Connection, reader: &HistoryReader) -> rusqlite::Result<()> {
        let position = file::progress(connection)?;
        let waiting =
            format!("{} WHERE reported.id > ? AND client.endpoint = ? ORDER BY reported.id", file::select());
        let mut waiting = connection.prepare(&waiting)?;
        let mut waiting = waiting.query((position, self.endpoint))?;
        while let Some(row) = waiting.next()? {
            let reported = row::read(row)?.reported;
            for point in (reader.decoder)(&reported) {
                let time = time_of(reported.at, &point);
                if point.path == self.path && point.number.is_finite() && self.during.contains(&time) {
                    self.add(row::millis(time), &Summary::of(time, point.number));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, time: i64, summary: &Summary) {
        let start = time / self.width * self.width;
        self.found.entry(start).and_modify(|found| found.add(summary)).or_insert(*summary);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chart_has_lengths_that_people_count_in() {
        let day = 86_400_000;
        for (span, at_most, expected) in [
            (day, 500, 300_000),
            (day, 24, 3_600_000),
            (day, 1, day),
            (1_000_000_000, 500, 3_600_000),
            (10_000, 10_000, 1),
            (0, 1, 1),
        ] {
            assert_eq!(width(20_000 * day, 20_000 * day + span, at_most), expected, "{span} in {at_most}");
        }
    }

    #[test]
    fn whatever_is_longer_is_made_of_what_is_summed_up() {
        for width in BUCKETS_MS {
            for summed in WIDTHS_MS.into_iter().filter(|summed| *summed <= width) {
                assert_eq!(width % summed, 0, "{width}");
            }
        }
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_asked_for(start in 0..=i64::MAX, span in 0..=i64::MAX, at_most in 1..10_000_i64) {
            let end = start.saturating_add(span);
            let width = width(start, end, at_most);
            let count = if start == end { 1 } else { (end - 1) / width - start / width + 1 };
            prop_assert!(count <= at_most || (at_most == 1 && count <= 2 && width > i64::MAX / 2), "{count} of {width}");
        }
    }
}
