use std::sync::Arc;

use console_api::{DeviceSnapshot, Event, ServerFrame};
use lwm2m_model::{ClientModel, Registry};

use super::device::{Change, Device};
use super::fleet::Fleet;
use super::model::model;

/// What the server said, as plain data.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) fleet: Fleet,
    /// The client whose page is open.
    pub(crate) device: Option<Device>,
    /// Empty until it has come: values are bytes then.
    pub(crate) registry: Arc<Registry>,
}

/// What a batch of frames changed.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Another window of the fleet has come.
    pub(crate) window: bool,
    /// Something in its rows changed.
    pub(crate) fleet: bool,
    /// The open device.
    pub(crate) device: Change,
    /// Changes that the server had to drop for this console.
    pub(crate) missed: u64,
    /// Object definitions were added or removed at the server.
    pub(crate) objects: bool,
    /// Events that were applied.
    pub(crate) events: u64,
}

impl Store {
    pub(crate) fn apply(&mut self, frame: ServerFrame, effects: &mut Effects) {
        match frame {
            ServerFrame::Hello { .. }
            | ServerFrame::Resumed
            | ServerFrame::Trace(_)
            | ServerFrame::Pong { .. }
            | ServerFrame::Commands(_)
            | ServerFrame::BootstrapSessions(_)
            | ServerFrame::BootstrapSession { .. }
            | ServerFrame::AccessControlRun { .. }
            | ServerFrame::Refused(_) => {}
            ServerFrame::Lagged { missed } => effects.missed += missed,
            ServerFrame::Fleet(window) => {
                self.fleet.restore(window);
                effects.window = true;
            }
            ServerFrame::Device(snapshot) => {
                let DeviceSnapshot { endpoint, client, notes, reported, observations, commands, .. } =
                    snapshot;
                let registry = Arc::clone(&self.registry);
                if let Some(device) = self.open_device(&endpoint) {
                    device.notes = notes;
                    let model = model(&registry, client.as_ref());
                    device.restore(client, reported, &observations, &model, &mut effects.device);
                    device.restore_commands(commands, &mut effects.device);
                }
            }
            ServerFrame::Events { events, .. } => {
                effects.events += events.len() as u64;
                for event in events {
                    self.apply_event(event, effects);
                }
            }
        }
    }

    fn apply_event(&mut self, event: Event, effects: &mut Effects) {
        match event {
            Event::Registered(client) => {
                if let Some(device) = self.open_device(&client.endpoint) {
                    device.register(client.clone(), &mut effects.device);
                }
                effects.fleet |= self.fleet.put(client);
            }
            Event::Updated(client) => {
                if let Some(device) = self.open_device(&client.endpoint) {
                    device.update(client.clone(), &mut effects.device);
                }
                effects.fleet |= self.fleet.put(client);
            }
            Event::Departed { id, endpoint, why, at_ms } => {
                if let Some(device) = self.open_device(&endpoint) {
                    device.depart(why, at_ms, &mut effects.device);
                }
                effects.fleet |= self.fleet.depart(id, why, at_ms);
            }
            Event::Forgotten { endpoint, .. } => {
                if let Some(device) = self.open_device(&endpoint) {
                    device.forget(&mut effects.device);
                }
            }
            Event::Labelled { id, endpoint, label } => {
                effects.fleet |= self.fleet.label(id, &label);
                if let Some(device) = self.open_device(&endpoint) {
                    device.label(label, &mut effects.device);
                }
            }
            Event::ObjectsChanged => effects.objects = true,
            Event::Awake { id, until_ms } => self.wake(id, true, until_ms, effects),
            Event::Asleep { id, since_ms } => self.wake(id, false, since_ms, effects),
            Event::Command { client, queued, command } => {
                effects.fleet |= self.fleet.queue(client, queued);
                if let Some(device) = self.open_device(&command.endpoint) {
                    device.command(command, queued, &mut effects.device);
                }
            }
            Event::Reported(reported) => {
                effects.fleet |= self.fleet.report(&reported);
                let registry = Arc::clone(&self.registry);
                if let Some(device) = self.device_by_id(reported.client) {
                    let model = model(&registry, device.client.as_ref());
                    device.apply(&reported, &model, &mut effects.device);
                    if let Some(client) = &mut device.client {
                        client.heard_at_ms = client.heard_at_ms.max(reported.at_ms);
                    }
                }
            }
            Event::ObservationStarted(observation) => {
                effects.fleet |= self.fleet.start_observation(observation.client);
                if let Some(device) = self.device_by_id(observation.client) {
                    device.observe(&observation, &mut effects.device);
                }
            }
            Event::ObservationEnded { client, path, paths, .. } => {
                effects.fleet |= self.fleet.end_observation(client);
                if let Some(device) = self.device_by_id(client) {
                    device.end_observation(&path, &paths, &mut effects.device);
                }
            }
        }
    }

    fn wake(&mut self, id: u32, awake: bool, until_ms: u64, effects: &mut Effects) {
        effects.fleet |= self.fleet.wake(id, awake, until_ms);
        if let Some(device) = self.device_by_id(id) {
            device.wake(awake, until_ms, &mut effects.device);
        }
    }

    /// The definitions of the open device's object versions.
    pub(crate) fn model(&self) -> ClientModel<'_> {
        model(&self.registry, self.device.as_ref().and_then(|device| device.client.as_ref()))
    }

    /// The open device when it is this one.
    fn open_device(&mut self, endpoint: &str) -> Option<&mut Device> {
        self.device.as_mut().filter(|device| device.endpoint == endpoint)
    }

    fn device_by_id(&mut self, id: u32) -> Option<&mut Device> {
        let matches = |device: &&mut Device| device.client.as_ref().is_some_and(|client| client.id == id);
        self.device.as_mut().filter(matches)
    }
}

