use leptos::prelude::*;

use crate::api;
use crate::components::{Glyph, Icon};
use crate::frame::Notices;

/// Withdraws a command that waits to be sent.
#[component]
pub(crate) fn CancelButton(id: u64) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let busy = RwSignal::new(false);
    let cancel = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            // That it is cancelled is seen in its state.
            if let Err(failure) = api::cancel_command(id).await {
                notices.fail(format!("Not cancelled: {}", failure.told()));
            }
            busy.try_set(false);
        });
    };
    view! {
        <button type="button" class="button small" class:busy=busy disabled=busy data-testid="cancel-command" on:click=cancel>
            <Glyph icon=Icon::Close />
            "Cancel"
        </button>
    }
}

/// Asks for the same once more, as a new command.
#[component]
pub(crate) fn RetryButton(id: u64) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let busy = RwSignal::new(false);
    let retry = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::retry_command(id).await {
                Ok(command) => notices.say(format!("Asked once more, as command {}", command.id)),
                Err(failure) => notices.fail(format!("Not asked: {}", failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <button type="button" class="button small" class:busy=busy disabled=busy data-testid="retry-command" on:click=retry>
            <Glyph icon=Icon::Read />
            "Retry"
        </button>
    }
}
