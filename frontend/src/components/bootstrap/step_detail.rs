use console_api::BootstrapStep;
use leptos::prelude::*;

use crate::bootstrap::{Told, decoded, is_answer, operation};
use crate::browser;
use crate::format;
use crate::live::Live;

/// What a message carried, value by value.
#[component]
pub(super) fn StepDetail(step: Option<BootstrapStep>) -> impl IntoView {
    let live = expect_context::<Live>();
    let step = step?;
    let about = match is_answer(&step) {
        true => format!("Answer to {} {}", operation(step.operation), step.path),
        false => format!("{} {}", operation(step.operation), step.path),
    };
    let query: Vec<String> =
        step.query.split('&').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let bytes = (!step.payload.is_empty()).then(|| format::hex(&step.payload));
    let masked = !step.masked.is_empty();
    let payload = move || {
        let decoded = live.with_definitions(None, |model| decoded(&step, model, browser::east_min(0)));
        match decoded {
            Ok(told) if told.is_empty() => view! { <p class="muted">"No payload."</p> }.into_any(),
            Ok(told) => view! { <Values told=told /> }.into_any(),
            Err(why) => {
                view! { <p class="form-problem">{format!("It cannot be read: {why}")}</p> }.into_any()
            }
        }
    };
    Some(view! {
        <div class="bs-detail" data-testid="step-detail">
            <p><b>{about}</b></p>
            {(!query.is_empty()).then(|| view! { <p class="mono wrap">{query.join(" · ")}</p> })}
            {payload}
            {bytes.map(|bytes| view! {
                <details class="bs-more">
                    <summary>{if masked { "Bytes (those of secrets are zero)" } else { "Bytes" }}</summary>
                    <p class="mono wrap">{bytes}</p>
                </details>
            })}
        </div>
    })
}

#[component]
fn Values(told: Vec<Told>) -> impl IntoView {
    let row = |told: Told| {
        view! {
            <tr>
                <td class="mono">{told.path}</td>
                <td>{told.name}</td>
                <td class="mono wrap">
                    {if told.secret { view! { <span class="chip">"secret"</span> }.into_any() } else { told.value.into_any() }}
                </td>
            </tr>
        }
    };
    view! {
        <table class="plain-table" aria-label="Values">
            <tbody>{told.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
