use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::{Path, execute};

use super::result_line::ResultLine;
use crate::answers::danger;
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::workbench::{Workbench, node_name};

/// Asks for the arguments of an Execute, and whether a dangerous one is meant.
#[component]
pub(crate) fn ExecuteForm(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let arguments =
        memo(move || bench.arguments.with(|arguments| arguments.get(&path).cloned().unwrap_or_default()));
    let problem = memo(move || execute::parse(&arguments.get()).err().map(|error| error.to_string()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if problem.get_untracked().is_none() {
            bench.execute(path, arguments.get_untracked());
        }
    };
    let name = untrack(|| node_name(bench, &path));
    let danger = danger(&path);
    let verb = if danger.is_some() { format!("{name} now") } else { "Execute".to_owned() };
    view! {
        <form on:submit=submit>
            <div class="dialog-head">
                <h2 id="dialog-title">{format!("Execute {name}")}</h2>
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
                    prop:value=arguments
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
                <button type="button" class="button" on:click=move |_| bench.dialog.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}
