use std::time::Duration;

use console_api::BoardSummary;
use leptos::prelude::*;

use crate::components::boards::{BoardList, NewBoardDialog};
use crate::live::Live;
use crate::{boards, browser};

/// How often the boards are asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// The boards there are.
#[derive(Clone, Copy)]
pub(crate) struct BoardsState {
    /// None while they are on their way.
    pub(crate) boards: RwSignal<Option<Vec<BoardSummary>>>,
    /// Why what is shown is not up to date.
    pub(crate) stale: RwSignal<Option<String>>,
    pub(crate) adding: RwSignal<bool>,
}

impl BoardsState {
    fn ask(self) {
        leptos::task::spawn_local(async move {
            match boards::list().await {
                Ok(list) => {
                    self.stale.try_set(None);
                    let known = self.boards.try_with_untracked(|known| known.as_ref() == Some(&list.boards));
                    if known == Some(false) {
                        self.boards.set(Some(list.boards));
                    }
                }
                Err(failure) => _ = self.stale.try_set(Some(failure.told())),
            }
        });
    }
}

/// Pages of charts and values that operators have made.
#[component]
pub(crate) fn BoardsPage() -> impl IntoView {
    browser::set_title("Boards · LwM2M Console");
    let live = expect_context::<Live>();
    live.load_definitions();
    let state =
        BoardsState { boards: RwSignal::default(), stale: RwSignal::default(), adding: RwSignal::default() };
    live.every(ASK_EVERY, move || state.ask());
    view! {
        <div class="boards-page" data-testid="boards-page">
            <h1 class="visually-hidden">"Boards"</h1>
            {move || state.stale.get().map(|why| view! {
                <p class="observations-stale" role="status" data-testid="boards-stale">{format!("Not up to date: {why}")}</p>
            })}
            <BoardList state=state />
        </div>
        <NewBoardDialog open=state.adding />
    }
}
