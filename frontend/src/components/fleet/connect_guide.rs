use console_api::SimulateDevices;
use leptos::prelude::*;

use crate::api;
use crate::components::{Copyable, Glyph, Icon, Modal};
use crate::fleet::FleetState;
use crate::live::Live;
use crate::memo::memo;

/// How a device gets here: the addresses of this server, the exact commands, and a simulated one at a click.
#[component]
pub(super) fn ConnectGuide() -> impl IntoView {
    let live = expect_context::<Live>();
    let addresses = memo(move || {
        live.server.with(|server| {
            let server = server.as_ref()?;
            let own = std::slice::from_ref(&server.coap);
            Some(if server.uris.is_empty() { own.to_vec() } else { server.uris.clone() })
        })
    });
    let content = move || match addresses.get() {
        Some(addresses) => {
            let first = addresses.first().cloned().unwrap_or_default();
            let ours = format!("lwm2m-simulator --server {first}");
            let leshan = format!("java -jar leshan-client-demo.jar -u {} -n my-device", bare(&first));
            view! {
                <ol class="connect-steps">
                    <li>
                        <h3>"A device of yours"</h3>
                        <p>
                            "Give it this LwM2M Server URI (" <code>"/0/x/0"</code> "), Security Mode ("
                            <code>"/0/x/2"</code> ") 3 for NoSec, and a Short Server ID (" <code>"/1/x/0"</code> "):"
                        </p>
                        {addresses.into_iter().map(|address| view! { <Copyable text=address label="Copy the server URI" /> }).collect_view()}
                    </li>
                    <li>
                        <h3>"A client on your machine"</h3>
                        <Copyable text=ours label="Copy the command of the simulator" />
                        <Copyable text=leshan label="Copy the command of Leshan's client" />
                    </li>
                    <li>
                        <h3>"No device at hand"</h3>
                        <p>"One that runs inside this server, registers like any other and has values that change:"</p>
                        <Simulate />
                    </li>
                </ol>
            }
            .into_any()
        }
        None => view! {
            <div aria-busy="true">
                <p class="muted">"Asking the server for its address…"</p>
                <div class="skeleton"></div>
            </div>
        }
        .into_any(),
    };
    view! {
        {content}
        <p class="muted">"A device appears here as soon as it registers; nothing has to be reloaded."</p>
    }
}

/// The guide as a dialog, for those who have devices already.
#[component]
pub(crate) fn ConnectDialog() -> impl IntoView {
    let FleetState { connecting, .. } = expect_context();
    view! {
        <Modal
            open=connecting
            on_close=move || connecting.set(false)
            title=Signal::derive(|| "Connect a device".to_owned())
            name="connect-dialog"
        >
            <ConnectGuide />
        </Modal>
    }
}

#[component]
fn Simulate() -> impl IntoView {
    let started = RwSignal::new(None::<Result<Vec<String>, String>>);
    let starting = RwSignal::new(false);
    let start = move |_| {
        starting.set(true);
        leptos::task::spawn_local(async move {
            let wanted = SimulateDevices { count: Some(1), profile: None };
            let answer = api::simulate_devices(&wanted).await;
            starting.try_set(false);
            let answer = answer.map(|devices| devices.endpoints).map_err(|failure| failure.message);
            started.try_set(Some(answer));
        });
    };
    view! {
        <button class="button primary" data-testid="simulate" disabled=starting on:click=start>
            <Glyph icon=Icon::Execute />
            "Start a simulated device"
        </button>
        <p role="status">
            {move || match started.get() {
                Some(Ok(endpoints)) => view! {
                    <span data-testid="simulated">{format!("Started: {}", endpoints.join(", "))}</span>
                }
                .into_any(),
                Some(Err(message)) => view! { <span class="form-problem">{message}</span> }.into_any(),
                None => ().into_any(),
            }}
        </p>
    }
}

/// Host and port, as Leshan's client takes them.
fn bare(address: &str) -> &str {
    address.strip_prefix("coap://").unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn leshan_takes_no_scheme() {
        assert_eq!(bare("coap://[::1]:5683"), "[::1]:5683");
        assert_eq!(bare("coaps://h:5684"), "coaps://h:5684");
    }
}
