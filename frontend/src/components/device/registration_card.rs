use console_api::{Client, Departure};
use leptos::prelude::*;
use lwm2m_codec::ContentFormat;

use super::device_chips::{SecurityChip, binding};
use crate::browser;
use crate::components::date_time;
use crate::format;
use crate::live::Live;
use crate::memo::memo;

/// What the client said when it registered.
#[component]
pub(crate) fn RegistrationCard() -> impl IntoView {
    let live = expect_context::<Live>();
    // In one column it would push the tree out of sight.
    let wide = browser::media("(min-width: 1001px)");
    let device = memo(move || {
        live.structure.track();
        live.with_device(|device| {
            let client = device.client.clone()?;
            Some((client, device.departed, device.observation_count()))
        })
        .flatten()
    });
    move || {
        device.get().map(|(client, departed, observations)| {
            view! {
                <details class="card registration" open=wide>
                    <summary class="card-head">
                        <h2>"Registration"</h2>
                        <code class="muted registration-id">{format!("/rd/{}", client.registration_id)}</code>
                    </summary>
                    {departed.map(|(why, at_ms)| view! { <p class="result bad">{farewell(why, at_ms)}</p> })}
                    <Facts client=client observations=observations />
                    <p class="card-note muted">"Select an Object, Object Instance or Resource to read, write, execute or observe it."</p>
                </details>
            }
        })
    }
}

fn farewell(why: Departure, at_ms: u64) -> String {
    let at = date_time(at_ms);
    match why {
        Departure::Deregistered => format!("The client de-registered at {at}. Values are from before."),
        Departure::Expired => {
            format!("The registration expired at {at} without an Update. Values are from before.")
        }
        Departure::Revoked => format!("Its credential was revoked at {at}. Values are from before."),
    }
}

#[component]
fn Facts(client: Client, observations: usize) -> impl IntoView {
    let live = expect_context::<Live>();
    let expires_at_ms = client.expires_at_ms;
    let left = move || format::span_precise(expires_at_ms.saturating_sub(live.now_ms.get()));
    let ago = move |at_ms: u64| {
        move || format!("{} ({})", date_time(at_ms), ago(format::age(at_ms, live.now_ms.get())))
    };
    let formats: Vec<String> = client.content_formats.iter().map(|number| format_name(*number)).collect();
    let remarks = client.remarks.clone();
    let sms = client.sms_number.as_ref().map(|number| {
        let number = number.to_owned();
        view! { <dt>"SMS"</dt><dd class="mono">{number}</dd> }
    });
    view! {
        <dl class="facts">
            <dt>"Endpoint"</dt>
            <dd class="mono wrap">{client.endpoint.clone()}</dd>
            <dt>"Address"</dt>
            <dd><span class="mono">{client.address.clone()}</span>" "<SecurityChip mode=client.security /></dd>
            <dt>"Version, binding"</dt>
            <dd>{format!("LwM2M {} · {}", client.lwm2m_version, binding(&client))}</dd>
            <dt>"Registered"</dt>
            <dd>{ago(client.registered_at_ms)}</dd>
            <dt>"Last update"</dt>
            <dd>{ago(client.updated_at_ms)}</dd>
            <dt>"Lifetime"</dt>
            <dd>{format!("{} s, ", client.lifetime_s)}{left}" left"</dd>
            <dt>"Objects"</dt>
            <dd>{objects(&client)}</dd>
            <dt>"Observations"</dt>
            <dd>{observations}</dd>
            {(client.root != "/").then(|| view! { <dt>"Alternate path"</dt><dd class="mono">{client.root.clone()}</dd> })}
            {sms}
            {(!formats.is_empty()).then(|| view! { <dt>"Content formats"</dt><dd>{formats.join(", ")}</dd> })}
        </dl>
        {(!remarks.is_empty()).then(|| view! {
            <div class="card-note">
                <h3 class="caption">"Accepted, but odd"</h3>
                <ul class="remarks">{remarks.into_iter().map(|remark| view! { <li>{remark}</li> }).collect_view()}</ul>
            </div>
        })}
    }
}

fn objects(client: &Client) -> String {
    let instances: usize = client.objects.iter().map(|object| object.instances.len()).sum();
    format!("{} with {}", client.objects.len(), format::plural(instances, "instance"))
}

fn format_name(number: u16) -> String {
    match ContentFormat(number).name() {
        Some(name) => format!("{name} {number}"),
        None => number.to_string(),
    }
}

fn ago(age: String) -> String {
    if age == "now" { age } else { format!("{age} ago") }
}
