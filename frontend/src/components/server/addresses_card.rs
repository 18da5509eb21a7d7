use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::components::CopyButton;
use crate::live::Live;
use crate::memo::memo;
use crate::security;
use crate::server_page::{addresses, bootstrap_addresses, reach};

/// What to type into a device so that it finds this server.
#[component]
pub(crate) fn AddressesCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let addresses =
        memo(move || live.server.with(|server| server.as_ref().map(addresses)).unwrap_or_default());
    let coaps = RwSignal::new(None::<String>);
    leptos::task::spawn_local(async move {
        // A server that does not tell has none.
        if let Ok(server) = security::server().await {
            coaps.try_set(server.coaps);
        }
    });
    let shown = move || addresses.get().into_iter().chain(coaps.get()).collect::<BTreeSet<_>>();
    let bootstrap =
        memo(move || live.server.with(|server| server.as_ref().map(bootstrap_addresses)).unwrap_or_default());
    view! {
        <section class="card addresses-card" aria-labelledby="addresses-title">
            <div class="card-head">
                <h2 id="addresses-title">"Addresses for devices"</h2>
                <span class="muted">"LwM2M Server URI, " <code>"/0/x/0"</code></span>
            </div>
            <ul class="address-list" data-testid="addresses">
                {move || shown().into_iter().map(|address| view! { <Address address=address /> }).collect_view()}
            </ul>
            {move || (!bootstrap.with(Vec::is_empty)).then(|| view! {
                <h3 class="caption address-title">"Bootstrap-Server, " <code>"/0/x/1"</code> " true"</h3>
                <ul class="address-list" data-testid="bootstrap-server-addresses">
                    {bootstrap.get().into_iter().map(|address| view! { <Address address=address /> }).collect_view()}
                </ul>
            })}
            <p class="card-note muted">
                "Security Mode (" <code>"/0/x/2"</code> ") 3, NoSec, for coap; 0, 1 or 2 with a "
                <a href="/security">"credential"</a> " for coaps. The Short Server ID (" <code>"/0/x/10"</code>
                ") must be that of an instance of the LwM2M Server Object (" <code>"/1/x/0"</code> ")."
            </p>
        </section>
    }
}

#[component]
fn Address(address: String) -> impl IntoView {
    let reach = reach(&address);
    view! {
        <li class="address">
            <code class="address-text">{address.clone()}</code>
            <span class="muted address-reach">{reach}</span>
            <CopyButton label=format!("Copy {address}") text=address />
        </li>
    }
}
