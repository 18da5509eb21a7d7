use leptos::prelude::*;

use crate::components::Sparkline;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::traffic::{Traffic, rate};

/// Figures of the whole fleet, as the server counts them.
#[component]
pub(crate) fn FleetCards() -> impl IntoView {
    let live = expect_context::<Live>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let counts = memo(move || {
        live.fleet_rows.track();
        live.with_store(|store| {
            let queue = store.fleet.clients().filter(|client| client.queue_mode).count();
            let objects: usize = store.fleet.clients().map(|client| client.objects.len()).sum();
            (store.fleet.loaded, store.fleet.len(), queue, objects)
        })
    });
    let known = move |figure: usize| if counts.get().0 { format::count(figure as u64) } else { "–".into() };
    let server = move |figure: fn(&console_api::ServerStatus) -> u64| {
        live.server
            .with(|server| server.as_ref().map_or("–".into(), |server| format::count(figure(server))))
    };
    let per_client = move || {
        let (_, clients, _, _) = counts.get();
        let observations = live.server.with(|server| server.as_ref().map(|server| server.observations));
        match observations {
            Some(observations) if clients > 0 => {
                format!("{} per device", format::float((observations * 10 / clients) as f64 / 10.0))
            }
            _ => "none yet".into(),
        }
    };
    let received = move || traffic.with(|traffic| traffic.received_per_s().map_or("–".into(), rate));
    let samples = Signal::derive(move || traffic.with(Traffic::samples));
    view! {
        <div class="fleet-cards">
            <Figure title="Registered" value=Signal::derive(move || known(counts.get().1)) note=Signal::derive(move || {
                match counts.get() {
                    (true, _, 0, objects) => format!("{} objects announced", format::count(objects as u64)),
                    (true, _, queue, _) => format!("{} in queue mode", format::count(queue as u64)),
                    _ => String::new(),
                }
            }) />
            <Figure
                title="Observations"
                value=Signal::derive(move || server(|server| server.observations as u64))
                note=Signal::derive(per_client)
            />
            <div class="card figure wide">
                <div class="caption">"Datagrams received per second"</div>
                <div class="figure-row">
                    <div class="figure-value">{received}</div>
                    <Sparkline values=samples width=200.0 height=34.0 filled=true />
                </div>
            </div>
            <Figure
                title="Datagrams"
                value=Signal::derive(move || server(|server| server.datagrams_received))
                note=Signal::derive(move || format!("received, {} sent", server(|server| server.datagrams_sent)))
            />
            <Figure
                title="Refused"
                value=Signal::derive(move || server(|server| server.refused))
                note=Signal::derive(|| "turned down, see the log".to_owned())
            />
        </div>
    }
}

#[component]
fn Figure(title: &'static str, value: Signal<String>, note: Signal<String>) -> impl IntoView {
    view! {
        <div class="card figure">
            <div class="caption">{title}</div>
            <div class="figure-value">{value}</div>
            <div class="muted figure-note">{note}</div>
        </div>
    }
}
