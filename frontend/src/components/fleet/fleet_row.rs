use std::sync::Arc;

use console_api::Client;
use leptos::prelude::*;
use web_sys::MouseEvent;

use super::cells::Cells;
use super::row_menu::{OpenMenu, Place};
use crate::components::{Glyph, Icon};
use crate::fleet::{FleetState, Window};
use crate::live::Live;
use crate::memo::memo;

/// What a slot of the table has to show.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Slot {
    Empty,
    /// The server has been asked for this row.
    Awaited(usize),
    Shown(usize, Arc<Client>),
}

impl Slot {
    pub(super) fn index(&self) -> Option<usize> {
        match self {
            Self::Empty => None,
            Self::Awaited(index) | Self::Shown(index, _) => Some(*index),
        }
    }

    pub(super) fn client(&self) -> Option<&Arc<Client>> {
        match self {
            Self::Shown(_, client) => Some(client),
            Self::Empty | Self::Awaited(_) => None,
        }
    }
}

/// One slot of the table: whatever row scrolls into it.
#[component]
pub(super) fn FleetRow(
    place: usize,
    window: Memo<Window>,
    row_px: Memo<f64>,
    /// Index of the row that the Tab key goes to.
    tab_stop: Memo<usize>,
    /// Selects or deselects the row with this index; up to it from the last one when asked for a range.
    on_select: Callback<(usize, bool)>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let state = expect_context::<FleetState>();
    let menu = expect_context::<OpenMenu>();
    let slot = memo(move || {
        live.fleet_rows.track();
        let Some(index) = window.get().index(place) else { return Slot::Empty };
        let client = live.with_store(|store| store.fleet.row(index).cloned());
        client.map_or(Slot::Awaited(index), |client| Slot::Shown(index, client))
    });
    let index = memo(move || slot.with(Slot::index));
    let endpoint = memo(move || slot.with(|slot| slot.client().map(|client| client.endpoint.clone())));
    let departed =
        memo(move || slot.with(|slot| slot.client().is_some_and(|client| !client.status.is_registered())));
    let selected = memo(move || {
        endpoint.with(|endpoint| {
            endpoint.as_ref().is_some_and(|name| state.selection.with(|selection| selection.contains(name)))
        })
    });
    let open_menu = move |at: Place| {
        if let Some(endpoint) = endpoint.get_untracked() {
            menu.open(endpoint, at);
        }
    };
    let on_context_menu = move |event: MouseEvent| {
        event.prevent_default();
        // The key for it has no place of its own.
        let at = if event.client_x() == 0 && event.client_y() == 0 {
            Place::below(event.target())
        } else {
            Place { x: f64::from(event.client_x()), y: f64::from(event.client_y()) }
        };
        open_menu(at);
    };
    view! {
        <div
            class="fleet-row fleet-grid"
            class:selected=selected
            class:departed=departed
            class:awaited=move || slot.with(|slot| matches!(slot, Slot::Awaited(_)))
            role="row"
            data-testid="fleet-row"
            data-endpoint=endpoint
            data-index=move || index.get().map(|index| index.to_string())
            aria-rowindex=move || index.get().map(|index| (index + 2).to_string())
            aria-selected=move || if selected.get() { "true" } else { "false" }
            aria-busy=move || slot.with(|slot| matches!(slot, Slot::Awaited(_))).then_some("true")
            style:top=move || index.get().map(|index| format!("{}px", index as f64 * row_px.get()))
            hidden=move || index.get().is_none()
            on:contextmenu=on_context_menu
        >
            <div role="gridcell" class="fleet-check">
                <label class="check-target">
                    <input
                        type="checkbox"
                        tabindex="-1"
                        aria-label=move || format!("Select {}", endpoint.get().unwrap_or_default())
                        prop:checked=selected
                        disabled=move || endpoint.with(Option::is_none)
                        on:click=move |event: MouseEvent| {
                            if let Some(index) = index.get_untracked() {
                                on_select.run((index, event.shift_key()));
                            }
                        }
                    />
                </label>
            </div>
            <Cells row=slot tab_stop=tab_stop />
            <div role="gridcell" class="fleet-more">
                <button
                    class="button ghost square"
                    tabindex="-1"
                    aria-haspopup="menu"
                    aria-label=move || format!("More about {}", endpoint.get().unwrap_or_default())
                    disabled=move || endpoint.with(Option::is_none)
                    on:click=move |event: MouseEvent| open_menu(Place::below(event.current_target()))
                >
                    <Glyph icon=Icon::More />
                </button>
            </div>
        </div>
    }
}
