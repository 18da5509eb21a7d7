//! The clients that pages look at: the open one, and those on charts.

use lwm2m_codec::Path;
use lwm2m_model::{ClientModel, Registry};

use super::device::Device;
use super::limits::HELD_POINTS;
use super::model::model;
use crate::sorted_map::SortedMap;

/// Stands for a client for as long as somebody looks at it; not given again to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeviceKey(u32);

/// A Resource of a client that somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) device: DeviceKey,
    pub(crate) path: Path,
}

pub(crate) type TargetMap<V> = SortedMap<Target, V>;

#[derive(Debug, Default)]
pub(crate) struct Devices {
    /// A few: a page does not look at more than the server tells of.
    held: Vec<Held>,
    open: Option<DeviceKey>,
    given: u32,
}

#[derive(Debug)]
struct Held {
    key: DeviceKey,
    /// Components that look at it.
    holders: usize,
    device: Device,
}

impl Devices {
    /// Whether nobody has held it before.
    pub(super) fn hold(&mut self, endpoint: &str) -> (DeviceKey, bool) {
        if let Some(held) = self.held.iter_mut().find(|held| held.device.endpoint == endpoint) {
            held.holders += 1;
            return (held.key, false);
        }
        self.given += 1;
        let key = DeviceKey(self.given);
        self.held.push(Held { key, holders: 1, device: Device::new(endpoint.to_owned()) });
        (key, true)
    }

    /// The endpoint of the client when nobody looks at it any more.
    pub(super) fn release(&mut self, key: DeviceKey) -> Option<String> {
        let at = self.held.iter().position(|held| held.key == key)?;
        self.held[at].holders -= 1;
        if self.held[at].holders > 0 {
            return None;
        }
        self.open = self.open.filter(|open| *open != key);
        Some(self.held.remove(at).device.endpoint)
    }

    /// Makes one that is held the open one.
    pub(super) const fn open(&mut self, key: DeviceKey) {
        self.open = Some(key);
    }

    pub(crate) const fn open_key(&self) -> Option<DeviceKey> {
        self.open
    }

    /// The client whose page is open.
    pub(crate) fn opened(&self) -> Option<&Device> {
        self.get(self.open?)
    }

    pub(crate) fn get(&self, key: DeviceKey) -> Option<&Device> {
        self.held.iter().find(|held| held.key == key).map(|held| &held.device)
    }

    pub(super) fn get_mut(&mut self, key: DeviceKey) -> Option<&mut Device> {
        self.held.iter_mut().find(|held| held.key == key).map(|held| &mut held.device)
    }

    pub(crate) fn key_of(&self, endpoint: &str) -> Option<DeviceKey> {
        self.held.iter().find(|held| held.device.endpoint == endpoint).map(|held| held.key)
    }

    pub(super) fn key_of_client(&self, id: u32) -> Option<DeviceKey> {
        let is_it = |held: &&Held| held.device.client.as_ref().is_some_and(|client| client.id == id);
        self.held.iter().find(is_it).map(|held| held.key)
    }

    pub(super) fn endpoints(&self) -> Vec<String> {
        self.held.iter().map(|held| held.device.endpoint.clone()).collect()
    }

    /// The definitions of the object versions that a client has.
    pub(super) fn model<'a>(&self, registry: &'a Registry, key: Option<DeviceKey>) -> ClientModel<'a> {
        let device = key.and_then(|key| self.get(key));
        model(registry, device.and_then(|device| device.client.as_ref()))
    }

    /// Of all clients together the longest course gives way.
    pub(super) fn shorten(&mut self) {
        while self.held.iter().map(|held| held.device.points()).sum::<usize>() > HELD_POINTS {
            let longest = self.held.iter_mut().max_by_key(|held| held.device.points());
            if longest.is_none_or(|held| held.device.shorten() == 0) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_held_as_long_as_somebody_looks() {
        let mut devices = Devices::default();
        let (a, first) = devices.hold("a");
        let (again, second) = devices.hold("a");
        assert!(first && !second && a == again);
        devices.open(a);
        let (b, _) = devices.hold("b");
        assert_eq!((devices.release(a), devices.opened().is_some()), (None, true));
        assert_eq!((devices.release(a).as_deref(), devices.opened().is_some()), (Some("a"), false));
        assert_eq!((devices.release(a), devices.endpoints()), (None, vec!["b".to_owned()]));
        let (a_again, _) = devices.hold("a");
        assert!(a_again != a && a_again != b, "whoever still has the old key gets nothing of the new one");
    }
}
