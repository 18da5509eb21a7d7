use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::memo::memo;

/// How long ago something was, kept up to date. Writes nothing while there is no time.
#[component]
pub(crate) fn Age(#[prop(into)] at_ms: Signal<Option<u64>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let text = memo(move || at_ms.get().map(|at_ms| format::age(at_ms, live.now_ms.get())));
    view! { <span class="age">{move || text.get()}</span> }
}
