//! The decision of access control against a second reading of its rules, written without looking at the first.
//!
//! The reading is naive on purpose: ids in plain arrays, one rule after the other, answers as text.

use std::collections::BTreeMap;

use lwm2m_codec::{Operations, Path, ResourceShape};
use lwm2m_model::access_control::{
    AccessControlContext, AccessControlInstance, AccessRights, Operation, Presence, Requester,
    ResourcePresence,
};
use proptest::prelude::*;

/// Instances of Object 2 as (id, object, instance, owner, entries).
type Guards = Vec<(u16, u16, u16, u16, BTreeMap<u16, u16>)>;

#[derive(Clone, Debug)]
struct World {
    enabled: bool,
    servers: Vec<u16>,
    guards: Guards,
}

/// Objects 1, 3 and 16 all have: 0 to read, 1 to read and write, 2 to execute, 3 multiple with one instance, 4 of
/// which nobody knows anything, 5 that can only be written.
fn letters(object: u16, resource: u16) -> Option<&'static str> {
    match (object, resource) {
        (2, 0 | 1) => Some("R"),
        (2, 2) => Some("RWM"),
        (2, 3) => Some("RW"),
        (2, _) => None,
        (_, 0) => Some("R"),
        (_, 1) => Some("RW"),
        (_, 2) => Some("E"),
        (_, 3) => Some("RWM"),
        (_, 4) => Some("?"),
        (_, 5) => Some("W"),
        _ => None,
    }
}

impl World {
    fn has(&self, object: u16) -> Vec<u16> {
        match object {
            0 | 3 => vec![0],
            1 => vec![0, 1],
            2 if self.enabled => self.guards.iter().map(|guard| guard.0).collect(),
            16 => vec![0],
            _ => vec![],
        }
    }

    fn everything(&self) -> Vec<u16> {
        if self.enabled { vec![0, 1, 2, 3, 16, 17] } else { vec![0, 1, 3, 16, 17] }
    }

    fn has_resource_instance(&self, ids: [u16; 4]) -> bool {
        match ids {
            [2, guard, 2, server] => {
                self.guards.iter().any(|own| own.0 == guard && own.4.contains_key(&server))
            }
            [_, _, 3, id] => id == 0,
            [_, _, 4, _] => true,
            _ => false,
        }
    }

    /// Whether the server is above all rules.
    fn free(&self, server: u16) -> bool {
        !self.enabled || self.servers == [server]
    }

    /// Step 4 and the section on Object 2.
    fn bit(&self, server: u16, object: u16, instance: u16, bit: u16) -> bool {
        if self.free(server) {
            return true;
        }
        if object == 2 {
            let owned = self.guards.iter().any(|guard| guard.0 == instance && guard.3 == server);
            return bit == 1 || (bit == 2 && owned);
        }
        for (_, guarded_object, guarded_instance, owner, entries) in &self.guards {
            if (*guarded_object, *guarded_instance) != (object, instance) {
                continue;
            }
            let own = entries.get(&server);
            let mask = if *owner == server && own.is_none() {
                15
            } else if let Some(mask) = own {
                *mask
            } else if let Some(mask) = entries.get(&0) {
                *mask
            } else {
                0
            };
            return mask & bit != 0;
        }
        false
    }

