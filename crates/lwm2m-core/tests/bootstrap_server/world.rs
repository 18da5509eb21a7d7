//! A Bootstrap-Server with a hand-made network, clock and operator around it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, LazyLock},
    time::Duration,
};

use coap::{Code, Instant, Message, MessageId, MessageType, Options, Token, TransmissionParameters};
use lwm2m_codec::{ContentFormat, Node, Path, Value};
use lwm2m_core::{
    Peer, PeerIdentity, Proven, SessionId,
    bootstrap_server::{
        AccessControl, Account, Beginning, BootstrapId, BootstrapInformation, BootstrapServer,
        BootstrapServerConfig, Event, Failure, NotConfigured, Output, Resources, Step,
    },
    server::Admission,
};
use lwm2m_model::Registry;

pub(crate) const ENDPOINT: &str = "urn:imei:0800200c9a66";

pub(crate) const EP: &str = "ep=urn:imei:0800200c9a66";

const REGISTRY: &[u8] = include_bytes!("../../../../assets/registry/registry.bin");

/// What was asked of the operator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) session: BootstrapId,
    pub(crate) peer: Peer,
    pub(crate) endpoint: String,
    pub(crate) begun_by: Beginning,
    pub(crate) content_format: Option<ContentFormat>,
}

pub(crate) struct World {
    pub(crate) server: BootstrapServer,
    pub(crate) now: Instant,
    pub(crate) sent: VecDeque<(Peer, Message)>,
    pub(crate) events: Vec<Event>,
    pub(crate) asked: Vec<Asked>,
    /// What devices receive, by endpoint. Others are unknown.
    pub(crate) configured: BTreeMap<String, Result<BootstrapInformation, NotConfigured>>,
    /// The operator does not answer.
    pub(crate) hold: bool,
    next_message_id: u16,
}

pub(crate) fn peer(port: u16) -> Peer {
    Peer::NoSec(([127, 0, 0, 1], port).into())
}

pub(crate) fn definitions() -> Arc<Registry> {
    static DEFINITIONS: LazyLock<Arc<Registry>> =
        LazyLock::new(|| Arc::new(Registry::from_bytes(REGISTRY).unwrap()));
    Arc::clone(&DEFINITIONS)
}

impl World {
    pub(crate) fn new() -> Self {
        Self::admitting(Admission::default())
    }

    pub(crate) fn admitting(admission: Admission) -> Self {
        let config = BootstrapServerConfig { definitions: definitions(), admission, first: BootstrapId(7) };
        Self {
            server: BootstrapServer::new(TransmissionParameters::default(), [7; 32], config),
            now: Instant::from_millis(1_000_000),
            sent: VecDeque::new(),
            events: Vec::new(),
            asked: Vec::new(),
            configured: BTreeMap::new(),
            hold: false,
            next_message_id: 1,
        }
    }

    /// A world in which one device receives this.
    pub(crate) fn giving(information: BootstrapInformation) -> Self {
        let mut world = Self::new();
        world.give(information);
        world
    }

    pub(crate) fn give(&mut self, information: BootstrapInformation) {
        self.configured.insert(ENDPOINT.to_owned(), Ok(information));
    }

    pub(crate) fn connect(&mut self, session: u64, endpoint: &str) -> Peer {
        let identity = PeerIdentity::Psk(endpoint.to_owned());
        self.server.session_opened(SessionId(session), Proven { identity, endpoint: endpoint.to_owned() });
        Peer::Session(SessionId(session))
    }

    pub(crate) fn datagram(&mut self, peer: Peer, datagram: &[u8]) {
        self.server.handle_datagram(self.now, peer, datagram);
        self.settle();
    }

    /// Sends a confirmable request of a device.
    pub(crate) fn send(&mut self, peer: Peer, code: Code, options: Options) -> MessageId {
        let message_id = MessageId(self.next_message_id);
        self.next_message_id += 1;
        let message = Message {
            message_type: MessageType::Confirmable,
            code,
            message_id,
            token: Token::new(&message_id.0.to_be_bytes()).unwrap(),
            options,
            payload: Vec::new(),
        };
        self.datagram(peer, &message.encode().unwrap());
        message_id
    }

    /// A Bootstrap-Request; the message id that it is answered with.
    pub(crate) fn request(&mut self, peer: Peer, queries: &[&str]) -> MessageId {
        let options = Options::new().with_path("/bs");
        self.send(peer, Code::POST, queries.iter().fold(options, |options, query| options.with_query(query)))
    }

    /// A Bootstrap-Request that is refused with this code.
    pub(crate) fn refused(&mut self, peer: Peer, queries: &[&str]) -> Code {
        self.request(peer, queries);
        let (to, answer) = self.sent.pop_front().unwrap();
        assert_eq!(to, peer);
        assert!(self.sent.is_empty(), "{:?}", self.sent);
        answer.code
    }

    /// The command that the server has sent, and no other one.
    pub(crate) fn command(&mut self) -> (Peer, Message) {
        let sent = self.sent.pop_front().expect("a command");
        assert!(self.sent.is_empty(), "{:?}", self.sent);
        assert!(sent.1.code.is_request() && sent.1.message_type == MessageType::Confirmable, "{sent:?}");
        sent
    }

