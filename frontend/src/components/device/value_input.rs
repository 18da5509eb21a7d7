use leptos::prelude::*;
use lwm2m_codec::{Path, ValueType};

use crate::browser;
use crate::live::Live;
use crate::time::Civil;
use crate::workbench::Workbench;

/// Longer texts get several lines.
const ONE_LINE: usize = 60;

/// An input that fits the type of the value.
#[component]
pub(crate) fn ValueInput(
    value_type: ValueType,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] on_text: Callback<String>,
    label: String,
    #[prop(into)] invalid: Signal<bool>,
) -> impl IntoView {
    let changed = move |event| on_text.run(event_target_value(&event));
    let aria_invalid = move || invalid.get().then_some("true");
    let field = move |kind: &'static str, mode: &'static str, label: String| {
        view! {
            <input
                class="field mono"
                type=kind
                inputmode=mode
                step=(kind == "datetime-local").then_some("1")
                data-testid="write-input"
                aria-label=label
                aria-invalid=aria_invalid
                autocomplete="off"
                spellcheck="false"
                prop:value=text
                on:input=changed
            />
        }
    };
    let area = move |label: String| {
        view! {
            <textarea
                class="field mono"
                rows="3"
                data-testid="write-input"
                aria-label=label
                aria-invalid=aria_invalid
                spellcheck="false"
                prop:value=text
                on:input=changed
            ></textarea>
        }
    };
    match value_type {
        ValueType::Boolean => view! {
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    data-testid="write-input"
                    aria-label=label
                    prop:checked=move || text.get() == "true"
                    on:change=move |event| on_text.run(event_target_checked(&event).to_string())
                />
                <span class="switch-track" aria-hidden="true"></span>
                <span class="mono">{move || if text.get() == "true" { "true" } else { "false" }}</span>
            </label>
        }
        .into_any(),
        ValueType::Integer | ValueType::Unsigned => field("text", "numeric", label).into_any(),
        ValueType::Float => field("text", "decimal", label).into_any(),
        ValueType::Time => view! {
            {field("datetime-local", "text", label)}
            <button
                type="button"
                class="button"
                on:click=move |_| {
                    let now_s = (browser::now_ms() / 1000.0) as i64;
                    on_text.run(Civil::from_epoch(now_s, browser::east_min(now_s)).to_input());
                }
            >
                "Now"
            </button>
        }
        .into_any(),
        ValueType::ObjectLink => view! {
            {field("text", "text", label)}
            <InstancePicker on_text=on_text />
        }
        .into_any(),
        ValueType::Opaque => area(label).into_any(),
        ValueType::String | ValueType::CoreLink => {
            let long = text.with_untracked(|text| text.contains('\n') || text.len() > ONE_LINE);
            if long { area(label).into_any() } else { field("text", "text", label).into_any() }
        }
    }
}

/// The Object Instances of this client, to link to.
#[component]
fn InstancePicker(on_text: Callback<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let instances = move || {
        live.structure.track();
        let paths = live.with_device(|device| {
            let is_instance = |path: &Path| path.ids().len() == 2;
            device.paths().into_iter().filter(is_instance).collect::<Vec<_>>()
        });
        let option = |path: Path| {
            let link = path.to_string().trim_start_matches('/').replace('/', ":");
            let name = bench.object(&path).map(|object| object.name).unwrap_or_default();
            let label = format!("{link} {name}");
            view! { <option value=link>{label}</option> }
        };
        paths.unwrap_or_default().into_iter().map(option).collect_view()
    };
    view! {
        <select
            class="field"
            aria-label="Object Instance of this device"
            on:change=move |event| {
                let link = event_target_value(&event);
                if !link.is_empty() {
                    on_text.run(link);
                }
            }
        >
            <option value="">"choose…"</option>
            {instances}
            <option value="65535:65535">"no link"</option>
        </select>
    }
}
