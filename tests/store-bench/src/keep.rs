use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use store::Outcome;

use crate::{DAY_MS, open, reported};

/// Rows that wait together and are stored together.
const BATCHES: [usize; 3] = [1, 16, 256];

/// How long each is measured.
const SPAN: Duration = Duration::from_secs(3);

const CLIENTS: usize = 1_000;

/// What one row takes in a file that is only written: the payload, and what names it.
const BARE_ROW_BYTES: usize = 48;

pub(crate) struct Kept {
    batch: usize,
    rows_per_s: f64,
    bare_rows_per_s: f64,
}

pub(crate) fn measure(directory: &Path) -> Result<Vec<Kept>> {
    let endpoints: Vec<String> = (0..CLIENTS).map(|number| format!("urn:dev:ops:32473-{number}")).collect();
    let mut all = Vec::new();
    for batch in BATCHES {
        let bare_rows_per_s = bare(&directory.join(format!("bare-{batch}")), batch)?;
        let mut history = open(&directory.join(format!("kept-{batch}")), 20_000 * DAY_MS)?;
        let (started, mut rows) = (Instant::now(), 0);
        while started.elapsed() < SPAN {
            let reported: Vec<_> = (rows..rows + batch)
                .map(|row| reported(&endpoints[row % CLIENTS], 20_000 * DAY_MS + row as u64, row as u64))
                .collect();
            let stored = history.append(&reported);
            ensure!(stored.iter().all(|outcome| *outcome == Outcome::Stored), "{:?}", stored[0]);
            rows += batch;
        }
        all.push(Kept { batch, rows_per_s: rows as f64 / started.elapsed().as_secs_f64(), bare_rows_per_s });
    }
    Ok(all)
}

fn bare(path: &Path, batch: usize) -> Result<f64> {
    let mut file = File::create(path)?;
    let bytes = vec![7; batch * BARE_ROW_BYTES];
    let (started, mut rows) = (Instant::now(), 0);
    while started.elapsed() < SPAN {
        file.write_all(&bytes)?;
        file.sync_data()?;
        rows += batch;
    }
    Ok(rows as f64 / started.elapsed().as_secs_f64())
}

/// What the disk itself can do: writing one row and waiting for it, again and again.
pub(crate) fn bare_syncs_per_s(all: &[Kept]) -> Result<f64> {
    let single = all.iter().find(|kept| kept.batch == 1).context("single rows are measured")?;
    Ok(single.bare_rows_per_s)
}

pub(crate) fn print(all: &[Kept]) {
    println!(
        "\nStoring notifications, each batch durable ({CLIENTS} clients), beside a file that is only written:"
    );
    println!(
        "{:<12} {:>14} {:>14} {:>16} {:>14}",
        "rows a batch", "rows a second", "syncs a second", "bare rows a s", "of the bare"
    );
    for Kept { batch, rows_per_s, bare_rows_per_s } in all {
        println!(
            "{batch:<12} {rows_per_s:>14.0} {:>14.0} {bare_rows_per_s:>16.0} {:>12.0} %",
            rows_per_s / *batch as f64,
            100.0 * rows_per_s / bare_rows_per_s
        );
    }
}
