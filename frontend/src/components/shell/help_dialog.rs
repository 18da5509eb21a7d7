use leptos::html;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::frame::{Dialogs, PageKeys};
use crate::keys::HELP;

/// The keys by where they work, and what the marks in the tree mean.
#[component]
pub(crate) fn HelpDialog() -> impl IntoView {
    let open = expect_context::<Dialogs>().help;
    let own = expect_context::<PageKeys>();
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
        <dialog class="dialog help-dialog" node_ref=dialog aria-labelledby="help-title" on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id="help-title">"Keys and marks"</h2>
                <button type="button" class="button ghost square" aria-label="Close" on:click=move |_| open.set(false)>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
            <div class="help-areas">
                {HELP.map(|(title, keys)| view! {
                    <section>
                        <h3 class="caption">{title}</h3>
                        <dl class="help-keys">
                            {keys.iter().map(|(keys, meaning)| key_row(keys, meaning)).collect_view()}
                        </dl>
                    </section>
                })}
                {move || own.own().map(|own| view! {
                    <section data-testid="help-page">
                        <h3 class="caption">{own.title}</h3>
                        <dl class="help-keys">
                            {own.keys.iter().map(|(key, meaning)| key_row(&key.to_string(), meaning)).collect_view()}
                        </dl>
                    </section>
                })}
                <section>
                    <h3 class="caption">"Marks"</h3>
                    <dl class="help-keys">
                        <dt><span class="mark yes">"R"</span></dt>
                        <dd>"Readable by its definition; W writable, E executable"</dd>
                        <dt><span class="dot observed"></span></dt>
                        <dd>"Observed: the device reports changes by itself"</dd>
                        <dt><span class="dot covered"></span></dt>
                        <dd>"Reported with a node above it that is observed"</dd>
                    </dl>
                </section>
            </div>
        </dialog>
    }
}

fn key_row(keys: &str, meaning: &'static str) -> impl IntoView + use<> {
    let keys = keys.split(' ').map(|key| view! { <kbd>{key.to_owned()}</kbd> }).collect_view();
    view! {
        <dt>{keys}</dt>
        <dd>{meaning}</dd>
    }
}
