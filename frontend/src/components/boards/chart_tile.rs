use console_api::BoardSeries;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::tile_notes::TileNotes;
use crate::components::chart::{
    ChartCanvas, ChartState, ExportMenu, Gestures, Legend, Sharing, Table, follow_bootstraps, follow_stored,
};
use crate::components::{Glyph, Icon};
use crate::live::Target;
use crate::memo::memo;
use crate::pages::BoardState;

/// The course of Resources of several devices.
#[component]
pub(super) fn ChartTile(
    state: BoardState,
    key: u32,
    series: Vec<BoardSeries>,
    title: Memo<String>,
) -> impl IntoView {
    let targets = targets_of(state, &series);
    let Some(primary) = targets.first().copied() else {
        return view! { <p class="tile-note muted">"Nothing is chosen for this tile."</p> }.into_any();
    };
    let targets = memo(move || targets.clone());
    let chart = ChartState::new(state.page(), primary, targets);
    let gestures = Gestures::new(chart);
    follow_bootstraps(chart);
    let problems = follow_stored(chart);
    let problem = move || {
        problems.with(|problems| targets.get().iter().find_map(|target| problems.get(target).cloned()))
    };
    let table = RwSignal::new(false);
    let link = Signal::derive(move || state.link());
    let name = untrack(|| title.get()).replace(|letter: char| !letter.is_alphanumeric(), "-");
    let sharing = Sharing { id: format!("chart-export-{key}"), name, link };
    let empty = memo(move || {
        chart.track_values();
        targets.get().iter().all(|target| chart.summary(target).is_none())
    });
    view! {
        <div class="tile-head">
            <h2 title=title>{title}</h2>
            <span class="spacer"></span>
            <button
                class="button small ghost square"
                aria-pressed=move || table.get().to_string()
                aria-label=move || format!("{} as numbers", title.get())
                title="The values as numbers"
                data-testid="tile-table"
                on:click=move |_| table.update(|table| *table = !*table)
            >
                <Glyph icon=Icon::Discover />
            </button>
            <ExportMenu state=chart sharing=sharing />
        </div>
        <Legend state=chart />
        <TileNotes state=state chart=chart />
        {move || problem().map(|problem| view! { <p class="tile-note warn" role="status">{problem}</p> })}
        {move || if table.get() {
            view! { <Table state=chart /> }.into_any()
        } else {
            view! {
                <div class="chart-box" on:wheel=move |event| gestures.wheel(&event)>
                    <ChartCanvas state=chart gestures=gestures />
                    {move || empty.get().then(|| view! {
                        <p class="chart-empty muted">"Nothing is known of this time."</p>
                    })}
                </div>
            }
            .into_any()
        }}
    }
    .into_any()
}

/// Looks at the devices of a tile for as long as it is there.
pub(super) fn targets_of(state: BoardState, series: &[BoardSeries]) -> Vec<Target> {
    let target = |one: &BoardSeries| {
        let path = one.path.parse::<Path>().ok()?;
        Some(Target { device: state.live.hold(&one.endpoint), path })
    };
    series.iter().filter_map(target).collect()
}
