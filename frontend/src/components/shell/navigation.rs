use leptos::prelude::*;

use crate::app::Recent;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::routing::{Route, Router};
use crate::traffic::{Traffic, rate};

/// The left edge: where one can go, and what the server does.
#[component]
pub(crate) fn Navigation() -> impl IntoView {
    let live = expect_context::<Live>();
    let recent = expect_context::<Recent>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let count =
        move || live.server.with(|server| server.as_ref().map(|server| format::count(server.clients as u64)));
    let observations = move || {
        live.server.with(|server| server.as_ref().map(|server| format::count(server.observations as u64)))
    };
    let address = move || live.server.with(|server| server.as_ref().map(|server| server.coap.clone()));
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
            Some(format!("v{} · up {}", server.version, format::span_precise(up_ms)))
        })
    };
    view! {
        <nav class="navigation" aria-label="Main">
            <a class="brand" href="/" title="Fleet">
                <svg viewBox="0 0 18 18" aria-hidden="true">
                    <path class="brand-frame" d="M9 1l7 4v8l-7 4-7-4V5z" />
                    <circle class="brand-core" cx="9" cy="9" r="2.6" />
                </svg>
                <span>"LwM2M Console"</span>
            </a>
            <PageLink route=Route::Fleet icon=Icon::Fleet title="Fleet">
                <span class="navigation-count">{count}</span>
            </PageLink>
            <PageLink route=Route::Observations icon=Icon::Observe title="Observations">
                <span class="navigation-count">{observations}</span>
            </PageLink>
            <PageLink route=Route::Objects { id: None } icon=Icon::Objects title="Objects" />
            <PageLink route=Route::Trace { endpoint: None } icon=Icon::Trace title="Trace" />
            <PageLink route=Route::Server icon=Icon::Server title="Server" />
            {move || recent.0.with(|recent| (!recent.is_empty()).then(|| view! {
                <h2 class="navigation-title">"Recently opened"</h2>
                {recent.iter().map(|endpoint| view! { <RecentLink endpoint=endpoint.clone() /> }).collect_view()}
            }))}
            <div class="navigation-server">
                <div class="mono">{address}</div>
                <div>{messages}</div>
                <div>{uptime}</div>
            </div>
        </nav>
    }
}

/// A page that is always there.
#[component]
fn PageLink(
    route: Route,
    icon: Icon,
    title: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let router = expect_context::<Router>();
    let address = route.address();
    // A page about one object or one client is still that page.
    let kind = std::mem::discriminant(&route);
    let current = move || (std::mem::discriminant(&router.route.get()) == kind).then_some("page");
    view! {
        <a class="navigation-link" href=address aria-current=current>
            <Glyph icon=icon />
            {title}
            {children.map(|children| children())}
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
