//! A board that is made from an Object: which one, and of which devices.

use std::collections::BTreeSet;

use console_api::{Client, Tile};
use leptos::prelude::*;

use crate::api;
use crate::boards::{charted, tiles_for};
use crate::format;
use crate::live::Live;
use crate::memo::memo;

/// Devices that are offered: more are not looked at together.
const OFFERED: usize = 40;

/// Devices that are chosen from the start.
const CHOSEN: usize = 5;

/// What is chosen.
#[derive(Clone, Copy)]
pub(super) struct ObjectChoice {
    pub(super) object: RwSignal<Option<u16>>,
    /// None while they are on their way.
    devices: RwSignal<Option<Vec<Client>>>,
    pub(super) chosen: RwSignal<BTreeSet<String>>,
}

impl ObjectChoice {
    pub(super) fn new() -> Self {
        let choice =
            Self { object: RwSignal::default(), devices: RwSignal::default(), chosen: RwSignal::default() };
        Effect::new(move |_| {
            let Some(object) = choice.object.get() else { return };
            choice.devices.set(None);
            leptos::task::spawn_local(async move {
                let found = api::clients_with(object, OFFERED).await;
                let clients = found.map(|list| list.clients).unwrap_or_default();
                // Another Object may be chosen by now, or the dialog closed.
                if choice.object.try_get_untracked().flatten() == Some(object) {
                    let first = clients.iter().take(CHOSEN).map(|client| client.endpoint.clone());
                    choice.chosen.set(first.collect());
                    choice.devices.set(Some(clients));
                }
            });
        });
        choice
    }

    /// The tiles of a board for it.
    pub(super) fn tiles(self, live: Live) -> Vec<Tile> {
        let (Some(object), Some(devices)) = (self.object.get(), self.devices.get()) else {
            return Vec::new();
        };
        let chosen = self.chosen.get();
        let instances = |client: &Client| {
            let entry = client.objects.iter().find(|entry| entry.id == object)?;
            Some((client.endpoint.clone(), entry.instances.clone()))
        };
        let devices: Vec<_> =
            devices.iter().filter(|client| chosen.contains(&client.endpoint)).filter_map(instances).collect();
        live.definitions.with(|definitions| {
            let definition = definitions.registry().and_then(|registry| registry.object(object));
            definition.map(|definition| tiles_for(definition, &devices)).unwrap_or_default()
        })
    }
}

#[component]
pub(super) fn ObjectFields(choice: ObjectChoice) -> impl IntoView {
    let live = expect_context::<Live>();
    let used = RwSignal::new(None::<Vec<(u16, usize)>>);
    leptos::task::spawn_local(async move {
        let objects = api::used_objects().await.unwrap_or_default();
        used.try_set(Some(objects.into_iter().collect()));
    });
    // Objects that devices have and of which something is worth a chart, with their names.
    let offered = memo(move || {
        live.definitions.with(|definitions| {
            let registry = definitions.registry()?;
            let used = used.get()?;
            let named = used.into_iter().filter_map(|(id, devices)| {
                let object = registry.object(id).filter(|object| !charted(object).is_empty())?;
                Some((id, format!("{} {id}, on {}", object.name, format::plural(devices, "device"))))
            });
            Some(named.collect::<Vec<_>>())
        })
    });
    Effect::new(move |_| {
        let first = offered.with(|offered| offered.as_ref().and_then(|all| pick(all)));
        if choice.object.get_untracked().is_none() && first.is_some() {
            choice.object.set(first);
        }
    });
    view! {
        <label class="form-field">
            <span>"Object"</span>
            <select
                class="field"
                data-testid="board-object"
                on:change=move |event| choice.object.set(event_target_value(&event).parse().ok())
            >
                {move || offered.get().unwrap_or_default().into_iter().map(|(id, title)| view! {
                    <option value=id.to_string() selected=move || choice.object.get() == Some(id)>{title}</option>
                }).collect_view()}
            </select>
        </label>
        {move || offered.with(|offered| offered.as_ref().is_some_and(Vec::is_empty)).then(|| view! {
            <p class="form-problem">"No registered device has an Object with values that have a course."</p>
        })}
        <fieldset class="board-devices">
            <legend>"Devices"</legend>
            {move || choice.devices.get().map(|devices| {
                devices.into_iter().map(|client| view! { <DeviceChoice choice=choice client=client /> }).collect_view()
            })}
        </fieldset>
    }
}

/// The sensors first: an Object of the core is rarely what somebody wants to look at.
fn pick(offered: &[(u16, String)]) -> Option<u16> {
    const SENSORS: std::ops::Range<u16> = 3200..3500;
    let sensor = offered.iter().find(|(id, _)| SENSORS.contains(id));
    sensor.or_else(|| offered.first()).map(|(id, _)| *id)
}

#[component]
fn DeviceChoice(choice: ObjectChoice, client: Client) -> impl IntoView {
    let endpoint = StoredValue::new(client.endpoint.clone());
    let chosen =
        move || choice.chosen.with(|chosen| endpoint.with_value(|endpoint| chosen.contains(endpoint)));
    let toggle = move |_| {
        choice.chosen.update(|chosen| {
            let endpoint = endpoint.get_value();
            if !chosen.remove(&endpoint) {
                chosen.insert(endpoint);
            }
        });
    };
    view! {
        <label class="board-device">
            <input type="checkbox" prop:checked=chosen on:change=toggle />
            <span class="mono">{client.endpoint}</span>
            <span class="muted">{client.name}</span>
        </label>
    }
}