    pub(crate) fn answer(&mut self, peer: Peer, command: &Message, code: Code) {
        self.answer_with(peer, command, code, Options::new(), b"");
    }

    pub(crate) fn answer_with(
        &mut self,
        peer: Peer,
        command: &Message,
        code: Code,
        options: Options,
        payload: &[u8],
    ) {
        let answer = Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: command.message_id,
            token: command.token,
            options,
            payload: payload.to_vec(),
        };
        self.datagram(peer, &answer.encode().unwrap());
    }

    pub(crate) fn answer_discover(&mut self, peer: Peer, command: &Message, links: &str) {
        let options = Options::new().with_content_format(ContentFormat::CORE_LINK.0);
        self.answer_with(peer, command, Code::CONTENT, options, links.as_bytes());
    }

    /// A device that takes everything: what was asked of it as `PUT /0/0`, until nothing more comes.
    pub(crate) fn obey(&mut self, links: &str) -> Vec<String> {
        let mut commands = Vec::new();
        while let Some((peer, command)) = self.next_command() {
            commands.push(shown(&command));
            match (command.code, command.options.accept()) {
                (Code::GET, Some(40)) => self.answer_discover(peer, &command, links),
                (Code::GET, _) => self.answer(peer, &command, Code::NOT_FOUND),
                (Code::DELETE, _) => self.answer(peer, &command, Code::DELETED),
                _ => self.answer(peer, &command, Code::CHANGED),
            }
        }
        commands
    }

    /// The next command; answers of the server are passed over.
    pub(crate) fn next_command(&mut self) -> Option<(Peer, Message)> {
        while let Some((peer, message)) = self.sent.pop_front() {
            if message.code.is_request() {
                return Some((peer, message));
            }
        }
        None
    }

    /// Time goes by, with every timer at its time.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, _)) = self.server.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.server.handle_timeout(self.now);
            self.settle();
        }
        self.now = end;
    }

    pub(crate) fn settle(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => {
                    self.sent.push_back((peer, Message::decode(&datagram).unwrap()));
                }
                Output::Configure { session, peer, endpoint, begun_by, content_format } => {
                    self.asked.push(Asked {
                        session,
                        peer,
                        endpoint: endpoint.clone(),
                        begun_by,
                        content_format,
                    });
                    if !self.hold {
                        self.configure(session, &endpoint);
                    }
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    pub(crate) fn configure(&mut self, session: BootstrapId, endpoint: &str) {
        let unknown = || NotConfigured { code: Code::BAD_REQUEST, what: "a known endpoint expected".into() };
        let result = self.configured.get(endpoint).cloned().unwrap_or_else(|| Err(unknown()));
        self.server.configured(self.now, session, result);
        self.settle();
    }

    pub(crate) fn steps(&self) -> Vec<&Step> {
        let steps = self.events.iter().filter_map(|event| match event {
            Event::Step { step, .. } => Some(step),
            _ => None,
        });
        steps.collect()
    }

    /// How sessions ended.
    pub(crate) fn ended(&self) -> Vec<(u64, Result<(), &Failure>)> {
        let ended = self.events.iter().filter_map(|event| match event {
            Event::Ended { session, result, .. } => Some((session.0, result.as_ref().copied())),
            _ => None,
        });
        ended.collect()
    }

    /// Why the only session that is over failed.
    pub(crate) fn failure(&self) -> Failure {
        match self.ended().as_slice() {
            [(_, Err(failure))] => (*failure).clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// All that can be read back.
pub(crate) fn everything() -> Vec<Path> {
    vec![Path::ROOT, Path::object(1), Path::object(2)]
}

/// `PUT /0/0`
pub(crate) fn shown(command: &Message) -> String {
    let path = command.options.uri_path().unwrap().join("/");
    format!("{} /{path}", command.code.name().unwrap())
}

pub(crate) fn resources<const N: usize>(values: [(u16, Value); N]) -> Resources {
    values.into_iter().map(|(id, value)| (id, Node::Value(value))).collect()
}

/// An account without security.
pub(crate) fn account(short_server_id: i64) -> Account {
    Account {
        security: resources([
            (0, Value::string("coap://[2001:db8::1]:5683")),
            (1, Value::Boolean(false)),
            (2, Value::Integer(3)),
            (3, Value::opaque([])),
            (4, Value::opaque([])),
            (5, Value::opaque([])),
            (10, Value::Integer(short_server_id)),
        ]),
        server: resources([
            (0, Value::Integer(short_server_id)),
            (1, Value::Integer(86_400)),
            (6, Value::Boolean(true)),
            (7, Value::string("U")),
        ]),
        ..Account::default()
    }
}

pub(crate) fn access_control() -> AccessControl {
    AccessControl { instance: None, object: 1, object_instance: 0, acl: vec![(101, 15)], owner: 101 }
}

/// What the device of the worked example receives.
pub(crate) fn example() -> BootstrapInformation {
    BootstrapInformation {
        delete: vec![Path::ROOT],
        accounts: vec![account(101)],
        access_control: vec![access_control()],
        ..BootstrapInformation::default()
    }
}
