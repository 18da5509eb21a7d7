use leptos::prelude::*;

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;

/// An empty fleet: how the first device gets here.
#[component]
pub(crate) fn FleetEmpty() -> impl IntoView {
    let live = expect_context::<Live>();
    let address = memo(move || live.server.with(|server| server.as_ref().map(|server| server.coap.clone())));
    view! {
        <section class="card empty-state" data-testid="fleet-empty">
            <h2>"No device has registered yet"</h2>
            {move || match address.get() {
                Some(address) => {
                    let command = format!("lwm2m-simulator --server {address}");
                    view! {
                        <p>"Point a device at this server. As the LwM2M Server URI (" <code>"/0/x/0"</code> ") it needs:"</p>
                        <Copyable text=address label="Copy the server URI" />
                        <p>"Security Mode (" <code>"/0/x/2"</code> ") 3, NoSec. It appears here as soon as it registers."</p>
                        <p>"Or start a simulated device:"</p>
                        <Copyable text=command label="Copy the command" />
                    }
                    .into_any()
                }
                None => view! { <p>"Asking the server for its address…"</p> }.into_any(),
            }}
        </section>
    }
}

/// A line to take along.
#[component]
fn Copyable(text: String, label: &'static str) -> impl IntoView {
    let copied = RwSignal::new(false);
    let content = text.clone();
    view! {
        <div class="copyable">
            <code>{text}</code>
            <button
                class="button small"
                aria-label=label
                on:click=move |_| {
                    browser::copy(&content);
                    copied.set(true);
                }
            >
                <Glyph icon=Icon::Copy />
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </div>
    }
}
