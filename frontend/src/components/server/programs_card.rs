use leptos::prelude::*;

use crate::browser;
use crate::components::CopyButton;

/// Where programs find what people see here.
#[component]
pub(crate) fn ProgramsCard() -> impl IntoView {
    let socket = browser::socket_address("/api/v1/ws?format=json");
    let links = [
        ("/api/v1/openapi.json", "REST interface, as OpenAPI 3.1"),
        ("/api/v1/server", "The figures of this page"),
        ("/api/v1/clients", "Registered clients"),
        ("/api/v1/events", "Events since the start of the server"),
        ("/healthz", "Whether the server lives"),
        ("/licences.txt", "Licences of everything in it"),
    ];
    view! {
        <section class="card programs-card" aria-labelledby="programs-title">
            <div class="card-head"><h2 id="programs-title">"For programs"</h2></div>
            <ul class="program-links">
                {links.map(|(address, title)| view! {
                    <li>
                        <a class="mono" href=address target="_blank" rel="noopener">{address}</a>
                        <span class="muted">{title}</span>
                    </li>
                })}
                <li class="program-socket">
                    <code class="wrap">{socket.clone()}</code>
                    <CopyButton label="Copy the address of the WebSocket" text=socket />
                    <span class="muted">"Everything live, as JSON"</span>
                </li>
            </ul>
        </section>
    }
}
