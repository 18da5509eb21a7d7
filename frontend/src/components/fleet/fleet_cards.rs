use console_api::{Counts, ServerStatus};
use leptos::prelude::*;

use crate::components::Sparkline;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::traffic::{Traffic, rate};

/// Figures of the whole fleet, as the server counts them. Those that count devices lead to them.
#[component]
pub(crate) fn FleetCards() -> impl IntoView {
    let live = expect_context::<Live>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let figure = move |part: fn(&ServerStatus) -> usize| {
        memo(move || {
            live.server.with(|server| {
                server.as_ref().map_or("–".into(), |server| format::count(part(server) as u64))
            })
        })
    };
    let note = move |part: fn(&ServerStatus) -> String| {
        memo(move || live.server.with(|server| server.as_ref().map(part)).unwrap_or_default())
    };
    let received = move || traffic.with(|traffic| traffic.received_per_s().map_or("–".into(), rate));
    let samples = Signal::derive(move || traffic.with(Traffic::samples));
    view! {
        <div class="fleet-cards">
            <Figure
                title="Registered" address="/" class=""
                value=figure(|server| server.clients) note=note(|server| of_known(server.clients, server.counts))
            />
            <Figure
                title="Asleep (queue mode)" address="/?status=asleep" class="sleep"
                value=figure(|server| server.counts.asleep)
                note=note(|server| format!("{} awake", format::count(server.counts.awake as u64)))
            />
            <Figure
                title="Expired" address="/?status=departed" class="bad"
                value=figure(|server| server.counts.expired)
                note=note(|server| format!("{} de-registered", format::count(server.counts.deregistered as u64)))
            />
            <Figure
                title="Observations" address="/observations" class=""
                value=figure(|server| server.observations)
                note=note(|server| per_client(server.observations, server.clients))
            />
            <div class="card figure wide">
                <div class="caption">"Datagrams per second"</div>
                <div class="figure-row">
                    <div class="figure-value">{received}</div>
                    <Sparkline values=samples width=200.0 height=34.0 filled=true />
                </div>
            </div>
        </div>
    }
}

#[component]
fn Figure(
    title: &'static str,
    /// Page with what was counted.
    address: &'static str,
    class: &'static str,
    value: Memo<String>,
    note: Memo<String>,
) -> impl IntoView {
    view! {
        <a class="card figure" href=address>
            <div class="caption">{title}</div>
            <div class=format!("figure-value {class}")>{value}</div>
            <div class="muted figure-note">{note}</div>
        </a>
    }
}

fn of_known(registered: usize, counts: Counts) -> String {
    let Counts { awake, asleep, expired, deregistered } = counts;
    match awake + asleep + expired + deregistered {
        0 => "none known".into(),
        known if known == registered => "all that are known".into(),
        known => {
            let percent = registered.min(known) as f64 * 100.0 / known as f64;
            format!("{percent:.1} % of {} known", format::count(known as u64))
        }
    }
}

fn per_client(observations: usize, clients: usize) -> String {
    match (observations * 10).checked_div(clients) {
        Some(tenths @ 1..) => format!("{} per device", format::float(tenths as f64 / 10.0)),
        _ => "none yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_in_proportion() {
        let counts = Counts { awake: 9, asleep: 6, expired: 4, deregistered: 1 };
        assert_eq!(of_known(15, counts), "75.0 % of 20 known");
        assert_eq!(of_known(15, Counts { awake: 15, ..Counts::default() }), "all that are known");
        assert_eq!(of_known(0, Counts::default()), "none known");
        assert_eq!(
            (per_client(25, 10), per_client(0, 10), per_client(3, 0)),
            ("2.5 per device".into(), "none yet".into(), "none yet".into())
        );
    }
}
