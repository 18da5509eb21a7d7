use console_api::SortBy;
use leptos::prelude::*;

use crate::fleet::{Column, FleetState, Selection};
use crate::memo::memo;
use crate::routing::Router;

/// The heads of the columns; one that sorts is a button.
#[component]
pub(super) fn FleetHead(rows: Memo<usize>) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let all = memo(move || state.selection.with(Selection::is_all));
    let some = memo(move || state.selection.with(|selection| !selection.is_empty()) && !all.get());
    let toggle_all = move |_| {
        let selection = if all.get_untracked() {
            Selection::default()
        } else {
            Selection::all(state.query.get_untracked())
        };
        state.selection.set(selection);
    };
    view! {
        <div role="rowgroup" class="fleet-head">
            <div role="row" class="fleet-grid" aria-rowindex="1">
                <div role="columnheader" class="fleet-check">
                    <label class="check-target">
                        <input
                            type="checkbox"
                            data-testid="select-all"
                            aria-label="Select all that match"
                            prop:checked=all
                            prop:indeterminate=some
                            disabled=move || rows.get() == 0
                            on:click=toggle_all
                        />
                    </label>
                </div>
                {move || state.columns.get().into_iter().map(|column| view! { <Head column=column /> }).collect_view()}
                <div role="columnheader" class="fleet-more"><span class="visually-hidden">"More"</span></div>
            </div>
        </div>
    }
}

#[component]
fn Head(column: Column) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let class = format!("fleet-cell fleet-{}", column.key());
    let Some(sort) = column.sort() else {
        return view! { <div role="columnheader" class=class>{column.title()}</div> }.into_any();
    };
    let chosen = memo(move || state.query.with(|query| (query.sort == sort).then_some(query.descending)));
    let aria = move || match chosen.get() {
        Some(true) => Some("descending"),
        Some(false) => Some("ascending"),
        None => None,
    };
    let arrow = move || chosen.get().map(|descending| if descending { "▼" } else { "▲" });
    view! {
        <div role="columnheader" class=class aria-sort=aria>
            <button
                class="head-button"
                data-testid=format!("sort-{}", column.key())
                on:click=move |_| state.ask(router, true, |query| {
                    (query.sort, query.descending) = turned(query.sort, query.descending, sort);
                })
            >
                {column.title()}
                <span class="head-arrow" aria-hidden="true">{arrow}</span>
            </button>
        </div>
    }
    .into_any()
}

/// What a click on a column head does: choose it, or turn it round.
fn turned(sort: SortBy, descending: bool, chosen: SortBy) -> (SortBy, bool) {
    if sort == chosen {
        return (sort, !descending);
    }
    // The newest message and the largest number are what one looks for first.
    (chosen, matches!(chosen, SortBy::Heard | SortBy::Objects | SortBy::Observations))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_chooses_and_a_second_one_turns_round() {
        let first = turned(SortBy::Endpoint, false, SortBy::Heard);
        assert_eq!(first, (SortBy::Heard, true));
        assert_eq!(turned(first.0, first.1, SortBy::Heard), (SortBy::Heard, false));
        assert_eq!(turned(SortBy::Heard, true, SortBy::Lifetime), (SortBy::Lifetime, false));
    }
}
