use leptos::prelude::*;

use super::state::ChartState;
use crate::chart::Sample;
use crate::components::date_time;
use crate::format;

/// Rows of the table; a file has all.
const ROWS: usize = 200;

/// What is in view as numbers, newest first.
#[component]
pub(crate) fn Table(state: ChartState) -> impl IntoView {
    let rows = move || {
        state.track_values();
        let samples = state.samples();
        let more = samples.len().saturating_sub(ROWS);
        let row = |sample: Sample| {
            view! {
                <tr>
                    <td>{date_time(sample.part.first.0 as u64)}</td>
                    <td class="mono">{state.name(&sample.target)}</td>
                    <td class="mono number">{state.told(&sample.target, &sample.part)}</td>
                </tr>
            }
        };
        let rows = samples.into_iter().rev().take(ROWS).map(row).collect_view();
        let more = (more > 0).then(|| {
            let more = format!("{} more in the file", format::count(more as u64));
            view! { <tr><td colspan="3" class="muted">{more}</td></tr> }
        });
        (rows, more)
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label="Values" data-testid="chart-table">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Resource"</th>
                        <th scope="col" class="number">"Value"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