    /// What is answered to an operation on one path.
    fn one(&self, server: u16, name: &str, bit: u16, path: &Path) -> &'static str {
        let ids = path.ids();
        if matches!(ids, [0 | 21 | 23, ..]) {
            return "4.01";
        }
        let defined = match name {
            "write" => ids.len() >= 2,
            "execute" => ids.len() == 3,
            "delete" => ids.len() == 2 || ids.len() == 4,
            "discover" => (1..=3).contains(&ids.len()),
            _ => !ids.is_empty(),
        };
        if !defined {
            return "4.05";
        }
        if name == "delete" && matches!(ids, [2, _]) {
            return "4.01";
        }
        match ids {
            [object] if !self.everything().contains(object) => return "4.04",
            [object, instance, ..] if !self.has(*object).contains(instance) => return "4.04",
            _ => {}
        }
        if let [object, instance, ..] = ids
            && name != "discover"
            && !self.bit(server, *object, *instance, bit)
        {
            return "4.01";
        }
        if let [object, instance, resource, rest @ ..] = ids {
            let Some(letters) = letters(*object, *resource) else { return "4.04" };
            if letters == "?" {
                return "2";
            }
            if let [id] = rest {
                if !letters.contains('M') {
                    return "4.05";
                }
                let new_entry = name == "write" && *object == 2;
                if !new_entry && !self.has_resource_instance([*object, *instance, *resource, *id]) {
                    return "4.04";
                }
            }
            let letter = match name {
                "read" => 'R',
                "write" | "delete" => 'W',
                "execute" => 'E',
                _ => return "2",
            };
            if !letters.contains(letter) {
                return "4.05";
            }
        }
        if name == "delete" && ids == [3, 0] { "4.05" } else { "2" }
    }

    fn create(&self, server: u16, object: u16) -> &'static str {
        if [0, 2, 21, 23].contains(&object) {
            return "4.01";
        }
        if !self.everything().contains(&object) {
            return "4.04";
        }
        let entry = self.guards.iter().find(|guard| guard.1 == object && guard.2 == 65535);
        let bit = entry.and_then(|guard| guard.4.get(&server)).is_some_and(|mask| mask & 16 != 0);
        if self.free(server) || bit { "2" } else { "4.01" }
    }

    /// The readable part of some paths, and whether something is kept back that exists.
    fn readable(&self, server: u16, paths: &[Path]) -> (Vec<Path>, bool, bool) {
        let (mut parts, mut withheld, mut missing) = (vec![], false, false);
        for path in paths {
            let mut wanted = vec![];
            match path.ids() {
                [] => {
                    for object in self.everything() {
                        if object != 0 && (object != 2 || self.free(server)) {
                            wanted.extend(
                                self.has(object).iter().map(|instance| Path::instance(object, *instance)),
                            );
                        }
                    }
                }
                [0 | 21 | 23] => withheld = true,
                [object] if !self.everything().contains(object) => missing = true,
                [object] => {
                    wanted
                        .extend(self.has(*object).iter().map(|instance| Path::instance(*object, *instance)));
                }
                _ => wanted.push(*path),
            }
            for path in wanted {
                match self.one(server, "read", 1, &path) {
                    "2" if parts.contains(&path) => {}
                    "2" => parts.push(path),
                    "4.01" => withheld = true,
                    _ => missing = true,
                }
            }
        }
        (parts, withheld, missing)
    }

    fn answer(&self, server: u16, operation: &Operation) -> (String, Vec<Path>) {
        let (code, name, bit, path) = match operation {
            Operation::Create { object, .. } => {
                let path = Path::object(*object);
                return finish("2.01", self.create(server, *object), vec![path]);
            }
            Operation::Read(path) | Operation::Observe(path) if path.ids().len() == 1 => {
                if path.ids() == [0] {
                    return ("4.01".into(), vec![]);
                }
                if !self.everything().contains(&path.ids()[0]) {
                    return ("4.04".into(), vec![]);
                }
                return self.composite(server, &[*path]);
            }
            Operation::ReadComposite(paths) | Operation::ObserveComposite(paths) => {
                return self.composite(server, paths);
            }
            Operation::Notify(paths) | Operation::Send(paths) => {
                let (parts, withheld, missing) = self.readable(server, paths);
                let silent = parts.is_empty() && (withheld || missing);
                return (if silent { "not sent" } else { "sent" }.into(), parts);
            }
            Operation::WriteComposite(paths) => {
                let answers: Vec<&str> =
                    paths.iter().map(|path| self.one(server, "write", 2, path)).collect();
                let first = answers.iter().find(|answer| **answer != "2").unwrap_or(&"2");
                return finish("2.04", first, paths.clone());
            }
            Operation::Read(path) | Operation::Observe(path) => ("2.05", "read", 1, path),
            Operation::Discover(path) => ("2.05", "discover", 0, path),
            Operation::Write(path) => ("2.04", "write", 2, path),
            Operation::WriteAttributes(path) => ("2.04", "write-attributes", 1, path),
            Operation::Execute(path) => ("2.04", "execute", 4, path),
            Operation::Delete(path) => ("2.02", "delete", 8, path),
        };
        finish(code, self.one(server, name, bit, path), vec![*path])
    }

    fn composite(&self, server: u16, paths: &[Path]) -> (String, Vec<Path>) {
        let (parts, withheld, _) = self.readable(server, paths);
        (if parts.is_empty() && withheld { "4.01" } else { "2.05" }.into(), parts)
    }

    fn context(&self) -> AccessControlContext {
        let instances =
            self.guards.iter().map(|(id, object, instance, owner, entries)| AccessControlInstance {
                id: *id,
                object: *object,
                instance: *instance,
                owner: *owner,
                acl: entries.iter().map(|(server, mask)| (*server, AccessRights::from_bits(*mask))).collect(),
            });
        let servers = self.servers.iter().copied().collect();
        AccessControlContext { enabled: self.enabled, servers, instances: instances.collect() }
    }
}

