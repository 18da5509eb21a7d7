use leptos::prelude::*;

use super::observation_row::ObservationRow;
use crate::components::move_focus;
use crate::format;
use crate::observations::{Key, PAGE};
use crate::pages::ObservationsState;

/// One page of the observations.
#[component]
pub(crate) fn ObservationTable(state: ObservationsState, keys: Memo<Vec<Key>>) -> impl IntoView {
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
            <Pager state=state />
        </div>
    }
}

/// Which part of all is shown, and the way to the others.
#[component]
fn Pager(state: ObservationsState) -> impl IntoView {
    let total = move || state.list.with(|list| list.as_ref().map_or(0, |list| list.total));
    let page = move || state.question.with(|question| question.page);
    let turn = move |page: usize| {
        state.selected.update(std::collections::BTreeSet::clear);
        state.question.update(|question| question.page = page);
    };
    let shown = move || {
        let (first, last) = (page() * PAGE + 1, ((page() + 1) * PAGE).min(total()));
        format!(
            "{} to {} of {}",
            format::count(first as u64),
            format::count(last as u64),
            format::count(total() as u64)
        )
    };
    move || {
        (total() > PAGE || page() > 0).then(|| view! {
            <nav class="observation-pager" aria-label="Pages">
                <button class="button small" disabled=move || page() == 0 on:click=move |_| turn(page().saturating_sub(1))>"Previous"</button>
                <span class="muted">{shown}</span>
                <button class="button small" disabled=move || { (page() + 1) * PAGE >= total() } on:click=move |_| turn(page() + 1)>"Next"</button>
            </nav>
        })
    }
}
