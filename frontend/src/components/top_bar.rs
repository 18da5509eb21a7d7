use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::device_chips::DeviceChips;
use super::icon::{Glyph, Icon};
use super::theme_toggle::ThemeToggle;
use crate::routing::{Route, Router};

/// Where I am, whether it is live, and what is always at hand.
#[component]
pub(crate) fn TopBar(help: RwSignal<bool>) -> impl IntoView {
    let router = expect_context::<Router>();
    let crumbs = move || match router.route.get() {
        Route::Fleet => view! { <b aria-current="page">"Fleet"</b> }.into_any(),
        Route::NotFound => view! {
            <a href="/">"Fleet"</a>
            <span aria-hidden="true">"/"</span>
            <b aria-current="page">"Not found"</b>
        }
        .into_any(),
        Route::Device { endpoint } => {
            let title = endpoint.clone();
            view! {
                <a href="/">"Fleet"</a>
                <span aria-hidden="true">"/"</span>
                <b class="mono crumb-endpoint" aria-current="page" title=title>{endpoint}</b>
            }
            .into_any()
        }
    };
    let chips = move || matches!(router.route.get(), Route::Device { .. }).then(|| view! { <DeviceChips /> });
    view! {
        <header class="top-bar">
            <a class="top-brand" href="/" aria-label="Fleet">
                <svg viewBox="0 0 18 18" aria-hidden="true">
                    <path class="brand-frame" d="M9 1l7 4v8l-7 4-7-4V5z" />
                    <circle class="brand-core" cx="9" cy="9" r="2.6" />
                </svg>
            </a>
            <nav class="crumbs" aria-label="Breadcrumb">{crumbs}</nav>
            <div class="top-chips">{chips}</div>
            <div class="top-tools">
                <ConnectionBadge />
                <ThemeToggle />
                <button
                    class="button ghost square help-button"
                    aria-label="Keys and marks"
                    title="Keys and marks (?)"
                    on:click=move |_| help.set(true)
                >
                    <Glyph icon=Icon::Help />
                </button>
            </div>
        </header>
    }
}
