use console_api::{Board, BoardSummary, Tile, TileKind};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::choice::Choice;
use super::tile_dialog::beginning;
use crate::api::Failure;
use crate::boards::{self, BoardDraft, Wanted};
use crate::chart::TimeView;
use crate::components::Modal;
use crate::frame::Notices;
use crate::memo::memo;

/// Puts what a page shows on a board, or on a new one.
#[component]
pub(crate) fn AddToBoardDialog(
    /// None while the dialog is closed.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    view! {
        <Modal
            open=Signal::derive(move || wanted.with(Option::is_some))
            on_close=move || wanted.set(None)
            title=Signal::derive(|| "Add to a board".to_owned())
            name="add-to-board"
        >
            <AddForm wanted=wanted />
        </Modal>
    }
}

#[component]
fn AddForm(wanted: RwSignal<Option<Wanted>>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let known = RwSignal::new(None::<Vec<BoardSummary>>);
    // None: a new one.
    let board = RwSignal::new(None::<u64>);
    let name = RwSignal::new(String::new());
    let kind = RwSignal::new(TileKind::Chart);
    let problem = RwSignal::new(None::<String>);
    leptos::task::spawn_local(async move {
        match boards::list().await {
            Ok(list) => {
                board.try_set(list.boards.first().map(|board| board.id));
                known.try_set(Some(list.boards));
            }
            Err(failure) => _ = problem.try_set(Some(failure.told())),
        }
    });
    let what = wanted.with_untracked(|wanted| wanted.as_ref().map(|wanted| wanted.name.clone()));
    let several =
        wanted.with_untracked(|wanted| wanted.as_ref().is_some_and(|wanted| wanted.series.len() > 1));
    let ready = memo(move || {
        known.with(Option::is_some) && (board.get().is_some() || name.with(|name| !name.trim().is_empty()))
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(Wanted { series, name: what }), true) = (wanted.get_untracked(), ready.get_untracked())
        else {
            return;
        };
        let kind = kind.get_untracked();
        let (width, height) = beginning(kind);
        let tile = Tile { kind, width, height, series, ..Tile::default() };
        let (id, name) = (board.get_untracked(), name.get_untracked().trim().to_owned());
        leptos::task::spawn_local(async move {
            match put(id, name, tile).await {
                Ok(board) => {
                    notices.say(format!("{what} is on {}", board.name));
                    wanted.try_set(None);
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
        });
    };
    view! {
        <form class="board-form" on:submit=submit>
            <p class="mono wrap">{what}</p>
            <label class="form-field">
                <span>"Board"</span>
                <select
                    class="field"
                    data-testid="add-board"
                    on:change=move |event| board.set(event_target_value(&event).parse().ok())
                >
                    {move || known.get().unwrap_or_default().into_iter().map(|one| view! {
                        <option value=one.id.to_string() selected=move || board.get() == Some(one.id)>{one.name}</option>
                    }).collect_view()}
                    <option value="" selected=move || board.get().is_none()>"A new board"</option>
                </select>
            </label>
            {move || board.get().is_none().then(|| view! {
                <label class="form-field">
                    <span>"Name of the new board"</span>
                    <input
                        class="field"
                        data-testid="add-board-name"
                        autocomplete="off"
                        maxlength=Board::NAME
                        prop:value=name
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </label>
            })}
            {(!several).then(|| view! {
                <div class="segments" role="group" aria-label="Shown as">
                    <Choice chosen=kind value=TileKind::Chart title="Chart" testid="add-board-chart" />
                    <Choice chosen=kind value=TileKind::Value title="Newest value" testid="add-board-value" />
                </div>
            })}
            {move || problem.get().map(|problem| view! { <p class="form-problem wrap" role="alert">{problem}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="add-board-submit" disabled=move || !ready.get()>"Add"</button>
                <button type="button" class="button" on:click=move |_| wanted.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}

/// On a board that is there, where there is room, or on a new one.
async fn put(id: Option<u64>, name: String, tile: Tile) -> Result<Board, Failure> {
    let Some(id) = id else {
        let span_ms = TimeView::default().span_ms() as u64;
        return boards::add(&Board { name, span_ms, tiles: vec![tile], ..Board::default() }).await;
    };
    let mut tried = false;
    loop {
        let mut draft = BoardDraft::new(boards::one(id).await?);
        if draft.add(tile.clone()).is_none() {
            return Err(Failure {
                code: "full".into(),
                message: format!("{} has {} tiles already", draft.name, Board::TILES),
                details: None,
            });
        }
        match boards::save(&draft.board()).await {
            // Somebody has saved it meanwhile: the tile goes on what they made.
            Err(failure) if failure.code == "outdated" && !tried => tried = true,
            other => return other,
        }
    }
}