fn finish(good: &str, answer: &str, paths: Vec<Path>) -> (String, Vec<Path>) {
    if answer == "2" { (good.into(), paths) } else { (answer.into(), vec![]) }
}

impl Presence for World {
    fn objects(&self) -> Vec<u16> {
        self.everything()
    }

    fn instances(&self, object: u16) -> Vec<u16> {
        self.has(object)
    }

    fn resource(&self, object: u16, _instance: u16, resource: u16) -> ResourcePresence {
        match letters(object, resource) {
            None => ResourcePresence::Absent,
            Some("?") => ResourcePresence::Undefined,
            Some(letters) => {
                let has = |letter| letters.contains(letter);
                let operations = Operations { read: has('R'), write: has('W'), execute: has('E') };
                ResourcePresence::Defined(ResourceShape { value_type: None, multiple: has('M'), operations })
            }
        }
    }

    fn resource_instance(&self, object: u16, instance: u16, resource: u16, id: u16) -> bool {
        self.has_resource_instance([object, instance, resource, id])
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let object = prop_oneof![Just(1u16), Just(3), Just(16)];
    let instance = prop_oneof![3 => Just(0u16), 1 => Just(1), 1 => Just(65535)];
    let owner = prop_oneof![1..=3u16, Just(65535)];
    let entries = proptest::collection::btree_map(0..=3u16, 0..32u16, 0..4);
    let guards = proptest::collection::vec((object, instance, owner, entries), 0..7);
    let guards = guards.prop_map(|guards| {
        let numbered = (0..).zip(guards);
        numbered
            .map(|(id, (object, instance, owner, entries))| (id, object, instance, owner, entries))
            .collect()
    });
    let servers = prop_oneof![1 => Just(vec![1]), 4 => Just(vec![1, 2, 3])];
    (prop::bool::weighted(0.9), servers, guards).prop_map(|(enabled, servers, guards)| World {
        enabled,
        servers,
        guards,
    })
}

fn paths() -> impl Strategy<Value = Path> {
    let object = prop_oneof![1 => Just(0u16), 3 => Just(1), 2 => Just(2), 2 => Just(3), 2 => Just(16), 1 => Just(17), 1 => Just(9)];
    (object, 0..3u16, 0..7u16, 0..3u16, 0..=8usize).prop_map(|(object, instance, resource, id, length)| {
        match length {
            0 => Path::ROOT,
            1 | 2 => Path::object(object),
            3 | 4 => Path::instance(object, instance),
            5..=7 => Path::resource(object, instance, resource),
            _ => Path::resource_instance(object, instance, resource, id),
        }
    })
}

fn operations() -> impl Strategy<Value = Operation> {
    let several = || proptest::collection::vec(paths(), 0..4);
    prop_oneof![
        paths().prop_map(Operation::Read),
        paths().prop_map(Operation::Discover),
        paths().prop_map(Operation::Write),
        paths().prop_map(Operation::WriteAttributes),
        paths().prop_map(Operation::Execute),
        paths().prop_map(Operation::Delete),
        paths().prop_map(Operation::Observe),
        (0..18u16).prop_map(|object| Operation::Create { object, instance: None }),
        several().prop_map(Operation::ReadComposite),
        several().prop_map(Operation::ObserveComposite),
        several().prop_map(Operation::Notify),
        several().prop_map(Operation::Send),
        // Several things wrong with several paths is about their order, which has a test of its own.
        paths().prop_map(|path| Operation::WriteComposite(vec![path])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn two_readings_agree(world in worlds(), server in 1..=3u16, operation in operations()) {
        let decision = world.context().decide(Requester::Server(server), &operation, &world);
        let outcome = decision.outcome.to_string();
        let outcome = if decision.code().is_some() { &outcome[..4] } else { &outcome };
        prop_assert_eq!((outcome.to_owned(), decision.allowed.clone()), world.answer(server, &operation));
        prop_assert!(!decision.reason.to_string().is_empty());
    }

    /// More paths never make a Write-Composite more allowed, and it is allowed when each single Write is.
    #[test]
    fn a_write_composite_is_as_good_as_its_worst_target(
        world in worlds(),
        server in 1..=3u16,
        paths in proptest::collection::vec(paths(), 0..4),
    ) {
        let context = world.context();
        let decide = |operation| context.decide(Requester::Server(server), &operation, &world);
        let whole = decide(Operation::WriteComposite(paths.clone()));
        let singles: Vec<_> = paths.iter().map(|path| decide(Operation::Write(*path))).collect();
        prop_assert_eq!(whole.is_allowed(), singles.iter().all(|single| single.is_allowed()));
        let refusals: Vec<_> = singles.iter().filter(|single| !single.is_allowed()).map(|single| single.outcome).collect();
        prop_assert!(whole.is_allowed() || refusals.contains(&whole.outcome));
    }

    /// Bootstrap is never refused, and a server that Object 2 does not bind has every right.
    #[test]
    fn bootstrap_may_do_anything(world in worlds(), operation in operations()) {
        prop_assert!(world.context().decide(Requester::Bootstrap, &operation, &world).is_allowed());
    }
}

#[test]
fn the_right_on_every_target_counts_before_what_one_supports() {
    let guards = vec![(0, 1, 0, 1, BTreeMap::new()), (1, 3, 0, 2, BTreeMap::new())];
    let world = World { enabled: true, servers: vec![1, 2], guards };
    let write = Operation::WriteComposite(vec![Path::resource(1, 0, 0), Path::resource(3, 0, 1)]);
    let decision = world.context().decide(Requester::Server(1), &write, &world);
    assert_eq!(decision.outcome.to_string(), "4.01 Unauthorized");
    assert_eq!(
        decision.reason.to_string(),
        "/2/1 has no entry for server 1 and no default entry, and its owner is server 2, and Write-Composite needs W"
    );
    let write = Operation::WriteComposite(vec![Path::resource(1, 0, 0), Path::resource(3, 1, 1)]);
    let decision = world.context().decide(Requester::Server(1), &write, &world);
    assert_eq!(decision.outcome.to_string(), "4.04 Not Found");
}

#[test]
fn what_is_left_out_is_told() {
    let guards = vec![(0, 1, 0, 1, BTreeMap::from([(2, 1)])), (1, 1, 1, 1, BTreeMap::new())];
    let world = World { enabled: true, servers: vec![1, 2], guards };
    let context = world.context();
    let decision = context.decide(Requester::Server(2), &Operation::Read(Path::object(1)), &world);
    assert_eq!(decision.reason.to_string(), "of 2 targets 1 can be read");
    let left_out: Vec<_> =
        decision.left_out.iter().map(|left| format!("{}: {}", left.path, left.reason)).collect();
    assert_eq!(
        left_out,
        [
            "/1/1: /2/1 has no entry for server 2 and no default entry, and its owner is server 1, and Read needs R"
        ]
    );
}

#[test]
fn where_clients_differ_is_told_only_where_it_matters() {
    let guards = vec![(0, 1, 0, 1, BTreeMap::from([(0, 1)]))];
    let world = World { enabled: true, servers: vec![1, 2], guards };
    let context = world.context();
    let differs = |operation| {
        let decision = context.decide(Requester::Server(1), &operation, &world);
        decision.may_differ.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    // The default entry gives the owner R as well, whoever applies it.
    assert!(differs(Operation::Read(Path::resource(1, 0, 1))).is_empty());
    let anjay = "some clients (Anjay) give an owner without an entry all rights only while the list is empty";
    assert_eq!(differs(Operation::Write(Path::resource(1, 0, 1))), [anjay]);
    assert_eq!(differs(Operation::ReadComposite(vec![Path::ROOT])).len(), 1);
    assert_eq!(differs(Operation::Read(Path::instance(2, 0))).len(), 1);
}
