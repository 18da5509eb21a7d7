//! Access control: made-up clients, and what servers may do there.

use std::collections::BTreeSet;

use lwm2m_codec::{Operations, Path, ResourceShape, ValueType};
use lwm2m_model::access_control::{
    AccessControlContext, AccessControlInstance, AccessRights, Decision, Operation, Outcome, Presence,
    Requester, ResourcePresence, ResponseCode,
};

use crate::{answers, script::Script};

/// The Security object, OSCORE and COSE; no server reaches them.
const FORBIDDEN: [u16; 3] = [0, 21, 23];
const OBJECTS: [u16; 8] = [0, 1, 2, 3, 5, 21, 23, 3303];
/// 65535 guards the object itself.
const INSTANCES: [u16; 4] = [0, 1, 7, 65535];
/// 65535 is nobody but the Bootstrap-Server; 0 stands for all servers in a list.
const SERVERS: [u16; 4] = [101, 102, 103, 65535];
const RESOURCES: [u16; 4] = [0, 1, 4, 5700];
const GUARDS_MAX: u8 = 8;

/// The first bytes make the client and what guards it, the rest are requests.
pub fn access_control(data: &[u8]) {
    let mut script = Script::new(data);
    let client = Client { seed: script.byte(), objects: script.byte() };
    let context = context(&mut script);
    while !script.is_over() {
        let server = script.one_of(&SERVERS);
        let operation = operation(&mut script);
        check(&context, &client, server, &operation);
    }
}

fn context(script: &mut Script) -> AccessControlContext {
    let bits = script.byte();
    let servers = SERVERS[..3].iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    let instances = (0..script.byte() % (GUARDS_MAX + 1)).map(|id| {
        let entries = script.byte() % 4;
        AccessControlInstance {
            id: u16::from(id),
            object: script.one_of(&OBJECTS),
            instance: script.one_of(&INSTANCES),
            owner: script.one_of(&SERVERS),
            acl: (0..entries)
                .map(|_| {
                    (script.one_of(&[0, 101, 102, 103]), AccessRights::from_bits(u16::from(script.byte())))
                })
                .collect(),
        }
    });
    AccessControlContext {
        enabled: bits & 8 == 0,
        instances: instances.collect(),
        servers: servers.map(|(_, server)| *server).collect(),
    }
}

/// A client that has some of the objects, and of these what numbers happen to say.
struct Client {
    seed: u8,
    objects: u8,
}

impl Client {
    /// Any number for an id, always the same.
    fn number(&self, ids: &[u16]) -> u16 {
        ids.iter().fold(u16::from(self.seed), |sum, id| (sum ^ id).wrapping_mul(31).rotate_left(3))
    }
}

impl Presence for Client {
    fn objects(&self) -> Vec<u16> {
        let there = OBJECTS.iter().enumerate().filter(|(bit, _)| self.objects >> bit & 1 == 1);
        there.map(|(_, object)| *object).collect()
    }

    fn instances(&self, object: u16) -> Vec<u16> {
        let there =
            INSTANCES[..3].iter().filter(|instance| !self.number(&[object, **instance]).is_multiple_of(4));
        if self.objects().contains(&object) { there.copied().collect() } else { Vec::new() }
    }

    fn resource(&self, object: u16, instance: u16, resource: u16) -> ResourcePresence {
        let number = self.number(&[object, instance, resource]);
        let operations =
            Operations { read: number & 1 == 0, write: number & 2 == 0, execute: number & 4 == 0 };
        let value_type = Some(ValueType::Integer);
        match number >> 8 & 3 {
            0 => ResourcePresence::Absent,
            1 => ResourcePresence::Undefined,
            _ => {
                ResourcePresence::Defined(ResourceShape { value_type, multiple: number & 8 == 0, operations })
            }
        }
    }

    fn resource_instance(&self, object: u16, instance: u16, resource: u16, id: u16) -> bool {
        self.number(&[object, instance, resource, id]) & 1 == 0
    }
}

fn path(script: &mut Script) -> Path {
    let ids = [
        script.one_of(&OBJECTS),
        script.one_of(&INSTANCES[..3]),
        script.one_of(&RESOURCES),
        script.one_of(&[0, 1]),
    ];
    let levels = usize::from(script.byte()) % 5;
    ids[..levels].iter().fold(Path::ROOT, |path, id| path.child(*id).expect("four levels"))
}

fn paths(script: &mut Script) -> Vec<Path> {
    (0..script.byte() % 5).map(|_| path(script)).collect()
}

fn operation(script: &mut Script) -> Operation {
    match script.byte() % 13 {
        0 => Operation::Read(path(script)),
        1 => Operation::Discover(path(script)),
        2 => Operation::Write(path(script)),
        3 => Operation::WriteAttributes(path(script)),
        4 => Operation::Execute(path(script)),
        5 => {
            let instance = script.one_of(&[None, Some(0), Some(9)]);
            Operation::Create { object: script.one_of(&OBJECTS), instance }
        }
        6 => Operation::Delete(path(script)),
        7 => Operation::Observe(path(script)),
        8 => Operation::ReadComposite(paths(script)),
        9 => Operation::WriteComposite(paths(script)),
        10 => Operation::ObserveComposite(paths(script)),
        11 => Operation::Notify(paths(script)),
        _ => Operation::Send(paths(script)),
    }
}

