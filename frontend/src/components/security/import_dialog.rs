use console_api::{CredentialImport, RefusedEntry};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::browser;
use crate::components::{Glyph, Icon, Modal};
use crate::format;
use crate::pages::SecurityState;
use crate::security::{self, IMPORT_BYTES};

/// What is imported, and what was found in it.
#[derive(Clone, Copy)]
struct Import {
    state: SecurityState,
    text: RwSignal<String>,
    found: RwSignal<Option<Result<CredentialImport, String>>>,
    busy: RwSignal<bool>,
}

impl Import {
    /// `dry_run`: looks at it only.
    fn run(self, dry_run: bool, partial: bool) {
        let text = self.text.get_untracked();
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = security::import(&text, dry_run, partial).await.map_err(|failure| failure.told());
            if answer.as_ref().is_ok_and(|import| import.stored) {
                // It holds keys.
                self.text.try_set(String::new());
                self.state.ask();
            }
            self.found.try_set(Some(answer));
            self.busy.try_set(false);
        });
    }

    fn change(self, text: String) {
        self.text.set(text);
        self.found.set(None);
    }

    fn choose(self, event: &leptos::ev::Event) {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let file = input.files().and_then(|files| files.get(0));
        leptos::task::spawn_local(async move {
            let Some(file) = file else { return };
            let read = browser::read_file(&file, IMPORT_BYTES).await;
            let text = read.and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| "expected text in UTF-8, got something else".to_owned())
            });
            match text {
                Ok(text) => {
                    self.text.try_set(text);
                    self.run(true, false);
                }
                Err(why) => _ = self.found.try_set(Some(Err(why))),
            }
        });
        // The same file can be chosen again once it is mended.
        input.set_value("");
    }
}

/// Many credentials at once: looked at first, then stored.
#[component]
pub(crate) fn ImportDialog(state: SecurityState) -> impl IntoView {
    view! {
        <Modal
            open=state.importing
            on_close=move || state.importing.set(false)
            title="Import credentials"
            name="import-dialog"
        >
            <ImportForm state=state />
        </Modal>
    }
}

#[component]
fn ImportForm(state: SecurityState) -> impl IntoView {
    let import =
        Import { state, text: RwSignal::default(), found: RwSignal::default(), busy: RwSignal::default() };
    let empty = move || import.text.with(|text| text.trim().is_empty());
    view! {
        <p class="muted">
            "CSV with a line of names first, such as " <code>"endpoint,mode,identity,key"</code>
            ", or a JSON array of the same."
        </p>
        <label class="upload-drop">
            <Glyph icon=Icon::Upload />
            <span>"Choose a file"</span>
            <input
                type="file"
                class="visually-hidden"
                accept=".csv,.json,text/csv,application/json"
                data-testid="import-file"
                on:change=move |event| import.choose(&event)
            />
        </label>
        <label class="form-field">
            <span>"Or paste it"</span>
            <textarea
                class="field mono"
                rows="6"
                spellcheck="false"
                data-testid="import-text"
                prop:value=import.text
                on:input=move |event| import.change(event_target_value(&event))
            ></textarea>
        </label>
        <div role="status" data-testid="import-found">
            {move || import.found.get().map(|found| match found {
                Ok(found) => view! { <Found found=found /> }.into_any(),
                Err(why) => view! { <p class="form-problem">{why}</p> }.into_any(),
            })}
        </div>
        <div class="form-actions">
            <button
                type="button" class="button" data-testid="import-check"
                disabled=move || import.busy.get() || empty()
                on:click=move |_| import.run(true, false)
            >
                "Check"
            </button>
            <Store import=import />
        </div>
    }
}

/// Stores what was checked; the good lines alone only if that is what the operator wants.
#[component]
fn Store(import: Import) -> impl IntoView {
    move || {
        let found = import.found.get()?.ok().filter(|found| found.dry_run && found.accepted > 0)?;
        let bad = found.refused.len();
        let good = format::plural(found.accepted, "credential");
        let title =
            if bad == 0 { format!("Import {good}") } else { format!("Import only what is good: {good}") };
        Some(view! {
            <button
                type="button" class="button primary" data-testid="import-store" disabled=import.busy
                on:click=move |_| import.run(false, bad > 0)
            >
                {title}
            </button>
        })
    }
}

#[component]
fn Found(found: CredentialImport) -> impl IntoView {
    let good = format::plural(found.accepted, "credential");
    let told = match (found.stored, found.refused.len()) {
        (true, _) => format!("{good} imported"),
        (false, 0) => format!("{good}, all good; nothing is stored yet"),
        (false, bad) => format!("{good} good, {} not; nothing is stored yet", format::count(bad as u64)),
    };
    view! {
        <p data-testid="import-told">{told}</p>
        <Entries entries=found.refused title="Bad lines" testid="import-refused" />
        <Entries entries=found.warnings title="Not advisable" testid="import-warned" />
    }
}

#[component]
fn Entries(entries: Vec<RefusedEntry>, title: &'static str, testid: &'static str) -> impl IntoView {
    (!entries.is_empty()).then(|| {
        view! {
            <h3 class="import-title">{title}</h3>
        <div class="import-entries" tabindex="0" role="region" aria-label=title>
                <table class="plain-table" aria-label=title>
                    <thead>
                        <tr>
                            <th scope="col" class="number">"Line"</th>
                            <th scope="col">"Field"</th>
                            <th scope="col">"Expected"</th>
                            <th scope="col">"Got"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {entries.into_iter().map(|entry| view! {
                            <tr data-testid=testid>
                                <td class="number">{entry.line}</td>
                                <td class="mono">{entry.field}</td>
                                <td>{entry.expected}</td>
                                <td>{entry.got}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        }
    })
}
