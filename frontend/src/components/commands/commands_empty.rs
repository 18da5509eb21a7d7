use leptos::prelude::*;

use crate::components::EmptyState;

/// Nothing was asked of any device yet: what is listed here.
#[component]
pub(crate) fn CommandsEmpty() -> impl IntoView {
    view! {
        <EmptyState title="Nothing was asked of any device yet" testid="commands-empty">
            <p>
                "Each operation is listed here from when it is asked for until the device has answered. One for a device that "
                "sleeps waits, also over a restart of the server, and goes out when the device wakes."
            </p>
            <p><a class="button primary" href="/">"Choose a device"</a></p>
            <p class="muted">"From a script:"</p>
            <pre class="record-text" tabindex="0">
                "POST /api/v1/clients/{endpoint}/operations\n{\"op\":\"read\",\"path\":\"/3/0/9\",\"wait\":\"accepted\",\"deadline_s\":86400}"
            </pre>
        </EmptyState>
    }
}
