//! What keeping the history costs: storing beside a file that is only written and synchronised, and the questions of a
//! chart, a page and a file over a million values of one Resource.

mod ask;
mod keep;

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use coap::Instant;
use lwm2m_codec::{ContentFormat, Path};
use store::{
    Reported, Source,
    history::{Decoder, History, Point, Retention},
};

/// Of the disk that matters: `store-bench <directory>`, or a temporary one.
fn main() -> Result<()> {
    let directory = match std::env::args_os().nth(1) {
        Some(directory) => tempfile::tempdir_in(PathBuf::from(directory))?,
        None => tempfile::tempdir()?,
    };
    keep::print(&keep::measure(directory.path())?);
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
