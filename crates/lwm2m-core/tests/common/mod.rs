//! A server role with a hand-made network, clock and store around it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test may panic"
)]

mod stored;

use std::{collections::VecDeque, time::Duration};

use coap::{Code, Instant, Message, MessageId, MessageType, Options, Token, TransmissionParameters};
use lwm2m_codec::ContentFormat;
use lwm2m_core::{
    Peer, PeerIdentity, Proven, SessionId,
    server::{
        ActiveObservation, Answer, Change, ClientConfig, Command, CommandId, CommandState, Event, Operation,
        OperationError, OperationId, OperationRequest, Outcome, Output, Reported, Server, ServerConfig,
        Ticket,
    },
};

pub use stored::Stored;

pub const LINKS: &str = "</1/0>,</3/0>,</3303/0>";

/// Every payload that the server has told of.
pub fn reported(world: &World) -> Vec<&Reported> {
    let each = world.events.iter().filter_map(|event| match event {
        Event::Reported(reported) => Some(&**reported),
        _ => None,
    });
    each.collect()
}

pub struct World {
    pub server: Server,
    pub now: Instant,
    pub sent: VecDeque<(Peer, Message)>,
    pub events: Vec<Event>,
    pub answers: Vec<(OperationId, Result<Answer, OperationError>)>,
    /// What became of each command that was given to the server.
    pub accepted: Vec<(CommandId, Result<(), OperationError>)>,
    /// Everything that was given to the store.
    pub changes: Vec<Change>,
    /// What the store has taken of it.
    pub stored: Vec<Change>,
    /// What the store has not answered, while it is held.
    pub held: Vec<(Ticket, Change)>,
    pub hold: bool,
    pub fail: bool,
    /// The store has everything already.
    pub known: bool,
    /// What the store says about an observation that memory does not know.
    pub remembered: Option<ActiveObservation>,
    next_message_id: u16,
    next_operation: u64,
}

pub fn peer(port: u16) -> Peer {
    Peer::NoSec(([127, 0, 0, 1], port).into())
}

pub fn session(number: u64) -> Peer {
    Peer::Session(SessionId(number))
}

/// A server that knows who speaks over the sessions 1 and 2.
pub fn secured() -> World {
    let mut world = World::new();
    world.server.session_opened(SessionId(1), psk("a"));
    let identity = PeerIdentity::RawPublicKey(vec![4, 2]);
    world.server.session_opened(SessionId(2), Proven { identity, endpoint: "b".into() });
    world
}

/// Whose PSK identity is the endpoint name.
pub fn psk(name: &str) -> Proven {
    Proven { identity: PeerIdentity::Psk(name.into()), endpoint: name.into() }
}

impl World {
    pub fn new() -> Self {
        Self::with_config(ServerConfig::default())
    }

    pub fn with_config(config: ServerConfig) -> Self {
        Self {
            server: Server::with_config(TransmissionParameters::default(), [7; 32], config),
            now: Instant::from_millis(1_000_000),
            sent: VecDeque::new(),
            events: Vec::new(),
            answers: Vec::new(),
            accepted: Vec::new(),
            changes: Vec::new(),
            stored: Vec::new(),
            held: Vec::new(),
            hold: false,
            fail: false,
            known: false,
            remembered: None,
            next_message_id: 1,
            next_operation: 0,
        }
    }

    pub fn message(&mut self, code: Code, options: Options, payload: &[u8]) -> Message {
        self.next_message_id += 1;
        Message {
            message_type: MessageType::Confirmable,
            code,
            message_id: MessageId(self.next_message_id),
            token: Token::new(&self.next_message_id.to_be_bytes()).unwrap(),
            options,
            payload: payload.to_vec(),
        }
    }

    pub fn give(&mut self, from: Peer, message: &Message) {
        self.server.handle_datagram(self.now, from, &message.encode().unwrap());
        self.drain();
    }

    /// Sends a confirmable request and gives back the one message that comes for it.
    pub fn ask(&mut self, from: Peer, code: Code, path: &str, queries: &[&str], payload: &str) -> Message {
        let mut options = queries.iter().fold(Options::new().with_path(path), |o, query| o.with_query(query));
        if !payload.is_empty() {
            options = options.with_content_format(40);
        }
        let message = self.message(code, options, payload.as_bytes());
        self.give(from, &message);
        self.reply_to(from, &message)
    }

