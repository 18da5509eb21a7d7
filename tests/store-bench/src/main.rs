//! What storing durably costs: the history alone, and notifications to the whole server, beside a file that is only
//! written and synchronised; the questions of a chart, a page and a file over a million values of one Resource; and how
//! long a server with many registrations takes to start.

mod ask;
mod keep;
mod notify;
mod restart;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use coap::Instant;
use lwm2m_codec::{ContentFormat, Path};
use store::{
    Reported, Source,
    history::{Decoder, History, Point, Retention},
};

/// `store-bench <path of lwm2m-console> [directory on the disk that matters]`
fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let server = arguments.next().context("say which program to measure: the path of lwm2m-console")?;
    let directory = match arguments.next() {
        Some(directory) => tempfile::tempdir_in(directory)?,
        None => tempfile::tempdir()?,
    };
    let kept = keep::measure(directory.path())?;
    keep::print(&kept);
    notify::print(&notify::measure(&server, directory.path())?, keep::bare_syncs_per_s(&kept)?);
    restart::print(&restart::measure(&server, directory.path())?);
    ask::print(&ask::measure(directory.path())?);
    Ok(())
}

const DAY_MS: u64 = 86_400_000;

const PATH: Path = Path::resource(3303, 0, 5700);

/// A temperature, as a sensor notifies it.
fn reported(endpoint: &str, at_ms: u64, number: u64) -> Arc<Reported> {
    Arc::new(Reported {
        endpoint: endpoint.to_owned(),
        path: PATH,
        source: Source::Notify,
        content_format: Some(ContentFormat::TEXT),
        payload: format!("{}.{}", 20 + number % 10, number % 7).into_bytes(),
        at: Instant::from_millis(at_ms),
        sequence: u32::try_from(number).ok(),
        confirmable: true,
        delivery: None,
        current: true,
    })
}

fn open(directory: &std::path::Path, now_ms: u64) -> Result<History> {
    let decoder: Decoder = Arc::new(|reported: &Reported| {
        let number = core::str::from_utf8(&reported.payload).ok().and_then(|text| text.parse().ok());
        number.map(|number| Point { path: reported.path, measured: None, number }).into_iter().collect()
    });
    Ok(History::open(directory, Retention::default(), decoder, Instant::from_millis(now_ms))?)
}
