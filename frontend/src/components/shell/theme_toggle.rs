use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::theme::Theme;

/// Goes through system, light and dark.
#[component]
pub(crate) fn ThemeToggle() -> impl IntoView {
    let theme = expect_context::<RwSignal<Theme>>();
    let icon = move || match theme.get() {
        Theme::System => Icon::System,
        Theme::Light => Icon::Light,
        Theme::Dark => Icon::Dark,
    };
    let label = move || format!("Theme: {}. Change to {}", theme.get().name(), theme.get().next().name());
    view! {
        <button
            class="button ghost square"
            data-testid="theme-toggle"
            data-theme-choice=move || theme.get().name()
            aria-label=label
            title=label
            on:click=move |_| theme.update(|theme| *theme = theme.next())
        >
            {move || view! { <Glyph icon=icon() /> }}
        </button>
    }
}
