//! The client role driven by hand-made CoAP messages in virtual time.

mod access_control;
mod accounts;
mod attributes;
mod bootstrap;
mod composite;
mod create;
mod delete;
mod device_management;
mod discover;
mod information_reporting;
mod observe_composite;
mod persistence;
mod registration;
mod retry;
mod robustness;
mod send;
mod storing;
mod worked_cases;
mod write;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use coap::{Code, Instant, Message, MessageId, MessageType, Options, Token};
use lwm2m_codec::{ContentFormat, Path, Record, Value, encode, registration::LwM2mVersion};
use lwm2m_model::Registry;

use super::{Client, ClientConfig, Event, ObjectTree, Output, Retry};
use crate::Peer;

const REGISTRY: &[u8] = include_bytes!("../../../../../assets/registry/registry.bin");

fn server() -> Peer {
    Peer::NoSec(([192, 0, 2, 1], 5683).into())
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn text(value: &str) -> Value {
    Value::string(value)
}

/// Server, Device, two temperatures, a light and the test object.
fn tree() -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::new(Registry::from_bytes(REGISTRY).unwrap()));
    for (at, value) in [
        ("/1/0/0", Value::Integer(1)),
        ("/1/0/1", Value::Integer(300)),
        ("/1/0/5", Value::Integer(60)),
        ("/1/0/6", Value::Boolean(true)),
        ("/1/0/7", text("U")),
        ("/3/0/0", text("Open Mobile Alliance")),
        ("/3/0/6/0", Value::Integer(1)),
        ("/3/0/6/1", Value::Integer(5)),
        ("/3/0/9", Value::Integer(80)),
        ("/3/0/11/0", Value::Integer(0)),
        ("/3/0/14", text("+01:00")),
        ("/3/0/16", text("U")),
        ("/3303/0/5700", Value::Float(21.5)),
        ("/3303/0/5750", text("Living room")),
        ("/3303/1/5700", Value::Float(14.25)),
        ("/3311/0/5850", Value::Boolean(false)),
        ("/3311/0/5851", Value::Integer(60)),
        ("/3311/0/5706", text("#ffffff")),
        ("/3442/0/110", text("abc")),
        ("/3442/0/120", Value::Integer(-5)),
        ("/3442/0/150", Value::opaque([1, 2, 3])),
        ("/3442/0/170", Value::ObjectLink(lwm2m_codec::ObjectLink::NULL)),
        ("/3442/0/1110/0", text("Red")),
        ("/3442/0/1110/1", text("Green")),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    for at in ["/1/0/4", "/1/0/8", "/3/0/4", "/3303/0/5605", "/3442/0/3"] {
        tree.insert_executable(path(at)).unwrap();
    }
    tree
}

/// A client, its clock and a server that consists of what the test says.
struct Bench {
    client: Client,
    now: Instant,
    message_id: u16,
    /// The server whose part the test plays at the moment.
    peer: Peer,
    /// What was sent to it.
    sent: VecDeque<Message>,
    sent_to_others: BTreeMap<Peer, VecDeque<Message>>,
    events: VecDeque<Event>,
    /// Who was asked for and is not told yet: Security instance and URI.
    asked_for: VecDeque<(u16, String)>,
    disconnected: Vec<Peer>,
}

impl Bench {
    fn with(config: ClientConfig, tree: ObjectTree) -> Self {
        let now = Instant::from_millis(1_760_000_000_000);
        let client = Client::new(config, tree, [7; 32]);
        Self {
            client,
            now,
            message_id: 100,
            peer: server(),
            sent: VecDeque::new(),
            sent_to_others: BTreeMap::new(),
            events: VecDeque::new(),
            asked_for: VecDeque::new(),
            disconnected: Vec::new(),
        }
    }

    fn new(version: LwM2mVersion) -> Self {
        Self::with(ClientConfig { version, ..ClientConfig::new("urn:test:1") }, tree())
    }

    /// A client that has registered at `/rd/a1`.
    fn registered(version: LwM2mVersion) -> Self {
        Self::new(version).register()
    }

    fn register(mut self) -> Self {
        self.client.start(self.now, server());
        self.accept_register();
        assert!(matches!(self.event(), Event::Registered { .. }));
        self
    }

