//! What may be inconsistent in what a device has (LwM2M 1.2 Core §6.1.6): said when it answers Finish with 4.06.

use std::collections::{BTreeMap, BTreeSet};

use lwm2m_codec::{Level, Path, Record, Value};

use super::discovered::Discovered;

const SECURITY: u16 = 0;
const SERVER: u16 = 1;
const ACCESS_CONTROL: u16 = 2;

/// LwM2M 1.0 TS Appendix E.1, E.2: each instance has them.
const MANDATORY_OF_SECURITY: [(u16, &str); 3] =
    [(0, "LwM2M Server URI"), (1, "Bootstrap-Server"), (2, "Security Mode")];
const MANDATORY_OF_SERVER: [(u16, &str); 4] = [
    (0, "Short Server ID"),
    (1, "Lifetime"),
    (6, "Notification Storing When Disabled or Offline"),
    (7, "Binding"),
];

/// In words, as far as it can be known from what the device still had and what was written then.
pub(super) fn inconsistencies(left: &Discovered, written: &[Record]) -> Vec<String> {
    let device = Device { left, written };
    let mut found = Vec::new();
    device.check_mandatory(&mut found);
    device.check_pairs(&mut found);
    device.check_bootstrap_accounts(&mut found);
    device.check_keys(&mut found);
    device.check_access_control(&mut found);
    found
}

struct Device<'a> {
    left: &'a Discovered,
    written: &'a [Record],
}

