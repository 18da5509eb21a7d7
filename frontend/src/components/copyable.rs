use leptos::prelude::*;

use super::CopyButton;

/// A line to take along.
#[component]
pub(crate) fn Copyable(
    text: String,
    /// What is copied: `Copy the server URI`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let line = text.clone();
    view! {
        <div class="copyable">
            <code>{line}</code>
            <CopyButton text=Signal::stored(text) label=label />
        </div>
    }
}
