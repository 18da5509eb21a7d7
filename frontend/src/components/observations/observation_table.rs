use leptos::prelude::*;

use super::observation_row::ObservationRow;
use crate::components::{Pager, move_focus};
use crate::observations::{Key, PAGE};
use crate::pages::ObservationsState;

/// One page of the observations.
#[component]
pub(crate) fn ObservationTable(state: ObservationsState, keys: Memo<Vec<Key>>) -> impl IntoView {
    let page = Signal::derive(move || state.question.with(|question| question.page));
    let total = Signal::derive(move || state.list.with(|list| list.as_ref().map_or(0, |list| list.total)));
    let turn = move |page: usize| {
        state.selected.update(std::collections::BTreeSet::clear);
        state.question.update(|question| question.page = page);
    };
    let all_selected = move || {
        keys.with(|keys| {
            state.selected.with(|selected| !keys.is_empty() && keys.iter().all(|key| selected.contains(key)))
        })
    };
    let select_all = move |_| {
        if all_selected() {
            state.selected.update(std::collections::BTreeSet::clear);
        } else {
            state.selected.set(keys.get().into_iter().collect());
        }
    };
    view! {
        <div class="card observation-table">
            <div class="observation-body">
                <table class="plain-table" aria-label="Observations">
                    <thead>
                        <tr>
                            <th scope="col" class="observation-select">
                                <input type="checkbox" aria-label="Select all on this page" prop:checked=all_selected on:change=select_all />
                            </th>
                            <th scope="col">"Device"</th>
                            <th scope="col">"Path"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="observation-attributes-short">"Attributes"</th>
                            <th scope="col" class="number observation-since">"Since"</th>
                            <th scope="col" class="number observation-count">"Notifications"</th>
                            <th scope="col" class="number observation-rate">"Rate"</th>
                            <th scope="col" class="number observation-last">"Last"</th>
                            <th scope="col"><span class="visually-hidden">"Action"</span></th>
                        </tr>
                    </thead>
                    <tbody on:keydown=move |event| move_focus(&event)>
                        <For each=move || keys.get() key=Key::clone let:key>
                            <ObservationRow key=key state=state />
                        </For>
                    </tbody>
                </table>
            </div>
            <Pager page=page size=PAGE total=total on_turn=turn />
        </div>
    }
}
