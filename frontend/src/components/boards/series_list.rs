use console_api::BoardSeries;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};

/// What a tile shows, in the order of the colours.
#[component]
pub(crate) fn SeriesList(series: RwSignal<Vec<BoardSeries>>) -> impl IntoView {
    move || {
        let row = |(index, one): (usize, BoardSeries)| {
            let BoardSeries { endpoint, path } = one;
            let label = format!("Remove {path} of {endpoint}");
            view! {
                <li data-testid="tile-series">
                    <span class=format!("dot series-{}", index + 1) aria-hidden="true"></span>
                    <code>{path}</code>
                    <span class="mono wrap">{endpoint}</span>
                    <button
                        type="button"
                        class="button small ghost square"
                        aria-label=label
                        on:click=move |_| series.update(|series| drop(series.remove(index)))
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </li>
            }
        };
        let rows = series.get().into_iter().enumerate().map(row).collect_view();
        view! { <ul class="series-list" aria-label="What it shows">{rows}</ul> }
    }
}
