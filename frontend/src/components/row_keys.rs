use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

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
    let next = if down { row.next_element_sibling() } else { row.previous_element_sibling() };
    let place = match focused.tag_name().as_str() {
        "INPUT" => "input",
        "BUTTON" => "button",
        _ => "a",
    };
    let next = next.and_then(|row| row.query_selector(place).ok().flatten());
    if next.and_then(|next| next.dyn_into::<HtmlElement>().ok()).is_some_and(|next| next.focus().is_ok()) {
        event.prevent_default();
    }
}
