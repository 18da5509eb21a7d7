//! What a tab takes that stays open all day.

use std::time::Duration;

use anyhow::Result;
use whole_program_tests::TestContext;

use crate::{devices::CLOCK, figures::Figures, page::Page, pixels};

const ENDPOINT: &str = "clock-of-the-day";
const NOTIFICATIONS_PER_S: usize = 200;
/// A look each so often, so that growth is more than a difference of two.
const LOOKS: usize = 10;

/// Bytes at one look.
#[derive(Clone, Copy)]
struct Look {
    minute: f64,
    heap: f64,
    wasm: f64,
    nodes: f64,
    server: f64,
}

pub(crate) async fn measure(
    context: &TestContext,
    page: &Page<'_>,
    minutes: f64,
    figures: &mut Figures,
) -> Result<()> {
    let device = pixels::observed(context, ENDPOINT).await?;
    let stream = device.notify(NOTIFICATIONS_PER_S);
    page.browser.open(&context.page(&format!("/clients/{ENDPOINT}#{CLOCK}"))).await?;
    page.browser.see_attribute("[data-testid=connection]", "data-state", "live").await?;
    let visible = looks(context, page, minutes).await?;
    tell("visible", &visible, figures);
    page.browser.hide_tab().await?;
    let hidden = looks(context, page, minutes).await?;
    tell("hidden", &hidden, figures);
    page.browser.show_tab().await?;
    stream.stop()?;
    Ok(())
}

async fn looks(context: &TestContext, page: &Page<'_>, minutes: f64) -> Result<Vec<Look>> {
    let between = Duration::from_secs_f64(minutes * 60.0 / LOOKS as f64);
    let mut ticks = tokio::time::interval(between);
    // The first one comes at once, when the page has not settled yet.
    ticks.tick().await;
    let mut looks = Vec::with_capacity(LOOKS + 1);
    for number in 0..=LOOKS {
        ticks.tick().await;
        let usage = page.settled_usage().await?;
        looks.push(Look {
            minute: minutes * number as f64 / LOOKS as f64,
            heap: usage.heap_bytes,
            wasm: usage.wasm_bytes,
            nodes: usage.nodes,
            server: context.server.resident_bytes()? as f64,
        });
    }
    Ok(looks)
}

fn tell(state: &str, looks: &[Look], figures: &mut Figures) {
    let minutes = looks.last().map_or(0.0, |look| look.minute);
    figures.title(format!("Memory, {NOTIFICATIONS_PER_S} notifications/s, tab {state} for {minutes} min"));
    type Bytes = fn(&Look) -> f64;
    let kinds: [(&str, Bytes); 3] = [
        ("JavaScript heap", |look| look.heap),
        ("WebAssembly", |look| look.wasm),
        ("server", |look| look.server),
    ];
    for (name, bytes) in kinds {
        figures.add(format!("{name}: at first"), looks.first().map_or(0.0, bytes) / 1e6, "MB");
        figures.add(format!("{name}: growth"), growth(looks, bytes) / 1e3, "kB/min");
    }
    figures.add("DOM nodes: growth", growth(looks, |look| look.nodes), "/min");
}

/// Slope of the line that fits best.
fn growth(looks: &[Look], value: fn(&Look) -> f64) -> f64 {
    let count = looks.len() as f64;
    let mean = |of: &dyn Fn(&Look) -> f64| looks.iter().map(of).sum::<f64>() / count;
    let (middle, level) = (mean(&|look| look.minute), mean(&value));
    let covariance = mean(&|look| (look.minute - middle) * (value(look) - level));
    let variance = mean(&|look| (look.minute - middle).powi(2));
    if variance > 0.0 { covariance / variance } else { 0.0 }
}
