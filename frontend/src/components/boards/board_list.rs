use console_api::BoardSummary;
use leptos::prelude::*;

use crate::components::{EmptyState, Glyph, Icon, Loading, date_time, move_focus};
use crate::format;
use crate::memo::memo;
use crate::pages::BoardsState;
use crate::routing::Route;

/// The boards, and how others come.
#[component]
pub(crate) fn BoardList(state: BoardsState) -> impl IntoView {
    let ids = memo(move || {
        state.boards.with(|all| all.as_ref().map(|all| all.iter().map(|one| one.id).collect::<Vec<_>>()))
    });
    move || match ids.with(|ids| ids.as_ref().map(Vec::is_empty)) {
        None => view! { <Loading label="Loading the boards" rows=4 /> }.into_any(),
        Some(true) => view! { <NoBoards state=state /> }.into_any(),
        Some(false) => view! {
            <section class="card boards-card" aria-labelledby="boards-title">
                <div class="card-head">
                    <h2 id="boards-title">"Boards"</h2>
                    <span class="muted" role="status">
                        {move || ids.with(|ids| ids.as_ref().map(|ids| format::plural(ids.len(), "board")))}
                    </span>
                    <span class="spacer"></span>
                    <NewButton state=state title="New" />
                </div>
                <ul class="boards-list" on:keydown=move |event| move_focus(&event)>
                    <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                        <Row state=state id=id />
                    </For>
                </ul>
            </section>
        }
        .into_any(),
    }
}

#[component]
fn Row(state: BoardsState, id: u64) -> impl IntoView {
    let board = memo(move || {
        state.boards.with(|all| all.as_ref()?.iter().find(|one| one.id == id).cloned()).unwrap_or_default()
    });
    let part = move |part: fn(&BoardSummary) -> String| move || board.with(part);
    let has = |board: &BoardSummary| {
        format!("{} · {}", format::plural(board.tiles, "tile"), format::plural(board.devices, "device"))
    };
    let saved = |board: &BoardSummary| {
        let by = Some(board.author.as_str()).filter(|author| !author.is_empty());
        let by = by.map(|author| format!(" by {author}")).unwrap_or_default();
        format!("saved {}{by}", date_time(board.saved_at_ms))
    };
    view! {
        <li>
            <a class="board-row" href=Route::Board { id }.address() data-testid="board-row" data-row="">
                <Glyph icon=Icon::Boards />
                <span class="board-row-name">{part(|board| board.name.clone())}</span>
                <span class="muted">{part(has)}</span>
                <span class="muted board-row-saved">{part(saved)}</span>
            </a>
        </li>
    }
}

#[component]
fn NewButton(state: BoardsState, title: &'static str) -> impl IntoView {
    view! {
        <button type="button" class="button primary" data-testid="board-new" on:click=move |_| state.adding.set(true)>
            <Glyph icon=Icon::Add />{title}
        </button>
    }
}

/// What this is for, and the one button.
#[component]
fn NoBoards(state: BoardsState) -> impl IntoView {
    view! {
        <EmptyState title="No boards yet" testid="boards-empty">
            <p>
                "A board is a page of charts and values that stays as you arrange it: the Resources of several devices in one \
                 chart, the newest values in large figures, the past and the present in one view. Everybody who opens its \
                 address sees it."
            </p>
            <p class="actions"><NewButton state=state title="Make a board" /></p>
        </EmptyState>
    }
}