#[cfg(test)]
mod tests {
    use console_api::{Client, Departure, FleetView, FleetWindow, Observation, Reported, Source};
    use lwm2m_codec::Value;

    use super::*;
    use crate::fleet::client;
    use crate::live::Content;

    fn apply(store: &mut Store, frame: ServerFrame) -> Effects {
        let mut effects = Effects::default();
        store.apply(frame, &mut effects);
        effects
    }

    fn fleet(clients: Vec<Client>) -> ServerFrame {
        let many = clients.len() as u32;
        ServerFrame::Fleet(FleetWindow {
            view: FleetView::default(),
            seq: 0,
            matching: many,
            known: many,
            clients,
        })
    }

    fn device(endpoint: &str, client: Option<Client>, reported: Vec<Reported>) -> ServerFrame {
        let (endpoint, notes) = (endpoint.to_owned(), String::new());
        ServerFrame::Device(DeviceSnapshot {
            endpoint,
            seq: 0,
            client,
            notes,
            reported,
            observations: vec![],
            commands: vec![],
        })
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
        let snapshot = device("a", Some(client("a", &[(3, &[0])])), vec![]);
        assert!(apply(&mut store, snapshot).device.structure);
        let effects =
            apply(&mut store, ServerFrame::Events { seq: 0, events: vec![reported(1), reported(2)] });
        assert_eq!((effects.device.paths.len(), effects.events), (1, 2));
        let other = apply(&mut store, ServerFrame::Events { seq: 0, events: vec![reported(2)] });
        assert!(other.device.paths.is_empty() && !other.device.exchanges);
    }

    #[test]
    fn registrations_reach_fleet_and_page() {
        let mut store = Store { device: Some(Device::new("a".into())), ..Store::default() };
        let registered = Client { id: 5, ..client("a", &[]) };
        let effects = apply(&mut store, fleet(vec![registered.clone(), client("b", &[])]));
        assert!(effects.window && store.fleet.loaded);
        let started = Event::ObservationStarted(Observation {
            client: 5,
            path: "/3/0".into(),
            paths: vec![],
            since_ms: 1,
        });
        let events = vec![Event::Registered(registered.clone()), started];
        let effects = apply(&mut store, ServerFrame::Events { seq: 0, events });
        assert!(effects.fleet && effects.device.structure);
        assert_eq!(store.device.as_ref().unwrap().observation_count(), 1);
        let updated =
            apply(&mut store, ServerFrame::Events { seq: 0, events: vec![Event::Updated(registered)] });
        assert!(!updated.window && updated.fleet);
        let gone = Event::Departed { id: 5, endpoint: "a".into(), why: Departure::Expired, at_ms: 77 };
        apply(&mut store, ServerFrame::Events { seq: 0, events: vec![gone] });
        let device = store.device.as_ref().unwrap();
        assert_eq!(device.departed, Some((Departure::Expired, 77)));
        assert_eq!(device.observation_count(), 0);
        assert!(store.fleet.row(0).is_some_and(|row| !row.status.is_registered()));
        assert_eq!(apply(&mut store, ServerFrame::Lagged { missed: 3 }).missed, 3);
    }

    /// Object 3 with one resource, whose type depends on the version.
    fn registry() -> Arc<Registry> {
        let object = |version: &str, value_type: &str| {
            format!(
                r#"{{"id":3,"name":"A","version":"{version}","urn":"u","multiple":false,"mandatory":true,
                    "resources":[{{"id":9,"name":"B","operations":"R","multiple":false,"mandatory":false,
                    "type":"{value_type}","range":"","units":""}}]}}"#
            )
        };
        let objects = [object("1.0", "integer"), object("2.0", "string")].join(",");
        Arc::new(Registry::from_json(&format!(r#"{{"objects":[{objects}]}}"#)).unwrap())
    }

    #[test]
    fn values_are_read_by_the_version_the_device_has() {
        let cases = [
            (None, Value::Integer(7)),
            (Some("1.0"), Value::Integer(7)),
            (Some("2.1"), Value::String("7".into())),
            (Some("3.0"), Value::Raw(b"7"[..].into())),
        ];
        for (version, expected) in cases {
            let mut store =
                Store { device: Some(Device::new("a".into())), registry: registry(), ..Store::default() };
            let mut registered = client("a", &[(3, &[0])]);
            registered.objects[0].version = version.map(str::to_owned);
            let events = vec![Event::Registered(registered.clone()), reported(1)];
            apply(&mut store, ServerFrame::Events { seq: 0, events });
            let value = |store: &Store| {
                let cell = store.device.as_ref()?.cell(&"/3/0/9".parse().ok()?)?;
                Some(cell.content.clone())
            };
            assert_eq!(value(&store), Some(Content::Single(expected.clone())), "{version:?}");
            let Event::Reported(seen) = reported(1) else { panic!("not a report") };
            let snapshot = device("a", Some(registered), vec![seen]);
            let mut fresh =
                Store { device: Some(Device::new("a".into())), registry: registry(), ..Store::default() };
            apply(&mut fresh, snapshot);
            assert_eq!(value(&fresh), Some(Content::Single(expected)), "{version:?}");
            assert_eq!(fresh.model().object(3).is_some(), version != Some("3.0"));
        }
    }
}
