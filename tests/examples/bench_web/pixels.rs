//! From the device to the screen: how old a value is when it is painted.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use console_api::{Operation, OperationRequest, ServerStatus};
use serde::Deserialize;
use whole_program_tests::TestContext;

use crate::{
    devices::{CLOCK, ClockDevice, Sent},
    figures::{Aim, Figures},
    fleet::smoothness,
    page::{Frames, Page},
    statistics::{latencies, percentile},
};

const RATES_PER_S: [usize; 2] = [1_000, 10_000];
const AIM_MS: f64 = 100.0;
/// Time before anything is measured, in which caches get warm.
const WARM_UP: Duration = Duration::from_secs(2);

/// Numbers that were on the screen.
#[derive(Deserialize)]
struct Watched {
    /// The number, and when it was painted.
    seen: Vec<(f64, f64)>,
    intervals: Vec<f64>,
}

pub(crate) async fn measure(
    context: &TestContext,
    page: &Page<'_>,
    duration: Duration,
    figures: &mut Figures,
) -> Result<()> {
    for rate in RATES_PER_S {
        at_rate(context, page, duration, rate, figures).await?;
    }
    Ok(())
}

async fn at_rate(
    context: &TestContext,
    page: &Page<'_>,
    duration: Duration,
    rate: usize,
    figures: &mut Figures,
) -> Result<()> {
    let endpoint = format!("clock-{rate}");
    let device = observed(context, &endpoint).await?;
    page.browser.open(&context.page(&format!("/clients/{endpoint}#{CLOCK}"))).await?;
    page.browser.see_attribute("[data-testid=connection]", "data-state", "live").await?;
    page.browser.see("[data-testid=inspector-value]").await?;

    let taken_before = reports(context).await?;
    let stream = device.notify(rate);
    page.record(WARM_UP).await?;
    let (frames, usage) = (page.frames().await?, page.usage().await?);
    let watch = format!("probe.watchNumbers('[data-testid=inspector-value]', {})", duration.as_secs_f64());
    let watched: Watched = page.evaluate(&watch).await?;
    let busy = page.usage().await?.busy_share(&usage);
    let received = page.frames().await?;
    let sent = stream.stop()?;
    let taken = reports(context).await? - taken_before;
    ensure!(!watched.seen.is_empty(), "no notification of {endpoint} was ever painted");

    figures.title(format!("{rate} notifications/s of one device, on its page"));
    tell(&sent, &watched, figures);
    smoothness("page", &watched.intervals, busy, figures);
    losses(sent.len() as u64, taken, &frames, &received, figures);
    Ok(())
}

fn tell(sent: &Sent, watched: &Watched, figures: &mut Figures) {
    let ages: Vec<f64> = watched.seen.iter().map(|(value, at)| at - value).collect();
    let latencies = latencies(sent, &watched.seen);
    for (name, share, aim) in [("p50", 0.5, None), ("p99", 0.99, Some(Aim::AtMost(AIM_MS)))] {
        let name = format!("sent to painted, itself or a newer one, {name}");
        let value = percentile(&latencies, share);
        match aim {
            Some(aim) => figures.add_with_aim(name, value, "ms", aim),
            None => figures.add(name, value, "ms"),
        }
    }
    figures.add("age of a value when it is painted, p50", percentile(&ages, 0.5), "ms");
    figures.add("age of a value when it is painted, p99", percentile(&ages, 0.99), "ms");
    figures.add("values painted", watched.seen.len() as f64, "");
}

fn losses(sent: u64, taken: u64, before: &Frames, after: &Frames, figures: &mut Figures) {
    figures.add("notifications sent", sent as f64, "");
    figures.add("of these lost before the server took them", sent.saturating_sub(taken) as f64, "");
    figures.add("frames to the browser", (after.count - before.count) as f64, "");
    figures.add("bytes in them", (after.bytes - before.bytes) as f64 / 1e3, "kB");
    figures.add("times that the browser was told it lagged", (after.lagged - before.lagged) as f64, "");
    figures.add("events that it missed by that", (after.missed - before.missed) as f64, "");
}

/// A device whose clock is observed.
pub(crate) async fn observed(context: &TestContext, endpoint: &str) -> Result<ClockDevice> {
    let device = ClockDevice::register(context.coap, endpoint, "</1/0>,</3/0>")?;
    let answering = tokio::task::spawn_blocking(|| device.accept_observation());
    let observe = OperationRequest::new(Operation::Observe, CLOCK);
    let answer = context.operate(endpoint, &observe).await?;
    ensure!(answer.code == "2.05", "Observe was answered {}", answer.code);
    answering.await.context("the device has panicked")?
}

/// Notifications that the server took since it started.
async fn reports(context: &TestContext) -> Result<u64> {
    let status: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    Ok(status.reports)
}
