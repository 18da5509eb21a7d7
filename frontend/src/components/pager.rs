use leptos::prelude::*;

use crate::format;

/// Which part of all is shown, and the way to the others. Not there when all is shown.
#[component]
pub(crate) fn Pager(
    /// From 0.
    #[prop(into)]
    page: Signal<usize>,
    /// Entries of a page.
    size: usize,
    #[prop(into)] total: Signal<usize>,
    /// Another page is wanted.
    #[prop(into)]
    on_turn: Callback<usize>,
) -> impl IntoView {
    let shown = move || {
        let (first, last) = (page.get() * size + 1, ((page.get() + 1) * size).min(total.get()));
        let number = |number: usize| format::count(number as u64);
        format!("{} to {} of {}", number(first), number(last), number(total.get()))
    };
    let is_last = move || (page.get() + 1) * size >= total.get();
    move || {
        (total.get() > size || page.get() > 0).then(|| view! {
            <nav class="pager" aria-label="Pages">
                <button class="button small" disabled=move || page.get() == 0 on:click=move |_| on_turn.run(page.get_untracked().saturating_sub(1))>"Previous"</button>
                <span class="muted">{shown}</span>
                <button class="button small" disabled=is_last on:click=move |_| on_turn.run(page.get_untracked() + 1)>"Next"</button>
            </nav>
        })
    }
}
