use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::state::ChartState;
use crate::api;
use crate::browser;
use crate::chart::{csv, json_lines};
use crate::components::{CopyButton, Glyph, Icon};

/// Where a chart is found.
#[derive(Clone)]
pub(crate) struct Sharing {
    /// Of the menu; another one for each chart of a page.
    pub(crate) id: String,
    /// What files are called.
    pub(crate) name: String,
    /// To exactly this view.
    pub(crate) link: Signal<String>,
}

/// What is in view as a picture or a file, everything of this time from the server, and a link.
#[component]
pub(crate) fn ExportMenu(state: ChartState, sharing: Sharing) -> impl IntoView {
    let Sharing { id, name, link } = sharing;
    let name = StoredValue::new(name);
    let name = move |ending: &str| name.with_value(|name| format!("{name}.{ending}"));
    let say = move |saved: Result<(), JsValue>| {
        if saved.is_err() {
            state.announce("the browser cannot save the file".into());
        }
    };
    let save_picture = move |_| {
        say(picture(state).and_then(|address| browser::save_address(&name("png"), &address)));
    };
    let save_csv = move |_| {
        say(browser::save_text(&name("csv"), "text/csv", &csv(&untrack(|| state.samples()))));
    };
    let save_lines = move |_| {
        let text = json_lines(&untrack(|| state.samples()));
        say(browser::save_text(&name("jsonl"), "application/x-ndjson", &text));
    };
    let all = move || {
        let (from_ms, to_ms) = state.window();
        // The end is not within; without one it is the present of whoever asks.
        let to =
            if state.view.get().is_following() { String::new() } else { format!("&to={:.0}", to_ms + 1.0) };
        let query = format!("path={}&from={:.0}{to}", state.primary.path, from_ms.floor());
        api::client_address(&state.endpoint(&state.primary), "/history.csv", &query)
    };
    view! {
        <button
            class="button small square"
            popovertarget=id.clone()
            aria-label="Save or share the chart"
            title="Save or share the chart"
            data-testid="chart-export"
        >
            <Glyph icon=Icon::Download />
        </button>
        <div id=id class="menu menu-form chart-export" popover="auto" role="dialog" aria-label="Save or share the chart">
            <button class="menu-item" data-testid="chart-png" on:click=save_picture>"Picture (PNG)"</button>
            <button class="menu-item" data-testid="chart-csv" on:click=save_csv>"Values in view (CSV)"</button>
            <button class="menu-item" data-testid="chart-jsonl" on:click=save_lines>"Values in view (JSON lines)"</button>
            <a class="menu-item" href=all download="" data-testid="chart-csv-all">
                {move || format!("All payloads of {} in this time (CSV)", state.name(&state.primary))}
            </a>
            <div role="separator" class="menu-line"></div>
            <div class="chart-link" data-testid="chart-link">
                <span>"Link to this view"</span>
                <CopyButton text=link label="Copy the link to this view" />
            </div>
        </div>
    }
}

/// The drawing as it is, on the background of the card.
fn picture(state: ChartState) -> Result<String, JsValue> {
    let missing = || JsValue::from_str("there is no drawing");
    let canvas: HtmlCanvasElement = state.canvas.get_untracked().ok_or_else(missing)?;
    let context = canvas.get_context("2d")?.ok_or_else(missing)?.dyn_into::<CanvasRenderingContext2d>()?;
    let style = window().get_computed_style(&canvas)?.ok_or_else(missing)?;
    context.save();
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)?;
    context.set_global_composite_operation("destination-over")?;
    context.set_fill_style_str(&style.get_property_value("--surface")?);
    context.fill_rect(0.0, 0.0, canvas.width().into(), canvas.height().into());
    context.restore();
    canvas.to_data_url()
}
