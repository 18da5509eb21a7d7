use leptos::prelude::*;
use lwm2m_codec::Path;

use super::chart_canvas::ChartCanvas;
use super::chart_levels::{ChartLevels, LevelStrip, Thresholds};
use super::past_chart::PastChart;
use super::registration_card::{clock, date_time};
use crate::chart::{Sample, Statistics, ValueScale, csv, rounded};
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::{SERIES, Workbench};
use crate::{browser, format};

/// Widths of the window that follows the present.
const WINDOWS: [(&str, f64); 4] = [("1 m", 60e3), ("5 m", 300e3), ("30 m", 1800e3), ("2 h", 7200e3)];

/// Stretches of the past, from what the server has kept.
const SPANS: [(&str, u64); 5] = [
    ("1 h", 3_600_000),
    ("6 h", 21_600_000),
    ("24 h", 86_400_000),
    ("7 d", 604_800_000),
    ("30 d", 2_592_000_000),
];

/// Rows of the table; the file has all.
pub(super) const TABLE_ROWS: usize = 200;

/// What the parts of a chart share.
#[derive(Clone, Copy)]
pub(super) struct ChartState {
    /// The selected Resource first, then those that are kept beside it.
    pub(super) paths: Memo<Vec<Path>>,
    pub(super) window_ms: RwSignal<f64>,
    /// The time that is read out.
    pub(super) hover: RwSignal<Option<f64>>,
    /// The vertical axis as it was drawn.
    pub(super) scale: RwSignal<Option<ValueScale>>,
    /// Height of the canvas in CSS pixels.
    pub(super) height: RwSignal<f64>,
    pub(super) thresholds: Thresholds,
}

impl ChartState {
    fn samples(self, live: Live, bench: Workbench) -> Vec<Sample> {
        let from_ms = live.now_ms.get_untracked() as f64 - self.window_ms.get_untracked();
        let mut samples = Vec::new();
        for path in self.paths.get_untracked() {
            let units = untrack(|| bench.unit(&path));
            live.with_device(|device| {
                let history = device.history(&path).into_iter();
                let shown =
                    history.flat_map(|history| history.values()).filter(|(at_ms, _)| *at_ms >= from_ms);
                samples.extend(shown.map(|(at_ms, value)| {
                    let (path, units) = (path.to_string(), units.clone());
                    Sample { at_ms, path, value, units }
                }));
            });
        }
        samples.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
        samples
    }

    fn statistics(self, live: Live, path: &Path) -> Option<Statistics> {
        let from_ms = live.now_ms.get() as f64 - self.window_ms.get();
        let of = |device: &crate::live::Device| {
            let shown = device.history(path)?.values().filter(|(at_ms, _)| *at_ms >= from_ms);
            Statistics::of(shown.map(|(_, value)| value))
        };
        live.with_device(of).flatten()
    }
}

/// The course of a numeric Resource, following the present.
#[component]
pub(crate) fn ChartCard(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let cell = live.watch(path);
    let drawable = memo(move || {
        cell.track();
        live.with_device(|device| device.history(&path).is_some()).unwrap_or(false)
    });
    move || drawable.get().then(|| view! { <LiveChart path=path /> })
}

#[component]
fn LiveChart(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let state = ChartState {
        paths: memo(move || {
            let mut paths = vec![path];
            bench.pinned.with(|pinned| paths.extend(pinned.iter().filter(|other| **other != path)));
            paths.truncate(SERIES);
            paths
        }),
        window_ms: RwSignal::new(WINDOWS[1].1),
        hover: RwSignal::default(),
        scale: RwSignal::default(),
        height: RwSignal::default(),
        thresholds: Thresholds::new(path),
    };
    let (table, past) = (RwSignal::new(false), RwSignal::new(None));
    let save = move |_| {
        let text = csv(&state.samples(live, bench));
        let name = format!("{}.csv", path.to_string().trim_matches('/').replace('/', "-"));
        if browser::save_text(&name, "text/csv", &text).is_err() {
            bench.announce("the browser cannot save the file".into());
        }
    };
    view! {
        <div class="card chart-card" data-testid="chart-card">
            <div class="card-head">
                <Times state=state past=past />
                <span class="spacer"></span>
                <button
                    class="button small"
                    aria-pressed=move || table.get().to_string()
                    data-testid="chart-table-toggle"
                    on:click=move |_| table.update(|table| *table = !*table)
                >
                    {move || if table.get() { "Show as chart" } else { "Show as table" }}
                </button>
                {move || past.get().is_none().then(|| view! {
                    <button class="button small" data-testid="chart-csv" on:click=save>
                        <Glyph icon=Icon::Download />
                        "CSV"
                    </button>
                })}
            </div>
            {move || match (past.get(), table.get()) {
                (Some(span_ms), _) => view! { <PastChart path=path span_ms=span_ms table=table /> }.into_any(),
                (None, true) => view! { <Legend state=state path=path /><Table state=state /> }.into_any(),
                (None, false) => view! {
                    <Legend state=state path=path />
                    <div class="chart-box">
                        <ChartCanvas state=state path=path />
                        <ChartLevels state=state path=path />
                    </div>
                    <LevelStrip state=state path=path />
                }
                .into_any(),
            }}
        </div>
    }
}

