use leptos::prelude::*;

use crate::components::EmptyState;

/// Nothing is observed yet: how that is done.
#[component]
pub(crate) fn ObservationsEmpty() -> impl IntoView {
    view! {
        <EmptyState title="Nothing is observed yet" testid="observations-empty">
            <p>
                "An observed resource tells its value whenever it changes, instead of being asked. Open a device, select a "
                "resource, an instance or an object, and press " <kbd>"o"</kbd> " or " <b>"Observe"</b> "."
            </p>
            <p>"What is observed stays observed: after the device registers again, the server asks for it anew. It is all listed here."</p>
            <p><a class="button primary" href="/">"Choose a device"</a></p>
            <p class="muted">"From a script:"</p>
            <pre class="record-text" tabindex="0">
                "POST /api/v1/clients/{endpoint}/operations\n{\"op\":\"observe\",\"path\":\"/3303/0/5700\"}"
            </pre>
        </EmptyState>
    }
}
