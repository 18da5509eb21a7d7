//! A worked case of access control: what is asked of which client. Read by the tests of this crate and by those that decide in
//! the browser.

use std::collections::BTreeMap;

use lwm2m_codec::{Lookup, Path};
use lwm2m_model::Registry;
use lwm2m_model::access_control::{
    AccessControlContext, AccessControlInstance, AccessRights, Decision, Operation, Presence, Requester,
    ResourcePresence,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    ac_enabled: bool,
    servers: Vec<u16>,
    ac: Vec<Instance>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    ac_instance: u16,
    object: u16,
    instance: u16,
    owner: u16,
    acl: BTreeMap<u16, u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    ssid: serde_json::Value,
    op: String,
    path: Option<String>,
    #[serde(default)]
    paths: Vec<String>,
    /// The new instance of a Create. The value of a Write makes no difference.
    value: Option<serde_json::Value>,
}

/// What the client decides by the rules.
pub(crate) fn decide(context: &Context, request: &Request, registry: &Registry) -> Decision {
    let context = context.read();
    let client = Client { context: &context, registry };
    context.decide(request.requester(), &request.operation(), &client)
}

impl Context {
    fn read(&self) -> AccessControlContext {
        let instances = self.ac.iter().map(|ac| AccessControlInstance {
            id: ac.ac_instance,
            object: ac.object,
            instance: ac.instance,
            owner: ac.owner,
            acl: ac.acl.iter().map(|(ssid, bits)| (*ssid, AccessRights::from_bits(*bits))).collect(),
        });
        AccessControlContext {
            enabled: self.ac_enabled,
            servers: self.servers.iter().copied().collect(),
            instances: instances.collect(),
        }
    }
}

impl Request {
    fn requester(&self) -> Requester {
        match self.ssid.as_u64() {
            Some(ssid) => Requester::Server(u16::try_from(ssid).unwrap()),
            None => Requester::Bootstrap,
        }
    }

    fn operation(&self) -> Operation {
        let path = || -> Path { self.path.as_deref().unwrap().parse().unwrap() };
        let paths = || self.paths.iter().map(|path| path.parse().unwrap()).collect();
        match self.op.as_str() {
            "read" => Operation::Read(path()),
            "discover" => Operation::Discover(path()),
            "write" => Operation::Write(path()),
            "write-attributes" => Operation::WriteAttributes(path()),
            "execute" => Operation::Execute(path()),
            "create" => {
                let created: Option<Path> =
                    self.value.as_ref().and_then(|value| value.as_str()).map(|path| path.parse().unwrap());
                let instance = created.and_then(|path| path.instance_id());
                Operation::Create { object: path().object_id().unwrap(), instance }
            }
            "delete" => Operation::Delete(path()),
            "observe" => Operation::Observe(path()),
            "notify" => Operation::Notify(vec![path()]),
            "read-composite" => Operation::ReadComposite(paths()),
            "write-composite" => Operation::WriteComposite(paths()),
            "observe-composite" => Operation::ObserveComposite(paths()),
            "send" => Operation::Send(paths()),
            other => panic!("no operation is called {other}"),
        }
    }
}

/// The client of the cases: it has the instances that Object 2 guards and, where access control is disabled, those
/// that the cases speak of. Its resources are those of the registry.
struct Client<'a> {
    context: &'a AccessControlContext,
    registry: &'a Registry,
}

impl Presence for Client<'_> {
    fn objects(&self) -> Vec<u16> {
        let access_control = self.context.enabled.then_some(2);
        let mut objects: Vec<u16> =
            [0, 1, 3, 4, 5, 6, 10, 16, 21, 3303].into_iter().chain(access_control).collect();
        objects.sort_unstable();
        objects
    }

    fn instances(&self, object: u16) -> Vec<u16> {
        let guards = &self.context.instances;
        let mut instances: Vec<u16> = match object {
            0 | 21 => vec![0],
            1 | 3 | 16 if !self.context.enabled => vec![0],
            2 => guards.iter().map(|guard| guard.id).collect(),
            _ => guards.iter().filter(|guard| guard.object == object).map(|guard| guard.instance).collect(),
        };
        instances.retain(|instance| *instance != u16::MAX);
        instances.sort_unstable();
        instances
    }

    fn resource(&self, object: u16, _instance: u16, resource: u16) -> ResourcePresence {
        match Lookup::resource(self.registry, object, resource) {
            Some(shape) => ResourcePresence::Defined(shape),
            None => ResourcePresence::Absent,
        }
    }

    fn resource_instance(&self, object: u16, instance: u16, resource: u16, id: u16) -> bool {
        let guard = self.context.instances.iter().find(|guard| (object, guard.id) == (2, instance));
        guard.is_none_or(|guard| resource != 2 || guard.acl.contains_key(&id))
    }
}
