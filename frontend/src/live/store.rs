use std::sync::Arc;

use console_api::{Event, ServerFrame};
use lwm2m_codec::{Lookup, NoDefinitions};
use lwm2m_model::Registry;

use super::device::{Change, Device};
use super::fleet::Fleet;

/// What the server said, as plain data.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) fleet: Fleet,
    /// The client whose page is open.
    pub(crate) device: Option<Device>,
    pub(crate) registry: Option<Arc<Registry>>,
}

/// What a batch of frames changed.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Clients came or went.
    pub(crate) members: bool,
    /// Something in the fleet changed.
    pub(crate) fleet: bool,
    /// The open device.
    pub(crate) device: Change,
    /// Changes that the server had to drop for this console.
    pub(crate) missed: u64,
    /// Events that were applied.
    pub(crate) events: u64,
}

impl Store {
    /// `now_ms`: the server's clock, for events that carry no time.
    pub(crate) fn apply(&mut self, frame: ServerFrame, now_ms: u64, effects: &mut Effects) {
        match frame {
            ServerFrame::Hello { .. } => {}
            ServerFrame::Lagged { missed } => effects.missed += missed,
            ServerFrame::Fleet { clients } => {
                self.fleet.restore(clients);
                effects.members = true;
                effects.fleet = true;
            }
            ServerFrame::Device { endpoint, client, reported, observations } => {
                if let Some((device, lookup)) = self.open_device(&endpoint) {
                    device.restore(client, reported, &observations, lookup, &mut effects.device);
                }
            }
            ServerFrame::Events { events } => {
                effects.events += events.len() as u64;
                for event in events {
                    self.apply_event(event, now_ms, effects);
                }
            }
        }
    }

    fn apply_event(&mut self, event: Event, now_ms: u64, effects: &mut Effects) {
        match event {
            Event::Registered(client) => {
                if let Some((device, _)) = self.open_device(&client.endpoint) {
                    device.register(client.clone(), &mut effects.device);
                }
                effects.members |= self.fleet.put(client);
                effects.fleet = true;
            }
            Event::Updated(client) => {
                if let Some((device, _)) = self.open_device(&client.endpoint) {
                    device.update(client.clone(), &mut effects.device);
                }
                effects.members |= self.fleet.put(client);
                effects.fleet = true;
            }
            Event::Departed { id, endpoint, why } => {
                if let Some((device, _)) = self.open_device(&endpoint) {
                    device.depart(why, now_ms, &mut effects.device);
                }
                effects.members |= self.fleet.remove(id);
                effects.fleet = true;
            }
            Event::Reported(reported) => {
                if let Some((device, lookup)) = self.device_by_id(reported.client) {
                    device.apply(&reported, lookup, &mut effects.device);
                }
            }
            Event::ObservationStarted(observation) => {
                if let Some((device, _)) = self.device_by_id(observation.client) {
                    device.observe(&observation, &mut effects.device);
                }
            }
            Event::ObservationEnded { client, path, .. } => {
                if let Some((device, _)) = self.device_by_id(client) {
                    device.end_observation(&path, &mut effects.device);
                }
            }
        }
    }

    /// The open device when it is this one, and the definitions to decode with.
    fn open_device(&mut self, endpoint: &str) -> Option<(&mut Device, &dyn Lookup)> {
        let device = self.device.as_mut().filter(|device| device.endpoint == endpoint)?;
        Some((device, lookup(self.registry.as_deref())))
    }

    fn device_by_id(&mut self, id: u32) -> Option<(&mut Device, &dyn Lookup)> {
        let matches = |device: &&mut Device| device.client.as_ref().is_some_and(|client| client.id == id);
        let device = self.device.as_mut().filter(matches)?;
        Some((device, lookup(self.registry.as_deref())))
    }
}

fn lookup(registry: Option<&Registry>) -> &dyn Lookup {
    match registry {
        Some(registry) => registry,
        None => &NoDefinitions,
    }
}

#[cfg(test)]
mod tests {
    use console_api::{Client, Departure, Observation, Reported, Source};

    use super::*;
    use crate::fleet::tests::client;

    fn apply(store: &mut Store, frame: ServerFrame) -> Effects {
        let mut effects = Effects::default();
        store.apply(frame, 77, &mut effects);
        effects
    }

    fn reported(client: u32) -> Event {
        Event::Reported(Reported {
            client,
            path: "/3/0/9".into(),
            source: Source::Notify,
            content_format: Some(0),
            payload: b"7".to_vec(),
            at_ms: 5,
            sequence: Some(1),
            confirmable: false,
        })
    }

    #[test]
    fn only_the_open_device_takes_values() {
        let mut store = Store { device: Some(Device::new("a".into())), ..Store::default() };
        let snapshot = ServerFrame::Device {
            endpoint: "a".into(),
            client: Some(client("a", &[(3, &[0])])),
            reported: vec![],
            observations: vec![],
        };
        assert!(apply(&mut store, snapshot).device.structure);
        let effects = apply(&mut store, ServerFrame::Events { events: vec![reported(1), reported(2)] });
        assert_eq!((effects.device.paths.len(), effects.events), (1, 2));
        let other = apply(&mut store, ServerFrame::Events { events: vec![reported(2)] });
        assert!(other.device.paths.is_empty() && !other.device.exchanges);
    }

    #[test]
    fn registrations_reach_fleet_and_page() {
        let mut store = Store { device: Some(Device::new("a".into())), ..Store::default() };
        let effects = apply(&mut store, ServerFrame::Fleet { clients: vec![client("b", &[])] });
        assert!(effects.members && store.fleet.loaded);
        let registered = Client { id: 5, ..client("a", &[]) };
        let started = Event::ObservationStarted(Observation { client: 5, path: "/3/0".into(), since_ms: 1 });
        let events = vec![Event::Registered(registered.clone()), started];
        let effects = apply(&mut store, ServerFrame::Events { events });
        assert!(effects.members && effects.device.structure);
        assert_eq!(store.device.as_ref().unwrap().observation_count(), 1);
        let updated = apply(&mut store, ServerFrame::Events { events: vec![Event::Updated(registered)] });
        assert!(!updated.members && updated.fleet);
        let gone = Event::Departed { id: 5, endpoint: "a".into(), why: Departure::Expired };
        apply(&mut store, ServerFrame::Events { events: vec![gone] });
        let device = store.device.as_ref().unwrap();
        assert_eq!(device.departed, Some((Departure::Expired, 77)));
        assert_eq!((device.observation_count(), store.fleet.len()), (0, 1));
        assert_eq!(apply(&mut store, ServerFrame::Lagged { missed: 3 }).missed, 3);
    }
}
