use leptos::prelude::*;

/// One of a few things of which one is chosen.
#[component]
pub(super) fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    chosen: RwSignal<T>,
    /// What this one stands for.
    value: T,
    title: &'static str,
    testid: &'static str,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="segment"
            data-testid=testid
            aria-pressed=move || (chosen.get() == value).to_string()
            on:click=move |_| chosen.set(value)
        >
            {title}
        </button>
    }
}
