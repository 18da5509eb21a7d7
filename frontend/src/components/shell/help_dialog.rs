use leptos::html;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::keys::HELP;

/// The keys, and what the marks in the tree mean.
#[component]
pub(crate) fn HelpDialog(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else {
            return;
        };
        match (open.get(), dialog.open()) {
            // A dialog that cannot be shown leaves the page as it is.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="help-title" on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id="help-title">"Keys and marks"</h2>
                <button class="button ghost square" aria-label="Close" on:click=move |_| open.set(false)>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
            <dl class="help-keys">
                {HELP.map(|(keys, meaning)| view! {
                    <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                    <dd>{meaning}</dd>
                })}
            </dl>
            <dl class="help-keys">
                <dt><span class="mark yes">"R"</span></dt>
                <dd>"Readable by its definition; W writable, E executable"</dd>
                <dt><span class="dot observed"></span></dt>
                <dd>"Observed: the device reports changes by itself"</dd>
                <dt><span class="dot covered"></span></dt>
                <dd>"Reported with a node above it that is observed"</dd>
            </dl>
        </dialog>
    }
}
