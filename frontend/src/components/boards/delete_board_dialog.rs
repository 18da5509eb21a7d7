use leptos::prelude::*;

use crate::boards;
use crate::components::{Glyph, Icon, Modal};
use crate::pages::BoardState;
use crate::routing::{Route, Router};

/// Asks before a board goes.
#[component]
pub(crate) fn DeleteBoardDialog(state: BoardState) -> impl IntoView {
    let router = expect_context::<Router>();
    let delete = move |_| {
        leptos::task::spawn_local(async move {
            match boards::delete(state.id).await {
                Ok(()) => {
                    // What was changed goes with it.
                    state.discard();
                    router.open(Route::Boards);
                }
                Err(failure) => state.notices.fail(format!("Not deleted: {}", failure.told())),
            }
            state.deleting.try_set(false);
        });
    };
    view! {
        <Modal
            open=state.deleting
            on_close=move || state.deleting.set(false)
            title=Signal::derive(|| "Delete this board".to_owned())
            name="delete-board"
        >
            <p class="dialog-danger">
                <Glyph icon=Icon::Warning />
                <span>"It goes for everybody. Devices, observations and what is kept of values stay as they are."</span>
            </p>
            <div class="form-actions">
                <button type="button" class="button primary danger" data-testid="board-delete-confirm" on:click=delete>"Delete"</button>
                <button type="button" class="button" on:click=move |_| state.deleting.set(false)>"Cancel"</button>
            </div>
        </Modal>
    }
}
