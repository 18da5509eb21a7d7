//! Dragging over a large matrix of access control.

use std::time::Duration;

use anyhow::Result;
use whole_program_tests::{ScriptedDevice, TestContext, guard};

use crate::{figures::Figures, fleet::smoothness, page::Page};

const INSTANCES: u16 = 200;

/// Short Server IDs; this server is the first.
const SERVERS: [u16; 5] = [101, 102, 103, 104, 105];

/// How long the pointer takes from one cell to the next.
const STEP: Duration = Duration::from_millis(50);

pub(crate) async fn measure(
    context: &TestContext,
    page: &Page<'_>,
    duration: Duration,
    figures: &mut Figures,
) -> Result<()> {
    figures.title(format!("Access control of {INSTANCES} instances and {} servers", SERVERS.len()));
    let acl = SERVERS.map(|server| (server, 7));
    let guards = (0..INSTANCES).map(|id| guard(id, (3303, id), SERVERS[0], &acl)).collect();
    let _device = ScriptedDevice::register(context, "valve", guards).await?;
    page.browser.open(&context.page("/access-control/valve")).await?;
    // Over what is on the screen, from row to row and from column to column.
    let cell = |step: usize| format!("[data-spot=cell-{}-{}]", 2 + step % 8, SERVERS[step / 8 % 2]);
    page.browser.see(&cell(0)).await?;
    let steps = (duration.as_secs_f64() / STEP.as_secs_f64()) as usize;
    let over: Vec<String> = (0..steps).map(cell).collect();
    let before = page.usage().await?;
    page.evaluate::<()>(&format!("void (window.recorded = probe.record({}))", duration.as_secs_f64()))
        .await?;
    page.browser.drag_along("[data-spot=palette-8]", &over, STEP).await?;
    let intervals: Vec<f64> = page.evaluate("window.recorded").await?;
    let busy = page.usage().await?.busy_share(&before);
    smoothness("dragging", &intervals, busy, figures);
    Ok(())
}