impl Device<'_> {
    fn check_mandatory(&self, found: &mut Vec<String>) {
        for (object, mandatory) in [(SECURITY, &MANDATORY_OF_SECURITY[..]), (SERVER, &MANDATORY_OF_SERVER)] {
            for instance in self.written_instances(object) {
                for (resource, name) in mandatory {
                    if self.value(&instance, *resource).is_none() {
                        found.push(format!("{instance} has no {name} ({instance}/{resource})"));
                    }
                }
            }
        }
    }

    /// Each server has one instance of both Objects, with the same Short Server ID.
    fn check_pairs(&self, found: &mut Vec<String>) {
        let security = self.by_short_server_id(SECURITY, 10);
        let servers = self.by_short_server_id(SERVER, 0);
        // A device need not say whose its Server instances are, and then they may be anyone's.
        let written = self.written_instances(SERVER);
        let left = self.left.instances_of(SERVER).map(|instance| Path::instance(SERVER, instance));
        let all_known = left
            .filter(|instance| !written.contains(instance))
            .all(|instance| self.left.short_server_id(&instance).is_some());
        for (name, other, those, these, is_known) in [
            ("Security", "Server", &servers, &security, all_known),
            ("Server", "Security", &security, &servers, true),
        ] {
            for (id, instances) in these {
                let shown = listed(instances);
                if matches!(*id, 0 | u16::MAX) {
                    found.push(format!("{shown} has the Short Server ID {id}, which is reserved"));
                } else if is_known && !those.contains_key(id) {
                    found.push(format!("{shown} is for server {id}, and no {other} instance is"));
                }
                if instances.len() > 1 {
                    found.push(format!("server {id} has several {name} instances: {shown}"));
                }
            }
        }
        if all_known && !security.keys().any(|id| servers.contains_key(id)) {
            found.push("there is no complete account with a server: a Security and a Server instance with the same Short Server ID".to_owned());
        }
    }

    fn check_bootstrap_accounts(&self, found: &mut Vec<String>) {
        let written: BTreeSet<Path> = self.written_instances(SECURITY).into_iter().collect();
        let mut own: BTreeSet<Path> =
            written.iter().copied().filter(|path| self.is_bootstrap_server(path)).collect();
        if own.is_empty() {
            return;
        }
        let before = self.left.bootstrap_accounts().map(|instance| Path::instance(SECURITY, instance));
        own.extend(before.filter(|path| !written.contains(path)));
        if own.len() > 1 {
            let shown = listed(&own);
            found.push(format!("there is more than one account with a Bootstrap-Server: {shown}"));
        }
    }

    /// The mode needs its keys (LwM2M 1.0 TS §7.1), and the scheme of the URI a mode.
    fn check_keys(&self, found: &mut Vec<String>) {
        for instance in self.written_instances(SECURITY) {
            let Some(Value::Integer(mode)) = self.value(&instance, 2) else { continue };
            let needed: &[(u16, &str)] = match mode {
                0 => &[(3, "Public Key or Identity"), (5, "Secret Key")],
                1 | 2 => &[(3, "Public Key or Identity"), (4, "Server Public Key"), (5, "Secret Key")],
                _ => &[],
            };
            for (resource, name) in needed {
                if self.length(&instance, *resource) == 0 {
                    found.push(format!("{instance} is for security mode {mode} and has no {name}"));
                }
            }
            if let Some(Value::String(uri)) = self.value(&instance, 0) {
                let secure = uri.starts_with("coaps");
                if secure == (*mode == 3) {
                    found.push(format!("{instance} has security mode {mode} and the URI {uri:?}"));
                }
            }
        }
    }

    fn check_access_control(&self, found: &mut Vec<String>) {
        let servers = self.by_short_server_id(SERVER, 0);
        for instance in self.written_instances(ACCESS_CONTROL) {
            let number = |resource| self.value(&instance, resource).and_then(id_of);
            if let Some(owner) = number(3).filter(|owner| *owner != u16::MAX && !servers.contains_key(owner))
            {
                found.push(format!("{instance} belongs to server {owner}, of which there is no account"));
            }
            if let (Some(object), Some(target)) = (number(0), number(1))
                && matches!(object, SERVER)
                && target != u16::MAX
                && !self.instances(SERVER).contains(&Path::instance(SERVER, target))
            {
                found.push(format!("{instance} is for /{object}/{target}, which is not there"));
            }
        }
    }

    /// All instances with a Short Server ID, but for accounts with Bootstrap-Servers.
    fn by_short_server_id(&self, object: u16, resource: u16) -> BTreeMap<u16, BTreeSet<Path>> {
        let mut by_id: BTreeMap<u16, BTreeSet<Path>> = BTreeMap::new();
        let written = self.written_instances(object);
        for instance in self.instances(object) {
            let id = if !written.contains(&instance) {
                self.left.short_server_id(&instance)
            } else if object == SECURITY && self.is_bootstrap_server(&instance) {
                None
            } else {
                self.value(&instance, resource).and_then(id_of)
            };
            if let Some(id) = id {
                by_id.entry(id).or_default().insert(instance);
            }
        }
        by_id
    }

    fn instances(&self, object: u16) -> BTreeSet<Path> {
        let left = self.left.instances_of(object).map(|instance| Path::instance(object, instance));
        left.chain(self.written_instances(object)).collect()
    }

    fn written_instances(&self, object: u16) -> BTreeSet<Path> {
        let records = self.written.iter().filter(|record| record.path.object_id() == Some(object));
        records.map(|record| record.path.truncate(Level::ObjectInstance)).collect()
    }

    fn is_bootstrap_server(&self, instance: &Path) -> bool {
        self.value(instance, 1) == Some(&Value::Boolean(true))
    }

    /// The value that was written last.
    fn value(&self, instance: &Path, resource: u16) -> Option<&Value> {
        let path = instance.child(resource)?;
        self.written.iter().rev().find(|record| record.path == path).map(|record| &record.value)
    }

    fn length(&self, instance: &Path, resource: u16) -> usize {
        match self.value(instance, resource) {
            Some(Value::Opaque(bytes) | Value::Raw(bytes)) => bytes.len(),
            Some(Value::String(text)) => text.len(),
            Some(_) => 1,
            None => 0,
        }
    }
}

fn id_of(value: &Value) -> Option<u16> {
    match value {
        Value::Integer(number) => u16::try_from(*number).ok(),
        Value::Unsigned(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

fn listed<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    paths.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
