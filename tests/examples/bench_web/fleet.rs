//! The table of many devices: how soon it is there, how it scrolls, what Updates cost it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use whole_program_tests::TestContext;

use crate::{
    devices,
    figures::{Aim, Figures},
    page::Page,
    statistics::{frames_per_second, percentile},
};

/// Pixels in each frame: nobody reads that fast, but a thumb on the scroll bar is faster still.
const STEP_PX: u32 = 900;
const UPDATES_PER_S: usize = 1_000;
/// Openings of the page, of which the median is told.
const OPENINGS: usize = 5;

/// What scrolling showed.
#[derive(Deserialize)]
struct Scrolled {
    intervals: Vec<f64>,
    frames: f64,
    /// Frames in which a row had no text yet.
    empty: f64,
}

/// Times of one opening, in milliseconds.
struct Opening {
    /// From the click on the address to the painted table.
    whole: f64,
    /// From the first window of the fleet to the painted table.
    table: f64,
}

pub(crate) async fn measure(
    context: &TestContext,
    page: &Page<'_>,
    locations: Vec<String>,
    duration: Duration,
    figures: &mut Figures,
) -> Result<()> {
    figures.title(format!("Fleet of {} devices", locations.len()));
    openings(context, page, figures).await?;

    let scroll = format!("probe.scroll({STEP_PX}, {})", duration.as_secs_f64());
    let before = page.usage().await?;
    let scrolled: Scrolled = page.evaluate(&scroll).await?;
    let busy = page.usage().await?.busy_share(&before);
    let what = format!("scrolling, {STEP_PX} px a frame");
    smoothness(&what, &scrolled.intervals, busy, figures);
    let empty = 100.0 * scrolled.empty / scrolled.frames;
    figures.add(format!("{what}: frames with a row still empty"), empty, "%");

    let updates = devices::updates(context.coap, locations, UPDATES_PER_S)?;
    let before = page.usage().await?;
    let intervals = page.record(duration).await?;
    let busy = page.usage().await?.busy_share(&before);
    let sent = updates.stop()?.len();
    smoothness(&format!("{UPDATES_PER_S} Updates/s"), &intervals, busy, figures);
    figures.add("Updates sent meanwhile", sent as f64, "");
    Ok(())
}

async fn openings(context: &TestContext, page: &Page<'_>, figures: &mut Figures) -> Result<()> {
    let mut openings = Vec::with_capacity(OPENINGS);
    page.browser.open(&context.page("/")).await?;
    for _ in 0..OPENINGS {
        openings.push(open(context, page).await?);
    }
    let median = |time: fn(&Opening) -> f64| percentile(&openings.iter().map(time).collect::<Vec<_>>(), 0.5);
    figures.add("opened anew (warm cache) to painted table", median(|opening| opening.whole), "ms");
    let table = median(|opening| opening.table);
    figures.add_with_aim("first devices received to painted table", table, "ms", Aim::AtMost(50.0));

    let mut returns = Vec::with_capacity(OPENINGS);
    for _ in 0..OPENINGS {
        page.browser.click("a[href='/server']").await?;
        page.browser.see("[data-testid=server-page]").await?;
        returns.push(page.evaluate::<f64>(RETURN).await?);
    }
    let back = percentile(&returns, 0.5);
    figures.add_with_aim("from another page to painted table", back, "ms", Aim::AtMost(50.0));
    page.browser.see_attribute("[data-testid=connection]", "data-state", "live").await
}

/// Clicks the link to the fleet and waits until its table is painted.
const RETURN: &str = "(async () => {
    const from = probe.clock();
    document.querySelector('a[href=\"/\"]').click();
    return await probe.whenPainted('[data-testid=fleet-row]:not([hidden]) a') - from;
})()";

/// A page of its own each time, so that nothing but the cache is warm.
async fn open(context: &TestContext, page: &Page<'_>) -> Result<Opening> {
    page.browser.open("about:blank").await?;
    page.browser.open(&context.page("/")).await?;
    let painted: f64 = page.evaluate("probe.firstRow").await?;
    let opened: f64 = page.evaluate("performance.timeOrigin").await?;
    let received = page.frames().await?.fleet_at.context("the page has no window of the fleet")?;
    Ok(Opening { whole: painted - opened, table: painted - received })
}

/// What an operator notices of a busy page.
pub(crate) fn smoothness(what: &str, intervals: &[f64], busy: f64, figures: &mut Figures) {
    let aim = Aim::AtLeast(60.0);
    figures.add_with_aim(format!("{what}: frames"), frames_per_second(intervals), "/s", aim);
    figures.add(format!("{what}: between frames, p50"), percentile(intervals, 0.5), "ms");
    figures.add(format!("{what}: between frames, p95"), percentile(intervals, 0.95), "ms");
    figures.add(format!("{what}: main thread busy"), 100.0 * busy, "%");
}
