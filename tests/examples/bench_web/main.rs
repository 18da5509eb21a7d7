//! What the console costs the browser: `cargo xtask bench web`.
//!
//! The real server, devices on bare sockets, and Chromium without a window, all at the same time on this machine.
//! Arguments: `--quick` for a short run, `--minutes N` for how long memory is watched, visible and hidden, `--matrix` for
//! nothing but the matrix of access control, `--charts` for nothing but charts.

mod charts;
mod devices;
mod figures;
mod fleet;
mod matrix;
mod memory;
mod page;
mod pixels;
mod sensors;
mod statistics;
mod wire;

use std::{env, time::Duration};

use anyhow::{Context as _, Result, bail};
use whole_program_tests::{Browser, TestContext};

use crate::{
    figures::Figures,
    page::Page,
    statistics::{frames_per_second, percentile},
};

/// A part that can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Matrix,
    Charts,
}

/// How much of everything.
struct Extent {
    devices: usize,
    /// Of each measurement.
    duration: Duration,
    /// Of memory.
    minutes: f64,
    /// Nothing but that.
    only: Option<Only>,
}

impl Extent {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut extent =
            Self { devices: 50_000, duration: Duration::from_secs(10), minutes: 10.0, only: None };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => {
                    extent = Self { duration: Duration::from_secs(4), minutes: 0.5, ..extent };
                }
                "--matrix" => extent.only = Some(Only::Matrix),
                "--charts" => extent.only = Some(Only::Charts),
                "--minutes" => {
                    let minutes = arguments.next().context("--minutes takes a number")?;
                    extent.minutes = minutes.parse().with_context(|| format!("--minutes {minutes}"))?;
                }
                unknown => bail!("expected --quick, --minutes N, --matrix or --charts, got {unknown}"),
            }
        }
        Ok(extent)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let extent = Extent::parse(env::args().skip(1))?;
    let context = TestContext::start().await?;
    let mut figures = Figures::default();
    Browser::run("bench_web", async |browser| {
        let page = Page::probed(browser).await?;
        println!("An empty page ...");
        empty_page(&context, &page, extent.duration, &mut figures).await?;
        if extent.only != Some(Only::Charts) {
            println!("A large matrix ...");
            matrix::measure(&context, &page, extent.duration, &mut figures).await?;
        }
        if extent.only != Some(Only::Matrix) {
            println!("Charts of ten devices ...");
            charts::measure(&context, &page, extent.duration, &mut figures).await?;
        }
        if extent.only.is_some() {
            return Ok(());
        }
        println!("Registering {} devices ...", extent.devices);
        let locations = devices::register(context.coap, extent.devices)?;
        println!("First load ...");
        wire::measure(&context, &page, &mut figures).await?;
        println!("The fleet ...");
        fleet::measure(&context, &page, locations, extent.duration, &mut figures).await?;
        println!("From the device to the screen ...");
        pixels::measure(&context, &page, extent.duration, &mut figures).await?;
        println!("Memory, {} minutes visible and as long hidden ...", extent.minutes);
        memory::measure(&context, &page, extent.minutes, &mut figures).await
    })
    .await?;
    figures.print();
    Ok(())
}

/// What this machine does at best.
async fn empty_page(
    context: &TestContext,
    page: &Page<'_>,
    duration: Duration,
    figures: &mut Figures,
) -> Result<()> {
    page.browser.open(&context.page("/healthz")).await?;
    let before = page.usage().await?;
    let intervals = page.record(duration).await?;
    let busy = page.usage().await?.busy_share(&before);
    figures.title("An empty page, for comparison");
    figures.add("frames", frames_per_second(&intervals), "/s");
    figures.add("between frames, p95", percentile(&intervals, 0.95), "ms");
    figures.add("main thread busy", 100.0 * busy, "%");
    Ok(())
}
