use std::iter::successors;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, NodeList};

/// In a table of rows with controls, up and down go to the same place of the next row.
pub(crate) fn move_focus(event: &KeyboardEvent) {
    let down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let focused = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some((row, focused)) = focused.and_then(|focused| Some((focused.closest("tr").ok()??, focused)))
    else {
        return;
    };
    let place = match focused.tag_name().as_str() {
        "INPUT" => "input",
        "BUTTON" => "button",
        _ => "a",
    };
    let position = in_row(&row, place).position(|one| one == focused).unwrap_or(0);
    let neighbour =
        |row: &Element| if down { row.next_element_sibling() } else { row.previous_element_sibling() };
    // Rows of details have other places, or none.
    let next = successors(neighbour(&row), neighbour).find_map(|row| in_row(&row, place).nth(position));
    if next.and_then(|next| next.dyn_into::<HtmlElement>().ok()).is_some_and(|next| next.focus().is_ok()) {
        event.prevent_default();
    }
}

fn in_row(row: &Element, place: &str) -> impl Iterator<Item = Element> + use<> {
    let found = row.query_selector_all(place).ok();
    let count = found.as_ref().map_or(0, NodeList::length);
    (0..count).filter_map(move |index| found.as_ref()?.item(index)?.dyn_into().ok())
}
