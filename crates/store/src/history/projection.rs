//! What is made from the rows of a day once they are stored: which paths they are about, the numbers in them, and
//! those summed up. All of it goes into one transaction with how far it is.

use std::collections::BTreeMap;

use coap::Instant;
use lwm2m_codec::Path;
use rusqlite::{Connection, params};

use super::{
    Decoder, Point,
    dictionary::Dictionary,
    file, limits,
    row::{self, Stored},
    summary::{Summary, WIDTHS_MS},
};
use crate::Reported;

/// The device's own time counts when it is no further than this from the time of arrival: a device that was offline
/// hands in what it measured meanwhile. Otherwise its clock is wrong, and the time of arrival counts.
pub(super) const DAYS_BEFORE: u64 = 31;
pub(super) const DAYS_AFTER: u64 = 1;

/// Works off `rows` rows after `position`. Returns the position reached.
pub(super) fn project(
    connection: &Connection,
    dictionary: &mut Dictionary,
    decoder: &Decoder,
    position: i64,
    rows: usize,
) -> rusqlite::Result<i64> {
    let (mut reached, mut bytes) = (position, 0);
    let mut roll_ups = BTreeMap::new();
    let waiting = format!("{} WHERE reported.id > ? ORDER BY reported.id LIMIT ?", file::select());
    let mut waiting = connection.prepare_cached(&waiting)?;
    let mut waiting = waiting.query((position, i64::try_from(rows).unwrap_or(i64::MAX)))?;
    while bytes < limits::TENDED_BYTES
        && let Some(row) = waiting.next()?
    {
        let stored = row::read(row)?;
        bytes += stored.reported.payload.len();
        reached = stored.id;
        if stored.named {
            mention(connection, &stored)?;
            let points = decoder(&stored.reported);
            add_points(connection, dictionary, &stored, &points, &mut roll_ups)?;
        } else {
            connection.prepare_cached("DELETE FROM reported WHERE id = ?")?.execute([stored.id])?;
        }
    }
    roll_up(connection, &roll_ups)?;
    connection.prepare_cached("UPDATE progress SET row = ?")?.execute([reached])?;
    Ok(reached)
}

/// The paths that a payload is about.
pub(super) fn paths_of(reported: &Reported) -> Vec<Path> {
    let named = reported.subject().named;
    if named.is_empty() { vec![reported.path] } else { named }
}

/// The time that counts for a value.
pub(super) fn time_of(at: Instant, point: &Point) -> Instant {
    let day = super::Day::of(at);
    let sane = day.minus(DAYS_BEFORE).start()..day.plus(DAYS_AFTER).end();
    point.measured.filter(|measured| sane.contains(measured)).unwrap_or(at)
}

fn mention(connection: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO mention (client, at, row, path, source) VALUES (?, ?, ?, ?, ?)",
    )?;
    let reported = &stored.reported;
    for path in paths_of(reported) {
        let source = row::source_code(reported.source);
        insert.execute(params![
            stored.client,
            row::millis(reported.at),
            stored.id,
            row::path_key(&path),
            source
        ])?;
    }
    Ok(())
}

/// Series, width and start of an interval.
type Interval = (i64, i64, i64);

fn add_points(
    connection: &Connection,
    dictionary: &mut Dictionary,
    stored: &Stored,
    points: &[Point],
    roll_ups: &mut BTreeMap<Interval, Summary>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO point (series, time, row, item, measured, number) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    for (item, point) in points.iter().enumerate().filter(|(_, point)| point.number.is_finite()) {
        let series = dictionary.series(connection, stored.client, point.path)?;
        let time = time_of(stored.reported.at, point);
        insert.execute(params![
            series,
            row::millis(time),
            stored.id,
            i64::try_from(item).unwrap_or(i64::MAX),
            point.measured.map(row::millis),
            point.number,
        ])?;
        for width in WIDTHS_MS {
            let start = row::millis(time) / width * width;
            let one = Summary::of(time, point.number);
            let of_interval = roll_ups.entry((series, width, start));
            of_interval.and_modify(|summary| summary.add(&one)).or_insert(one);
        }
    }
    Ok(())
}

fn roll_up(connection: &Connection, roll_ups: &BTreeMap<Interval, Summary>) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO roll_up (series, width, start, count, min, max, sum, first_time, first, last_time, last) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
         count = count + excluded.count, min = min(min, excluded.min), max = max(max, excluded.max), \
         sum = max(-1.7976931348623157e308, min(1.7976931348623157e308, sum + excluded.sum)), \
         first = iif(excluded.first_time < first_time, excluded.first, first), \
         first_time = min(first_time, excluded.first_time), \
         last = iif(excluded.last_time >= last_time, excluded.last, last), \
         last_time = max(last_time, excluded.last_time)",
    )?;
    for ((series, width, start), summary) in roll_ups {
        add.execute(params![
            series,
            width,
            start,
            i64::try_from(summary.count).unwrap_or(i64::MAX),
            summary.min,
            summary.max,
            summary.sum,
            row::millis(summary.first.0),
            summary.first.1,
            row::millis(summary.last.0),
            summary.last.1,
        ])?;
    }
    Ok(())
}
