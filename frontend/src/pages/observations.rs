use leptos::prelude::*;

use crate::browser;

/// Everything that is observed, and how it goes.
#[component]
pub(crate) fn ObservationsPage() -> impl IntoView {
    browser::set_title("Observations · LwM2M Console");
    view! { <section class="card" data-testid="observations-page"></section> }
}
