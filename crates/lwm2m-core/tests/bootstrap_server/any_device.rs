//! Whatever devices do, commands go one at a time and every session ends, once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coap::{Code, Message, MessageId, MessageType, Options, Token};
use lwm2m_codec::{ContentFormat, Path, Record, Value};
use lwm2m_core::{
    Peer, PeerIdentity, Proven, SessionId,
    bootstrap_server::{
        BootstrapId, BootstrapInformation, BootstrapServer, BootstrapServerConfig, Event, NotConfigured,
        OnRefusal, Output,
    },
    server::Admission,
};
use proptest::prelude::*;

use crate::world::{account, definitions, everything, example, peer};

/// What happens next.
#[derive(Clone, Debug)]
enum Happening {
    Request { device: u8, secured: bool, query: String },
    Pack { device: u8, accept: Option<u16> },
    Answer { code: Code, content_format: Option<u16>, payload: Vec<u8>, separate: bool },
    AnswerAgain,
    Acknowledge,
    Reset,
    Datagram(Vec<u8>),
    Mutated { index: prop::sample::Index, byte: u8 },
    Begin(u8),
    Connect(u8),
    Disconnect(u8),
    Pass(Duration),
    Configure { which: u8 },
}

/// The machine, and what must hold of it.
struct Checked {
    server: BootstrapServer,
    now: coap::Instant,
    /// Commands that were sent and not answered, the newest last.
    commands: Vec<(Peer, Message)>,
    answered: Option<(Peer, Vec<u8>)>,
    /// Sessions that wait for what their device receives.
    asked: Vec<BootstrapId>,
    running: BTreeMap<BootstrapId, Peer>,
    begun: BTreeSet<BootstrapId>,
    under_way: BTreeMap<BootstrapId, usize>,
    next_message_id: u16,
}

