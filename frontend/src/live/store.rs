use std::sync::Arc;

use console_api::{DeviceSnapshot, Event, ServerFrame};
use lwm2m_model::{ClientModel, Registry};

use super::device::{Change, Device};
use super::devices::{DeviceKey, Devices, Target};
use super::fleet::Fleet;
use super::model::model;

/// What the server said, as plain data.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) fleet: Fleet,
    /// Clients that pages look at.
    pub(crate) devices: Devices,
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
    /// Clients that pages look at.
    devices: Vec<(DeviceKey, Change)>,
    /// Changes that the server had to drop for this console.
    pub(crate) missed: u64,
    /// Object definitions were added or removed at the server.
    pub(crate) objects: bool,
    /// Events that were applied.
    pub(crate) events: u64,
}

impl Effects {
    fn of(&mut self, key: DeviceKey) -> &mut Change {
        let at = self.devices.iter().position(|(known, _)| *known == key).unwrap_or(self.devices.len());
        if at == self.devices.len() {
            self.devices.push((key, Change::default()));
        }
        &mut self.devices[at].1
    }

    pub(super) fn has(&self, what: impl Fn(&Change) -> bool) -> bool {
        self.devices.iter().any(|(_, change)| what(change))
    }

    /// Values that have come or gone.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        let of = |(device, change): &(DeviceKey, Change)| {
            let device = *device;
            change.paths.paths().map(move |path| Target { device, path }).collect::<Vec<_>>()
        };
        self.devices.iter().flat_map(of)
    }
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
                if let Some((device, change)) = named(&mut self.devices, &endpoint, effects) {
                    device.notes = notes;
                    let model = model(&self.registry, client.as_ref());
                    device.restore(client, reported, &observations, &model, change);
                    device.restore_commands(commands, change);
                }
            }
            ServerFrame::Events { events, .. } => {
                effects.events += events.len() as u64;
                for event in events {
                    self.apply_event(event, effects);
                }
                self.devices.shorten();
            }
        }
    }

    fn apply_event(&mut self, event: Event, effects: &mut Effects) {
        match event {
            Event::Registered(client) => {
                if let Some((device, change)) = named(&mut self.devices, &client.endpoint, effects) {
                    device.register(client.clone(), change);
                }
                effects.fleet |= self.fleet.put(client);
            }
            Event::Updated(client) => {
                if let Some((device, change)) = named(&mut self.devices, &client.endpoint, effects) {
                    device.update(client.clone(), change);
                }
                effects.fleet |= self.fleet.put(client);
            }
            Event::Departed { id, endpoint, why, at_ms } => {
                if let Some((device, change)) = named(&mut self.devices, &endpoint, effects) {
                    device.depart(why, at_ms, change);
                }
                effects.fleet |= self.fleet.depart(id, why, at_ms);
            }
            Event::Forgotten { endpoint, .. } => {
                if let Some((device, change)) = named(&mut self.devices, &endpoint, effects) {
                    device.forget(change);
                }
            }
            Event::Labelled { id, endpoint, label } => {
                effects.fleet |= self.fleet.label(id, &label);
                if let Some((device, change)) = named(&mut self.devices, &endpoint, effects) {
                    device.label(label, change);
                }
            }
            Event::ObjectsChanged => effects.objects = true,
            Event::Awake { id, until_ms } => self.wake(id, true, until_ms, effects),
            Event::Asleep { id, since_ms } => self.wake(id, false, since_ms, effects),
            Event::Command { client, queued, command } => {
                effects.fleet |= self.fleet.queue(client, queued);
                if let Some((device, change)) = named(&mut self.devices, &command.endpoint, effects) {
                    device.command(command, queued, change);
                }
            }
            Event::Reported(reported) => {
                effects.fleet |= self.fleet.report(&reported);
                if let Some((device, change)) = with_id(&mut self.devices, reported.client, effects) {
                    let model = model(&self.registry, device.client.as_ref());
                    device.apply(&reported, &model, change);
                    if let Some(client) = &mut device.client {
                        client.heard_at_ms = client.heard_at_ms.max(reported.at_ms);
                    }
                }
            }
            Event::ObservationStarted(observation) => {
                effects.fleet |= self.fleet.start_observation(observation.client);
                if let Some((device, change)) = with_id(&mut self.devices, observation.client, effects) {
                    device.observe(&observation, change);
                }
            }
            Event::ObservationEnded { client, path, paths, .. } => {
                effects.fleet |= self.fleet.end_observation(client);
                if let Some((device, change)) = with_id(&mut self.devices, client, effects) {
                    device.end_observation(&path, &paths, change);
                }
            }
        }
    }

    fn wake(&mut self, id: u32, awake: bool, until_ms: u64, effects: &mut Effects) {
        effects.fleet |= self.fleet.wake(id, awake, until_ms);
        if let Some((device, change)) = with_id(&mut self.devices, id, effects) {
            device.wake(awake, until_ms, change);
        }
    }

    /// The definitions of the object versions that a client has.
    pub(crate) fn model_of(&self, device: Option<DeviceKey>) -> ClientModel<'_> {
        self.devices.model(&self.registry, device)
    }

    /// Those of the client whose page is open.
    pub(crate) fn model(&self) -> ClientModel<'_> {
        self.model_of(self.devices.open_key())
    }
}

