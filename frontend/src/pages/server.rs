use leptos::prelude::*;

use crate::browser;

/// The server itself: where devices find it, how it is, what it is bounded by.
#[component]
pub(crate) fn ServerPage() -> impl IntoView {
    browser::set_title("Server · LwM2M Console");
    view! { <section class="card" data-testid="server-page"></section> }
}
