//! The few things that are asked of the browser, each behind a small function.

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Milliseconds on a clock that never goes back.
pub(crate) fn monotonic_ms() -> f64 {
    window().performance().map_or_else(now_ms, |clock| clock.now())
}

/// The browser does not know of having no network.
pub(crate) fn online() -> bool {
    window().navigator().on_line()
}

pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// Minutes that the operator's clock is ahead of UTC at that time.
pub(crate) fn east_min(epoch_s: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(epoch_s as f64 * 1000.0));
    let west = date.get_timezone_offset();
    if west.is_finite() { -(west as i32) } else { 0 }
}

/// The tab is in the background.
pub(crate) fn hidden() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Hidden
}

pub(crate) fn socket_address(path: &str) -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}{path}", location.host().unwrap_or_default())
}

/// Content of `<meta name="…">`.
pub(crate) fn meta(name: &str) -> Option<String> {
    let element = document().query_selector(&format!("meta[name=\"{name}\"]")).ok()??;
    element.get_attribute("content")
}

/// Fetches the style of the pages that come later, once. Whoever waits goes on whether it came or not: a page without it
/// is plain, and still a page.
pub(crate) async fn style_later() {
    const LOADED: &str = "data-loaded";
    let there = document().query_selector("link[data-later]").ok().flatten();
    if there.as_ref().is_some_and(|link| link.has_attribute(LOADED)) {
        return;
    }
    let Some(address) = meta("later-style") else { return };
    let Some(link) = there.clone().or_else(|| document().create_element("link").ok()) else { return };
    let loaded = js_sys::Promise::new(&mut |resolve, _| {
        for event in ["load", "error"] {
            let _ = link.add_event_listener_with_callback(event, &resolve);
        }
    });
    if there.is_none() {
        for (name, value) in [("data-later", ""), ("rel", "stylesheet"), ("href", &address)] {
            let _ = link.set_attribute(name, value);
        }
        if let Ok(Some(head)) = document().query_selector("head") {
            let _ = head.append_child(&link);
        }
    }
    let _ = JsFuture::from(loaded).await;
    let _ = link.set_attribute(LOADED, "");
}

pub(crate) fn pathname() -> String {
    window().location().pathname().unwrap_or_default()
}

/// `http://127.0.0.1:8080`
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Path and query of the page.
pub(crate) fn address() -> String {
    format!("{}{}", pathname(), window().location().search().unwrap_or_default())
}

/// The part of the address after `#`.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

