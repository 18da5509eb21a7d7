//! The Bootstrap-Server role that is sent anything: Bootstrap-Requests, and answers to its commands.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use coap::{Code, Message, MessageId, MessageType, Options, TransmissionParameters};
use lwm2m_codec::{Node, Path, Record, Value};
use lwm2m_core::{
    Peer,
    bootstrap_server::{
        Account, BootstrapId, BootstrapInformation, BootstrapServer, BootstrapServerConfig, Event,
        NotConfigured, OnRefusal, Output,
    },
    server::Admission,
};
use lwm2m_model::Registry;

use crate::{
    allocation,
    conversation::{Conversation, STEPS_MAX},
    script::Script,
};

const PATHS: [&str; 4] = ["/bs", "/bspack", "/bs", "/rd"];

static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let registry = include_bytes!("../../../assets/registry/registry.bin");
    Arc::new(Registry::from_bytes(registry).expect("the registry of the project"))
});

/// Whatever is sent is a message, commands go one at a time, nothing is due again and again, each session ends once,
/// and memory follows what was sent.
pub fn bootstrap_server(data: &[u8]) {
    // Made once, and not by this input.
    LazyLock::force(&REGISTRY);
    allocation::conversing(data.len(), || {
        let mut script = Script::new(data);
        let mut end = End::new();
        for _ in 0..STEPS_MAX {
            if script.is_over() {
                break;
            }
            end.step(&mut script);
        }
        end.finish();
    });
}

struct End {
    server: BootstrapServer,
    conversation: Conversation,
    /// The command that waits for its answer.
    command: Option<(Peer, Message)>,
    message_id: u16,
    /// What the next device receives.
    given: u8,
    /// How many commands of each running session are not answered.
    running: BTreeMap<BootstrapId, usize>,
}

fn peer(number: u8) -> Peer {
    Peer::NoSec(([127, 0, 0, number], 5683).into())
}

impl End {
    fn new() -> Self {
        let config = BootstrapServerConfig {
            definitions: Arc::clone(&REGISTRY),
            admission: Admission::default(),
            first: BootstrapId(1),
        };
        Self {
            server: BootstrapServer::new(TransmissionParameters::default(), [7; 32], config),
            conversation: Conversation::new(),
            command: None,
            message_id: 0,
            given: 0,
            running: BTreeMap::new(),
        }
    }

    fn step(&mut self, script: &mut Script) {
        let from = peer(1 + script.byte() % 3);
        match script.byte() % 8 {
            0 => self.request(script, from),
            1..4 => self.answer(script),
            4 => self.given = script.byte(),
            5 => self.pass(script),
            6 => drop(self.server.begin(self.conversation.now, script.one_of(&["a", "b"]))),
            _ => {
                let datagram = self.conversation.datagram(script, &PATHS);
                self.server.handle_datagram(self.conversation.now, from, &datagram);
            }
        }
        self.drain();
    }

    /// A Bootstrap-Request with a query of any bytes.
    fn request(&mut self, script: &mut Script, from: Peer) {
        self.message_id = self.message_id.wrapping_add(1);
        let length = script.byte().into();
        let query = script.bytes(length);
        let options = Options::new().with_path("/bs").with_query(script.one_of(&["ep=a", "ep=b", ""]));
        let header = Message::empty(MessageType::Confirmable, MessageId(self.message_id));
        let request = Message { code: Code::POST, options: options.with(15, query), ..header };
        self.server.handle_datagram(self.conversation.now, from, &request.encode().expect("a message"));
    }

