use console_api::{Board, Tile, TileKind};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::chart_tile::ChartTile;
use super::tile_pointer::TilePointer;
use super::value_tile::ValueTile;
use crate::boards::{Place, reading_order, series_of, title_of};
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;
use crate::pages::{BoardState, Choosing};

/// A tile at its place, with what arranges it.
#[component]
pub(super) fn TileFrame(state: BoardState, key: u32) -> impl IntoView {
    let tile = memo(move || state.tile(key));
    let shown = memo(move || tile.with(|tile| tile.as_ref().map(|tile| (tile.kind, tile.series.clone()))));
    let place = memo(move || tile.with(|tile| tile.as_ref().map(Place::of)));
    let span = move |of: fn(Place) -> (u16, u16)| {
        move || {
            let (from, span) = place.get().map(of)?;
            Some(format!("{} / span {span}", from + 1))
        }
    };
    let order = memo(move || state.draft.with(|draft| draft.as_ref().map(|draft| order_of(draft, key))));
    let moved = move || {
        let (dragged, x, y) = state.dragged.get()?;
        (dragged == key).then(|| format!("{x}px {y}px"))
    };
    let live = state.live;
    let title =
        memo(move || tile.with(|tile| tile.as_ref().map(|tile| named(live, tile))).unwrap_or_default());
    let edited = memo(move || state.is_edited());
    let pointer = TilePointer::new(state, key);
    let is_chart = memo(move || shown.with(|shown| matches!(shown, Some((TileKind::Chart, _)))));
    let body = move || {
        shown.get().map(|(kind, series)| match kind {
            TileKind::Chart => {
                view! { <ChartTile state=state key=key series=series title=title /> }.into_any()
            }
            TileKind::Value => view! { <ValueTile state=state series=series title=title /> }.into_any(),
        })
    };
    view! {
        <section
            class="card board-tile"
            class:value-tile=move || !is_chart.get()
            class:dragged=move || state.dragged.get().is_some_and(|(dragged, ..)| dragged == key)
            style:grid-column=span(|place| (place.x, place.width))
            style:grid-row=span(|place| (place.y, place.height))
            style:translate=moved
            style=("--order", move || order.get().unwrap_or_default().to_string())
            style=("--height", move || place.get().map_or(1, |place| place.height).to_string())
            aria-label=title
            data-testid="board-tile"
            data-key=key.to_string()
        >
            {body}
            {move || edited.get().then(|| view! { <TileTools state=state key=key title=title pointer=pointer /> })}
        </section>
    }
}

fn order_of(draft: &crate::boards::BoardDraft, key: u32) -> usize {
    let tiles: Vec<Tile> = draft.tiles.iter().map(|keyed| keyed.tile.clone()).collect();
    let is_it = |index: &usize| draft.tiles[*index].key == key;
    reading_order(&tiles).iter().position(is_it).unwrap_or_default()
}

/// Its own title, or what it shows.
fn named(live: Live, tile: &Tile) -> String {
    if let Some(title) = &tile.title {
        return title.clone();
    }
    let registry = live.definitions.with(|definitions| definitions.registry().cloned());
    let resource = |_: &str, path: &lwm2m_codec::Path| {
        let name = registry.as_ref().and_then(|registry| {
            let object = registry.object(path.object_id()?)?;
            let id = path.resource_id()?;
            let resource = object.resources.iter().find(|resource| resource.id == id)?;
            // Half of the sensors have a Sensor Value: their Objects tell them apart.
            let of_a_sensor = resource.name == "Sensor Value";
            Some(if of_a_sensor { object.name.clone() } else { resource.name.clone() })
        });
        name.unwrap_or_else(|| path.to_string())
    };
    let device = |endpoint: &str| {
        live.structure.track();
        let key = live.with_store(|store| store.devices.key_of(endpoint));
        key.map_or_else(|| endpoint.to_owned(), |key| live.name_of(key))
    };
    title_of(&series_of(tile), resource, device)
}

/// What arranges a tile: a handle for pointers and arrow keys, a corner, and what it shows.
#[component]
fn TileTools(state: BoardState, key: u32, title: Memo<String>, pointer: TilePointer) -> impl IntoView {
    let step = move |event: KeyboardEvent| {
        let (right, down) = match event.key().as_str() {
            "ArrowLeft" => (-1, 0),
            "ArrowRight" => (1, 0),
            "ArrowUp" => (0, -1),
            "ArrowDown" => (0, 1),
            _ => return,
        };
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        stepped(state, key, (right, down), event.shift_key());
    };
    view! {
        <div class="tile-cover" on:pointerdown=move |event| pointer.press(&event, false)></div>
        <div class="tile-tools">
            <button
                type="button"
                class="button small ghost square tile-handle"
                aria-label=move || format!("Move {}", title.get())
                aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown Shift+ArrowLeft Shift+ArrowRight Shift+ArrowUp Shift+ArrowDown"
                title="Drag, or move with the arrow keys; with Shift they change the size"
                data-testid="tile-move"
                on:keydown=step
                on:pointerdown=move |event| pointer.press(&event, false)
            >
                <Glyph icon=Icon::Move />
            </button>
            <button
                type="button"
                class="button small ghost square"
                aria-label=move || format!("Change {}", title.get())
                title="Change what it shows"
                data-testid="tile-change"
                on:click=move |_| state.choosing.set(Some(Choosing::Of(key)))
            >
                <Glyph icon=Icon::Write />
            </button>
            <button
                type="button"
                class="button small ghost square"
                aria-label=move || format!("Remove {}", title.get())
                title="Remove it from the board"
                data-testid="tile-remove"
                on:click=move |_| {
                    state.announce(format!("{} removed", title.get_untracked()));
                    state.change(|draft| draft.remove(key));
                }
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
        <div
            class="tile-corner"
            aria-hidden="true"
            data-testid="tile-resize"
            on:pointerdown=move |event| pointer.press(&event, true)
        ></div>
    }
}

/// By a cell, and says where it is then.
fn stepped(state: BoardState, key: u32, (right, down): (i32, i32), size: bool) {
    let by = |value: u16, by: i32| value.saturating_add_signed(by as i16);
    let Some(before) = state.tile(key).as_ref().map(Place::of) else { return };
    let to = if size {
        Place { width: by(before.width, right), height: by(before.height, down), ..before }
    } else if down > 0 {
        // What is below goes up: one further than its end.
        let below = state
            .tiles()
            .iter()
            .map(|keyed| Place::of(&keyed.tile))
            .filter(|other| {
                other.y >= before.y + before.height
                    && other.x < before.x + before.width
                    && before.x < other.x + other.width
            })
            .map(|other| other.height)
            .min()
            .unwrap_or(1);
        Place { y: before.y + below, ..before }
    } else {
        Place { x: by(before.x, right), y: by(before.y, down), ..before }
    };
    state.change(|draft| draft.arrange(key, to));
    if let Some(Place { x, y, width, height }) = state.tile(key).as_ref().map(Place::of) {
        state.announce(format!(
            "Column {} of {}, row {}, {width} wide, {height} high",
            x + 1,
            Board::COLUMNS,
            y + 1
        ));
    }
}