impl Checked {
    fn new() -> Self {
        let config = BootstrapServerConfig {
            definitions: definitions(),
            admission: Admission::default(),
            first: BootstrapId(1),
        };
        Self {
            server: BootstrapServer::new(coap::TransmissionParameters::default(), [3; 32], config),
            now: coap::Instant::from_millis(1_000),
            commands: Vec::new(),
            answered: None,
            asked: Vec::new(),
            running: BTreeMap::new(),
            begun: BTreeSet::new(),
            under_way: BTreeMap::new(),
            next_message_id: 1,
        }
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Request { device, secured, query } => {
                let from =
                    if secured { Peer::Session(SessionId(device.into())) } else { peer(device.into()) };
                let options = Options::new().with_path("/bs").with_query(&format!("ep={device}"));
                self.ask(
                    from,
                    Code::POST,
                    if query.is_empty() { options } else { options.with_query(&query) },
                );
            }
            Happening::Pack { device, accept } => {
                let options = Options::new().with_path("/bspack").with_query(&format!("ep={device}"));
                let options = accept.iter().fold(options, |options, accept| options.with_accept(*accept));
                self.ask(peer(device.into()), Code::GET, options);
            }
            Happening::Answer { code, content_format, payload, separate } => {
                self.answer(code, content_format, payload, separate);
            }
            Happening::AnswerAgain => {
                if let Some((from, datagram)) = self.answered.clone() {
                    self.datagram(from, &datagram);
                }
            }
            Happening::Acknowledge => self.empty(MessageType::Acknowledgement),
            Happening::Reset => self.empty(MessageType::Reset),
            Happening::Datagram(datagram) => self.datagram(peer(1), &datagram),
            Happening::Mutated { index, byte } => self.mutated(index, byte),
            Happening::Begin(device) => {
                drop(self.server.begin(self.now, &device.to_string()));
                self.drain();
            }
            Happening::Connect(device) => {
                let endpoint = device.to_string();
                let identity = PeerIdentity::Psk(endpoint.clone());
                self.server.session_opened(SessionId(device.into()), Proven { identity, endpoint });
            }
            Happening::Disconnect(device) => {
                self.server.session_closed(self.now, SessionId(device.into()));
                self.drain();
            }
            Happening::Pass(time) => self.pass(time),
            Happening::Configure { which } => {
                if let Some(session) = self.asked.pop() {
                    self.server.configured(self.now, session, given(which));
                    self.drain();
                }
            }
        }
    }

    fn ask(&mut self, from: Peer, code: Code, options: Options) {
        let message_id = self.message_id();
        let token = Token::new(&message_id.0.to_be_bytes()).unwrap();
        let header = Message::empty(MessageType::Confirmable, message_id);
        let datagram = Message { code, token, options, ..header }.encode().unwrap();
        self.datagram(from, &datagram);
    }

    fn answer(&mut self, code: Code, content_format: Option<u16>, payload: Vec<u8>, separate: bool) {
        let Some((to, command)) = self.commands.pop() else { return };
        let own = self.message_id();
        let (message_type, message_id) = match separate {
            true => (MessageType::Confirmable, own),
            false => (MessageType::Acknowledgement, command.message_id),
        };
        let options = Options::new();
        let options =
            content_format.iter().fold(options, |options, format| options.with_content_format(*format));
        let header = Message::empty(message_type, message_id);
        let message = Message { code, token: command.token, options, payload, ..header };
        let datagram = message.encode().unwrap();
        self.answered = Some((to, datagram.clone()));
        self.datagram(to, &datagram);
    }

    fn empty(&mut self, message_type: MessageType) {
        if let Some((to, command)) = self.commands.last().cloned() {
            self.datagram(to, &Message::empty(message_type, command.message_id).encode().unwrap());
        }
    }

    fn mutated(&mut self, index: prop::sample::Index, byte: u8) {
        let Some((to, mut datagram)) = self.answered.clone() else { return };
        let index = index.index(datagram.len());
        datagram[index] = byte;
        self.datagram(to, &datagram);
    }

    fn datagram(&mut self, from: Peer, datagram: &[u8]) {
        self.server.handle_datagram(self.now, from, datagram);
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut timers = 0;
        while let Some((at, why)) = self.server.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.server.handle_timeout(self.now);
            self.drain();
            timers += 1;
            assert!(timers < 10_000, "{why} is due again and again");
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => self.transmitted(peer, &datagram),
                Output::Configure { session, .. } => {
                    assert!(self.running.contains_key(&session));
                    self.asked.push(session);
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn transmitted(&mut self, to: Peer, datagram: &[u8]) {
        let message = Message::decode(datagram).unwrap();
        if message.code.is_request() && !self.commands.iter().any(|(_, known)| *known == message) {
            self.commands.push((to, message));
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Begun { session, peer, attempt, first_step, .. } => {
                let is_new = self.begun.insert(session);
                assert_eq!(is_new, attempt == 1 && first_step == 0, "an id is given once");
                assert!(!self.running.contains_key(&session), "it was over");
                self.running.insert(session, peer);
            }
            Event::Step { session, step } => {
                assert!(self.running.contains_key(&session), "no step before or after a session");
                let under_way = self.under_way.entry(session).or_default();
                if step.code.is_response() && step.from_device {
                    *under_way = under_way.checked_sub(1).expect("an answer to a command");
                } else if step.code.is_request() && !step.from_device {
                    *under_way += 1;
                    assert_eq!(*under_way, 1, "one command at a time");
                }
            }
            Event::Ended { session, result, .. } => {
                assert!(self.running.remove(&session).is_some(), "a session ends once");
                if let Err(failure) = result {
                    assert!(!failure.what.is_empty() && !failure.advice.is_empty());
                }
            }
            Event::Refused { .. } => {}
        }
    }

    const fn message_id(&mut self) -> MessageId {
        self.next_message_id += 1;
        MessageId(self.next_message_id)
    }
}

/// What a device receives.
fn given(which: u8) -> Result<BootstrapInformation, NotConfigured> {
    let value = Value::opaque(vec![1; 3_000]);
    let large = vec![(Path::instance(33_000, 0), vec![Record::new(Path::resource(33_000, 0, 0), value)])];
    match which % 6 {
        0 => Err(NotConfigured { code: Code::BAD_REQUEST, what: "nothing".into() }),
        1 => Ok(example()),
        2 => Ok(BootstrapInformation { discover: true, read: everything(), pack: true, ..example() }),
        3 => Ok(BootstrapInformation {
            discover: true,
            on_refusal: OnRefusal::Continue,
            accounts: vec![account(1), account(2)],
            content_format: Some(ContentFormat::SENML_CBOR),
            ..example()
        }),
        4 => Ok(BootstrapInformation { instances: large, ..BootstrapInformation::default() }),
        _ => Ok(BootstrapInformation::default()),
    }
}

fn any_code() -> impl Strategy<Value = Code> {
    let usual = [Code::CHANGED, Code::DELETED, Code::CONTENT, Code::CREATED, Code::CONTINUE];
    let refusals = [
        Code::BAD_REQUEST,
        Code::NOT_FOUND,
        Code::NOT_ACCEPTABLE,
        Code::REQUEST_ENTITY_TOO_LARGE,
        Code::INTERNAL_SERVER_ERROR,
    ];
    prop_oneof![6 => prop::sample::select(usual.to_vec()), 1 => prop::sample::select(refusals.to_vec())]
}

fn any_links() -> impl Strategy<Value = Vec<u8>> {
    let link =
        (0..4_u16, 0..4_u16, any::<Option<u8>>(), any::<bool>()).prop_map(|(object, instance, id, slash)| {
            let id = id.map(|id| format!(";ssid={id}")).unwrap_or_default();
            format!("</{object}/{instance}{}>{id}", if slash { "/" } else { "" })
        });
    let links = prop::collection::vec(link, 0..6).prop_map(|links| links.join(","));
    let head = prop::sample::select(vec!["", "</>;lwm2m=1.2,", "lwm2m=\"1.0\",", "lwm2m=", "</>;lwm2m=9.9,"]);
    prop_oneof![
        4 => (head, links).prop_map(|(head, links)| format!("{head}{links}").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ]
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let device = || 1..4_u8;
    let query = prop::sample::select(vec!["", "pct=112", "pct=11544", "pct=0", "x"]).prop_map(str::to_owned);
    prop_oneof![
        3 => (device(), any::<bool>(), query)
            .prop_map(|(device, secured, query)| Happening::Request { device, secured, query }),
        1 => (device(), prop::sample::select(vec![None, Some(112), Some(110), Some(0)]))
            .prop_map(|(device, accept)| Happening::Pack { device, accept }),
        8 => (any_code(), prop::sample::select(vec![None, Some(40), Some(11542)]), any_links(), any::<bool>())
            .prop_map(|(code, content_format, payload, separate)| {
                Happening::Answer { code, content_format, payload, separate }
            }),
        1 => Just(Happening::AnswerAgain),
        1 => Just(Happening::Acknowledge),
        1 => Just(Happening::Reset),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Happening::Datagram),
        1 => (any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(index, byte)| Happening::Mutated { index, byte }),
        1 => device().prop_map(Happening::Begin),
        1 => device().prop_map(Happening::Connect),
        1 => device().prop_map(Happening::Disconnect),
        2 => (0..150_000_u64).prop_map(|time| Happening::Pass(Duration::from_millis(time))),
        6 => any::<u8>().prop_map(|which| Happening::Configure { which }),
    ]
}

proptest! {
    #[test]
    fn b_013_whatever_devices_do_commands_go_one_at_a_time_and_sessions_end(
        happenings in prop::collection::vec(any_happening(), 1..80),
    ) {
        let mut checked = Checked::new();
        for happening in happenings {
            checked.happens(happening);
        }
        checked.pass(Duration::from_secs(300));
        prop_assert!(checked.running.is_empty(), "{:?}", checked.running);
        prop_assert_eq!(checked.server.usage().sessions.used, 0);
    }
}
