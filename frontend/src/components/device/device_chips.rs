use console_api::{Client, Departure, SecurityMode};
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// The state of the open client's registration, in the top bar.
#[component]
pub(crate) fn DeviceChips() -> impl IntoView {
    let live = expect_context::<Live>();
    let device = memo(move || {
        live.structure.track();
        live.with_device(|device| (device.client.clone(), device.departed, device.loaded))
    });
    let chips = move || match device.get() {
        Some((Some(client), departed, _)) => {
            let (class, text) = status(departed.map(|(why, _)| why), !client.queue.awake);
            let (expires_at_ms, lifetime_ms) = (client.expires_at_ms, u64::from(client.lifetime_s) * 1000);
            let left = move || {
                let left = expires_at_ms.saturating_sub(live.now_ms.get());
                format!("lifetime {} of {}", format::span_precise(left), format::span_precise(lifetime_ms))
            };
            view! {
                <span class=format!("chip {class}")><span class="dot" aria-hidden="true"></span>{text}</span>
                <span class="chip">{format!("LwM2M {}", client.lwm2m_version)}</span>
                <span class="chip" title="Binding">{binding(&client)}</span>
                <SecurityLink mode=client.security endpoint=client.endpoint />
                {departed.is_none().then(|| view! { <span class="muted top-lifetime">{left}</span> })}
            }
            .into_any()
        }
        Some((None, _, true)) => view! {
            <span class="chip bad"><span class="dot" aria-hidden="true"></span>"Not registered"</span>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! { {chips} }
}

fn status(departed: Option<Departure>, asleep: bool) -> (&'static str, &'static str) {
    match departed {
        None if asleep => ("sleep", "Asleep"),
        None => ("ok", "Awake"),
        Some(Departure::Deregistered) => ("bad", "De-registered"),
        Some(Departure::Expired) => ("bad", "Expired"),
        Some(Departure::Revoked) => ("bad", "Revoked"),
    }
}

/// The binding as announced; since LwM2M 1.1 Queue Mode is told apart from it.
pub(crate) fn binding(client: &Client) -> String {
    if client.queue_mode && !client.binding.contains('Q') {
        format!("{} · queue", client.binding)
    } else {
        client.binding.clone()
    }
}

/// How the client authenticated, and the way to its credentials.
#[component]
fn SecurityLink(mode: SecurityMode, endpoint: String) -> impl IntoView {
    let address = Route::Security { endpoint: Some(endpoint) }.address();
    view! {
        <a class="chip-link" href=address title="Credentials of this device" data-testid="device-security">
            <SecurityChip mode=mode />
        </a>
    }
}

/// How the client authenticated; without security it is marked.
#[component]
pub(crate) fn SecurityChip(mode: SecurityMode) -> impl IntoView {
    let (class, text) = match mode {
        SecurityMode::NoSec => ("chip warn", "no security"),
        SecurityMode::Psk => ("chip", "DTLS · PSK"),
        SecurityMode::RawPublicKey => ("chip", "DTLS · RPK"),
        SecurityMode::Certificate => ("chip", "DTLS · X.509"),
    };
    view! { <span class=class>{text}</span> }
}