    /// The command is done, refused, or answered with what the device has.
    fn answer(&mut self, script: &mut Script) {
        let Some((to, command)) = self.command.take() else { return };
        let code = match command.code {
            _ if script.byte() & 7 == 0 => Code::from_byte(script.byte()),
            Code::GET => Code::CONTENT,
            Code::DELETE => Code::DELETED,
            _ => Code::CHANGED,
        };
        let length = script.byte().into();
        let format = script.one_of(&[40, 11542, 112]);
        let empty = code == Code::EMPTY;
        let options = if empty { Options::new() } else { Options::new().with_content_format(format) };
        let payload = if empty { Vec::new() } else { script.bytes(length).to_vec() };
        let header = Message::empty(MessageType::Acknowledgement, command.message_id);
        let token = if empty { header.token } else { command.token };
        let answer = Message { code, token, options, payload, ..header };
        self.server.handle_datagram(self.conversation.now, to, &answer.encode().expect("a message"));
    }

    fn pass(&mut self, script: &mut Script) {
        let first = self.due();
        // The clock is the conversation's, and everything else is needed beside it.
        let mut conversation = core::mem::replace(&mut self.conversation, Conversation::new());
        conversation.pass(
            script,
            |conversation| {
                core::mem::swap(&mut self.conversation, conversation);
                self.server.handle_timeout(self.conversation.now);
                self.drain();
                core::mem::swap(&mut self.conversation, conversation);
                self.due()
            },
            first,
        );
        self.conversation = conversation;
    }

    fn due(&self) -> Option<coap::Instant> {
        self.server.poll_timeout().map(|(at, _)| at)
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => {
                    self.conversation.sent(&datagram);
                    self.command = self
                        .conversation
                        .last_sent()
                        .filter(|sent| sent.code.is_request())
                        .map(|sent| (peer, sent.clone()))
                        .or_else(|| self.command.take());
                }
                Output::Configure { session, .. } => {
                    self.server.configured(self.conversation.now, session, given(self.given));
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Begun { session, .. } => {
                assert_eq!(self.running.insert(session, 0), None, "no two that run have the same id");
            }
            Event::Step { session, step } => {
                let commands = self.running.get_mut(&session).expect("a session that runs");
                if step.code.is_request() && !step.from_device {
                    *commands += 1;
                    assert_eq!(*commands, 1, "one command at a time");
                } else if step.code.is_response() && step.from_device {
                    *commands = commands.checked_sub(1).expect("an answer to a command");
                }
            }
            Event::Ended { session, .. } => {
                assert!(self.running.remove(&session).is_some(), "a session ends once");
            }
            Event::Refused { .. } => {}
        }
    }

    fn finish(mut self) {
        const LONGEST_PAUSE: [u8; 1] = [7];
        self.pass(&mut Script::new(&LONGEST_PAUSE));
        assert!(self.running.is_empty(), "sessions that do not end: {:?}", self.running);
    }
}

fn given(which: u8) -> Result<BootstrapInformation, NotConfigured> {
    if which == 0xFF {
        return Err(NotConfigured { code: Code::BAD_REQUEST, what: "nothing".into() });
    }
    let number = |number: i64| Node::Value(Value::Integer(number));
    let account = |id: i64| Account {
        security: [(0, Node::Value(Value::string("coap://a"))), (10, number(id))].into(),
        server: [(0, number(id)), (1, number(60)), (7, Node::Value(Value::string("UQ")))].into(),
        ..Account::default()
    };
    let large = Record::new(Path::resource(33_000, 0, 0), Value::opaque(vec![1; 2_000]));
    Ok(BootstrapInformation {
        discover: which & 1 == 0,
        on_refusal: if which & 2 == 0 { OnRefusal::Continue } else { OnRefusal::Stop },
        delete: if which & 4 == 0 { vec![Path::object(0), Path::ROOT] } else { Vec::new() },
        accounts: vec![account(1), account(2)],
        instances: if which & 8 == 0 { Vec::new() } else { vec![(Path::instance(33_000, 0), vec![large])] },
        read: if which & 16 == 0 { vec![Path::ROOT, Path::object(1), Path::object(2)] } else { Vec::new() },
        pack: which & 32 == 0,
        ..BootstrapInformation::default()
    })
}
