use std::time::Duration;

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::browser;

/// How long the button says that it was done.
const COPIED_SHOWN: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    None,
    Copied,
    Refused,
}

/// Copies a text, and says whether the browser did.
#[component]
pub(crate) fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// What is copied: `Copy the server URI`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let outcome = RwSignal::new(Outcome::None);
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            let done = browser::copy_text(&text.get_untracked()).await;
            // The button may have left the page meanwhile.
            outcome.try_set(if done { Outcome::Copied } else { Outcome::Refused });
            set_timeout(move || _ = outcome.try_set(Outcome::None), COPIED_SHOWN);
        });
    };
    let shown = move || match outcome.get() {
        Outcome::None => "Copy",
        Outcome::Copied => "Copied",
        Outcome::Refused => "Not allowed",
    };
    view! {
        <button type="button" class="button small copy-button" aria-label=label on:click=copy>
            <Glyph icon=Icon::Copy />
            <span aria-hidden="true">{shown}</span>
        </button>
        <span class="visually-hidden" role="status">
            {move || match outcome.get() {
                Outcome::None => "",
                Outcome::Copied => "Copied",
                Outcome::Refused => "The browser does not allow to copy",
            }}
        </span>
    }
}
