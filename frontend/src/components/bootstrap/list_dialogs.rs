use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::{Glyph, Icon, Modal};
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::BootstrapPageState;
use crate::{bootstrap, browser};

/// A file that is larger is not read.
const IMPORT_BYTES: usize = 4 << 20;

/// Asks before a configuration is deleted.
#[component]
pub(crate) fn DeleteConfigurationDialog(state: BootstrapPageState) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let problem = RwSignal::new(None::<String>);
    let open = memo(move || state.deleting.with(Option::is_some));
    let name = move || state.deleting.with(|it| it.as_ref().map(|it| it.configuration.name.clone()));
    let perform = move |_| {
        let Some(id) = state.deleting.with_untracked(|it| it.as_ref().map(|it| it.id)) else { return };
        leptos::task::spawn_local(async move {
            match bootstrap::delete(id).await {
                Ok(()) => {
                    state.deleting.try_set(None);
                    notices.say("Deleted");
                    state.ask();
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
        });
    };
    view! {
        <Modal
            open=open
            on_close=move || { state.deleting.set(None); problem.set(None); }
            title=Signal::derive(|| "Delete this configuration?".to_owned())
            name="delete-configuration"
        >
            <p class="dialog-danger">
                <Glyph icon=Icon::Warning />
                <span>
                    "Devices that it is for receive what fits them next, or are turned away. What they have received already stays "
                    "with them; the versions of this configuration are gone."
                </span>
            </p>
            <p class="dialog-endpoint"><b>{name}</b></p>
            {move || problem.get().map(|why| view! { <p class="form-problem" role="alert">{why}</p> })}
            <div class="form-actions">
                <button class="button primary danger" data-testid="delete-configuration-submit" on:click=perform>"Delete it"</button>
                <button class="button" autofocus="" on:click=move |_| state.deleting.set(None)>"Cancel"</button>
            </div>
        </Modal>
    }
}

/// Configurations from a file or the clipboard: all of them or none.
#[component]
pub(crate) fn ImportConfigurationsDialog(state: BootstrapPageState) -> impl IntoView {
    view! {
        <Modal
            open=state.importing
            on_close=move || state.importing.set(false)
            title=Signal::derive(|| "Import configurations".to_owned())
            name="import-configurations"
        >
            <ImportForm state=state />
        </Modal>
    }
}

#[component]
fn ImportForm(state: BootstrapPageState) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let file = input.files().and_then(|files| files.get(0));
        leptos::task::spawn_local(async move {
            let Some(file) = file else { return };
            let read = browser::read_file(&file, IMPORT_BYTES).await.and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| "expected text in UTF-8, got something else".to_owned())
            });
            problem.try_set(read.as_ref().err().cloned());
            if let Ok(read) = read {
                text.try_set(read);
            }
        });
        // The same file can be chosen again once it is mended.
        input.set_value("");
    };
    let import = move |_| {
        let wanted = text.get_untracked();
        busy.set(true);
        leptos::task::spawn_local(async move {
            match bootstrap::import(&wanted).await {
                Ok(()) => {
                    state.importing.try_set(false);
                    notices.say("Imported");
                    state.ask();
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <p class="muted">"JSON as it is exported: one configuration or an array of them. Nothing is stored unless all are good."</p>
        <label class="upload-drop">
            <Glyph icon=Icon::Upload />
            <span>"Choose a file"</span>
            <input type="file" class="visually-hidden" accept=".json,application/json" data-testid="configurations-file" on:change=choose />
        </label>
        <label class="form-field">
            <span>"Or paste it"</span>
            <textarea
                class="field mono" rows="8" spellcheck="false" data-testid="configurations-text"
                prop:value=text on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
        </label>
        {move || problem.get().map(|why| view! { <p class="form-problem wrap" role="alert" data-testid="configurations-problem">{why}</p> })}
        <div class="form-actions">
            <button
                type="button" class="button primary" data-testid="configurations-submit"
                disabled=move || busy.get() || text.with(|text| text.trim().is_empty())
                on:click=import
            >
                "Import"
            </button>
            <button type="button" class="button" on:click=move |_| state.importing.set(false)>"Cancel"</button>
        </div>
    }
}
