use leptos::html;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};

/// A dialog over the page, with its title. Escape and the cross close it.
#[component]
pub(crate) fn Modal(
    #[prop(into)] open: Signal<bool>,
    /// Runs when it was closed, by whatever.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
    #[prop(into)] title: Signal<String>,
    /// Unique within the page: also the id of the title.
    name: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
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
    let close = on_close.clone();
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby=format!("{name}-title")
            data-testid=name
            on:close=move |_| on_close()
        >
            <div class="dialog-head">
                <h2 id=format!("{name}-title")>{title}</h2>
                <button type="button" class="button ghost square" aria-label="Close" on:click=move |_| close()>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
            {move || open.get().then(|| children())}
        </dialog>
    }
}
