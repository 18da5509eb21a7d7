use leptos::prelude::*;
use lwm2m_codec::{Path, Value};

use super::chart_levels::{ChartLevels, LevelStrip};
use crate::chart::{Plot, SERIES};
use crate::components::chart::{
    ChartCanvas, ChartPage, ChartState, ExportMenu, Gestures, Legend, Sharing, Table, Times,
    follow_bootstraps, follow_stored, without_axis,
};
use crate::components::{Glyph, Icon};
use crate::live::{Device, Live, Target};
use crate::memo::memo;
use crate::workbench::Workbench;

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
fn Drawable(path: Path) -> AnyView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let Some(device) = live.open_key() else {
        return ().into_any();
    };
    let primary = Target { device, path };
    let page = ChartPage {
        live,
        home: Some(device),
        view: bench.view,
        hover: RwSignal::default(),
        announcement: bench.announcement,
    };
    // It first, then those that are kept beside it.
    let targets = memo(move || {
        let mut targets = vec![primary];
        let others = move |path: &Path| Target { device, path: *path };
        let own: Vec<Target> = bench.pinned.with(|pinned| pinned.iter().map(others).collect());
        let beside = bench.beside.get();
        targets.extend(own.into_iter().chain(beside).filter(|other| *other != primary));
        targets.truncate(SERIES);
        targets
    });
    let state = ChartState::new(page, primary, targets);
    let gestures = Gestures::new(state);
    follow_bootstraps(state);
    let problems = follow_stored(state);
    let problem = move || {
        problems.with(|problems| targets.get().iter().find_map(|target| problems.get(target).cloned()))
    };
    let table = RwSignal::new(false);
    let only_lanes = memo(move || targets.get().iter().all(|target| state.kind(target).is_lane()));
    let height =
        move || only_lanes.get().then(|| format!("{}px", Plot::height_of_lanes(targets.get().len())));
    let is_lane = memo(move || state.kind(&primary).is_lane());
    let pinned = memo(move || bench.pinned.with(|pinned| pinned.contains(&path)));
    let without_axis = memo(move || without_axis(state));
    let empty = memo(move || {
        state.track_values();
        targets.get().iter().all(|target| state.summary(target).is_none())
    });
    let link = Signal::derive(move || {
        bench.view.track();
        bench.pinned.track();
        bench.compared.track();
        bench.chart_link()
    });
    let name = path.to_string().trim_matches('/').replace('/', "-");
    let sharing = Sharing { id: "chart-export".into(), name, link };
    let following = memo(move || bench.view.get().is_following());
    let remove = Callback::new(move |target: Target| bench.take_off(target, device));
    let compare = Callback::new(move |()| bench.comparing.set(true));
    view! {
        <div class="card chart-card" class:only-lanes=only_lanes data-testid="chart-card">
            <div class="card-head">
                <h2>{move || if following.get() { "Live" } else { "Past" }}</h2>
                <Times view=bench.view />
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
                    class="button small square"
                    aria-label="Add this chart to a board"
                    title="Add this chart to a board"
                    data-testid="chart-add-to-board"
                    on:click=move |_| {
                        let shown = targets.get_untracked();
                        let own = shown.iter().filter(|target| target.device == device);
                        let own: Vec<Path> = own.map(|target| target.path).collect();
                        bench.put_on_board(&own, &bench.compared.get_untracked());
                    }
                >
                    <Glyph icon=Icon::Boards />
                </button>
                <button
                    class="button small square"
                    aria-pressed=move || table.get().to_string()
                    aria-label="The values as numbers"
                    title="The values as numbers"
                    data-testid="chart-table-toggle"
                    on:click=move |_| table.update(|table| *table = !*table)
                >
                    <Glyph icon=Icon::Discover />
                </button>
                <ExportMenu state=state sharing=sharing />
            </div>
            <Legend state=state on_remove=remove on_compare=compare />
            {move || problem().map(|problem| view! {
                <p class="chart-note warn" role="status" data-testid="chart-problem">{problem}</p>
            })}
            {move || without_axis.with(|targets| targets.first().copied()).map(|target| view! {
                <p class="chart-note warn" role="status">
                    {format!("{} has a third unit, and a chart has two axes: take another one off to see it.", state.name(&target))}
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
    .into_any()
}