/// A client that somebody looks at, and what changes of it.
fn named<'a>(
    devices: &'a mut Devices,
    endpoint: &str,
    effects: &'a mut Effects,
) -> Option<(&'a mut Device, &'a mut Change)> {
    let key = devices.key_of(endpoint)?;
    Some((devices.get_mut(key)?, effects.of(key)))
}

fn with_id<'a>(
    devices: &'a mut Devices,
    id: u32,
    effects: &'a mut Effects,
) -> Option<(&'a mut Device, &'a mut Change)> {
    let key = devices.key_of_client(id)?;
    Some((devices.get_mut(key)?, effects.of(key)))
}

#[cfg(test)]
mod tests {
    use console_api::{Client, Departure, FleetView, FleetWindow, Observation, Reported, Source};
    use lwm2m_codec::{Path, Value};

    use super::*;
    use crate::fleet::client;
    use crate::live::Content;

    fn apply(store: &mut Store, frame: ServerFrame) -> Effects {
        let mut effects = Effects::default();
        store.apply(frame, &mut effects);
        effects
    }

    fn opened(endpoint: &str) -> Store {
        let mut store = Store::default();
        let (key, _) = store.devices.hold(endpoint);
        store.devices.open(key);
        store
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
        let mut store = opened("a");
        let snapshot = device("a", Some(client("a", &[(3, &[0])])), vec![]);
        assert!(apply(&mut store, snapshot).has(|change| change.structure));
        let effects =
            apply(&mut store, ServerFrame::Events { seq: 0, events: vec![reported(1), reported(2)] });
        assert_eq!((effects.targets().count(), effects.events), (1, 2));
        let other = apply(&mut store, ServerFrame::Events { seq: 0, events: vec![reported(2)] });
        assert!(other.targets().count() == 0 && !other.has(|change| change.exchanges));
    }

    #[test]
    fn several_devices_take_their_own_values() {
        let mut store = opened("a");
        let (b, _) = store.devices.hold("b");
        let registered = |endpoint: &str, id| Client { id, ..client(endpoint, &[(3, &[0])]) };
        apply(&mut store, device("a", Some(registered("a", 1)), vec![]));
        apply(&mut store, device("b", Some(registered("b", 2)), vec![]));
        let effects = apply(&mut store, ServerFrame::Events { seq: 0, events: vec![reported(2)] });
        let battery = Path::resource(3, 0, 9);
        assert_eq!(effects.targets().collect::<Vec<_>>(), [Target { device: b, path: battery }]);
        assert!(store.devices.get(b).unwrap().cell(&battery).is_some());
        assert!(store.devices.opened().unwrap().cell(&battery).is_none());
    }

    #[test]
    fn registrations_reach_fleet_and_page() {
        let mut store = opened("a");
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
        assert!(effects.fleet && effects.has(|change| change.structure));
        assert_eq!(store.devices.opened().unwrap().observation_count(), 1);
        let updated =
            apply(&mut store, ServerFrame::Events { seq: 0, events: vec![Event::Updated(registered)] });
        assert!(!updated.window && updated.fleet);
        let gone = Event::Departed { id: 5, endpoint: "a".into(), why: Departure::Expired, at_ms: 77 };
        apply(&mut store, ServerFrame::Events { seq: 0, events: vec![gone] });
        let device = store.devices.opened().unwrap();
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
            let mut store = Store { registry: registry(), ..opened("a") };
            let mut registered = client("a", &[(3, &[0])]);
            registered.objects[0].version = version.map(str::to_owned);
            let events = vec![Event::Registered(registered.clone()), reported(1)];
            apply(&mut store, ServerFrame::Events { seq: 0, events });
            let value = |store: &Store| {
                let cell = store.devices.opened()?.cell(&"/3/0/9".parse().ok()?)?;
                Some(cell.content.clone())
            };
            assert_eq!(value(&store), Some(Content::Single(expected.clone())), "{version:?}");
            let Event::Reported(seen) = reported(1) else { panic!("not a report") };
            let snapshot = device("a", Some(registered), vec![seen]);
            let mut fresh = Store { registry: registry(), ..opened("a") };
            apply(&mut fresh, snapshot);
            assert_eq!(value(&fresh), Some(Content::Single(expected)), "{version:?}");
            assert_eq!(fresh.model().object(3).is_some(), version != Some("3.0"));
        }
    }
}
