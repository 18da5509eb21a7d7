use console_api::hex_encode;
use leptos::ev::Event;
use leptos::prelude::*;
use lwm2m_codec::{Path, Value, ValueType};
use lwm2m_model::Range;
use wasm_bindgen::JsCast;

use crate::browser;
use crate::live::Live;
use crate::time::Civil;
use crate::workbench::Workbench;
use crate::write::Notation;

/// Longer texts get several lines.
const ONE_LINE: usize = 60;

/// A file that is larger is not taken into a field.
const FILE_MAX: usize = 1 << 20;

/// An input that fits the type of the value.
#[component]
pub(crate) fn ValueInput(
    value_type: ValueType,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] on_text: Callback<String>,
    label: String,
    #[prop(into)] invalid: Signal<bool>,
    /// Numbers that have names, with the names.
    #[prop(optional)]
    choices: Vec<(i64, String)>,
    /// Limits of a number.
    range: Option<Range>,
    /// Unit of a number.
    #[prop(optional)]
    units: String,
    /// How bytes are typed.
    #[prop(optional)]
    notation: Notation,
) -> impl IntoView {
    let field = move |kind: &'static str, mode: &'static str, label: String| {
        view! { <Field kind=kind mode=mode label=label text=text on_text=on_text invalid=invalid /> }
    };
    match value_type {
        ValueType::Boolean => view! { <Switch label=label text=text on_text=on_text /> }.into_any(),
        ValueType::Integer | ValueType::Unsigned if !choices.is_empty() => view! {
            {field("text", "numeric", label)}
            <NamePicker choices=choices text=text on_text=on_text />
        }
        .into_any(),
        ValueType::Integer | ValueType::Unsigned => view! {
            {field("text", "numeric", label)}
            <NumberHint range=range units=units />
        }
        .into_any(),
        ValueType::Float => view! {
            {field("text", "decimal", label)}
            <NumberHint range=range units=units />
        }
        .into_any(),
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
        ValueType::Opaque => view! {
            <div class="opaque-input">
                <Area label=label text=text on_text=on_text invalid=invalid />
                <FilePicker notation=notation on_text=on_text />
            </div>
        }
        .into_any(),
        ValueType::String | ValueType::CoreLink => {
            let long = text.with_untracked(|text| text.contains('\n') || text.len() > ONE_LINE);
            if long {
                view! { <Area label=label text=text on_text=on_text invalid=invalid /> }.into_any()
            } else {
                field("text", "text", label).into_any()
            }
        }
    }
}

#[component]
fn Field(
    kind: &'static str,
    mode: &'static str,
    label: String,
    text: Signal<String>,
    on_text: Callback<String>,
    invalid: Signal<bool>,
) -> impl IntoView {
    view! {
        <input
            class="field mono"
            type=kind
            inputmode=mode
            step=(kind == "datetime-local").then_some("1")
            data-testid="write-input"
            aria-label=label
            aria-invalid=move || invalid.get().then_some("true")
            autocomplete="off"
            spellcheck="false"
            prop:value=text
            on:input=move |event| on_text.run(event_target_value(&event))
        />
    }
}

#[component]
fn Area(
    label: String,
    text: Signal<String>,
    on_text: Callback<String>,
    invalid: Signal<bool>,
) -> impl IntoView {
    view! {
        <textarea
            class="field mono"
            rows="3"
            data-testid="write-input"
            aria-label=label
            aria-invalid=move || invalid.get().then_some("true")
            spellcheck="false"
            prop:value=text
            on:input=move |event| on_text.run(event_target_value(&event))
        ></textarea>
    }
}

#[component]
fn Switch(label: String, text: Signal<String>, on_text: Callback<String>) -> impl IntoView {
    view! {
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
}

/// The unit, and what the definition allows.
#[component]
fn NumberHint(range: Option<Range>, units: String) -> impl IntoView {
    let units = crate::format::unit(&units).to_owned();
    let hint = [Some(units).filter(|units| !units.is_empty()), range.map(|range| range.to_string())];
    let hint: Vec<String> = hint.into_iter().flatten().collect();
    (!hint.is_empty()).then(|| view! { <span class="muted input-hint">{hint.join(" · ")}</span> })
}

/// Values by their names; any other number can be typed.
#[component]
fn NamePicker(choices: Vec<(i64, String)>, text: Signal<String>, on_text: Callback<String>) -> impl IntoView {
    let options = choices.into_iter().map(|(number, name)| {
        let value = number.to_string();
        let chosen = value.clone();
        view! {
            <option value=value selected=move || text.get() == chosen>{format!("{value} {name}")}</option>
        }
    });
    view! {
        <select
            class="field"
            aria-label="By name"
            on:change=move |event| {
                let number = event_target_value(&event);
                if !number.is_empty() {
                    on_text.run(number);
                }
            }
        >
            <option value="">"by name…"</option>
            {options.collect_view()}
        </select>
    }
}

/// Takes the bytes of a file.
#[component]
fn FilePicker(notation: Notation, on_text: Callback<String>) -> impl IntoView {
    let problem = RwSignal::new(None::<String>);
    let chosen = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else {
            return;
        };
        leptos::task::spawn_local(async move {
            let read = browser::read_file(&file, FILE_MAX).await;
            problem.try_set(read.as_ref().err().cloned());
            if let Ok(bytes) = read {
                on_text.run(match notation {
                    Notation::Base64 => Value::opaque(bytes.as_slice()).to_text(),
                    Notation::Hex => hex_encode(&bytes),
                    Notation::Text => String::from_utf8_lossy(&bytes).into_owned(),
                });
            }
        });
    };
    view! {
        <label class="form-line file-line">
            <span class="muted">"or a file"</span>
            <input type="file" on:change=chosen />
        </label>
        {move || problem.get().map(|problem| view! { <p class="form-problem" role="alert">{problem}</p> })}
    }
}

/// The Object Instances of this client, to link to.
#[component]
fn InstancePicker(on_text: Callback<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    // Where no device is open there are no instances to choose from.
    let bench = use_context::<Workbench>()?;
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
    Some(view! {
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
    })
}
