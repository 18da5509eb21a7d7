//! The server role, with registered clients, that is sent anything.

use std::{collections::BTreeMap, time::Duration};

use coap::{Code, Message, MessageId, MessageType, Options, Token, TransmissionParameters};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::{
    Peer,
    server::{
        ActiveObservation, Cancellation, Change, Key, Operation, OperationId, OperationRequest, Outcome,
        Output, Server, WriteMode,
    },
};

use crate::{
    allocation,
    conversation::{Conversation, STEPS_MAX},
    script::Script,
};

const PATHS: [&str; 6] = ["/rd", "/rd/a", "/dp", "/.well-known/core", "/bs", "/rd/0123456789abcdef0123"];

/// Each operation ends once, whatever is sent is a message, nothing is due again and again, and memory follows what was
/// asked for.
pub fn server(data: &[u8]) {
    allocation::conversing(data.len(), || {
        let mut script = Script::new(data);
        let mut end = End::new();
        end.register("a", 1);
        for _ in 0..STEPS_MAX {
            if script.is_over() {
                break;
            }
            end.step(&mut script);
            end.drain();
        }
        end.finish();
    });
}

struct End {
    server: Server,
    conversation: Conversation,
    /// How often each operation has ended.
    operations: BTreeMap<OperationId, usize>,
    /// What the store has of observations.
    stored: BTreeMap<Token, ActiveObservation>,
    /// Whether the store fails.
    fails: bool,
}

fn peer(number: u8) -> Peer {
    Peer::NoSec(([127, 0, 0, number], 5683).into())
}

impl End {
    fn new() -> Self {
        Self {
            server: Server::new(TransmissionParameters::default(), [7; 32]),
            conversation: Conversation::new(),
            operations: BTreeMap::new(),
            stored: BTreeMap::new(),
            fails: false,
        }
    }

    fn register(&mut self, endpoint: &str, number: u8) {
        let options = Options::new().with_path("/rd").with_query(&format!("ep={endpoint}"));
        let register = Message {
            code: Code::POST,
            options: options.with_query("lwm2m=1.1").with_content_format(40),
            payload: b"</1/0>,</3/0>,</3303/0>".to_vec(),
            ..Message::empty(MessageType::Confirmable, MessageId(60_000))
        };
        let datagram = register.encode().expect("a message");
        self.server.handle_datagram(self.conversation.now, peer(number), &datagram);
        self.drain();
        let answer = self.conversation.last_sent().expect("an answer");
        assert_eq!(answer.code, Code::CREATED, "{answer:?}");
    }

    fn step(&mut self, script: &mut Script) {
        let (step, from) = (script.byte(), 1 + script.byte() % 3);
        match step % 8 {
            0..4 => {
                let mut datagram = self.conversation.datagram(script, &PATHS);
                if datagram.is_empty() {
                    datagram = script.bytes(40).to_vec();
                }
                self.server.handle_datagram(self.conversation.now, peer(from), &datagram);
            }
            4 => self.pass(script),
            5 => self.fails = step & 8 != 0,
            _ => self.operate(script),
        }
    }

    fn operate(&mut self, script: &mut Script) {
        let id = OperationId(self.operations.len() as u64);
        self.operations.insert(id, 0);
        let endpoint = script.one_of(&["a", "a", "b"]).to_owned();
        let timeout = Duration::from_secs(script.byte().into());
        let operation = operation(script);
        self.server.operate(
            self.conversation.now,
            OperationRequest { id, endpoint, operation, timeout, force: false },
        );
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
        let now = self.conversation.now;
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { datagram, .. } => self.conversation.sent(&datagram),
                Output::Persist { ticket, change } => {
                    let outcome = self.store(change);
                    self.server.persisted(now, ticket, outcome);
                }
                Output::Lookup { ticket, key: Key::Observation(token) } => {
                    self.server.found(now, ticket, self.stored.get(&token).cloned());
                }
                Output::Accepted { .. } => {}
                Output::Answered { operation, .. } => {
                    *self.operations.get_mut(&operation).expect("an operation that was asked for") += 1;
                }
                Output::Event(_) => {}
            }
        }
    }

    fn store(&mut self, change: Change) -> Outcome {
        match change {
            _ if self.fails => return Outcome::Failed("no room".into()),
            Change::ObservationActive(observation) => {
                drop(self.stored.insert(observation.token, observation));
            }
            Change::ObservationEnded { token } => drop(self.stored.remove(&token)),
            _ => {}
        }
        Outcome::Stored
    }

    fn finish(mut self) {
        const LONGEST_PAUSE: [u8; 1] = [7];
        for _ in 0..4 {
            self.pass(&mut Script::new(&LONGEST_PAUSE));
        }
        let once = self.operations.values().all(|ends| *ends == 1);
        assert!(once, "how often each operation ended: {:?}", self.operations);
    }
}

fn operation(script: &mut Script) -> Operation {
    let path = script.one_of(&[Path::resource(3303, 0, 5700), Path::instance(3, 0), Path::object(3)]);
    let length = usize::from(script.byte());
    let payload = if length > 127 { vec![b'0'; length * 16] } else { script.bytes(length).to_vec() };
    let content_format = script.one_of(&[ContentFormat::TEXT, ContentFormat::TLV, ContentFormat::SENML_CBOR]);
    match script.byte() % 12 {
        0 => Operation::Read { path, accept: None },
        1 => Operation::Discover { path, depth: None },
        2 => Operation::Write { path, mode: WriteMode::Replace, content_format, payload },
        3 => Operation::Write { path, mode: WriteMode::PartialUpdate, content_format, payload },
        4 => Operation::Execute { path, arguments: None },
        5 => Operation::Create { path, content_format, payload },
        6 => Operation::Delete { path },
        7 => Operation::ReadComposite { paths: vec![path], content_format, accept: None },
        8 => Operation::CancelObservation { path, how: Cancellation::Active },
        9 => Operation::CancelObservation { path, how: Cancellation::Passive },
        10 => {
            Operation::ObserveComposite { paths: vec![path], content_format, accept: None, parameters: None }
        }
        _ => Operation::Observe { path, accept: None, parameters: None },
    }
}
