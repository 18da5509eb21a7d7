use leptos::prelude::*;

/// In place of content that there is not: what is missing, and how it gets here.
#[component]
pub(crate) fn EmptyState(
    #[prop(into)] title: String,
    /// Where tests look.
    #[prop(optional)]
    testid: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card empty-state" data-testid=testid>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// In place of content that is on its way.
#[component]
pub(crate) fn Loading(
    /// What is on its way, for screen readers: `Loading the registry`.
    #[prop(into)]
    label: String,
    #[prop(default = 8)] rows: usize,
) -> impl IntoView {
    view! {
        <section class="card loading" aria-busy="true" data-testid="loading">
            <span class="visually-hidden" role="status">{label}</span>
            {(0..rows).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
        </section>
    }
}