/// How much of the present is shown, or of the past.
#[component]
fn Times(state: ChartState, past: RwSignal<Option<u64>>) -> impl IntoView {
    let heading = move || if past.get().is_some() { "History" } else { "Live" };
    view! {
        <h2>{heading}</h2>
        <div class="segments" role="group" aria-label="Live">
            {WINDOWS.map(|(label, ms)| view! {
                <button
                    class="segment"
                    aria-pressed=move || (past.get().is_none() && state.window_ms.get() == ms).to_string()
                    on:click=move |_| {
                        past.set(None);
                        state.window_ms.set(ms);
                    }
                >
                    {label}
                </button>
            })}
        </div>
        <div class="segments" role="group" aria-label="History" data-testid="chart-history">
            {SPANS.map(|(label, ms)| view! {
                <button
                    class="segment"
                    aria-pressed=move || (past.get() == Some(ms)).to_string()
                    on:click=move |_| past.set(Some(ms))
                >
                    {label}
                </button>
            })}
        </div>
    }
}

/// What each colour is, with the value that is read out, and the figures of the selected Resource.
#[component]
fn Legend(state: ChartState, path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let read_out = move |path: &Path| {
        let at_ms = state.hover.get();
        live.now_ms.track();
        let point = live.with_device(|device| {
            let history = device.history(path)?;
            match at_ms {
                Some(at_ms) => history.nearest(at_ms),
                None => history.values().next_back(),
            }
        });
        let (point_ms, value) = point.flatten()?;
        let value = format!("{} {}", format::float(value), bench.unit(path));
        let time = at_ms.map(|_| format!(" at {}", clock(point_ms as u64))).unwrap_or_default();
        Some(format!("{}{time}", value.trim_end()))
    };
    let series = move || {
        let entry = |(index, path): (usize, Path)| {
            let colour = format!("dot series-{}", index + 1);
            view! {
                <span class="chip">
                    <span class=colour aria-hidden="true"></span>
                    <code>{path.to_string()}</code>
                    <span class="mono chart-read-out">{move || read_out(&path)}</span>
                    {(index > 0).then(|| view! {
                        <button class="chip-close" aria-label=format!("Take {path} off the chart") on:click=move |_| bench.toggle_pin(path)>
                            <Glyph icon=Icon::Close />
                        </button>
                    })}
                </span>
            }
        };
        state.paths.get().into_iter().enumerate().map(entry).collect_view()
    };
    let pinned = memo(move || bench.pinned.with(|pinned| pinned.contains(&path)));
    let figures = move || {
        let statistics = state.statistics(live, &path)?;
        let Statistics { count, low, high, mean, .. } = statistics;
        let (low, high, mean) = (format::float(low), format::float(high), rounded(mean));
        Some(format!("min {low} · max {high} · mean {mean} · {}", format::plural(count, "value")))
    };
    view! {
        <div class="chart-legend">
            {series}
            <button
                class="button small ghost"
                aria-pressed=move || pinned.get().to_string()
                title="Keep this Resource on the chart while others are selected"
                data-testid="pin"
                on:click=move |_| bench.toggle_pin(path)
            >
                {move || if pinned.get() { "Unpin" } else { "Pin" }}
            </button>
            <span class="spacer"></span>
            <span class="muted chart-figures" data-testid="chart-figures">{figures}</span>
        </div>
    }
}

/// The same as numbers, newest first.
#[component]
fn Table(state: ChartState) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let rows = move || {
        live.now_ms.track();
        state.window_ms.track();
        state.paths.track();
        let samples = state.samples(live, bench);
        let many = samples.len();
        let rows = samples.into_iter().rev().take(TABLE_ROWS).map(|sample| {
            let value = format!("{} {}", format::float(sample.value), sample.units);
            view! {
                <tr>
                    <td>{date_time(sample.at_ms as u64)}</td>
                    <td class="mono">{sample.path}</td>
                    <td class="mono number">{value}</td>
                </tr>
            }
        });
        let rows = rows.collect_view();
        let more = (many > TABLE_ROWS)
            .then(|| view! { <tr><td colspan="3" class="muted">{format!("{} more in the file", many - TABLE_ROWS)}</td></tr> });
        (rows, more)
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label="Values" data-testid="chart-table">
            <table>
                <thead><tr><th scope="col">"Time"</th><th scope="col">"Resource"</th><th scope="col" class="number">"Value"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