    fn accept_register(&mut self) -> Message {
        let register = self.sent();
        assert_eq!(shown_path(&register), "/rd");
        self.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "a1"]), b"");
        register
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Transmit { peer, datagram } => {
                    let queue = match peer == self.peer {
                        true => &mut self.sent,
                        false => self.sent_to_others.entry(peer).or_default(),
                    };
                    queue.push_back(Message::decode(&datagram).unwrap());
                }
                Output::Event { event, .. } => self.events.push_back(event),
                Output::Connect { security_instance, uri } => {
                    self.asked_for.push_back((security_instance, uri));
                }
                Output::Disconnect { peer } => self.disconnected.push(peer),
            }
        }
    }

    /// From now on the test plays another server.
    fn play(&mut self, peer: Peer) {
        self.drain();
        self.sent_to_others.insert(self.peer, core::mem::take(&mut self.sent));
        self.sent = self.sent_to_others.remove(&peer).unwrap_or_default();
        self.peer = peer;
    }

    /// The next message the client sends at this moment.
    #[track_caller]
    fn sent(&mut self) -> Message {
        self.drain();
        self.sent.pop_front().expect("the client sends something")
    }

    #[track_caller]
    fn event(&mut self) -> Event {
        self.drain();
        self.events.pop_front().expect("there is an event")
    }

    #[track_caller]
    fn assert_silent(&mut self) {
        self.drain();
        assert_eq!(self.sent, [], "nothing is sent");
    }

    /// Lets the time pass, with a wake-up whenever the client wants one.
    fn wait(&mut self, duration: Duration) {
        let end = self.now + duration;
        self.drain();
        while let Some((due, _)) = self.client.poll_timeout().filter(|(due, _)| *due <= end) {
            self.now = self.now.max(due);
            self.client.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn wait_s(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    fn receive(&mut self, message: &Message) {
        self.client.handle_datagram(self.now, self.peer, &message.encode().unwrap());
    }

    /// A piggybacked answer to a request of the client.
    fn answer(&mut self, request: &Message, code: Code, options: Options, payload: &[u8]) {
        assert_eq!(request.message_type, MessageType::Confirmable);
        self.receive(&Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.to_vec(),
        });
    }

    /// Sends a request of the server and returns the answer.
    #[track_caller]
    fn request(&mut self, code: Code, options: Options, payload: &[u8]) -> Message {
        self.message_id += 1;
        let token = Token::new(&self.message_id.to_be_bytes()).unwrap();
        self.request_with(token, code, options, payload)
    }

    #[track_caller]
    fn request_with(&mut self, token: Token, code: Code, options: Options, payload: &[u8]) -> Message {
        self.message_id += 1;
        let message_id = MessageId(self.message_id);
        let message_type = MessageType::Confirmable;
        self.receive(&Message { message_type, code, message_id, token, options, payload: payload.to_vec() });
        let response = self.sent();
        assert_eq!(response.message_type, MessageType::Acknowledgement);
        assert_eq!((response.message_id, response.token), (message_id, token));
        response
    }

    #[track_caller]
    fn read(&mut self, at: &str) -> Message {
        self.request(Code::GET, Options::new().with_path(at), b"")
    }

    #[track_caller]
    /// Sends a Read that the client has to ignore, and returns it.
    fn ask_in_vain(&mut self, at: &str) -> Message {
        let read = Message {
            code: Code::GET,
            options: Options::new().with_path(at),
            ..Message::empty(MessageType::Confirmable, MessageId(9))
        };
        self.receive(&read);
        self.assert_silent();
        read
    }

    fn read_as(&mut self, at: &str, accept: ContentFormat) -> Message {
        self.request(Code::GET, Options::new().with_path(at).with_accept(accept.0), b"")
    }

    #[track_caller]
    fn put(&mut self, at: &str, format: ContentFormat, payload: &[u8]) -> Message {
        self.request(Code::PUT, Options::new().with_path(at).with_content_format(format.0), payload)
    }

    #[track_caller]
    fn post(&mut self, at: &str, format: ContentFormat, payload: &[u8]) -> Message {
        self.request(Code::POST, Options::new().with_path(at).with_content_format(format.0), payload)
    }

    #[track_caller]
    fn execute(&mut self, at: &str, arguments: &str) -> Message {
        self.request(Code::POST, Options::new().with_path(at), arguments.as_bytes())
    }

    #[track_caller]
    fn observe(&mut self, at: &str, token: u8) -> Message {
        let options = Options::new().with_path(at).with_observe(0);
        self.request_with(Token::new(&[token]).unwrap(), Code::GET, options, b"")
    }

    fn set(&mut self, at: &str, value: Value) {
        self.client.set(self.now, path(at), value).unwrap();
    }

    fn value(&self, at: &str) -> Option<Value> {
        self.client.tree().value(&path(at)).cloned()
    }
}

/// A payload for `at` with these values.
fn encoded(format: ContentFormat, at: &str, values: &[(&str, Value)]) -> Vec<u8> {
    let records: Vec<Record> =
        values.iter().map(|(at, value)| Record::new(path(at), value.clone())).collect();
    encode(format, &path(at), &records).unwrap()
}

fn shown_path(message: &Message) -> String {
    format!("/{}", message.options.uri_path().unwrap().join("/"))
}

fn queries(message: &Message) -> Vec<&str> {
    message.options.uri_query().unwrap()
}

fn diagnostic(message: &Message) -> &str {
    core::str::from_utf8(&message.payload).unwrap()
}
