use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use console_api::{FleetView, FleetWindow, ServerFrame, encode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use whole_program_tests::Browser;

/// What looks at the page from inside the browser.
const PROBE: &str = include_str!("probe.js");

/// The page under measurement.
pub(crate) struct Page<'a> {
    pub(crate) browser: &'a Browser,
}

/// What a page has cost since it was opened, and what it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    at_s: f64,
    busy_s: f64,
    pub(crate) heap_bytes: f64,
    pub(crate) wasm_bytes: f64,
    pub(crate) nodes: f64,
}

impl Usage {
    /// Share of the time since `before` in which the main thread had the CPU.
    pub(crate) fn busy_share(&self, before: &Self) -> f64 {
        (self.busy_s - before.busy_s) / (self.at_s - before.at_s)
    }
}

/// Frames that the page got from the server.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Frames {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    pub(crate) lagged: u64,
    /// Events that the server did not send, as it said.
    pub(crate) missed: u64,
    /// When the first window of the fleet came.
    pub(crate) fleet_at: Option<f64>,
}

impl<'a> Page<'a> {
    /// From now on every page has the probe.
    pub(crate) async fn probed(browser: &'a Browser) -> Result<Self> {
        let kinds =
            json!({ "fleet": kind(&fleet_frame())?, "lagged": kind(&ServerFrame::Lagged { missed: 0 })? });
        let source = format!("{PROBE}\nwindow.probe.kinds = {kinds};");
        browser.dev_tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await?;
        // Time on the CPU: what other programs take of the machine is not the page's.
        browser.dev_tools("Performance.enable", json!({ "timeDomain": "threadTicks" })).await?;
        Ok(Self { browser })
    }

    /// The value of a script, which may be a promise.
    pub(crate) async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T> {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.browser.dev_tools("Runtime.evaluate", asked).await?;
        ensure!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        serde_json::from_value(answer["result"]["value"].clone()).with_context(|| expression.to_owned())
    }

    pub(crate) async fn usage(&self) -> Result<Usage> {
        let answer = self.browser.dev_tools("Performance.getMetrics", json!({})).await?;
        let metrics = answer["metrics"].as_array().context("metrics are a list")?;
        let metric = |name: &str| {
            let found = metrics.iter().find(|metric| metric["name"] == name);
            found.and_then(|metric| metric["value"].as_f64()).with_context(|| format!("no metric {name}"))
        };
        Ok(Usage {
            at_s: metric("Timestamp")?,
            busy_s: metric("TaskDuration")?,
            heap_bytes: metric("JSHeapUsedSize")?,
            wasm_bytes: self.evaluate("probe.wasmBytes()").await?,
            nodes: metric("Nodes")?,
        })
    }

    /// What it takes when nothing is left to collect.
    pub(crate) async fn settled_usage(&self) -> Result<Usage> {
        self.browser.dev_tools("HeapProfiler.collectGarbage", json!({})).await?;
        self.usage().await
    }

    pub(crate) async fn frames(&self) -> Result<Frames> {
        self.evaluate("probe.frames").await
    }

    /// Times between frames, in milliseconds, while nothing is done.
    pub(crate) async fn record(&self, duration: Duration) -> Result<Vec<f64>> {
        self.evaluate(&format!("probe.record({})", duration.as_secs_f64())).await
    }
}

/// The number of a frame's kind: its first byte.
fn kind(frame: &ServerFrame) -> Result<Value> {
    Ok(encode(frame)?.first().copied().into())
}

fn fleet_frame() -> ServerFrame {
    let window =
        FleetWindow { view: FleetView::default(), seq: 0, matching: 0, known: 0, clients: Vec::new() };
    ServerFrame::Fleet(window)
}
