use leptos::prelude::*;

use crate::components::EmptyState;
use crate::live::Live;
use crate::routing::Route;

/// Nothing has come or gone yet.
#[component]
pub(crate) fn TraceEmpty(endpoint: Option<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let address = move || live.server.with(|server| server.as_ref().map(|server| server.coap.clone()));
    match endpoint {
        Some(endpoint) => view! {
            <EmptyState title="No datagram of this device yet" testid="trace-empty">
                <p>
                    "Every message between the server and " <code>{endpoint.clone()}</code>
                    " appears here as soon as there is one: its next Update, a notification, or what you ask it."
                </p>
                <p>
                    <a class="button" href=Route::Device { endpoint }.address()>"Open the device"</a>
                    " "
                    <a class="button ghost" href=Route::Trace { endpoint: None }.address()>"Trace of all devices"</a>
                </p>
            </EmptyState>
        }
        .into_any(),
        None => view! {
            <EmptyState title="No datagram yet" testid="trace-empty">
                <p>
                    "Every CoAP message that comes to " <code>{address}</code>
                    " or leaves from there appears here, decoded, and also what is no CoAP message, with the reason."
                </p>
                <p><a class="button" href="/">"Connect a first device"</a></p>
            </EmptyState>
        }
        .into_any(),
    }
}
