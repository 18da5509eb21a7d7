//! Object 2 as a client gives it, and what is known of the client without asking.

use std::collections::BTreeMap;

use lwm2m_codec::{Level, Lookup, Path, Record, Value, registration::RegisteredObject};

use super::{ACCESS_CONTROL, AccessControlInstance, AccessRights, MAX_ID, Presence, ResourcePresence};
use crate::ClientModel;

/// The Server object.
const SERVER: u16 = 1;

/// The instances of Object 2 in what was read of it. Those that do not say what they guard are left out and named.
#[must_use]
pub fn instances_in(records: &[Record]) -> (Vec<AccessControlInstance>, Vec<u16>) {
    let mut read: BTreeMap<u16, Partial> = BTreeMap::new();
    for record in records.iter().filter(|record| record.path.object_id() == Some(ACCESS_CONTROL)) {
        let Some(id) = record.path.instance_id() else { continue };
        read.entry(id).or_default().take(&record.path, &record.value);
    }
    let mut instances = Vec::new();
    let mut incomplete = Vec::new();
    for (id, Partial { object, instance, owner, acl }) in read {
        match (object, instance) {
            (Some(object), Some(instance)) => instances.push(AccessControlInstance {
                id,
                object,
                instance,
                owner: owner.unwrap_or(MAX_ID),
                acl,
            }),
            _ => incomplete.push(id),
        }
    }
    (instances, incomplete)
}

/// The accounts in what was read of the Server object: Short Server ID by instance.
#[must_use]
pub fn accounts_in(records: &[Record]) -> BTreeMap<u16, u16> {
    let account = |record: &Record| {
        let is_short_server_id = record.path.object_id() == Some(SERVER)
            && record.path.level() == Level::Resource
            && record.path.resource_id() == Some(0);
        let instance = record.path.instance_id().filter(|_| is_short_server_id)?;
        Some((instance, number(&record.value)?))
    };
    records.iter().filter_map(account).collect()
}

#[derive(Default)]
struct Partial {
    object: Option<u16>,
    instance: Option<u16>,
    owner: Option<u16>,
    acl: BTreeMap<u16, AccessRights>,
}

impl Partial {
    fn take(&mut self, path: &Path, value: &Value) {
        let Some(number) = number(value) else { return };
        match (path.resource_id(), path.resource_instance_id()) {
            (Some(0), _) => self.object = Some(number),
            (Some(1), _) => self.instance = Some(number),
            (Some(2), Some(server)) => {
                self.acl.insert(server, AccessRights::from_bits(number));
            }
            (Some(3), _) => self.owner = Some(number),
            _ => {}
        }
    }
}

fn number(value: &Value) -> Option<u16> {
    match value {
        Value::Integer(number) => u16::try_from(*number).ok(),
        Value::Unsigned(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

/// What a client has by its registration. Which Resources an instance has it does not say: what is defined counts as
/// there.
pub struct Registered<'a> {
    pub objects: &'a BTreeMap<u16, RegisteredObject>,
    pub model: &'a ClientModel<'a>,
}

impl Presence for Registered<'_> {
    fn objects(&self) -> Vec<u16> {
        self.objects.keys().copied().collect()
    }

    fn instances(&self, object: u16) -> Vec<u16> {
        self.objects.get(&object).map(|object| object.instances.iter().copied().collect()).unwrap_or_default()
    }

    fn resource(&self, object: u16, _instance: u16, resource: u16) -> ResourcePresence {
        match (Lookup::resource(self.model, object, resource), self.model.object(object)) {
            (Some(shape), _) => ResourcePresence::Defined(shape),
            (None, Some(_)) => ResourcePresence::Absent,
            (None, None) => ResourcePresence::Undefined,
        }
    }

    fn resource_instance(&self, _object: u16, _instance: u16, _resource: u16, _id: u16) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(path: &str, value: i64) -> Record {
        Record::new(path.parse().unwrap(), Value::Integer(value))
    }

    #[test]
    fn instances_are_read_and_what_is_incomplete_is_named() {
        let records = [
            record("/2/0/0", 3),
            record("/2/0/1", 0),
            record("/2/0/2/101", 0xFF0F),
            record("/2/0/3", 101),
            record("/2/1/0", 4),
            record("/2/1/1", -1),
            record("/2/2/0", 16),
            record("/2/2/1", 65_535),
            record("/3/0/9", 7),
        ];
        let (instances, incomplete) = instances_in(&records);
        let ids: Vec<_> = instances.iter().map(|guard| (guard.id, guard.object, guard.instance)).collect();
        assert_eq!(ids, [(0, 3, 0), (2, 16, MAX_ID)]);
        assert_eq!(instances[0].acl, [(101, AccessRights::ALL_OF_INSTANCE)].into());
        assert_eq!((instances[0].owner, instances[1].owner), (101, MAX_ID));
        assert_eq!(incomplete, [1]);
    }

    #[test]
    fn accounts_are_read() {
        let records =
            [record("/1/0/0", 101), record("/1/0/1", 300), record("/1/1/0", 102), record("/2/0/0", 9)];
        assert_eq!(accounts_in(&records), [(0, 101), (1, 102)].into());
    }
}
