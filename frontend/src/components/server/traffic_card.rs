use leptos::prelude::*;

use crate::components::Sparkline;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::traffic::{Counter, Traffic, rate};

/// What went in and out: per second, its course over the last minutes, and in all.
#[component]
pub(crate) fn TrafficCard() -> impl IntoView {
    view! {
        <section class="card traffic-card" aria-labelledby="traffic-title">
            <div class="card-head">
                <h2 id="traffic-title">"Traffic"</h2>
                <span class="muted">"CoAP, the last three minutes"</span>
            </div>
            <div class="traffic">
                <Flow counter=Counter::DatagramsReceived title="Datagrams in" />
                <Flow counter=Counter::DatagramsSent title="Datagrams out" />
                <Flow counter=Counter::BytesReceived title="Bytes in" />
                <Flow counter=Counter::BytesSent title="Bytes out" />
                <Flow counter=Counter::Reports title="Reports taken" note="notifications and Sends" />
                <Flow counter=Counter::Refused title="Refused" note="the log of the server says why" />
            </div>
        </section>
    }
}

#[component]
fn Flow(counter: Counter, title: &'static str, #[prop(optional)] note: &'static str) -> impl IntoView {
    let live = expect_context::<Live>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let bytes = matches!(counter, Counter::BytesReceived | Counter::BytesSent);
    let per_s = memo(move || match traffic.with(|traffic| traffic.per_s(counter)) {
        Some(per_s) if bytes => format!("{}/s", format::bytes(per_s)),
        Some(per_s) => format!("{}/s", rate(per_s)),
        None => "–".to_owned(),
    });
    let total = memo(move || {
        let total = live.server.with(|server| server.as_ref().map(|server| counter.total(server)));
        total
            .map(|total| if bytes { format::bytes(total as f64) } else { format::count(total) })
            .unwrap_or_default()
    });
    let course = Signal::derive(move || traffic.with(|traffic| traffic.course(counter)));
    view! {
        <div class="flow" title=note>
            <div class="caption">{title}</div>
            <div class="flow-rate">{per_s}</div>
            <Sparkline values=course width=160.0 height=28.0 filled=true />
            <div class="muted flow-total">
                <span data-testid=format!("total-{counter:?}")>{total}</span> " in all"
            </div>
        </div>
    }
}
