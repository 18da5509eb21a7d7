use console_api::BoardSeries;
use leptos::prelude::*;

use super::chart_tile::targets_of;
use super::tile_notes::{Standing, observe, standing};
use crate::chart::Summary;
use crate::components::chart::{ChartState, follow_stored};
use crate::components::device::content_text;
use crate::components::{Age, Sparkline};
use crate::enumeration;
use crate::live::Target;
use crate::memo::memo;
use crate::pages::BoardState;
use crate::routing::Route;

/// Values of the line below, each of a part of the time.
const SPARK_VALUES: usize = 60;

/// The newest value of a Resource, to be read from afar.
#[component]
pub(super) fn ValueTile(state: BoardState, series: Vec<BoardSeries>, title: Memo<String>) -> impl IntoView {
    let Some(target) = targets_of(state, &series).first().copied() else {
        return view! { <p class="tile-note muted">"Nothing is chosen for this tile."</p> }.into_any();
    };
    let endpoint = series.first().map(|series| series.endpoint.clone()).unwrap_or_default();
    let address = format!("{}#{}", Route::Device { endpoint: endpoint.clone() }.address(), target.path);
    let live = state.live;
    let cell = live.watch_of(target);
    let seen = cell.clone();
    let text = memo(move || {
        let range = live.definition_of(&target).map(|definition| definition.range).unwrap_or_default();
        let named = |number: i64| enumeration::name(&target.path, &range, number);
        seen.with(|cell| cell.as_ref().map(|cell| content_text(&cell.content, &named)))
    });
    let unit = memo(move || live.unit_of(&target));
    let at_ms = Signal::derive(move || {
        cell.with(|cell| cell.as_ref().map(|cell| cell.measured_ms.unwrap_or(cell.at_ms)))
    });
    let standing = memo(move || standing(live, &target));
    let chart = ChartState::new(state.page(), target, memo(move || vec![target]));
    follow_stored(chart);
    let values = Signal::derive(move || course(chart, &target));
    let shown = move || {
        match text.get() {
        Some(text) => view! {
            <p class="tile-value" data-testid="tile-value">
                <span class="tile-number">{text}</span>
                {move || Some(unit.get()).filter(|unit| !unit.is_empty()).map(|unit| view! { <span class="unit">{unit}</span> })}
            </p>
        }
        .into_any(),
        None => view! { <p class="tile-value muted" data-testid="tile-value">"–"</p> }.into_any(),
    }
    };
    let note = move || {
        match standing.get() {
        Standing::Silent => Some(
            view! {
                <button class="button small" data-testid="tile-observe" on:click=move |_| observe(state, vec![target])>
                    "Observe"
                </button>
            }
            .into_any(),
        ),
        Standing::Unknown => Some("not known here".into_any()),
        Standing::Gone => Some("not registered".into_any()),
        Standing::Asked | Standing::Observed => None,
    }
    };
    view! {
        <div class="tile-head">
            <h2><a href=address title=move || format!("{} {} of {endpoint}", title.get(), target.path)>{title}</a></h2>
        </div>
        {shown}
        <div class="tile-spark"><Sparkline values=values width=120.0 height=24.0 filled=true /></div>
        <p class="tile-foot muted"><Age at_ms=at_ms />" "{note}</p>
    }
    .into_any()
}

/// How it went in the time that the board shows.
fn course(chart: ChartState, target: &Target) -> Vec<f64> {
    chart.track_values();
    chart.track_stored();
    let (from_ms, to_ms) = chart.window();
    let values = chart.with_course(target, |course| {
        let runs = course.runs(from_ms, to_ms, SPARK_VALUES);
        runs.iter().flatten().map(Summary::mean).collect()
    });
    values.filter(|_| !chart.is_text(target)).unwrap_or_default()
}
