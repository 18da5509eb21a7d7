use console_api::ServerStatus;
use leptos::prelude::*;

use crate::components::{Sparkline, date_time};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::traffic::{Counter, Traffic};

/// How the process is.
#[component]
pub(crate) fn HealthCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let traffic = expect_context::<RwSignal<Traffic>>();
    let figure = move |part: fn(&ServerStatus) -> String| {
        memo(move || live.server.with(|server| server.as_ref().map(part)).unwrap_or_default())
    };
    let processor = memo(move || {
        let measured =
            live.server.with(|server| server.as_ref().is_some_and(|server| server.cpu_ms.is_some()));
        match traffic.with(|traffic| traffic.per_s(Counter::Cpu)).filter(|_| measured) {
            // A thousand milliseconds in a second are one core.
            Some(ms_per_s) => format!("{:.1} % of a core", ms_per_s / 10.0),
            None if measured => "measuring…".to_owned(),
            None => "not told by this system".to_owned(),
        }
    });
    let course = Signal::derive(move || traffic.with(|traffic| traffic.course(Counter::Cpu)));
    view! {
        <section class="card health-card" aria-labelledby="health-title">
            <div class="card-head"><h2 id="health-title">"Health"</h2></div>
            <dl class="server-facts">
                <dt>"Version"</dt>
                <dd data-testid="server-version">{figure(|server| server.version.clone())}</dd>
                <dt>"Up"</dt>
                <dd data-testid="server-uptime">{figure(uptime)}</dd>
                <dt>"Started"</dt>
                <dd>{figure(|server| date_time(server.started_at_ms))}</dd>
                <dt>"Memory"</dt>
                <dd data-testid="server-memory">
                    {figure(|server| server.resident_bytes.map_or("not told by this system".into(), format::megabytes))}
                </dd>
                <dt>"Processor"</dt>
                <dd class="fact-course">
                    <span>{processor}</span>
                    <Sparkline values=course width=90.0 height=18.0 />
                </dd>
                <dt>"Consoles"</dt>
                <dd data-testid="server-consoles">
                    {figure(|server| format!("{} on the WebSocket", format::count(server.consoles as u64)))}
                </dd>
            </dl>
        </section>
    }
}

fn uptime(server: &ServerStatus) -> String {
    format::span_precise(server.now_ms.saturating_sub(server.started_at_ms))
}
