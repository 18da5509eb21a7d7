use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::{Level, Path};

use super::result_line::ResultLine;
use crate::components::{Glyph, Icon};
use crate::workbench::{Workbench, node_name};

/// Asks whether an instance is to be deleted.
#[component]
pub(crate) fn DeleteForm(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let name = untrack(|| node_name(bench, &path));
    let consequence = if path.object_id() == Some(1) {
        "The device loses a server: it may never be reachable from here again."
    } else if path.level() == Level::ResourceInstance {
        "The value is gone afterwards."
    } else {
        "The Object Instance, its values and its attributes are gone afterwards. Observations of it end."
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        bench.delete(path);
    };
    view! {
        <form on:submit=submit>
            <div class="dialog-head">
                <h2 id="dialog-title">{format!("Delete {name}?")}</h2>
                <code class="muted">{path.to_string()}</code>
            </div>
            <p class="dialog-danger"><Glyph icon=Icon::Warning /><span>{consequence}</span></p>
            <p class="dialog-endpoint">"On " <code>{bench.endpoint()}</code></p>
            <ResultLine path=path />
            <div class="form-actions">
                <button
                    type="submit"
                    class="button primary danger"
                    data-testid="delete-submit"
                    disabled=move || bench.is_pending(&path).is_some()
                >
                    {format!("Delete {path}")}
                </button>
                <button type="button" class="button" autofocus="" on:click=move |_| bench.dialog.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}