    pub fn ask_with(&mut self, from: Peer, code: Code, options: Options, payload: &[u8]) -> Message {
        let message = self.message(code, options, payload);
        self.give(from, &message);
        self.reply_to(from, &message)
    }

    pub fn reply_to(&mut self, to: Peer, message: &Message) -> Message {
        let index = self
            .sent
            .iter()
            .position(|(peer, sent)| *peer == to && sent.message_id == message.message_id)
            .unwrap_or_else(|| panic!("no reply to {message:?} among {:?}", self.sent));
        self.sent.remove(index).unwrap().1
    }

    /// Registers with a list of its own; gives back the answer.
    pub fn ask_register(&mut self, from: Peer, queries: &[&str], links: &str) -> Message {
        self.ask(from, Code::POST, "/rd", queries, links)
    }

    /// Registers and gives back the location, as in `/rd/0123`.
    pub fn register(&mut self, from: Peer, endpoint: &str, queries: &[&str]) -> String {
        let ep = format!("ep={endpoint}");
        let all: Vec<&str> = std::iter::once(ep.as_str()).chain(queries.iter().copied()).collect();
        let reply = self.ask(from, Code::POST, "/rd", &all, LINKS);
        assert_eq!(reply.code, Code::CREATED, "{}", String::from_utf8_lossy(&reply.payload));
        format!("/{}", reply.options.location_path().unwrap().join("/"))
    }

    pub fn operate(&mut self, endpoint: &str, operation: Operation) -> OperationId {
        self.operate_with(endpoint, operation, false)
    }

    pub fn forget(&mut self, endpoint: &str) -> OperationId {
        self.next_operation += 1;
        let id = OperationId(self.next_operation);
        self.server.forget(self.now, id, endpoint.into());
        self.drain();
        id
    }

    /// Sends what the client should refuse itself.
    pub fn force(&mut self, endpoint: &str, operation: Operation) -> OperationId {
        self.operate_with(endpoint, operation, true)
    }

    fn operate_with(&mut self, endpoint: &str, operation: Operation, force: bool) -> OperationId {
        self.next_operation += 1;
        let id = OperationId(self.next_operation);
        let timeout = Duration::from_secs(93);
        let endpoint = endpoint.into();
        self.server.operate(self.now, OperationRequest { id, endpoint, operation, timeout, force });
        self.drain();
        id
    }

    /// Gives a command that may stay queued for a day.
    pub fn command(&mut self, endpoint: &str, operation: Operation) -> CommandId {
        self.command_until(endpoint, operation, Duration::from_secs(86_400))
    }

    pub fn command_until(&mut self, endpoint: &str, operation: Operation, deadline: Duration) -> CommandId {
        self.next_operation += 1;
        let command = Command {
            id: CommandId(self.next_operation),
            endpoint: endpoint.into(),
            operation,
            author: "operator".into(),
            force: false,
            created_at: self.now,
            deadline: self.now + deadline,
            timeout: Duration::from_secs(93),
            attempts: 0,
            state: CommandState::Queued,
            changed_at: self.now,
        };
        let id = command.id;
        self.server.command(self.now, command);
        self.drain();
        id
    }

    pub fn cancel_command(&mut self, command: CommandId) -> OperationId {
        self.next_operation += 1;
        let id = OperationId(self.next_operation);
        self.server.cancel_command(self.now, id, command);
        self.drain();
        id
    }

    pub fn configure(&mut self, endpoint: &str, awake_s: Option<u32>) -> OperationId {
        self.next_operation += 1;
        let id = OperationId(self.next_operation);
        self.server.configure(self.now, id, endpoint.into(), ClientConfig { awake_s });
        self.drain();
        id
    }

