use console_api::ServerStatus;
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::server_page::shares;

/// Known devices by their state.
#[component]
pub(crate) fn DevicesCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let counts = memo(move || {
        live.server.with(|server| server.as_ref().map(|server| server.counts)).unwrap_or_default()
    });
    let figure = move |part: fn(&ServerStatus) -> usize| {
        memo(move || {
            live.server
                .with(|server| server.as_ref().map(part))
                .map_or(String::new(), |it| format::count(it as u64))
        })
    };
    let bar = move || {
        shares(counts.get())
            .into_iter()
            .filter(|(_, _, percent)| *percent > 0.0)
            .map(|(name, _, percent)| view! { <i class=name style:width=format!("{percent:.2}%")></i> })
            .collect_view()
    };
    let legend = move || {
        shares(counts.get())
            .into_iter()
            .map(|(name, count, _)| {
                view! {
                    <li>
                        <a class="share" href=format!("/?status={}", name.replace('-', ""))>
                            <span class=format!("dot {name}") aria-hidden="true"></span>
                            <b data-testid=format!("count-{name}")>{format::count(count as u64)}</b>
                            <span class="muted">{name}</span>
                        </a>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section class="card devices-card" aria-labelledby="devices-title">
            <div class="card-head">
                <h2 id="devices-title">"Devices"</h2>
                <span class="muted">
                    <span data-testid="server-clients">{figure(|server| server.clients)}</span> " registered, "
                    <span data-testid="server-observations">{figure(|server| server.observations)}</span> " observations"
                </span>
            </div>
            <div class="shares-bar" aria-hidden="true">{bar}</div>
            <ul class="shares">{legend}</ul>
        </section>
    }
}
