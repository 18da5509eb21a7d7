use leptos::prelude::*;

use super::command_row::CommandRow;
use crate::commands::PAGE;
use crate::components::move_focus;
use crate::format;
use crate::pages::CommandsState;

/// One page of the commands, newest first.
#[component]
pub(crate) fn CommandTable(state: CommandsState) -> impl IntoView {
    view! {
        <div class="card command-table">
            <div class="command-body">
                <table class="plain-table" aria-label="Commands">
                    <thead>
                        <tr>
                            <th scope="col" class="command-state">"State"</th>
                            <th scope="col">"Command"</th>
                            <th scope="col">"Device"</th>
                            <th scope="col">"How it stands"</th>
                            <th scope="col" class="number command-asked">"Asked"</th>
                            <th scope="col" class="number command-left">"Deadline"</th>
                            <th scope="col" class="number command-attempts">"Sent"</th>
                            <th scope="col" class="command-author">"By"</th>
                            <th scope="col"><span class="visually-hidden">"Action"</span></th>
                        </tr>
                    </thead>
                    <tbody on:keydown=move |event| move_focus(&event)>
                        <For each=move || state.ids.get() key=|id| *id let:id>
                            <CommandRow id=id state=state />
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
fn Pager(state: CommandsState) -> impl IntoView {
    let page = move || state.page.get();
    let total = move || state.matching.get();
    let shown = move || {
        let (first, last) = (page() * PAGE + 1, ((page() + 1) * PAGE).min(total()));
        let number = |number: u32| format::count(u64::from(number));
        format!("{} to {} of {}", number(first), number(last), number(total()))
    };
    move || {
        (total() > PAGE || page() > 0).then(|| view! {
            <nav class="observation-pager" aria-label="Pages">
                <button class="button small" disabled=move || page() == 0 on:click=move |_| state.page.update(|page| *page = page.saturating_sub(1))>"Previous"</button>
                <span class="muted">{shown}</span>
                <button class="button small" disabled=move || { (page() + 1) * PAGE >= total() } on:click=move |_| state.page.update(|page| *page += 1)>"Next"</button>
            </nav>
        })
    }
}
