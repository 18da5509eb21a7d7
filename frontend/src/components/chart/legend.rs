use leptos::prelude::*;

use super::state::ChartState;
use crate::chart::{Summary, rounded};
use crate::components::{Glyph, Icon, clock, date_time};
use crate::format;
use crate::live::Target;
use crate::memo::memo;
use crate::routing::Route;

/// A day: times that are further apart need a date.
const DAY_MS: f64 = 86_400_000.0;

/// What each colour is, the value that is read out, and the figures of what is in view.
#[component]
pub(crate) fn Legend(
    state: ChartState,
    /// Takes another one than the first off the chart.
    #[prop(optional)]
    on_remove: Option<Callback<Target>>,
    /// Chooses Resources of other devices.
    #[prop(optional)]
    on_compare: Option<Callback<()>>,
) -> impl IntoView {
    let newest = move || match state.hover.get() {
        Some(at_ms) if state.view.get().span_ms() > DAY_MS => date_time(at_ms as u64),
        Some(at_ms) => clock(at_ms as u64),
        None => "Latest".to_owned(),
    };
    let rows = move || {
        let targets = state.targets.get().into_iter().enumerate();
        let row =
            |(index, target)| view! { <Row state=state index=index target=target on_remove=on_remove /> };
        targets.map(row).collect_view()
    };
    view! {
        <table class="chart-legend" data-testid="chart-figures">
            <thead>
                <tr>
                    <th scope="col">
                        <span class="visually-hidden">"Resource"</span>
                        {on_compare.map(|on_compare| view! {
                            <button
                                class="button small ghost chart-compare"
                                title="Show Resources of other devices, too"
                                data-testid="chart-compare"
                                on:click=move |_| on_compare.run(())
                            >
                                <Glyph icon=Icon::Add />"Compare"
                            </button>
                        })}
                    </th>
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
fn Row(
    state: ChartState,
    index: usize,
    target: Target,
    on_remove: Option<Callback<Target>>,
) -> impl IntoView {
    let figures = memo(move || {
        state.live.watch_of(target).track();
        state.summary(&target)
    });
    let shown = memo(move || {
        let latest = figures.get().map(|all| Summary::of(all.last));
        let hover = state.hover.get();
        let part = match hover {
            Some(at_ms) => state.with_course(&target, |course| course.nearest(at_ms)).flatten(),
            None => latest,
        };
        part.map(|part| state.told(&target, &part))
    });
    let is_lane = memo(move || state.kind(&target).is_lane());
    let figure = move |of: fn(&Summary) -> String| {
        move || figures.with(|all| all.as_ref().map_or_else(|| "–".to_owned(), of))
    };
    // States have no order that means anything.
    let quantity = move |of: fn(&Summary) -> String| {
        let figure = figure(of);
        move || if is_lane.get() { "–".to_owned() } else { figure() }
    };
    let name = move || state.name(&target);
    let closing = on_remove.filter(|_| index > 0).map(|on_remove| {
        view! {
            <button
                class="chip-close"
                aria-label=move || format!("Take {} off the chart", name())
                on:click=move |_| on_remove.run(target)
            >
                <Glyph icon=Icon::Close />
            </button>
        }
    });
    let device = move || {
        state.device_name(&target).map(|name| {
            let endpoint = untrack(|| state.endpoint(&target));
            let address =
                format!("{}#{}", Route::Device { endpoint: endpoint.clone() }.address(), target.path);
            view! { <a class="chart-device" href=address title=endpoint><bdi>{name}</bdi></a> }
        })
    };
    view! {
        <tr>
            <th scope="row">
                <span class=format!("dot series-{}", index + 1) aria-hidden="true"></span>
                {device}
                <code>{target.path.to_string()}</code>
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
