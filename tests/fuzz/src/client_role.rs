//! The client role, registered with two servers under access control, that is sent anything.

use std::sync::{Arc, LazyLock};

use coap::{Code, Message, MessageType, Options};
use lwm2m_codec::{Path, Value};
use lwm2m_core::{
    Peer,
    client::{Client, ClientConfig, ObjectTree, Output, Template},
};
use lwm2m_model::Registry;

use crate::{
    allocation,
    conversation::{Conversation, STEPS_MAX},
    script::Script,
};

const PATHS: [&str; 24] = [
    "/",
    "/0",
    "/1",
    "/1/0",
    "/1/0/1",
    "/1/0/4",
    "/1/0/8",
    "/1/1",
    "/2",
    "/2/0",
    "/2/0/2",
    "/2/0/3",
    "/3",
    "/3/0",
    "/3/0/4",
    "/3/0/11/0",
    "/3/0/15",
    "/3303",
    "/3303/0",
    "/3303/0/5605",
    "/3303/0/5700",
    "/3303/1",
    "/21",
    "/9/9/9",
];

static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let registry = include_bytes!("../../../assets/registry/registry.bin");
    Arc::new(Registry::from_bytes(registry).expect("the registry of the project"))
});

/// Whatever is sent is a message, nothing is due again and again, what there was and may not go is still there, and
/// memory follows what was sent.
pub fn client(data: &[u8]) {
    // Made once, and not by this input.
    LazyLock::force(&REGISTRY);
    allocation::conversing(data.len(), || {
        let mut script = Script::new(data);
        let mut end = End::new();
        end.register();
        for _ in 0..STEPS_MAX {
            if script.is_over() {
                break;
            }
            end.step(&mut script);
            end.drain();
        }
        let tree = end.client.tree();
        assert!(tree.value(&Path::resource(3, 0, 0)).is_some(), "the Device object cannot be deleted");
    });
}

struct End {
    client: Client,
    conversation: Conversation,
}

fn server(number: u8) -> Peer {
    Peer::NoSec(([127, 0, 0, number], 5683).into())
}

impl End {
    fn new() -> Self {
        let client = Client::new(ClientConfig::new("a"), tree(), [7; 32]);
        Self { client, conversation: Conversation::new() }
    }

    fn register(&mut self) {
        let servers = [(101, server(1)), (102, server(2))];
        self.client.start_with(self.conversation.now, servers).expect("both have an account");
        for number in [1, 2] {
            self.drain();
            let Some(register) = self.conversation.last_sent().cloned() else { continue };
            let answer = Message {
                message_type: MessageType::Acknowledgement,
                code: Code::CREATED,
                options: Options::new().with_location(&["rd", "a"]),
                payload: Vec::new(),
                ..register
            };
            let datagram = answer.encode().expect("a message");
            self.client.handle_datagram(self.conversation.now, server(number), &datagram);
        }
        self.drain();
        assert!(self.client.is_registered_with(101), "with the first of them");
    }

    fn step(&mut self, script: &mut Script) {
        let (step, from) = (script.byte(), 1 + script.byte() % 3);
        let now = self.conversation.now;
        match step % 8 {
            0..5 => {
                let datagram = self.conversation.datagram(script, &PATHS);
                self.client.handle_datagram(now, server(from), &datagram);
            }
            5 => self.pass(script),
            6 => {
                let value = Value::Float(script.byte().into());
                // It may have been deleted.
                drop(self.client.set(now, Path::resource(3303, 0, 5700), value));
            }
            _ if step >= 240 => self.client.stop(now),
            _ if step >= 208 => drop(self.client.set_online(now, 101, step & 8 == 0)),
            _ => self.client.update(now),
        }
    }

    fn pass(&mut self, script: &mut Script) {
        let Self { client, conversation } = self;
        let first = client.poll_timeout().map(|(at, _)| at);
        let due = |conversation: &mut Conversation| {
            client.handle_timeout(conversation.now);
            drain(client, conversation);
            client.poll_timeout().map(|(at, _)| at)
        };
        conversation.pass(script, due, first);
    }

    fn drain(&mut self) {
        drain(&mut self.client, &mut self.conversation);
    }
}

fn drain(client: &mut Client, conversation: &mut Conversation) {
    while let Some(output) = client.poll() {
        if let Output::Transmit { datagram, .. } = output {
            conversation.sent(&datagram);
        }
    }
}

fn tree() -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::clone(&REGISTRY));
    let text = |text: &str| Value::String(text.into());
    for (path, value) in [
        (Path::resource(1, 0, 0), Value::Integer(101)),
        (Path::resource(1, 0, 1), Value::Integer(300)),
        (Path::resource(1, 0, 6), Value::Boolean(true)),
        (Path::resource(1, 0, 7), text("U")),
        (Path::resource(1, 1, 0), Value::Integer(102)),
        (Path::resource(1, 1, 1), Value::Integer(600)),
        (Path::resource(1, 1, 6), Value::Boolean(true)),
        (Path::resource(1, 1, 7), text("U")),
        (Path::resource(3, 0, 0), text("ACME")),
        (Path::resource_instance(3, 0, 11, 0), Value::Integer(0)),
        (Path::resource(3, 0, 15), text("UTC")),
        (Path::resource(3303, 0, 5700), Value::Float(20.0)),
    ] {
        tree.insert(path, value).expect("a value of its type");
    }
    // The first server owns the sensor and the second may read it; creating is for both.
    for (instance, object, guarded, acl) in
        [(0, 3303, 0, vec![(102, 1)]), (1, 3, 0, vec![(0, 15)]), (2, 3303, 65_535, vec![(0, 16)])]
    {
        let resource = |resource| Path::resource(2, instance, resource);
        tree.insert(resource(0), Value::Integer(object)).expect("an Object ID");
        tree.insert(resource(1), Value::Integer(guarded)).expect("an Object Instance ID");
        for (server, rights) in acl {
            let entry = Path::resource_instance(2, instance, 2, server);
            tree.insert(entry, Value::Integer(rights)).expect("access rights");
        }
        let owner = if guarded == 65_535 { 65_535 } else { 101 };
        tree.insert(resource(3), Value::Integer(owner)).expect("a Short Server ID");
    }
    for path in [
        Path::resource(1, 0, 4),
        Path::resource(1, 0, 8),
        Path::resource(3, 0, 4),
        Path::resource(3303, 0, 5605),
    ] {
        tree.insert_executable(path).expect("an executable resource");
    }
    let value = (Path::resource(3303, 0, 5700), Value::Float(0.0));
    let template = Template::new(&REGISTRY, 3303, [value], [5605]).expect("a template");
    tree.allow_create(Arc::new(template)).expect("a defined object");
    tree
}
