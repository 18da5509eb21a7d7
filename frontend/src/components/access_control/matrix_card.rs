use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::carry::Carry;
use super::column_head::{AddColumn, ColumnHead};
use super::matrix_keys;
use super::matrix_row::MatrixRow;
use super::pointer::{Pointer, spot_of};
use crate::access_control::{Carried, Edit, Spot, Tile};
use crate::browser;
use crate::format;
use crate::pages::AccessControlState;

/// Object Instances and servers, and what each may.
#[component]
pub(crate) fn MatrixCard(state: AccessControlState) -> impl IntoView {
    let carry = Carry::new(state);
    let pointer = Pointer::new(carry);
    let ghost = move || pointer.shown().map(|tile| view! { <span class="ac-tile on">{tile.letter()}</span> });
    view! {
        <section
            class="card ac-matrix" aria-labelledby="matrix-title" data-spot=Spot::Nowhere.to_string()
            class:carrying=move || pointer.shown().is_some() || carry.picked.get().is_some()
            on:pointerdown=move |event| pointer.pressed(&event)
            on:pointermove=move |event| pointer.moved(&event)
            on:pointerup=move |event| pointer.released(&event)
            on:pointercancel=move |_| pointer.cancelled()
            on:touchmove=move |event| if pointer.is_dragging() { event.prevent_default() }
            on:contextmenu=move |event| if touches_tile(event.target()) { event.prevent_default() }
        >
            <div class="card-head">
                <h2 id="matrix-title">"Who may do what"</h2>
                <span class="muted ac-hint">"drag a permission onto a cell, a row or a column, or focus a cell and press R W E D C"</span>
                <span class="spacer"></span>
                <Palette carry=carry />
                <AddColumn state=state />
            </div>
            <div class="ac-scroll" data-scrolls-sideways="">
                <Table carry=carry pointer=pointer />
            </div>
            <Legend />
        </section>
        <div class="ac-ghost" node_ref=pointer.ghost aria-hidden="true">{ghost}</div>
    }
}

/// A finger that rests there drags, and opens no menu.
fn touches_tile(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.and_then(|element| spot_of(&element)).and_then(Carried::at).is_some()
}

#[component]
fn Table(carry: Carry, pointer: Pointer) -> impl IntoView {
    let state = carry.state;
    Effect::new(move |_| {
        state.order.track();
        state.columns.track();
        request_animation_frame(|| {
            if browser::find("[data-testid=matrix] [data-spot][tabindex='0']").is_none()
                && let Some(first) = browser::find("[data-testid=matrix] input[data-spot]")
            {
                let _ = first.set_attribute("tabindex", "0");
            }
        });
    });
    view! {
        <table
            class="ac-table" role="grid" aria-labelledby="matrix-title" data-testid="matrix"
            aria-rowcount=move || (state.order.with(Vec::len) + 1).to_string()
            on:keydown=move |event| matrix_keys::pressed(carry, pointer, &event)
            on:focusin=move |event| {
                if let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
                    matrix_keys::rove(&element);
                }
            }
            on:click=move |event| {
                if is_locked(event.target()) {
                    event.prevent_default();
                }
            }
            on:change=move |event| changed(carry, event.target())
        >
            <thead>
                <tr>
                    <th scope="col" class="ac-row-head">"Object instance"</th>
                    <th scope="col">"Owner"</th>
                    <For each=move || state.columns.get() key=|server| *server let:server>
                        <ColumnHead state=state server=server />
                    </For>
                </tr>
            </thead>
            <tbody>
                <For each=move || state.order.get() key=|id| *id let:id>
                    <MatrixRow state=state id=id />
                </For>
            </tbody>
        </table>
    }
}

fn is_locked(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.get_attribute("aria-disabled").is_some())
}

/// A tick was set or taken away, or another owner chosen.
fn changed(carry: Carry, target: Option<web_sys::EventTarget>) {
    let Some(element) = target.and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    match spot_of(&element) {
        Some(Spot::Tile { id, server, tile }) => {
            matrix_keys::toggle(carry, id, server, tile);
            // Where nothing has changed, nothing tells the box what it was.
            let has = untrack(|| carry.state.row(id))
                .is_some_and(|row| row.cells.iter().any(|cell| cell.server == server && cell.has(tile)));
            if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
                input.set_checked(has);
            }
        }
        Some(Spot::Owner(id)) => {
            let owner =
                element.dyn_ref::<web_sys::HtmlSelectElement>().and_then(|it| it.value().parse().ok());
            if let Some(owner) = owner
                && carry.state.edit(&[Edit::Owner { id, owner }])
            {
                let owner = crate::access_control::owner_told(owner);
                carry.say(format!("Owner of {}: {owner}", carry.target(id)));
            }
        }
        _ => {}
    }
}

/// Permissions to take. A click takes one for the keys.
#[component]
fn Palette(carry: Carry) -> impl IntoView {
    let tile = move |tile: Tile| {
        let picked = move || carry.picked.get().is_some_and(|it| it.from.is_none() && it.tile == tile);
        let pick = move |_| {
            carry.pick_up(Carried { tile, from: None });
            if let Some(place) = browser::find("[data-testid=matrix] [data-spot][tabindex='0']") {
                let _ = place.focus();
            }
        };
        view! {
            <button
                type="button" class="ac-tile on" data-spot=Spot::Palette(tile).to_string()
                aria-label=format!("{}: pick up {}", tile.letter(), tile.name()) title=tile.meaning()
                aria-pressed=move || picked().to_string() on:click=pick
            >
                {tile.letter()}
            </button>
        }
    };
    view! {
        <span class="ac-palette" role="group" aria-label="Permissions to drag">
            <span class="caption" aria-hidden="true">"Palette"</span>
            {Tile::RIGHTS.into_iter().chain([Tile::Entry]).map(tile).collect_view()}
        </span>
    }
}

/// How entries look.
#[component]
fn Legend() -> impl IntoView {
    view! {
        <p class="ac-legend muted">
            <span><i class="ac-tile on" aria-hidden="true">"R"</i>" granted by an entry"</span>
            <span><i class="ac-tile inherited" aria-hidden="true">"R"</i>" had without an entry: as owner, or by the default"</span>
            <span><i class="ac-tile nothing" aria-hidden="true">"0"</i>" an entry without any right: the default does not count"</span>
        </p>
    }
}

/// `3 unsaved changes`
pub(super) fn changes_told(changes: usize) -> String {
    format::plural(changes, "unsaved change")
}