    /// Every state of a command that was told.
    pub fn states(&self, id: CommandId) -> Vec<CommandState> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Command(command) if command.id == id => Some(command.state.clone()),
            _ => None,
        });
        told.collect()
    }

    /// The last state of a command that was told.
    pub fn state(&self, id: CommandId) -> CommandState {
        self.states(id).pop().expect("a state")
    }

    /// The requests that the server has sent and nobody has taken.
    pub fn requests(&self) -> Vec<String> {
        self.sent.iter().filter(|(_, sent)| sent.code.is_request()).map(|(_, sent)| path_of(sent)).collect()
    }

    /// What the store makes of what it has taken.
    pub fn kept(&self) -> Stored {
        let mut kept = Stored::default();
        self.stored.iter().for_each(|change| kept.apply(change));
        kept
    }

    /// A new server that knows what the store has taken of this one.
    pub fn restart(&mut self) {
        let restored = self.kept().restored();
        self.server = Server::new(TransmissionParameters::default(), [8; 32]);
        self.sent.clear();
        self.held.clear();
        self.server.restore(self.now, restored);
        self.drain();
    }

    /// The next request that the server has sent.
    pub fn request(&mut self) -> (Peer, Message) {
        let index = self.sent.iter().position(|(_, message)| message.code.is_request()).expect("a request");
        self.sent.remove(index).unwrap()
    }

    /// Answers a request of the server, piggybacked.
    pub fn answer(&mut self, from: Peer, request: &Message, code: Code, options: Options, payload: &[u8]) {
        let message = Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.to_vec(),
        };
        self.give(from, &message);
    }

    /// Answers the next request that was sent to a client.
    pub fn answer_to(&mut self, client: Peer, code: Code) {
        let to = |(peer, sent): &(Peer, Message)| *peer == client && sent.code.is_request();
        let index = self.sent.iter().position(to).expect("a request");
        let (_, request) = self.sent.remove(index).unwrap();
        self.answer(client, &request, code, format(ContentFormat::TEXT), b"97");
    }

    pub fn result(&mut self, id: OperationId) -> Option<Result<Answer, OperationError>> {
        let index = self.answers.iter().position(|(answered, _)| *answered == id)?;
        Some(self.answers.remove(index).1)
    }

    /// Lets time pass, waking the server whenever it wants.
    pub fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some((at, _)) = self.server.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = at.max(self.now);
            self.server.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// The store answers everything it was given.
    pub fn release(&mut self) {
        self.hold = false;
        for (ticket, change) in std::mem::take(&mut self.held) {
            self.persisted(ticket, change);
        }
        self.drain();
    }

    fn persisted(&mut self, ticket: Ticket, change: Change) {
        let outcome = if self.fail {
            Outcome::Failed("disk full".into())
        } else {
            self.stored.push(change);
            if self.known { Outcome::Known } else { Outcome::Stored }
        };
        self.server.persisted(self.now, ticket, outcome);
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => {
                    self.sent.push_back((peer, Message::decode(&datagram).unwrap()));
                }
                Output::Persist { ticket, change } => {
                    self.changes.push(change.clone());
                    if self.hold { self.held.push((ticket, change)) } else { self.persisted(ticket, change) }
                }
                Output::Lookup { ticket, .. } => {
                    let remembered = self.remembered.clone();
                    self.server.found(self.now, ticket, remembered);
                }
                Output::Accepted { command, result } => self.accepted.push((command, result)),
                Output::Answered { operation, result } => self.answers.push((operation, result)),
                Output::Event(event) => self.events.push(event),
            }
        }
    }
}

pub fn format(format: ContentFormat) -> Options {
    Options::new().with_content_format(format.0)
}

pub fn registered(version: &str) -> World {
    let mut world = World::new();
    world.register(peer(1), "a", &[&format!("lwm2m={version}")]);
    world
}

/// Sends an operation and gives back the request that it becomes.
pub fn request(world: &mut World, operation: Operation) -> (OperationId, Message) {
    let id = world.operate("a", operation);
    (id, world.request().1)
}

pub fn path_of(request: &Message) -> String {
    format!("/{}", request.options.uri_path().unwrap().join("/"))
}

/// The answer of the client reaches the operator.
pub fn answered(
    world: &mut World,
    operation: Operation,
    code: Code,
    options: Options,
    payload: &[u8],
) -> Answer {
    let (id, request) = request(world, operation);
    world.answer(peer(1), &request, code, options, payload);
    world.result(id).unwrap().unwrap()
}

/// What is wrong with an operation that is refused before anything is sent.
pub fn refused(world: &mut World, operation: Operation) -> String {
    let id = world.operate("a", operation.clone());
    assert!(world.sent.is_empty(), "{operation:?}: {:?}", world.sent);
    match world.result(id) {
        Some(Err(error @ OperationError::NotPossible { .. })) => error.to_string(),
        other => panic!("{operation:?}: {other:?}"),
    }
}

pub fn possible(world: &mut World, operation: Operation) {
    let (_, request) = request(world, operation);
    world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
}