pub(crate) fn push_address(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// The address changed without the browser saying so: those who listen to its back button look at it.
pub(crate) fn tell_address() {
    if let Ok(event) = web_sys::Event::new("popstate") {
        let _ = window().dispatch_event(&event);
    }
}

pub(crate) fn replace_address(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

pub(crate) fn reload() {
    let _ = window().location().reload();
}

pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// A remembered setting; a browser that keeps none remembers none.
pub(crate) fn remembered(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

pub(crate) fn remember(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

pub(crate) fn set_theme(theme: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}

pub(crate) fn copy(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}

/// The bytes of a file that the operator chose.
pub(crate) async fn read_file(file: &web_sys::File, most: usize) -> Result<Vec<u8>, String> {
    if file.size() > most as f64 {
        return Err(format!("expected a file of at most {most} bytes, got {}", file.size()));
    }
    let buffer =
        JsFuture::from(file.array_buffer()).await.map_err(|_| "the file cannot be read".to_owned())?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Hands a text to the operator as a file.
pub(crate) fn save_text(name: &str, media_type: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    save_address(name, &address)?;
    web_sys::Url::revoke_object_url(&address)
}

/// Hands what an address has to the operator as a file.
pub(crate) fn save_address(name: &str, address: &str) -> Result<(), JsValue> {
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(address);
    link.set_download(name);
    link.click();
    Ok(())
}

/// Left and lower edge of an element in the window, in CSS pixels.
pub(crate) fn below(element: &Element) -> (f64, f64) {
    let place = element.get_bounding_client_rect();
    (place.left(), place.bottom())
}

/// Size of the window in CSS pixels.
pub(crate) fn window_size() -> (f64, f64) {
    let size =
        |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64()).unwrap_or_default();
    (size(window().inner_width()), size(window().inner_height()))
}

/// Whether it was copied: without a secure origin or a gesture the browser refuses.
pub(crate) async fn copy_text(text: &str) -> bool {
    // Where the origin is not secure there is no clipboard at all.
    let clipboard: JsValue = window().navigator().clipboard().into();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Address of the script that started this page: another one in another build.
pub(crate) fn boot_script() -> Option<String> {
    document().query_selector("script[type=module][src]").ok()??.get_attribute("src")
}

/// Says on the page that the console itself has failed: nothing of it runs any more.
pub(crate) fn show_crash(message: &str) {
    let Ok(banner) = document().create_element("div") else {
        return;
    };
    let _ = banner.set_attribute("role", "alert");
    let _ = banner.set_attribute("class", "crash");
    banner.set_text_content(Some(&format!(
        "The console has failed and shows nothing new any more. Reload the page; the server and the devices are not \
         concerned. {message}"
    )));
    if let Some(body) = document().body() {
        let _ = body.append_child(&banner);
    }
}

/// Scrolls the first match into view once it is drawn.
pub(crate) fn reveal(selector: &str) {
    let selector = selector.to_owned();
    request_animation_frame(move || {
        if let Some(element) = find(&selector) {
            scroll_into_view(&element);
        }
    });
}

/// Whether a media query holds, such as `(max-width: 900px)`.
/// Nothing but this page on the screen, if the browser allows it.
pub(crate) fn fill_screen() {
    if let Some(root) = document().document_element() {
        // A browser that does not keeps its frame, and the page is as it is.
        let _ = root.request_fullscreen();
    }
}

pub(crate) fn fills_screen() -> bool {
    document().fullscreen_element().is_some()
}

pub(crate) fn leave_screen() {
    if fills_screen() {
        document().exit_fullscreen();
    }
}

pub(crate) fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// What lies topmost at a place of the window, in CSS pixels.
pub(crate) fn element_at(x: f64, y: f64) -> Option<Element> {
    document().element_from_point(x as f32, y as f32)
}

/// Focuses the first match, if there is one.
pub(crate) fn focus(selector: &str) -> bool {
    find(selector).is_some_and(|element| element.focus().is_ok())
}

/// Focuses the match after the one that has the focus, or before it; after the last comes the first.
pub(crate) fn focus_next(selector: &str, forward: bool) {
    let Ok(matches) = document().query_selector_all(selector) else {
        return;
    };
    let all: Vec<HtmlElement> =
        (0..matches.length()).filter_map(|i| matches.get(i)?.dyn_into().ok()).collect();
    let focused = document().active_element();
    let at = all.iter().position(|one| focused.as_ref() == Some(one.as_ref()));
    let to = match (at, forward) {
        (Some(at), true) => (at + 1) % all.len(),
        (Some(at), false) => (at + all.len() - 1) % all.len(),
        (None, _) => 0,
    };
    if let Some(element) = all.get(to) {
        let _ = element.focus();
    }
}

/// Focuses a field so that typing replaces what is in it.
pub(crate) fn focus_and_select(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
        match element.dyn_into::<web_sys::HtmlInputElement>() {
            Ok(input) => input.select(),
            Err(element) => {
                if let Ok(area) = element.dyn_into::<web_sys::HtmlTextAreaElement>() {
                    area.select();
                }
            }
        }
    }
}

pub(crate) fn blur() {
    if let Some(element) =
        document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        let _ = element.blur();
    }
}

pub(crate) fn scroll_into_view(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Whether keys that go to this element are text.
pub(crate) fn takes_text(element: &Element) -> bool {
    match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(
            element.get_attribute("type").as_deref(),
            Some("checkbox" | "radio" | "button" | "submit")
        ),
        _ => false,
    }
}
