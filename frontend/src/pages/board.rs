use leptos::prelude::*;

use super::BoardState;
use crate::browser;
use crate::components::boards::{BoardGrid, BoardHead, DeleteBoardDialog, TileDialog, WallBar};
use crate::components::{EmptyState, Loading};
use crate::frame::{PageKeys, Unsaved};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};

/// One board.
#[component]
pub(crate) fn BoardPage(id: u64) -> impl IntoView {
    let live = expect_context::<Live>();
    let state = BoardState::new(live, expect_context::<Router>(), id);
    live.load_definitions();
    state.follow();
    let name = memo(move || state.draft.with(|draft| draft.as_ref().map(|draft| draft.name.clone())));
    Effect::new(move |_| {
        let name = name.get().unwrap_or_else(|| "Board".into());
        browser::set_title(&format!("{name} · LwM2M Console"));
    });
    expect_context::<Unsaved>().hold(move || {
        state.is_edited() && state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.is_changed()))
    });
    expect_context::<PageKeys>().listen(move |command| {
        if command == Command::Close && state.address.with_untracked(|address| address.wall) {
            state.show_on_the_wall(false);
        }
    });
    let wall = memo(move || state.address.with(|address| address.wall));
    let loaded = memo(move || state.draft.with(Option::is_some));
    let missing = memo(move || !loaded.get() && state.problem.with(Option::is_some));
    let body = move || match (loaded.get(), missing.get()) {
        (true, _) => view! { <BoardGrid state=state /> }.into_any(),
        (_, true) => view! { <NotThere state=state /> }.into_any(),
        _ => view! { <Loading label="Loading the board" /> }.into_any(),
    };
    view! {
        <div class="board-page" class:wall=wall class:editing=move || state.is_edited() data-testid="board-page">
            {move || if wall.get() {
                view! { <WallBar state=state /> }.into_any()
            } else {
                view! { <BoardHead state=state /> }.into_any()
            }}
            {body}
            <TileDialog state=state />
            <DeleteBoardDialog state=state />
        </div>
    }
}

#[component]
fn NotThere(state: BoardState) -> impl IntoView {
    let why = move || state.problem.with(|problem| problem.as_ref().map(|problem| problem.told()));
    view! {
        <EmptyState title="This board cannot be shown" testid="board-missing">
            <p>{why}</p>
            <p class="actions"><a class="button" href=Route::Boards.address()>"All boards"</a></p>
        </EmptyState>
    }
}
