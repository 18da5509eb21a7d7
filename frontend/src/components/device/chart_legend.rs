use leptos::prelude::*;
use lwm2m_codec::Path;

use super::chart_state::ChartState;
use super::registration_card::{clock, date_time};
use crate::chart::{Summary, rounded};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;

/// A day: times that are further apart need a date.
const DAY_MS: f64 = 86_400_000.0;

/// What each colour is, the value that is read out, and the figures of what is in view.
#[component]
pub(super) fn Legend(state: ChartState) -> impl IntoView {
    let newest = move || match state.hover.get() {
        Some(at_ms) if state.bench.view.get().span_ms() > DAY_MS => date_time(at_ms as u64),
        Some(at_ms) => clock(at_ms as u64),
        None => "Latest".to_owned(),
    };
    let rows = move || {
        let paths = state.paths.get().into_iter().enumerate();
        paths.map(|(index, path)| view! { <Row state=state index=index path=path /> }).collect_view()
    };
    view! {
        <table class="chart-legend" data-testid="chart-figures">
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Resource"</span></th>
                    <th scope="col" class="number">{newest}</th>
                    <th scope="col" class="number">"Min"</th>
                    <th scope="col" class="number">"Max"</th>
                    <th scope="col" class="number">"Mean"</th>
                    <th scope="col" class="number chart-count">"Values"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(state: ChartState, index: usize, path: Path) -> impl IntoView {
    let bench = state.bench;
    let figures = memo(move || {
        state.live.watch(path).track();
        state.summary(&path)
    });
    let shown = memo(move || {
        let latest = figures.get().map(|all| Summary::of(all.last));
        let hover = state.hover.get();
        let part = match hover {
            Some(at_ms) => state.with_course(&path, |course| course.nearest(at_ms)).flatten(),
            None => latest,
        };
        part.map(|part| state.told(&path, &part))
    });
    let is_lane = memo(move || state.kind(&path).is_lane());
    let figure = move |of: fn(&Summary) -> String| {
        move || figures.with(|all| all.as_ref().map_or_else(|| "–".to_owned(), of))
    };
    // States have no order that means anything.
    let quantity = move |of: fn(&Summary) -> String| {
        let figure = figure(of);
        move || if is_lane.get() { "–".to_owned() } else { figure() }
    };
    let closing = (index > 0).then(|| view! {
        <button class="chip-close" aria-label=format!("Take {path} off the chart") on:click=move |_| bench.toggle_pin(path)>
            <Glyph icon=Icon::Close />
        </button>
    });
    view! {
        <tr>
            <th scope="row">
                <span class=format!("dot series-{}", index + 1) aria-hidden="true"></span>
                <code>{path.to_string()}</code>
                {closing}
            </th>
            <td class="number chart-read-out" data-testid="chart-read-out">{move || shown.get().unwrap_or_else(|| "–".into())}</td>
            <td class="number">{quantity(|all| format::float(all.low))}</td>
            <td class="number">{quantity(|all| format::float(all.high))}</td>
            <td class="number">{quantity(|all| rounded(all.mean()))}</td>
            <td class="number chart-count">{figure(|all| format::count(all.count))}</td>
        </tr>
    }
}
