use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use store::history::{Cursor, HistoryReader, Order, Query};

use crate::{DAY_MS, PATH, open, reported};

/// One a second: eleven and a half days.
const POINTS: u64 = 1_000_000;
const BATCH: u64 = 10_000;
const BEGIN_MS: u64 = 20_000 * DAY_MS;

/// What a chart may take.
const CHART_AIM: Duration = Duration::from_millis(100);

const REPEATS: u32 = 10;

pub(crate) struct Asked {
    tended_per_s: f64,
    bytes_per_row: f64,
    bytes_per_row_before: f64,
    chart: Duration,
    day: Duration,
    hours: Duration,
    page: Duration,
    exported_per_s: f64,
}

pub(crate) fn measure(directory: &Path) -> Result<Asked> {
    let directory = directory.join("million");
    let end_ms = BEGIN_MS + POINTS * 1000;
    let mut history = open(&directory, BEGIN_MS)?;
    for first in (0..POINTS).step_by(BATCH as usize) {
        let rows: Vec<_> =
            (first..first + BATCH).map(|number| reported("lamp", BEGIN_MS + number * 1000, number)).collect();
        history.append(&rows);
    }
    let bytes_before = size(&directory)?;
    let started = Instant::now();
    while history.tend(coap::Instant::from_millis(end_ms)).more {}
    let tended_per_s = POINTS as f64 / started.elapsed().as_secs_f64();
    let reader = history.reader();
    let chart = |from: u64, to: u64, expected: u64| {
        typical(|| {
            let during = coap::Instant::from_millis(from)..coap::Instant::from_millis(to);
            let found = reader.buckets("lamp", PATH, during, 500)?;
            let count: u64 = found.buckets.iter().map(|bucket| bucket.summary.count).sum();
            ensure!(count == expected, "{count} of {expected} points");
            Ok(())
        })
    };
    // Not at the edges of minutes, so that single values are looked at as well.
    let whole = chart(BEGIN_MS + 30_500, end_ms - 30_500, POINTS - 61)?;
    let day = chart(BEGIN_MS + DAY_MS, BEGIN_MS + 2 * DAY_MS, 86_400)?;
    let hours = chart(BEGIN_MS + DAY_MS, BEGIN_MS + DAY_MS + 14_400_000, 14_400)?;
    let query = Query {
        endpoint: Some("lamp".to_owned()),
        path: Some(PATH),
        source: None,
        during: coap::Instant::default()..coap::Instant::from_millis(u64::MAX),
    };
    let page = typical(|| {
        let page = reader.page(&query, Order::NewestFirst, None, 100)?;
        ensure!(page.rows.len() == 100, "{} rows", page.rows.len());
        Ok(())
    })?;
    let exported_per_s = export(&reader, &query)?;
    Ok(Asked {
        tended_per_s,
        bytes_per_row: size(&directory)? as f64 / POINTS as f64,
        bytes_per_row_before: bytes_before as f64 / POINTS as f64,
        chart: whole,
        day,
        hours,
        page,
        exported_per_s,
    })
}

fn export(reader: &HistoryReader, query: &Query) -> Result<f64> {
    let (started, mut rows, mut after): (_, _, Option<Cursor>) = (Instant::now(), 0, None);
    loop {
        let page = reader.page(query, Order::OldestFirst, after, 500)?;
        rows += page.rows.len() as u64;
        after = page.next;
        if after.is_none() {
            ensure!(rows == POINTS, "{rows} of {POINTS} rows");
            return Ok(rows as f64 / started.elapsed().as_secs_f64());
        }
    }
}

/// The median.
fn typical(mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut taken = Vec::new();
    for _ in 0..REPEATS {
        let started = Instant::now();
        work()?;
        taken.push(started.elapsed());
    }
    taken.sort_unstable();
    Ok(taken[taken.len() / 2])
}

fn size(directory: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

pub(crate) fn print(asked: &Asked) {
    let shown = |name: &str, taken: Duration| {
        let ms = taken.as_secs_f64() * 1e3;
        println!(
            "{name:<44} {ms:>10.1} ms {:>10.0} %",
            100.0 * taken.as_secs_f64() / CHART_AIM.as_secs_f64()
        );
    };
    println!("\nQuestions about {POINTS} values of one Resource, one a second ({:>45}):", "of 100 ms");
    shown("Chart of all of them, 500 buckets at most", asked.chart);
    shown("Chart of a day", asked.day);
    shown("Chart of 4 hours, from single values", asked.hours);
    shown("Page of the newest 100", asked.page);
    println!("{:<44} {:>10.0} rows a second", "As a file, page by page", asked.exported_per_s);
    println!("{:<44} {:>10.0} rows a second", "Made ready for questions", asked.tended_per_s);
    println!(
        "Bytes a row: {:.0} when it is acknowledged, {:.0} with all that is made from it.",
        asked.bytes_per_row_before, asked.bytes_per_row
    );
}
