use console_api::Board;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::choice::Choice;
use super::object_choice::{ObjectChoice, ObjectFields};
use crate::boards;
use crate::chart::TimeView;
use crate::components::Modal;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};

/// Makes a board: an empty one, or one for an Object.
#[component]
pub(crate) fn NewBoardDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Modal
            open=open
            on_close=move || open.set(false)
            title=Signal::derive(|| "New board".to_owned())
            name="new-board"
        >
            <NewBoardForm open=open />
        </Modal>
    }
}

#[component]
fn NewBoardForm(open: RwSignal<bool>) -> impl IntoView {
    let live = expect_context::<Live>();
    let router = expect_context::<Router>();
    let name = RwSignal::new(String::new());
    let from_object = RwSignal::new(true);
    let problem = RwSignal::new(None::<String>);
    let sending = RwSignal::new(false);
    let choice = ObjectChoice::new();
    let tiles = memo(move || if from_object.get() { choice.tiles(live) } else { Vec::new() });
    let ready = memo(move || {
        let named = name.with(|name| !name.trim().is_empty());
        named && (!from_object.get() || tiles.with(|tiles| !tiles.is_empty()))
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !ready.get_untracked() {
            return;
        }
        let board = Board {
            name: name.get_untracked().trim().to_owned(),
            span_ms: TimeView::default().span_ms() as u64,
            tiles: tiles.get_untracked(),
            ..Board::default()
        };
        sending.set(true);
        leptos::task::spawn_local(async move {
            let added = boards::add(&board).await;
            sending.try_set(false);
            match added {
                Ok(board) => {
                    open.try_set(false);
                    router.open(Route::Board { id: board.id });
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
        });
    };
    view! {
        <form class="board-form" on:submit=submit>
            <label class="form-field">
                <span>"Name"</span>
                <input
                    class="field"
                    data-testid="board-new-name"
                    autocomplete="off"
                    autofocus
                    maxlength=Board::NAME
                    placeholder="Cellar, Line 3, Batteries…"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <div class="segments" role="group" aria-label="Begins with">
                <Choice chosen=from_object value=true title="Charts of an Object" testid="board-from-object" />
                <Choice chosen=from_object value=false title="Empty" testid="board-from-nothing" />
            </div>
            {move || from_object.get().then(|| view! {
                <ObjectFields choice=choice />
                <p class="muted" role="status">
                    {move || tiles.with(|tiles| format!("Begins with {}", format::plural(tiles.len(), "tile")))}
                </p>
            })}
            {move || problem.get().map(|problem| view! { <p class="form-problem wrap" role="alert">{problem}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="board-create" disabled=move || sending.get() || !ready.get()>
                    "Make the board"
                </button>
                <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}
