use leptos::prelude::*;

use crate::browser;

/// CoAP messages as they come and go.
#[component]
pub(crate) fn TracePage(endpoint: Option<String>) -> impl IntoView {
    browser::set_title("Trace · LwM2M Console");
    let _ = endpoint;
    view! { <section class="card" data-testid="trace-page"></section> }
}
