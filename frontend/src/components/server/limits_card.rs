use console_api::LimitUse;
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::server_page::{Pressure, percent, pressure};

/// Every bound of the server: how much of it is used, what happens there, and how often that was.
#[component]
pub(crate) fn LimitsCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let limits = move || {
        live.server.with(|server| server.as_ref().map(|server| server.limits.clone())).unwrap_or_default()
    };
    // Rows stay where they are while their figures change.
    let names = memo(move || limits().into_iter().map(|limit| limit.name).collect::<Vec<_>>());
    view! {
        <section class="card limits-card" aria-labelledby="limits-title">
            <div class="card-head">
                <h2 id="limits-title">"Limits"</h2>
                <span class="muted">"Everything that is kept has a bound"</span>
            </div>
            {move || if names.with(Vec::is_empty) {
                view! { <p class="card-note muted">"This server tells of none."</p> }.into_any()
            } else {
                view! {
                    <div class="limits-scroll" tabindex="0" role="region" aria-labelledby="limits-title">
                        <table class="limits" data-testid="limits">
                            <thead>
                                <tr>
                                    <th scope="col">"What"</th>
                                    <th scope="col">"Used"</th>
                                    <th scope="col" class="number">"Of"</th>
                                    <th scope="col" class="number">"Reached"</th>
                                    <th scope="col">"At the bound"</th>
                                </tr>
                            </thead>
                            <tbody>
                                {names.get().into_iter().map(|name| view! { <Limit name=name /> }).collect_view()}
                            </tbody>
                        </table>
                    </div>
                }
                .into_any()
            }}
        </section>
    }
}

#[component]
fn Limit(name: String) -> impl IntoView {
    let live = expect_context::<Live>();
    let wanted = name.clone();
    let limit = memo(move || {
        live.server.with(|server| {
            let limits = server.as_ref().map(|server| server.limits.as_slice()).unwrap_or_default();
            limits.iter().find(|limit| limit.name == wanted).cloned()
        })
    });
    let part = move |part: fn(&LimitUse) -> String| move || limit.with(|limit| limit.as_ref().map(part));
    let class = move || match limit.with(|limit| limit.as_ref().map(pressure)) {
        Some(Pressure::Full) => "bar bad",
        Some(Pressure::High) => "bar warn",
        _ => "bar",
    };
    let width = move || limit.with(|limit| format!("{:.1}%", limit.as_ref().map_or(0.0, percent)));
    let often = move || limit.with(|limit| limit.as_ref().is_some_and(|limit| limit.reached > 0));
    view! {
        <tr data-testid="limit" data-name=name>
            <th scope="row">{part(|limit| limit.title.clone())}</th>
            <td>
                <span class="limit-used">
                    <span class=class aria-hidden="true"><i style:width=width></i></span>
                    <span class="limit-figure" data-testid="limit-used">{part(|limit| format::count(limit.used))}</span>
                </span>
            </td>
            <td class="number" data-testid="limit-bound">{part(|limit| format::count(limit.limit))}</td>
            <td class="number">
                <span class:limit-often=often>
                    {part(|limit| match limit.reached {
                        0 => "never".to_owned(),
                        1 => "once".to_owned(),
                        times => format!("{} times", format::count(times)),
                    })}
                </span>
            </td>
            <td class="limit-what">{part(|limit| limit.at_limit.clone())}</td>
        </tr>
    }
}
