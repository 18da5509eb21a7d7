use console_api::Tile;
use leptos::prelude::*;

use super::tile_frame::TileFrame;
use crate::boards::rows;
use crate::components::{EmptyState, Glyph, Icon};
use crate::memo::memo;
use crate::pages::{BoardState, Choosing};

/// The tiles where they lie; in one column, as one reads them, where there is no room for more.
#[component]
pub(crate) fn BoardGrid(state: BoardState) -> impl IntoView {
    let keys = memo(move || state.keys());
    let empty = memo(move || keys.with(Vec::is_empty));
    let rows = memo(move || {
        let tiles: Vec<Tile> = state.tiles().into_iter().map(|keyed| keyed.tile).collect();
        rows(&tiles).max(1)
    });
    move || {
        if empty.get() {
            return view! { <NoTiles state=state /> }.into_any();
        }
        view! {
            <div class="board-scroll">
                <div class="board-grid" data-testid="board-grid" style=("--rows", move || rows.get().to_string())>
                    <For each=move || keys.get() key=|key| *key let:key>
                        <TileFrame state=state key=key />
                    </For>
                </div>
            </div>
        }
        .into_any()
    }
}

#[component]
fn NoTiles(state: BoardState) -> impl IntoView {
    let add = move |_| {
        if !state.is_edited() {
            state.edit();
        }
        state.choosing.set(Some(Choosing::New));
    };
    view! {
        <EmptyState title="Nothing on this board yet" testid="board-empty">
            <p>
                "A tile is a chart of one Resource or several, of one device or several, or the newest value of one. The pages of \
                 devices can put their Resources here, too: \u{201c}Add to a board\u{201d} is in the menu of each."
            </p>
            <p class="actions">
                <button class="button primary" data-testid="tile-add-first" on:click=add><Glyph icon=Icon::Add />"Add a tile"</button>
            </p>
        </EmptyState>
    }
}
