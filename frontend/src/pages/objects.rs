use leptos::prelude::*;

use crate::browser;

/// The object registry.
#[component]
pub(crate) fn ObjectsPage(id: Option<u16>) -> impl IntoView {
    browser::set_title("Objects · LwM2M Console");
    let _ = id;
    view! { <section class="card" data-testid="objects-page"></section> }
}
