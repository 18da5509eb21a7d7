//! Which clients are looked at, and what pages see of them.

use console_api::{Event, Reported, ServerFrame, Topic};
use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_model::ResourceDefinition;

use super::connection::Phase;
use super::device::Device;
use super::devices::{DeviceKey, Target};
use super::state::{Answer, Definitions, Live};
use super::watch::Watch;

impl Live {
    /// Makes this client the open one for as long as the calling component lives. Its values are asked for when the
    /// definitions to decode them with are there, or are known not to come.
    pub(crate) fn open_device(self, endpoint: &str) {
        let key = self.hold(endpoint);
        self.inner.update_value(|inner| inner.store.devices.open(key));
        self.structure.update(|count| *count += 1);
    }

    /// Looks at this client for as long as the calling component lives.
    pub(crate) fn hold(self, endpoint: &str) -> DeviceKey {
        let key = self.hold_on(endpoint);
        on_cleanup(move || self.let_go(key));
        key
    }

    /// Looks at this client until [`Self::let_go`].
    pub(crate) fn hold_on(self, endpoint: &str) -> DeviceKey {
        let (key, first) =
            self.inner.try_update_value(|inner| inner.store.devices.hold(endpoint)).unwrap_or_default();
        self.load_definitions();
        if first && self.definitions.with_untracked(Definitions::settled) {
            self.subscribe(Topic::Device(endpoint.to_owned()));
        }
        key
    }

    pub(crate) fn let_go(self, key: DeviceKey) {
        let left = self.inner.try_update_value(|inner| inner.store.devices.release(key));
        if let Some(endpoint) = left.flatten() {
            self.unsubscribe(&Topic::Device(endpoint));
        }
    }

    /// The client whose page is open.
    pub(crate) fn open_key(self) -> Option<DeviceKey> {
        self.with_store(|store| store.devices.open_key())
    }

    /// The value at `path` of the open device, for as long as the calling component lives.
    pub(crate) fn watch(self, path: Path) -> Watch {
        let device = self.with_store(|store| store.devices.open_key()).unwrap_or_default();
        self.watch_of(Target { device, path })
    }

    /// The value of a Resource, for as long as the calling component lives.
    pub(crate) fn watch_of(self, target: Target) -> Watch {
        let cell = |device: &Device| device.cell(&target.path).cloned();
        let current = self.with_device_of(target.device, cell).flatten();
        let signal = self.inner.try_update_value(|inner| inner.watched.add(target, current.clone()));
        on_cleanup(move || {
            self.inner.try_update_value(|inner| inner.watched.release(&target));
        });
        signal.unwrap_or_else(|| ArcRwSignal::new(current))
    }

    pub(crate) fn definition_of(self, target: &Target) -> Option<ResourceDefinition> {
        let (object, resource) = (target.path.object_id()?, target.path.resource_id()?);
        self.with_model_of(target.device, |model| model.resource(object, resource).cloned())
    }

    /// The unit of a Resource's value, as people write it.
    pub(crate) fn unit_of(self, target: &Target) -> String {
        let defined = self.definition_of(target).map(|definition| definition.units).unwrap_or_default();
        self.with_device_of(target.device, |device| device.unit(&target.path, &defined)).unwrap_or_default()
    }

    /// What operators call a client, or else its endpoint.
    pub(crate) fn name_of(self, key: DeviceKey) -> String {
        self.structure.track();
        let name = |device: &Device| {
            let given = device.client.as_ref().and_then(|client| client.name.clone());
            given.unwrap_or_else(|| device.endpoint.clone())
        };
        self.with_device_of(key, name).unwrap_or_default()
    }

    /// LwM2M version of a client.
    pub(crate) fn version_of(self, key: DeviceKey) -> String {
        self.structure.track();
        let version = |device: &Device| Some(device.client.as_ref()?.lwm2m_version.clone());
        self.with_device_of(key, version).flatten().unwrap_or_default()
    }

    /// A payload that came as the answer to a request while the WebSocket was away.
    pub(crate) fn take_answer(self, endpoint: &str, answer: Answer) {
        if self.connection.with_untracked(|connection| connection.phase == Phase::Live) {
            return;
        }
        let open = self.with_device(|device| {
            let client = device.client.as_ref().filter(|client| client.endpoint == endpoint);
            client.map(|client| client.id)
        });
        if let Some(client) = open.flatten() {
            let reported = Reported {
                client,
                path: answer.path.to_string(),
                source: answer.source,
                content_format: answer.content_format,
                payload: answer.payload,
                at_ms: self.clock(),
                sequence: None,
                confirmable: false,
            };
            self.push(ServerFrame::Events { seq: 0, events: vec![Event::Reported(reported)] });
        }
    }

    /// The client took a Write-Attributes of this page.
    pub(crate) fn take_attributes(self, endpoint: &str, path: Path, query: &str) {
        self.inner.try_update_value(|inner| {
            let devices = &mut inner.store.devices;
            if let Some(device) = devices.key_of(endpoint).and_then(|key| devices.get_mut(key)) {
                device.write_attributes(path, query);
            }
        });
        self.structure.try_update(|count| *count += 1);
    }
}
