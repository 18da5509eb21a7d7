use leptos::prelude::*;

use crate::browser;

/// For an address that is none of the console's.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    browser::set_title("Not found · LwM2M Console");
    view! {
        <section class="card empty-state" data-testid="not-found">
            <h1>"There is no such page"</h1>
            <p>
                "Nothing is shown at " <code>{browser::pathname()}</code>
                ". An endpoint name in an address is percent-encoded: a slash is " <code>"%2F"</code> "."
            </p>
            <p><a class="button primary" href="/">"Open the fleet"</a></p>
        </section>
    }
}
