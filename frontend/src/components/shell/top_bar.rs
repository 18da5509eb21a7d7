use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::theme_toggle::ThemeToggle;
use crate::components::device::DeviceChips;
use crate::components::{Glyph, Icon};
use crate::frame::Dialogs;
use crate::routing::{Route, Router};

/// Where I am, whether it is live, and what is always at hand.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let Dialogs { help, palette } = expect_context();
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
            <nav class="crumbs" aria-label="Breadcrumb">{crumbs}</nav>
            <div class="top-chips">{chips}</div>
            <button
                type="button"
                class="palette-button"
                data-testid="palette-open"
                aria-haspopup="dialog"
                aria-keyshortcuts="Control+K"
                on:click=move |_| palette.set(true)
            >
                <Glyph icon=Icon::Search />
                <span class="palette-button-text">"Search endpoint, object, page…"</span>
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            <div class="top-tools">
                <ConnectionBadge />
                <ThemeToggle />
                <button
                    type="button"
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

/// What the page is called where there is no room for more.
pub(crate) fn page_name(route: &Route) -> String {
    crumbs(route).1
}

const BOOTSTRAP: (Route, &str) = (Route::Bootstrap { endpoint: None }, "Bootstrap");

/// The page above, the name of this one, and whether it is one that a device or the registry gave.
fn crumbs(route: &Route) -> (Option<(Route, &'static str)>, String, bool) {
    match route {
        Route::Fleet => (None, "Fleet".into(), false),
        Route::Device { endpoint } => (Some((Route::Fleet, "Fleet")), endpoint.clone(), true),
        Route::Observations => (None, "Observations".into(), false),
        Route::Boards => (None, "Boards".into(), false),
        Route::Board { .. } => (Some((Route::Boards, "Boards")), "Board".into(), false),
        Route::Objects { id: None } => (None, "Objects".into(), false),
        Route::Objects { id: Some(id) } => {
            (Some((Route::Objects { id: None }, "Objects")), format!("/{id}"), true)
        }
        Route::Trace { endpoint: None } => (None, "Trace".into(), false),
        Route::Trace { endpoint: Some(endpoint) } => {
            (Some((Route::Trace { endpoint: None }, "Trace")), endpoint.clone(), true)
        }
        Route::Commands { endpoint: None } => (None, "Commands".into(), false),
        Route::Commands { endpoint: Some(endpoint) } => {
            (Some((Route::Commands { endpoint: None }, "Commands")), endpoint.clone(), true)
        }
        Route::Security { endpoint: None } => (None, "Security".into(), false),
        Route::Security { endpoint: Some(endpoint) } => {
            (Some((Route::Security { endpoint: None }, "Security")), endpoint.clone(), true)
        }
        Route::AccessControl => (None, "Access control".into(), false),
        Route::AccessControlOf { endpoint } => {
            (Some((Route::AccessControl, "Access control")), endpoint.clone(), true)
        }
        Route::Bootstrap { endpoint: None } => (None, "Bootstrap".into(), false),
        Route::Bootstrap { endpoint: Some(endpoint) } => (Some(BOOTSTRAP), endpoint.clone(), true),
        Route::NewBootstrapConfiguration { .. } => (Some(BOOTSTRAP), "New configuration".into(), false),
        Route::BootstrapConfiguration { id } => (Some(BOOTSTRAP), format!("Configuration {id}"), false),
        Route::BootstrapSession { id } => (Some(BOOTSTRAP), format!("Session {id}"), false),
        Route::Server => (None, "Server".into(), false),
        Route::NotFound => (Some((Route::Fleet, "Fleet")), "Not found".into(), false),
    }
}
