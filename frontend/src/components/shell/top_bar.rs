use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::theme_toggle::ThemeToggle;
use crate::components::device::DeviceChips;
use crate::components::{Glyph, Icon};
use crate::routing::{Route, Router};

/// Where I am, whether it is live, and what is always at hand.
#[component]
pub(crate) fn TopBar(help: RwSignal<bool>) -> impl IntoView {
    let router = expect_context::<Router>();
    let crumbs = move || {
        let route = router.route.get();
        let (parent, here, mono) = crumbs(&route);
        let title = here.clone();
        view! {
            {parent.map(|(route, title)| view! {
                <a href=route.address()>{title}</a>
                <span aria-hidden="true">"/"</span>
            })}
            <b class="crumb-here" class:mono=mono aria-current="page" title=title>{here}</b>
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

/// The page above, the name of this one, and whether it is one that a device or the registry gave.
fn crumbs(route: &Route) -> (Option<(Route, &'static str)>, String, bool) {
    match route {
        Route::Fleet => (None, "Fleet".into(), false),
        Route::Device { endpoint } => (Some((Route::Fleet, "Fleet")), endpoint.clone(), true),
        Route::Observations => (None, "Observations".into(), false),
        Route::Objects { id: None } => (None, "Objects".into(), false),
        Route::Objects { id: Some(id) } => {
            (Some((Route::Objects { id: None }, "Objects")), format!("/{id}"), true)
        }
        Route::Trace { endpoint: None } => (None, "Trace".into(), false),
        Route::Trace { endpoint: Some(endpoint) } => {
            (Some((Route::Trace { endpoint: None }, "Trace")), endpoint.clone(), true)
        }
        Route::Server => (None, "Server".into(), false),
        Route::NotFound => (Some((Route::Fleet, "Fleet")), "Not found".into(), false),
    }
}
