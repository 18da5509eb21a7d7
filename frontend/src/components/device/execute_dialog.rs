use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::execute;

use super::result_line::ResultLine;
use crate::answers::danger;
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::workbench::Workbench;

/// Asks for the arguments of an Execute, and whether a dangerous one is meant.
#[component]
pub(crate) fn ExecuteDialog() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else {
            return;
        };
        match (bench.executing.get().is_some(), dialog.open()) {
            // A dialog that cannot be shown leaves the page as it is.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let arguments = memo(move || {
        let path = bench.executing.get()?;
        Some(bench.arguments.with(|arguments| arguments.get(&path).cloned().unwrap_or_default()))
    });
    let problem = memo(move || {
        let arguments = arguments.get()?;
        execute::parse(&arguments).err().map(|error| error.to_string())
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(path), Some(arguments), None) =
            (bench.executing.get_untracked(), arguments.get_untracked(), problem.get_untracked())
        {
            bench.execute(path, arguments);
        }
    };
    let body = move || {
        let path = bench.executing.get()?;
        let name =
            bench.definition(&path).map_or_else(|| "Unknown Resource".to_owned(), |resource| resource.name);
        let danger = danger(&path);
        let verb = if danger.is_some() { format!("{name} now") } else { "Execute".to_owned() };
        Some(view! {
            <form on:submit=submit>
                <div class="dialog-head">
                    <h2 id="execute-title">{format!("Execute {name}")}</h2>
                    <code class="muted">{path.to_string()}</code>
                </div>
                {danger.map(|danger| view! {
                    <p class="dialog-danger"><Glyph icon=Icon::Warning /><span>{danger}</span></p>
                })}
                <p class="dialog-endpoint">"On " <code>{bench.endpoint()}</code></p>
                <label class="form-field">
                    <span>"Arguments " <span class="muted">"(optional, like " <code>"0='text',1"</code> ")"</span></span>
                    <input
                        class="field mono"
                        data-testid="execute-arguments"
                        autocomplete="off"
                        spellcheck="false"
                        aria-invalid=move || problem.with(Option::is_some).then_some("true")
                        prop:value=move || arguments.get().unwrap_or_default()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            bench.arguments.update(|arguments| {
                                arguments.insert(path, text);
                            });
                        }
                    />
                </label>
                {move || problem.get().map(|problem| view! { <p class="form-problem" role="alert">{problem}</p> })}
                <ResultLine path=path />
                <div class="form-actions">
                    <button
                        type="submit"
                        class="button primary"
                        class:danger=danger.is_some()
                        data-testid="execute-submit"
                        disabled=move || problem.with(Option::is_some) || bench.is_pending(&path).is_some()
                    >
                        {verb}
                    </button>
                    <button type="button" class="button" on:click=move |_| bench.executing.set(None)>"Cancel"</button>
                </div>
            </form>
        })
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="execute-title"
            data-testid="execute-dialog"
            on:close=move |_| bench.executing.set(None)
        >
            {body}
        </dialog>
    }
}
