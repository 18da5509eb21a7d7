use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::format;
use crate::frame::Recent;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};
use crate::traffic::{Traffic, rate};

/// Where one can go, and what the server does: at the left edge, or below the page on a phone.
#[component]
pub(crate) fn Navigation() -> impl IntoView {
    let live = expect_context::<Live>();
    let recent = expect_context::<Recent>();
    let figure = move |part: fn(&console_api::ServerStatus) -> usize| {
        memo(move || {
            live.server.with(|server| server.as_ref().map(|server| format::count(part(server) as u64)))
        })
    };
    let (clients, observations) = (figure(|server| server.clients), figure(|server| server.observations));
    view! {
        <nav class="navigation" aria-label="Main">
            <a class="brand" href="/" title="Fleet">
                <svg viewBox="0 0 18 18" aria-hidden="true">
                    <path class="brand-frame" d="M9 1l7 4v8l-7 4-7-4V5z" />
                    <circle class="brand-core" cx="9" cy="9" r="2.6" />
                </svg>
                <span class="brand-name">"LwM2M Console"</span>
            </a>
            <PageLink route=Route::Fleet icon=Icon::Fleet title="Fleet" count=clients />
            <PageLink route=Route::Observations icon=Icon::Observe title="Observations" count=observations />
            <PageLink route=Route::Boards icon=Icon::Boards title="Boards" />
            <PageLink route=Route::Commands { endpoint: None } icon=Icon::Queue title="Commands" />
            <hr class="navigation-rule" />
            <PageLink route=Route::Objects { id: None } icon=Icon::Objects title="Objects" />
            <PageLink route=Route::Trace { endpoint: None } icon=Icon::Trace title="Trace" />
            <PageLink route=Route::AccessControl icon=Icon::Rights title="Access control" />
            <PageLink route=Route::Bootstrap { endpoint: None } icon=Icon::Bootstrap title="Bootstrap" />
            <PageLink route=Route::Security { endpoint: None } icon=Icon::Lock title="Security" />
            <PageLink route=Route::Server icon=Icon::Server title="Server" />
            {move || recent.0.with(|recent| (!recent.is_empty()).then(|| view! {
                <h2 class="navigation-title">"Recently opened"</h2>
                {recent.iter().map(|endpoint| view! { <RecentLink endpoint=endpoint.clone() /> }).collect_view()}
            }))}
            <ServerFoot />
        </nav>
    }
}

/// A page that is always there.
#[component]
fn PageLink(
    route: Route,
    icon: Icon,
    title: &'static str,
    #[prop(optional, into)] count: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let router = expect_context::<Router>();
    let address = route.address();
    // A page about one object is still that of the objects, and that of a device belongs to the fleet.
    let current = move || {
        let shown = router.route.get();
        match (&shown, &route) {
            (Route::Device { .. }, Route::Fleet)
            | (Route::AccessControlOf { .. }, Route::AccessControl)
            | (Route::Board { .. }, Route::Boards)
            | (
                Route::NewBootstrapConfiguration { .. }
                | Route::BootstrapConfiguration { .. }
                | Route::BootstrapSession { .. },
                Route::Bootstrap { .. },
            ) => Some("true"),
            (shown, route) if std::mem::discriminant(shown) == std::mem::discriminant(route) => Some("page"),
            _ => None,
        }
    };
    view! {
        <a class="navigation-link" href=address aria-current=current title=title>
            <Glyph icon=icon />
            <span class="navigation-name">{title}</span>
            {count.map(|count| view! { <span class="navigation-count">{count}</span> })}
        </a>
    }
}

#[component]
fn RecentLink(endpoint: String) -> impl IntoView {
    let router = expect_context::<Router>();
    let route = Route::Device { endpoint: endpoint.clone() };
    let address = route.address();
    let current = move || (router.route.get() == route).then_some("page");
    let title = endpoint.clone();
    view! {
        <a class="navigation-link recent" href=address title=title aria-current=current>
            <span class="mono"><bdi>{endpoint}</bdi></span>
        </a>
    }
}

/// Address, traffic and version of the server.
#[component]
fn ServerFoot() -> impl IntoView {
    let live = expect_context::<Live>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let address = move || {
        live.server.with(|server| {
            let server = server.as_ref()?;
            // One that only bootstraps devices does not manage them.
            let own = Some(&server.coap).filter(|address| !address.is_empty());
            own.or(server.bootstrap_coap.as_ref()).cloned()
        })
    };
    let messages = move || {
        traffic.with(|traffic| {
            let received = traffic.received_per_s()?;
            Some(format!("{} in · {} out per s", rate(received), rate(traffic.sent_per_s())))
        })
    };
    let uptime = move || {
        live.server.with(|server| {
            let server = server.as_ref()?;
            let up_ms = server.now_ms.saturating_sub(server.started_at_ms);
            let memory = server.resident_bytes.map(|bytes| format!("{} · ", format::megabytes(bytes)));
            Some(format!("{}up {}", memory.unwrap_or_default(), format::span_precise(up_ms)))
        })
    };
    let version =
        move || live.server.with(|server| server.as_ref().map(|server| format!("v{}", server.version)));
    view! {
        <div class="navigation-server">
            <div class="mono">{address}</div>
            <div>{messages}</div>
            <div>{uptime}</div>
            <div>{version}</div>
        </div>
    }
}
