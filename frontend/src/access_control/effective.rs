use console_api::AccessOperation;
use lwm2m_codec::Path;
use lwm2m_model::ClientModel;
use lwm2m_model::access_control::{
    AccessControlContext, AccessControlInstance, Decision, Operation, Presence, Reason, Requester,
    ResponseCode,
};

use super::{MAX_ID, row_order};

/// An operation that a server may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) operation: AccessOperation,
    pub(crate) path: Path,
}

/// What the device decides by the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// `allowed`, or the code and what lacks: `4.01 no W`.
    pub(crate) short: String,
    /// The rule that decides.
    pub(crate) reason: String,
    /// What else happens or is left out, and why some devices decide otherwise.
    pub(crate) notes: Vec<String>,
}

/// Objects that say more about a device than what every device has.
const FIRST_OF_INTEREST: u16 = 3;

/// As many of each kind as are shown, unless there are fewer of others.
const OF_EACH: [(AccessOperation, usize); 5] = [
    (AccessOperation::Read, 3),
    (AccessOperation::Write, 2),
    (AccessOperation::Execute, 2),
    (AccessOperation::Delete, 1),
    (AccessOperation::Create, 1),
];

impl Question {
    pub(crate) const OPERATIONS: [(AccessOperation, &str); 8] = [
        (AccessOperation::Read, "Read"),
        (AccessOperation::Write, "Write"),
        (AccessOperation::Execute, "Execute"),
        (AccessOperation::Delete, "Delete"),
        (AccessOperation::Create, "Create"),
        (AccessOperation::Observe, "Observe"),
        (AccessOperation::Discover, "Discover"),
        (AccessOperation::WriteAttributes, "Write-Attributes"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::OPERATIONS
            .iter()
            .find(|(operation, _)| *operation == self.operation)
            .map_or("", |(_, name)| name)
    }

    fn asked(self) -> Operation {
        let path = self.path;
        match self.operation {
            AccessOperation::Read => Operation::Read(path),
            AccessOperation::Discover => Operation::Discover(path),
            AccessOperation::Write => Operation::Write(path),
            AccessOperation::WriteAttributes => Operation::WriteAttributes(path),
            AccessOperation::Execute => Operation::Execute(path),
            AccessOperation::Delete => Operation::Delete(path),
            AccessOperation::Observe => Operation::Observe(path),
            AccessOperation::Create => Operation::Create {
                object: path.object_id().unwrap_or_default(),
                instance: path.instance_id(),
            },
        }
    }
}

pub(crate) fn answer(
    context: &AccessControlContext,
    server: u16,
    question: Question,
    presence: &dyn Presence,
) -> Answer {
    told(&context.decide(Requester::Server(server), &question.asked(), presence))
}

/// The answer where it is 4.01: what is not there, or cannot be done at all, is no matter of rights.
pub(super) fn refused(
    context: &AccessControlContext,
    server: u16,
    question: Question,
    presence: &dyn Presence,
) -> Option<Answer> {
    let decision = context.decide(Requester::Server(server), &question.asked(), presence);
    (decision.code() == Some(ResponseCode::Unauthorized)).then(|| told(&decision))
}

fn told(decision: &Decision) -> Answer {
    let left_out = decision.left_out.iter().map(|left| format!("{} is left out: {}", left.path, left.reason));
    let effects = decision.effects.iter().map(ToString::to_string);
    let may_differ = decision.may_differ.iter().map(ToString::to_string);
    Answer {
        allowed: decision.is_allowed(),
        short: short(decision),
        reason: decision.reason.to_string(),
        notes: left_out.chain(effects).chain(may_differ).collect(),
    }
}

fn short(decision: &Decision) -> String {
    let Some(code) = decision.code().filter(|_| !decision.is_allowed()) else { return "allowed".to_owned() };
    let (class, detail) = code.parts();
    let lacks = match &decision.reason {
        Reason::Rights { needed, granted, .. } => format!(" no {}", needed.without(*granted)),
        Reason::CreateEntry { .. } | Reason::NoCreateEntry { .. } | Reason::NoCreateGuard { .. } => {
            " no C".to_owned()
        }
        _ => String::new(),
    };
    format!("{class}.{detail:02}{lacks}")
}

/// Operations that tell something about a device: some of each kind, on different Objects first.
pub(crate) fn typical(
    guards: &[AccessControlInstance],
    model: &ClientModel<'_>,
    most: usize,
) -> Vec<Question> {
    let mut candidates = Vec::new();
    for id in row_order(guards) {
        let Some(guard) = guards.iter().find(|guard| guard.id == id) else { continue };
        candidates.extend(of_guard(guard, model));
    }
    // A stable order: what is of interest, then what comes first.
    candidates.sort_by_key(|question| question.path.object_id() < Some(FIRST_OF_INTEREST));
    let mut chosen = Vec::new();
    for (operation, many) in OF_EACH {
        let mut objects = Vec::new();
        let fresh = candidates.iter().filter(|question| {
            let is_new = question.operation == operation && !objects.contains(&question.path.object_id());
            if is_new {
                objects.push(question.path.object_id());
            }
            is_new
        });
        chosen.extend(fresh.take(many).copied());
    }
    chosen.truncate(most);
    chosen
}

fn of_guard(guard: &AccessControlInstance, model: &ClientModel<'_>) -> Vec<Question> {
    if guard.instance == MAX_ID {
        let path = Path::object(guard.object);
        return vec![Question { operation: AccessOperation::Create, path }];
    }
    let Some(definition) = model.object(guard.object) else {
        return vec![Question {
            operation: AccessOperation::Read,
            path: Path::instance(guard.object, guard.instance),
        }];
    };
    let path = |id| Path::resource(guard.object, guard.instance, id);
    let mut questions = Vec::new();
    let resources = &definition.resources;
    if let Some(resource) = resources.iter().find(|it| it.operations.read) {
        questions.push(Question { operation: AccessOperation::Read, path: path(resource.id) });
    }
    if let Some(resource) = resources.iter().find(|it| it.operations.write) {
        questions.push(Question { operation: AccessOperation::Write, path: path(resource.id) });
    }
    if let Some(resource) = resources.iter().find(|it| it.operations.execute) {
        questions.push(Question { operation: AccessOperation::Execute, path: path(resource.id) });
    }
    if definition.multiple {
        let path = Path::instance(guard.object, guard.instance);
        questions.push(Question { operation: AccessOperation::Delete, path });
    }
    questions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lwm2m_codec::registration::RegisteredObject;
    use lwm2m_model::Registry;
    use lwm2m_model::access_control::Registered;

    use super::*;
    use crate::access_control::draft::guard;

    fn registry() -> Registry {
        let resource = |id: u16, operations: &str| {
            format!(
                r#"{{"id":{id},"name":"A","operations":"{operations}","multiple":false,"mandatory":false,
                    "type":"integer","range":"","units":""}}"#
            )
        };
        let object = |id: u16, multiple: bool| {
            let resources = [resource(1, "R"), resource(2, "RW"), resource(3, "E")].join(",");
            format!(
                r#"{{"id":{id},"name":"O","version":"1.0","urn":"u","multiple":{multiple},"mandatory":true,
                    "resources":[{resources}]}}"#
            )
        };
        let objects = [object(1, true), object(3, false), object(3303, true)].join(",");
        Registry::from_json(&format!(r#"{{"objects":[{objects}]}}"#)).unwrap()
    }

    fn about(object: u16, id: u16) -> AccessControlInstance {
        AccessControlInstance { object, instance: 0, ..guard(id, 101, &[(102, 1)]) }
    }

    #[test]
    fn some_of_each_kind_are_asked_unasked() {
        let registry = registry();
        let model = registry.for_client(Default::default(), []);
        let create = AccessControlInstance { instance: MAX_ID, ..guard(9, MAX_ID, &[]) };
        let guards = [about(1, 0), about(3, 1), about(3303, 2), guard(3, 101, &[]), create];
        let told: Vec<String> =
            typical(&guards, &model, 20).iter().map(|it| format!("{} {}", it.name(), it.path)).collect();
        let expected = [
            "Read /3/0/1",
            "Read /3303/0/1",
            "Read /1/0/1",
            "Write /3/0/2",
            "Write /3303/0/2",
            "Execute /3/0/3",
            "Execute /3303/0/3",
            "Delete /3303/0",
            "Create /3303",
        ];
        assert_eq!(told, expected);
        assert_eq!(typical(&guards, &model, 4).len(), 4);
        let unknown = [about(4711, 0)];
        assert_eq!(typical(&unknown, &model, 4)[0].path, Path::instance(4711, 0));
    }

    #[test]
    fn an_answer_says_what_lacks_and_why() {
        let registry = registry();
        let model = registry.for_client(Default::default(), []);
        let objects: BTreeMap<u16, RegisteredObject> =
            [3, 3303].map(|id| (id, RegisteredObject { version: None, instances: [0].into() })).into();
        let presence = Registered { objects: &objects, model: &model };
        let context =
            AccessControlContext { enabled: true, servers: [101, 102].into(), instances: vec![about(3, 4)] };
        let ask = |server, operation, path: &str| {
            let question = Question { operation, path: path.parse().unwrap() };
            answer(&context, server, question, &presence)
        };
        let refused = ask(102, AccessOperation::Write, "/3/0/2");
        assert_eq!((refused.allowed, refused.short.as_str()), (false, "4.01 no W"));
        assert!(refused.reason.contains("/2/4"), "{refused:?}");
        assert_eq!(ask(102, AccessOperation::Read, "/3/0/1").short, "allowed");
        assert_eq!(ask(101, AccessOperation::Write, "/3/0/1").short, "4.05");
        assert_eq!(ask(101, AccessOperation::Create, "/3303").short, "4.01 no C");
        assert_eq!(ask(101, AccessOperation::Read, "/3/7").short, "4.04");
    }
}