fn targets(operation: &Operation) -> Vec<Path> {
    match operation {
        Operation::Create { object, .. } => vec![Path::object(*object)],
        Operation::Read(path)
        | Operation::Discover(path)
        | Operation::Write(path)
        | Operation::WriteAttributes(path)
        | Operation::Execute(path)
        | Operation::Delete(path)
        | Operation::Observe(path) => vec![*path],
        Operation::ReadComposite(paths)
        | Operation::WriteComposite(paths)
        | Operation::ObserveComposite(paths)
        | Operation::Notify(paths)
        | Operation::Send(paths) => paths.clone(),
    }
}

fn check(context: &AccessControlContext, client: &Client, server: u16, operation: &Operation) {
    let bootstrap = context.decide(Requester::Bootstrap, operation, client);
    assert!(bootstrap.is_allowed() && bootstrap.allowed == targets(operation), "{bootstrap:?}");

    let decision = context.decide(Requester::Server(server), operation, client);
    check_shape(operation, &decision);
    check_reach(operation, &decision);
    check_rights(context, server, operation, &decision);
    check_refusal(context, server, operation, &decision);
    if let Operation::WriteComposite(paths) = operation {
        let each = |path: &Path| {
            let alone = Operation::WriteComposite(vec![*path]);
            context.decide(Requester::Server(server), &alone, client).is_allowed()
        };
        assert_eq!(decision.is_allowed(), paths.iter().all(each), "{paths:?}: {decision:?}");
    }
    let mut turned = context.clone();
    turned.instances.reverse();
    let again = turned.decide(Requester::Server(server), operation, client);
    assert_eq!(again, decision, "in another order of {context:?}");
}

/// An answer fits the operation, and says why.
fn check_shape(operation: &Operation, decision: &Decision) {
    let reports = matches!(operation, Operation::Notify(_) | Operation::Send(_));
    assert_eq!(decision.code().is_none(), reports, "{operation:?}: {decision:?}");
    answers::check_message(&decision.reason.to_string());
    answers::check_message(&decision.outcome.to_string());
    decision.left_out.iter().for_each(|left_out| answers::check_message(&left_out.reason.to_string()));
    decision.effects.iter().for_each(|effect| answers::check_message(&effect.to_string()));
    let differences: BTreeSet<_> = decision.may_differ.iter().collect();
    assert_eq!(differences.len(), decision.may_differ.len(), "told twice: {decision:?}");
    if !decision.is_allowed() {
        assert!(decision.allowed.is_empty() && decision.effects.is_empty(), "refused: {decision:?}");
    }
    let has_effects = matches!(operation, Operation::Create { .. } | Operation::Delete(_));
    assert!(has_effects || decision.effects.is_empty(), "{operation:?}: {decision:?}");
}

/// Nothing is reached but what was asked for, and no keys.
fn check_reach(operation: &Operation, decision: &Decision) {
    let asked = targets(operation);
    let asked_for = |path: &Path| asked.iter().any(|target| path.starts_with(target));
    for path in &decision.allowed {
        assert!(asked_for(path), "{path} was not asked for by {operation:?}");
        let forbidden = path.object_id().is_some_and(|object| FORBIDDEN.contains(&object));
        assert!(!forbidden, "{path} for {operation:?}");
    }
    for left_out in &decision.left_out {
        assert!(asked_for(&left_out.path), "{left_out:?} was not asked for by {operation:?}");
        assert!(!decision.allowed.contains(&left_out.path), "allowed and left out: {decision:?}");
    }
    if let [target] = asked.as_slice()
        && target.object_id().is_some_and(|object| FORBIDDEN.contains(&object))
    {
        let refused = [Outcome::Answer(ResponseCode::Unauthorized), Outcome::NotSent];
        assert!(refused.contains(&decision.outcome), "{operation:?}: {decision:?}");
    }
}

/// What is reached of an instance takes the right on it.
fn check_rights(context: &AccessControlContext, server: u16, operation: &Operation, decision: &Decision) {
    for path in &decision.allowed {
        let Some((object, instance)) = path.object_id().zip(path.instance_id()) else { continue };
        let rights = context.rights(server, object, instance).rights;
        assert!(rights.contains(operation.needs()), "{path} for {operation:?} with {rights}: {decision:?}");
    }
}

/// Where no list restricts a server, only what no server may do is unauthorized.
fn check_refusal(context: &AccessControlContext, server: u16, operation: &Operation, decision: &Decision) {
    let alone = context.servers.len() == 1 && context.servers.contains(&server);
    if (context.enabled && !alone) || decision.code() != Some(ResponseCode::Unauthorized) {
        return;
    }
    let nobody_may = |path: &Path| {
        let object = path.object_id();
        object == Some(2) || object.is_some_and(|object| FORBIDDEN.contains(&object))
    };
    assert!(targets(operation).iter().any(nobody_may), "{operation:?}: {decision:?}");
}
