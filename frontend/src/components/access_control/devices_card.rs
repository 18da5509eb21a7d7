use std::time::Duration;

use console_api::{Client, ClientList, ClientQuery, Status};
use leptos::prelude::*;

use crate::access_control::ACCESS_CONTROL;
use crate::api::Failure;
use crate::components::{EmptyState, Glyph, Icon, Loading, move_focus};
use crate::fleet;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// Devices that are shown; others are found by their names.
const SHOWN: usize = 50;

/// How often the devices are asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// Devices that have Object 2, to choose one.
#[component]
pub(crate) fn DevicesCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let text = RwSignal::new(String::new());
    let found = RwSignal::new(None::<Result<ClientList, Failure>>);
    let ask = move || {
        let wanted = text.get_untracked();
        leptos::task::spawn_local(async move {
            let query =
                ClientQuery { text: wanted.clone(), object: Some(ACCESS_CONTROL), ..ClientQuery::default() };
            let answer = fleet::list(&query, 0, SHOWN).await;
            if text.try_get_untracked().as_ref() == Some(&wanted) {
                found.try_set(Some(answer));
            }
        });
    };
    live.every(ASK_EVERY, ask);
    let rows = memo(move || {
        let list = |found: &Result<ClientList, Failure>| found.as_ref().ok().map(|list| list.clients.clone());
        found.with(|found| found.as_ref().and_then(list)).unwrap_or_default()
    });
    let total = memo(move || {
        found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok().map(|list| list.total)))
    });
    let stale = memo(move || {
        found.with(|found| found.as_ref().and_then(|found| found.as_ref().err().map(Failure::told)))
    });
    let nobody = memo(move || total.get() == Some(0) && text.with(|text| text.trim().is_empty()));
    let told = move || {
        total.get().map(|total| {
            let more = if total > SHOWN { format!(", {SHOWN} shown") } else { String::new() };
            format!("{}{more}", format::plural(total, "device"))
        })
    };
    move || {
        if total.get().is_none() && stale.get().is_none() {
            return view! { <Loading label="Loading the devices" rows=4 /> }.into_any();
        }
        if nobody.get() {
            return view! { <NoDevice /> }.into_any();
        }
        view! {
            <section class="card ac-devices" aria-labelledby="ac-devices-title">
                <div class="card-head">
                    <h2 id="ac-devices-title">"Devices with access control"</h2>
                    <span class="muted" role="status">{told}</span>
                    <span class="spacer"></span>
                    <label class="search">
                        <Glyph icon=Icon::Search />
                        <input
                            type="search" data-search="" placeholder="Name, tag, /3303" aria-label="Search devices"
                            data-testid="ac-search" prop:value=text
                            on:input=move |event| {
                                text.set(event_target_value(&event));
                                ask();
                            }
                        />
                    </label>
                </div>
                {move || stale.get().map(|why| view! { <p class="observations-stale wrap" role="status">{format!("Not up to date: {why}")}</p> })}
                <ul class="ac-device-list" on:keydown=move |event| move_focus(&event)>
                    <For each=move || rows.get() key=|client| (client.endpoint.clone(), client.registration_id.clone(), client.queue.awake) let:client>
                        <DeviceLine client=client />
                    </For>
                </ul>
                {move || (total.get() == Some(0)).then(|| view! { <p class="card-note muted">"No device with Object 2 has that in its name, tags or Objects."</p> })}
            </section>
        }
        .into_any()
    }
}

#[component]
fn DeviceLine(client: Client) -> impl IntoView {
    let address = Route::AccessControlOf { endpoint: client.endpoint.clone() }.address();
    let guarded = client.objects.iter().find(|object| object.id == ACCESS_CONTROL);
    let instances = guarded.map_or(0, |object| object.instances.len());
    let (class, status) = match client.status {
        Status::Awake => ("chip ok", "awake"),
        Status::Asleep => ("chip sleep", "asleep"),
        Status::Expired | Status::Deregistered => ("chip bad", "gone"),
    };
    let rules = match instances {
        0 => "off: no instance of Object 2".to_owned(),
        many => format::plural(many, "rule"),
    };
    view! {
        <li>
            <a class="ac-device" href=address data-testid="ac-device" data-endpoint=client.endpoint.clone()>
                <b class="mono"><bdi>{client.endpoint.clone()}</bdi></b>
                <span class="muted ac-device-name">{client.name}</span>
                <span class="muted">{rules}</span>
                <span class=class>{status}</span>
            </a>
        </li>
    }
}

#[component]
fn NoDevice() -> impl IntoView {
    view! {
        <EmptyState title="No device has access control" testid="ac-nobody">
            <p>
                "A device with several servers decides by its Access Control Object (2) which of them may do what. None that is "
                "registered here has that Object."
            </p>
            <p>
                "A bootstrap configuration with two servers and access control brings such a device in. To see how it looks, start a "
                "simulated one with "<code>"lwm2m-simulator --factory FILE"</code>", where the file has instances of Object 2."
            </p>
            <p class="actions">
                <a class="button primary" href=Route::Bootstrap { endpoint: None }.address()>"Bootstrap configurations"</a>
            </p>
        </EmptyState>
    }
}
