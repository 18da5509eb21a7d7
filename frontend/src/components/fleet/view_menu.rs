use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::fleet::{Column, FleetState, SORT, remember_hidden, sort_title};
use crate::memo::memo;
use crate::routing::Router;

/// Columns and order of the table.
#[component]
pub(super) fn ViewMenu() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let sort = memo(move || state.query.with(|query| sort_title(query.sort)));
    let descending = memo(move || state.query.with(|query| query.descending));
    view! {
        <button
            class="button square"
            popovertarget="view-menu"
            aria-label="Columns and order"
            title="Columns and order"
            data-testid="view-menu-button"
        >
            <Glyph icon=Icon::Columns />
        </button>
        <div id="view-menu" class="menu menu-form" popover="auto" role="dialog" aria-label="Columns and order">
            <label class="form-field">
                <span>"Sort by"</span>
                <select
                    class="field"
                    data-testid="sort-by"
                    prop:value=sort
                    on:change=move |event| {
                        let title = event_target_value(&event);
                        if let Some((sort, ..)) = SORT.into_iter().find(|(.., known)| *known == title) {
                            state.ask(router, true, |query| query.sort = sort);
                        }
                    }
                >
                    {SORT.map(|(.., title)| view! { <option value=title selected=move || sort.get() == title>{title}</option> })}
                </select>
            </label>
            <label class="menu-check">
                <input
                    type="checkbox"
                    prop:checked=descending
                    on:change=move |event| {
                        let descending = event_target_checked(&event);
                        state.ask(router, true, |query| query.descending = descending);
                    }
                />
                "Largest first"
            </label>
            <div role="separator" class="menu-line"></div>
            <fieldset class="menu-columns">
                <legend class="caption">"Columns"</legend>
                {Column::ALL.into_iter().filter(|column| *column != Column::Endpoint).map(|column| view! { <ColumnChoice column=column /> }).collect_view()}
            </fieldset>
        </div>
    }
}

#[component]
fn ColumnChoice(column: Column) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let wanted = memo(move || state.hidden.with(|hidden| !hidden.contains(&column)));
    let no_room = memo(move || wanted.get() && state.columns.with(|columns| !columns.contains(&column)));
    view! {
        <label class="menu-check">
            <input
                type="checkbox"
                data-testid=format!("column-{}", column.key())
                prop:checked=wanted
                on:change=move |event| {
                    let wanted = event_target_checked(&event);
                    state.hidden.update(|hidden| {
                        hidden.retain(|other| *other != column);
                        if !wanted {
                            hidden.push(column);
                        }
                    });
                    state.hidden.with_untracked(|hidden| remember_hidden(hidden));
                }
            />
            {column.title()}
            {move || no_room.get().then(|| view! { <span class="muted">"no room"</span> })}
        </label>
    }
}
