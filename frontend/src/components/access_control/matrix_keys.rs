use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::carry::Carry;
use super::pointer::{Pointer, spot_of};
use crate::access_control::{Carried, Edit, Grid, Move, Spot, Tile};
use crate::browser;

/// A key within the matrix.
pub(super) fn pressed(carry: Carry, pointer: Pointer, event: &KeyboardEvent) {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(spot) = spot_of(&element) else { return };
    if event.alt_key() || browser::takes_text(&element) && element.tag_name() != "SELECT" {
        return;
    }
    let held = event.ctrl_key() || event.meta_key();
    let key = event.key();
    let chooses =
        element.tag_name() == "SELECT" && !matches!(key.as_str(), "ArrowLeft" | "ArrowRight" | "Escape");
    if chooses {
        return;
    }
    let taken = if let Some(to) = Move::from_key(&key, held) {
        walk(carry, spot, to);
        true
    } else {
        !held && act(carry, pointer, spot, &key)
    };
    if taken {
        event.prevent_default();
        // Letters mean something else outside of the matrix.
        event.stop_propagation();
    }
}

fn walk(carry: Carry, from: Spot, to: Move) {
    let rows = carry.state.rows();
    let next = carry.state.columns.with_untracked(|columns| Grid::new(columns, &rows).step(from, to));
    let Some(next) = next else { return };
    focus(next);
    if let Some(carried) = carry.picked.get_untracked() {
        carry.mark(Some(next));
        carry.say(carry.told(carried, Some(next)));
    }
}

/// Whether the key means something there.
fn act(carry: Carry, pointer: Pointer, spot: Spot, key: &str) -> bool {
    match key {
        "Enter" => match (carry.picked.get_untracked(), Carried::at(spot)) {
            (Some(carried), _) => carry.put_down(carried, Some(spot)),
            (None, Some(carried)) => {
                carry.pick_up(carried);
                carry.mark(Some(spot));
            }
            (None, None) => return false,
        },
        "Escape" if pointer.is_dragging() => pointer.cancelled(),
        "Escape" if carry.picked.get_untracked().is_some() => carry.give_up(),
        "Delete" | "Backspace" => match (carry.picked.get_untracked(), spot) {
            (Some(carried), _) => carry.put_down(carried, None),
            (None, Spot::Tile { id, server, .. }) => clear(carry, id, server),
            _ => return false,
        },
        _ => match (Tile::from_key(key), spot) {
            (Some(tile), Spot::Tile { id, server, .. }) => toggle(carry, id, server, tile),
            _ => return false,
        },
    }
    true
}

fn clear(carry: Carry, id: u16, server: u16) {
    let (whom, target) = (carry.whom(server), carry.target(id));
    if carry.state.edit(&[Edit::Clear { id, server }]) {
        carry.say(format!("No entry of {whom} on {target} any more"));
    } else {
        carry.say(format!("{target}: nothing changes"));
    }
}

/// Ticks a permission, or takes the tick away.
pub(super) fn toggle(carry: Carry, id: u16, server: u16, tile: Tile) {
    let row = untrack(|| carry.state.row(id));
    let cell = row.as_ref().and_then(|row| row.cells.iter().find(|cell| cell.server == server));
    let Some(cell) = cell.filter(|cell| cell.tiles.contains(&tile)) else {
        carry.say(format!("{} means nothing on {}", tile.name(), carry.target(id)));
        return;
    };
    let on = !cell.has(tile);
    let edit = if on { Edit::Tick { id, server, tile } } else { Edit::Untick { id, server, tile } };
    let (whom, target) = (carry.whom(server), carry.target(id));
    if carry.state.edit(&[edit]) {
        let instead = (on && cell.now.is_none() && cell.inherited.bits() != 0)
            .then(|| format!(". Its own entry counts now, instead of {}", cell.inherited));
        let what = if on { "given" } else { "taken" };
        carry.say(format!("{} {what}: {whom} on {target}{}", tile.name(), instead.unwrap_or_default()));
    } else {
        carry.say(format!("{target} cannot be changed by this server"));
    }
}

/// Moves the focus, and with it the place that the Tab key goes to.
pub(super) fn focus(spot: Spot) {
    let _ = browser::focus(&format!("[data-spot={spot}]"));
}

/// The one place of the matrix that the Tab key goes to is the one that was focused last.
pub(super) fn rove(to: &Element) {
    let Some(spot) = to.closest("[data-spot][tabindex]").ok().flatten() else { return };
    if let Some(before) = browser::find("[data-testid=matrix] [data-spot][tabindex='0']") {
        let _ = before.set_attribute("tabindex", "-1");
    }
    let _ = spot.set_attribute("tabindex", "0");
}
