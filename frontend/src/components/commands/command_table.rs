use leptos::prelude::*;

use super::command_row::CommandRow;
use crate::commands::PAGE;
use crate::components::{Pager, move_focus};
use crate::pages::CommandsState;

/// One page of the commands, newest first.
#[component]
pub(crate) fn CommandTable(state: CommandsState) -> impl IntoView {
    let page = Signal::derive(move || state.page.get() as usize);
    let total = Signal::derive(move || state.matching.get() as usize);
    let turn = move |page: usize| state.page.set(u32::try_from(page).unwrap_or(u32::MAX));
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
            <Pager page=page size=PAGE as usize total=total on_turn=turn />
        </div>
    }
}
