use console_api::{Details, UploadedObject};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::{Glyph, Icon, Modal, date_time};
use crate::objects::{Outcome, Upload};
use crate::pages::ObjectsState;
use crate::routing::Route;

/// Adds definitions to the registry: chosen, dropped or pasted.
#[component]
pub(crate) fn UploadDialog(state: ObjectsState) -> impl IntoView {
    let pasted = RwSignal::new(String::new());
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input {
            state.upload_files(input.files());
            // The same file can be chosen again once it is mended.
            input.set_value("");
        }
    };
    let upload_pasted = move |_| {
        let text = pasted.get_untracked();
        if !text.trim().is_empty() {
            pasted.set(String::new());
            state.upload_text(text);
        }
    };
    view! {
        <Modal
            open=state.uploading
            on_close=move || state.uploading.set(false)
            title="Upload object definitions"
            name="upload-dialog"
        >
            <p class="muted">
                "Object definition files (DDF, XML) or definitions in JSON. They are kept by the server, take the place of "
                "what it has for the same object and version, and every tab decodes by them at once."
            </p>
            <label class="upload-drop">
                <Glyph icon=Icon::Upload />
                <span>"Choose files, or drop them anywhere on the page"</span>
                <input
                    type="file"
                    class="visually-hidden"
                    multiple
                    accept=".xml,.json,application/xml,text/xml,application/json"
                    data-testid="upload-files"
                    on:change=choose
                />
            </label>
            <label class="form-field">
                <span>"Or paste a definition"</span>
                <textarea
                    class="field mono upload-text"
                    rows="4"
                    spellcheck="false"
                    data-testid="upload-text"
                    prop:value=pasted
                    on:input=move |event| pasted.set(event_target_value(&event))
                ></textarea>
            </label>
            <div class="form-actions">
                <button
                    class="button primary"
                    data-testid="upload-paste"
                    disabled=move || pasted.with(|text| text.trim().is_empty())
                    on:click=upload_pasted
                >
                    "Upload the pasted text"
                </button>
            </div>
            <ol class="upload-results" aria-label="Uploads" aria-live="polite">
                {move || state.uploads.get().into_iter().rev().map(|upload| view! { <UploadLine upload=upload /> }).collect_view()}
            </ol>
        </Modal>
    }
}

#[component]
fn UploadLine(upload: Upload) -> impl IntoView {
    let (class, state) = match &upload.outcome {
        Outcome::Pending => ("chip", "uploading…"),
        Outcome::Added(_) => ("chip ok", "added"),
        Outcome::Refused { .. } => ("chip bad", "refused"),
    };
    let told = match upload.outcome {
        Outcome::Pending => ().into_any(),
        Outcome::Added(objects) => {
            objects.into_iter().map(|object| view! { <Added object=object /> }).collect_view().into_any()
        }
        Outcome::Refused { message, details } => {
            view! { <Refused message=message details=details /> }.into_any()
        }
    };
    view! {
        <li class="upload-line" data-testid="upload-line" data-state=state>
            <div class="upload-head">
                <b class="wrap">{upload.name}</b>
                <span class=class>{state}</span>
            </div>
            {told}
        </li>
    }
}

#[component]
fn Added(object: UploadedObject) -> impl IntoView {
    let address = Route::Objects { id: Some(object.id) }.address();
    let replaces = object.replaces.then_some(", in place of the one the server came with");
    view! {
        <div>
            <a href=address>{format!("/{} {}", object.id, object.name)}</a>
            {format!(" {}", object.version)}
            {replaces}
        </div>
    }
}

#[component]
fn Refused(message: String, details: Option<Details>) -> impl IntoView {
    view! {
        <p class="form-problem wrap">{message}</p>
        {details.map(|details| view! {
            <dl class="upload-details">
                <dt>"Expected"</dt>
                <dd class="mono wrap">{details.expected}</dd>
                <dt>"Got"</dt>
                <dd class="mono wrap">{details.got}</dd>
            </dl>
        })}
    }
}

/// `2026-11-26 05:12`
pub(super) fn moment(at_ms: u64) -> String {
    let text = date_time(at_ms);
    text.rsplit_once(':').map_or(text.clone(), |(minute, _)| minute.to_owned())
}
