use console_api::{Tile, TileKind};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::choice::Choice;
use super::series_list::SeriesList;
use super::series_picker::SeriesPicker;
use crate::components::Modal;
use crate::memo::memo;
use crate::pages::{BoardState, Choosing};

/// What a tile shows.
#[component]
pub(crate) fn TileDialog(state: BoardState) -> impl IntoView {
    let title = move || match state.choosing.get() {
        Some(Choosing::Of(_)) => "Change the tile".to_owned(),
        _ => "Add a tile".to_owned(),
    };
    view! {
        <Modal
            open=Signal::derive(move || state.choosing.with(Option::is_some))
            on_close=move || state.choosing.set(None)
            title=Signal::derive(title)
            name="tile-dialog"
        >
            <TileForm state=state />
        </Modal>
    }
}

/// How large a tile begins.
pub(super) const fn beginning(kind: TileKind) -> (u16, u16) {
    match kind {
        TileKind::Chart => (6, 4),
        TileKind::Value => (2, 2),
    }
}

#[component]
fn TileForm(state: BoardState) -> impl IntoView {
    let choosing = state.choosing.get_untracked();
    let before = match choosing {
        Some(Choosing::Of(key)) => untrack(|| state.tile(key)),
        _ => None,
    };
    let tile = before.clone().unwrap_or_default();
    let kind = RwSignal::new(tile.kind);
    let title = RwSignal::new(tile.title.clone().unwrap_or_default());
    let series = RwSignal::new(tile.series);
    let most = Signal::derive(move || match kind.get() {
        TileKind::Chart => Tile::SERIES,
        TileKind::Value => 1,
    });
    let problem = memo(move || match (series.with(Vec::len), most.get()) {
        (0, _) => Some("Nothing is chosen yet: name a device and a Resource, and add them."),
        (many, 1) if many > 1 => Some("A value is of one Resource: remove the others."),
        _ => None,
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if problem.with_untracked(Option::is_some) {
            return;
        }
        let title = title.get_untracked().trim().to_owned();
        let size = beginning(kind.get_untracked());
        let mut tile = Tile { width: size.0, height: size.1, ..before.clone().unwrap_or_default() };
        if let Some(before) = &before {
            (tile.width, tile.height) = (before.width, before.height);
        }
        tile.kind = kind.get_untracked();
        tile.title = Some(title).filter(|title| !title.is_empty());
        tile.series = series.get_untracked();
        state.change(|draft| match choosing {
            Some(Choosing::Of(key)) => draft.replace(key, tile),
            _ => _ = draft.add(tile),
        });
        state.choosing.set(None);
    };
    view! {
        <form class="board-form" on:submit=submit>
            <div class="segments" role="group" aria-label="Kind">
                <Choice chosen=kind value=TileKind::Chart title="Chart" testid="tile-kind-chart" />
                <Choice chosen=kind value=TileKind::Value title="Newest value" testid="tile-kind-value" />
            </div>
            <SeriesList series=series />
            <SeriesPicker series=series most=most />
            <label class="form-field">
                <span>"Title " <span class="muted">"(empty: named after what it shows)"</span></span>
                <input
                    class="field"
                    data-testid="tile-title"
                    autocomplete="off"
                    maxlength=Tile::TITLE
                    prop:value=title
                    on:input=move |event| title.set(event_target_value(&event))
                />
            </label>
            {move || problem.get().map(|problem| view! { <p class="muted">{problem}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="tile-done" disabled=move || problem.with(Option::is_some)>
                    "Done"
                </button>
                <button type="button" class="button" on:click=move |_| state.choosing.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}
