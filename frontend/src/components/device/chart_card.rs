use leptos::prelude::*;
use lwm2m_codec::{Path, Value};

use super::chart_canvas::{ChartCanvas, without_axis};
use super::chart_export::ExportMenu;
use super::chart_gestures::Gestures;
use super::chart_legend::Legend;
use super::chart_levels::{ChartLevels, LevelStrip};
use super::chart_state::ChartState;
use super::chart_stored::follow_stored;
use super::chart_table::Table;
use crate::chart::{Plot, TimeView};
use crate::live::{Device, Live};
use crate::memo::memo;
use crate::workbench::Workbench;

/// Spans up to the present that are one click away.
const SPANS: [(&str, f64); 6] = [
    ("1 m", 60e3),
    ("5 m", 300e3),
    ("1 h", 3_600e3),
    ("24 h", 86_400e3),
    ("7 d", 604_800e3),
    ("30 d", 2_592_000e3),
];

/// The course of a Resource: what the server has kept, and on with what comes.
#[component]
pub(crate) fn ChartCard(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let cell = live.watch(path);
    let drawable = memo(move || {
        cell.track();
        live.structure.track();
        let is_drawable = |device: &Device| {
            let is_text = device
                .cell(&path)
                .is_some_and(|cell| matches!(cell.content.single(), Some(Value::String(_))));
            let observed = || device.observed(&path) || device.covering_observation(&path).is_some();
            // A text that nobody follows rarely changes.
            device.history(&path).is_some() || (is_text && observed())
        };
        live.with_device(is_drawable).unwrap_or(false)
    });
    move || drawable.get().then(|| view! { <Drawable path=path /> })
}

#[component]
fn Drawable(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let state = ChartState::new(live, bench, path);
    let gestures = Gestures::new(state);
    let problems = follow_stored(state);
    let problem = move || {
        problems.with(|problems| state.paths.get().iter().find_map(|path| problems.get(path).cloned()))
    };
    let table = RwSignal::new(false);
    let only_lanes = memo(move || state.paths.get().iter().all(|path| state.kind(path).is_lane()));
    let height =
        move || only_lanes.get().then(|| format!("{}px", Plot::height_of_lanes(state.paths.get().len())));
    let is_lane = memo(move || state.kind(&path).is_lane());
    let pinned = memo(move || bench.pinned.with(|pinned| pinned.contains(&path)));
    let without_axis = memo(move || without_axis(state));
    let empty = memo(move || {
        state.track_values();
        state.paths.get().iter().all(|path| state.summary(path).is_none())
    });
    view! {
        <div class="card chart-card" class:only-lanes=only_lanes data-testid="chart-card">
            <div class="card-head">
                <Times state=state />
                <span class="spacer"></span>
                <button
                    class="button small ghost"
                    aria-pressed=move || pinned.get().to_string()
                    title="Keep this Resource on the chart while others are selected"
                    data-testid="pin"
                    on:click=move |_| bench.toggle_pin(path)
                >
                    {move || if pinned.get() { "Unpin" } else { "Pin" }}
                </button>
                <button
                    class="button small"
                    aria-pressed=move || table.get().to_string()
                    title="The values as numbers"
                    data-testid="chart-table-toggle"
                    on:click=move |_| table.update(|table| *table = !*table)
                >
                    "Table"
                </button>
                <ExportMenu state=state />
            </div>
            <Legend state=state />
            {move || problem().map(|problem| view! {
                <p class="chart-note warn" role="status" data-testid="chart-problem">{problem}</p>
            })}
            {move || without_axis.with(|paths| paths.first().copied()).map(|path| view! {
                <p class="chart-note warn" role="status">
                    {format!("{path} has a third unit, and a chart has two axes: take another one off to see it.")}
                </p>
            })}
            {move || if table.get() {
                view! { <Table state=state /> }.into_any()
            } else {
                view! {
                    <div class="chart-box" style:height=height on:wheel=move |event| gestures.wheel(&event)>
                        <ChartCanvas state=state gestures=gestures />
                        {move || empty.get().then(|| view! {
                            <p class="chart-empty muted" data-testid="chart-empty">"Nothing is known of this time."</p>
                        })}
                        {move || (!is_lane.get()).then(|| view! { <ChartLevels state=state /> })}
                    </div>
                    {move || (!is_lane.get()).then(|| view! { <LevelStrip state=state /> })}
                }
                .into_any()
            }}
        </div>
    }
}

/// How much is shown, and the way back to the present.
#[component]
fn Times(state: ChartState) -> impl IntoView {
    let view = state.bench.view;
    let following = memo(move || view.get().is_following());
    view! {
        <h2>{move || if following.get() { "Live" } else { "Past" }}</h2>
        <div class="segments" role="group" aria-label="Up to now" data-testid="chart-spans">
            {SPANS.map(|(label, span_ms)| view! {
                <button
                    class="segment"
                    aria-pressed=move || (view.get() == TimeView::following(span_ms)).to_string()
                    on:click=move |_| view.set(TimeView::following(span_ms))
                >
                    {label}
                </button>
            })}
        </div>
        {move || (!following.get()).then(|| view! {
            <button class="button small" data-testid="chart-now" on:click=move |_| view.update(|view| *view = view.at_the_end())>
                "Back to now"
            </button>
        })}
    }
}
