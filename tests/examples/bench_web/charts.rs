//! A chart of ten devices on a board: how smooth it is while values come, and what an hour of them takes.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use console_api::{Board, BoardSeries, Tile};
use whole_program_tests::TestContext;

use crate::{
    devices::now_ms,
    figures::Figures,
    fleet::smoothness,
    page::Page,
    sensors::{Sensor, TEMPERATURE, notify},
};

const SERIES: usize = 10;
/// Values of each series that are there before others come.
const POINTS: [usize; 2] = [10_000, 100_000];
const POINTS_PER_S: usize = 100;
/// How long the values of the past may take to be drawn.
const PATIENCE: Duration = Duration::from_secs(120);

/// Simulated time of the memory measurement, and how many looks there are.
const HOUR_MS: f64 = 3_600_000.0;
const LOOKS: usize = 12;

/// How many values the legend of the chart counts.
const COUNTED: &str = "[...document.querySelectorAll('[data-testid=chart-figures] tbody .chart-count')]
    .reduce((sum, cell) => sum + Number(cell.textContent.replace(/\\D/g, '')), 0)";

pub(crate) async fn measure(
    context: &TestContext,
    page: &Page<'_>,
    duration: Duration,
    figures: &mut Figures,
) -> Result<()> {
    for points in POINTS {
        let name = format!("chart-{points}");
        let mut sensors = sensors(context, &name).await?;
        let apart_ms = 1e3 / POINTS_PER_S as f64;
        open_board(context, page, &name, points as f64 * apart_ms).await?;
        let until_ms = now_ms();
        sensors = tell(sensors, points, until_ms, apart_ms).await?;
        let there = counted(page, SERIES * points).await?;

        let stream = notify(sensors, POINTS_PER_S);
        page.record(Duration::from_secs(2)).await?;
        let (before, lagged) = (page.usage().await?, page.frames().await?.lagged);
        let intervals = page.record(duration).await?;
        let usage = page.usage().await?;
        stream.stop()?;
        figures.title(format!("A chart of {SERIES} × {points} points, {POINTS_PER_S} points/s for each"));
        figures.add("points in the chart before", there, "");
        smoothness("chart", &intervals, usage.busy_share(&before), figures);
        let lagged = page.frames().await?.lagged - lagged;
        figures.add("times that the browser was told it lagged", lagged as f64, "");
        figures.add("WebAssembly", usage.wasm_bytes / 1e6, "MB");
    }
    an_hour(context, page, figures).await
}

/// An hour of values in the order of their times, as fast as they come through.
async fn an_hour(context: &TestContext, page: &Page<'_>, figures: &mut Figures) -> Result<()> {
    let mut sensors = sensors(context, "chart-hour").await?;
    open_board(context, page, "chart-hour", 600_000.0).await?;
    let (started, begun_ms) = (Instant::now(), now_ms() - HOUR_MS);
    let part_ms = HOUR_MS / LOOKS as f64;
    let part = (part_ms / 1e3) as usize * POINTS_PER_S;
    let mut looks = Vec::with_capacity(LOOKS);
    for look in 1..=LOOKS {
        sensors = tell(sensors, part, begun_ms + look as f64 * part_ms, 1e3 / POINTS_PER_S as f64).await?;
        page.record(Duration::from_secs(1)).await?;
        let usage = page.settled_usage().await?;
        looks.push((usage.heap_bytes / 1e6, usage.wasm_bytes / 1e6));
    }
    let took = started.elapsed().as_secs_f64();
    figures.title(format!("An hour of {SERIES} × {POINTS_PER_S} points/s on a board, told in {took:.0} s"));
    // A series is full after 17 minutes: from then on the oldest values go.
    let (full, last) = (looks[LOOKS / 2], looks[LOOKS - 1]);
    figures.add("JavaScript heap: after half an hour", full.0, "MB");
    figures.add("JavaScript heap: after an hour", last.0, "MB");
    figures.add("WebAssembly: after half an hour", full.1, "MB");
    figures.add("WebAssembly: after an hour", last.1, "MB");
    Ok(())
}

async fn sensors(context: &TestContext, name: &str) -> Result<Vec<Sensor>> {
    let mut sensors = Vec::with_capacity(SERIES);
    for number in 0..SERIES {
        sensors.push(Sensor::observed(context, &format!("{name}-{number}"), number as f64).await?);
    }
    Ok(sensors)
}

/// On a thread of its own: the browser is talked to meanwhile.
async fn tell(mut sensors: Vec<Sensor>, count: usize, until_ms: f64, apart_ms: f64) -> Result<Vec<Sensor>> {
    let told = tokio::task::spawn_blocking(move || {
        sensors.iter_mut().try_for_each(|sensor| sensor.tell(count, until_ms, apart_ms))?;
        Ok(sensors)
    });
    told.await?
}

async fn open_board(context: &TestContext, page: &Page<'_>, name: &str, span_ms: f64) -> Result<()> {
    let series = |number| BoardSeries { endpoint: format!("{name}-{number}"), path: TEMPERATURE.to_owned() };
    let tile = Tile { width: 12, height: 8, series: (0..SERIES).map(series).collect(), ..Tile::default() };
    let board = Board { name: name.into(), span_ms: span_ms as u64, tiles: vec![tile], ..Board::default() };
    let kept: Board =
        context.rest.post("/api/v1/boards", &serde_json::to_string(&board)?).await?.json(201)?;
    page.browser.open(&context.page(&format!("/boards/{}", kept.id))).await?;
    page.browser.see_attribute("[data-testid=connection]", "data-state", "live").await?;
    page.browser.see("[data-testid=chart]").await?;
    Ok(())
}

/// Waits until nearly all of so many values are drawn; some datagrams are lost, as they are.
async fn counted(page: &Page<'_>, points: usize) -> Result<f64> {
    let (started, enough) = (Instant::now(), points as f64 * 0.95);
    loop {
        let there: f64 = page.evaluate(COUNTED).await?;
        if there >= enough {
            return Ok(there);
        }
        ensure!(started.elapsed() < PATIENCE, "{there} of {points} points are in the chart");
        page.record(Duration::from_millis(500)).await?;
    }
}
