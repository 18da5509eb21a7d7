use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
    time::Duration,
};

use coap::{Code, Instant, Message, MessageType, Token, TransmissionParameters};
use lwm2m_codec::{ContentFormat, Value};
use lwm2m_core::{
    Peer, client,
    server::{self, ClientConfig, Delivery, Event, Operation, OperationId, Server},
};
use lwm2m_model::Registry;
use netsim::{Network, NetworkConditions};

use crate::{
    device::{Device, TEMPERATURE, TIME_ZONE},
    dice::Dice,
    operators::Operators,
    store::{Reply, Store},
};

const SERVER: u16 = 5683;
/// Datagrams that a history may cost. One that costs more has a loop in it.
const MOST_DATAGRAMS: u64 = 100_000;

pub(crate) static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let registry = include_bytes!("../../../../assets/registry/registry.bin");
    Arc::new(Registry::from_bytes(registry).unwrap())
});

#[derive(Clone, Copy)]
struct Expected {
    token: Token,
    /// The answer to a Send, or the acknowledgement of a notification.
    code: Code,
}

/// The server, its store, its operators, its devices, the network between them and the clock.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) dice: Dice,
    pub(crate) network: Network<u16>,
    pub(crate) server: Server,
    pub(crate) store: Store,
    pub(crate) operators: Operators,
    pub(crate) devices: Vec<Device>,
    /// Payloads that a device expects an acknowledgement of: by port and message id.
    expected: BTreeMap<(u16, u16), Expected>,
    /// Requests that the server has sent, so that a retransmission is known.
    requested: BTreeSet<(u16, u16)>,
    /// Devices that notified under a token which the server does not know, since their observation began.
    pub(crate) strangers: BTreeSet<usize>,
    pub(crate) acknowledged: u64,
    pub(crate) crashes: u64,
    pub(crate) datagrams: u64,
    pub(crate) log: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let devices = (0..=u16::try_from(dice.draw(0..3)).unwrap())
            .map(|number| Device::new(number, &REGISTRY, &mut dice))
            .collect();
        Self {
            now: Instant::from_millis(1_000_000),
            network: Network::new(rough(), dice.seed()),
            server: Server::new(TransmissionParameters::default(), dice.seed()),
            store: Store::default(),
            operators: Operators::default(),
            devices,
            expected: BTreeMap::new(),
            requested: BTreeSet::new(),
            strangers: BTreeSet::new(),
            acknowledged: 0,
            crashes: 0,
            datagrams: 0,
            log: Vec::new(),
            dice,
        }
    }

    pub(crate) fn note(&mut self, what: &str) {
        self.log.push(format!("{:>8.1} s  {what}", self.now.as_millis() as f64 / 1_000.0 - 1_000.0));
    }

    pub(crate) fn command(
        &mut self,
        device: usize,
        operation: Operation,
        deadline: Duration,
        timeout: Duration,
    ) {
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint}: command {} {operation:?}", self.operators.next()));
        let command = self.operators.command(self.now, endpoint, operation, deadline, timeout);
        self.server.command(self.now, command);
        self.drain();
    }

    pub(crate) fn cancel_some_command(&mut self) {
        let open = |id: &&_| !self.operators.ended.contains_key(id);
        let ids: Vec<_> = self.operators.accepted.iter().filter(open).copied().collect();
        if !ids.is_empty() {
            let id = ids[self.dice.index(ids.len())];
            self.note(&format!("command {} is to be withdrawn", id.0));
            self.server.cancel_command(self.now, OperationId(id.0), id);
            self.drain();
        }
    }

    pub(crate) fn configure(&mut self, device: usize, awake_s: Option<u32>) {
        let endpoint = self.devices[device].endpoint.clone();
        self.server.configure(self.now, OperationId(0), endpoint, ClientConfig { awake_s });
        self.drain();
    }

    pub(crate) fn start(&mut self, device: usize) {
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint} starts"));
        self.devices[device].started = true;
        self.devices[device].client.start(self.now, peer(SERVER));
        self.drain();
    }

    pub(crate) fn stop(&mut self, device: usize) {
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint} stops"));
        self.devices[device].started = false;
        self.devices[device].renewed_at = None;
        self.devices[device].client.stop(self.now);
        self.drain();
    }

    pub(crate) fn set_temperature(&mut self, device: usize) {
        let device = &mut self.devices[device];
        device.temperature += 1.0;
        device.client.set(self.now, TEMPERATURE, Value::Float(device.temperature)).unwrap();
        self.drain();
    }

    /// One of LwM2M 1.0 has no Send, and one that is not registered neither.
    pub(crate) fn send(&mut self, device: usize) {
        let format = ContentFormat::SENML_CBOR;
        let sent = self.devices[device].client.send(self.now, 1, format, &[TEMPERATURE]);
        if sent.is_ok() {
            let endpoint = self.devices[device].endpoint.clone();
            self.note(&format!("{endpoint} sends"));
        }
        self.drain();
    }

    /// The NAT before a device chooses another port for it.
    pub(crate) fn rebind(&mut self, device: usize) {
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint} has another address"));
        let device = &mut self.devices[device];
        device.seen_at += 1;
        self.network.rebind(device.port, device.seen_at);
    }

    pub(crate) fn cut(&mut self, device: usize, cut: bool) {
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint}: network cut {cut}"));
        let conditions = if cut { NetworkConditions::cut() } else { rough() };
        let port = self.devices[device].port;
        self.network.set_link_conditions(port, SERVER, conditions.clone());
        self.network.set_link_conditions(SERVER, port, conditions);
    }

    pub(crate) fn heal(&mut self) {
        self.network.set_conditions(NetworkConditions::default());
        self.store.full = false;
    }

    /// The server is killed, and another one goes on with what was stored.
    pub(crate) fn crash(&mut self) {
        self.note("the server is killed");
        self.crashes += 1;
        self.store.crash(self.now, &mut self.dice);
        self.server = Server::new(TransmissionParameters::default(), self.dice.seed());
        self.server.restore(self.now, self.store.stored.restored());
        for device in self.devices.iter().filter(|device| device.must_be_known(self.now)) {
            let known = self.server.registration(&device.endpoint).is_some();
            assert!(known, "{} was acknowledged and is not known", device.endpoint);
        }
        self.drain();
    }

    /// Lets time pass, with everything that happens in it.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            for (from, to, datagram) in self.network.deliver(self.now.as_millis()) {
                self.datagrams += 1;
                assert!(self.datagrams < MOST_DATAGRAMS, "datagrams without end");
                self.deliver(from, to, &datagram);
                self.drain();
            }
            while let Some((ticket, reply)) = self.store.reply(self.now) {
                match reply {
                    Reply::Persisted(outcome) => self.server.persisted(self.now, ticket, outcome),
                    Reply::Found(observation) => {
                        self.server.found(self.now, ticket, observation.map(|found| *found));
                    }
                }
                self.drain();
            }
            self.server.handle_timeout(self.now);
            for device in self.devices.iter_mut().filter(|device| device.powered) {
                device.client.handle_timeout(self.now);
            }
            self.drain();
        }
        self.now = end;
    }

    fn next(&self) -> Option<Instant> {
        let devices = self.devices.iter().filter(|device| device.powered);
        let clients = devices.filter_map(|device| device.client.poll_timeout()).map(|(at, _)| at);
        let server = self.server.poll_timeout().map(|(at, _)| at);
        let network = self.network.next_delivery().map(Instant::from_millis);
        clients.chain(server).chain(network).chain(self.store.next()).min()
    }

    fn deliver(&mut self, from: u16, to: u16, datagram: &[u8]) {
        let now = self.now;
        if to == SERVER {
            self.expect_acknowledgement(from, datagram);
            self.server.handle_datagram(now, peer(from), datagram);
        } else if let Some(device) = self.devices.iter_mut().find(|d| d.port == to && d.listens(now)) {
            device.stay_awake(now);
            device.client.handle_datagram(now, peer(from), datagram);
        }
    }

    /// A confirmable notification, or a Send.
    fn expect_acknowledgement(&mut self, from: u16, datagram: &[u8]) {
        let Ok(message) = Message::decode(datagram) else { return };
        let notification = message.code == Code::CONTENT && message.options.observe().is_some();
        let send = message.code == Code::POST && message.options.uri_path() == Ok(vec!["dp"]);
        let key = (from, message.message_id.0);
        if message.message_type == MessageType::Confirmable && (notification || send) {
            // An empty acknowledgement of a Send promises nothing: its answer comes on its own (RFC 7252 §5.2.2).
            let code = if send { Code::CHANGED } else { Code::EMPTY };
            self.expected.insert(key, Expected { token: message.token, code });
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            self.server_output(output);
        }
        for index in 0..self.devices.len() {
            while let Some(output) = self.devices[index].client.poll() {
                self.client_output(index, output);
            }
        }
    }

    fn server_output(&mut self, output: server::Output) {
        match output {
            server::Output::Transmit { peer, datagram } => {
                self.check_transmitted(port(peer), &Message::decode(&datagram).unwrap());
                self.network.send(self.now.as_millis(), SERVER, port(peer), datagram);
            }
            server::Output::Persist { ticket, change } => {
                self.store.commit(self.now, ticket, change, &mut self.dice);
            }
            server::Output::Lookup { ticket, key } => {
                self.store.look_up(self.now, ticket, key, &mut self.dice);
            }
            server::Output::Accepted { command, result } => {
                self.operators.told(command, &result, &self.store);
                self.note(&format!("command {}: accepted {result:?}", command.0));
            }
            server::Output::Answered { .. } => {}
            server::Output::Event(event) => self.server_event(&event),
        }
    }

    fn server_event(&mut self, event: &Event) {
        match event {
            Event::Command(command) => {
                self.note(&format!("command {}: {}", command.id.0, command.state));
                self.operators.told_state(command, &self.store);
            }
            Event::Registered(registration) => {
                self.note(&format!("server: {} registered", registration.endpoint));
            }
            Event::Departed { registration, why } => {
                self.note(&format!("server: {} {why}", registration.endpoint));
            }
            Event::Awake { endpoint, .. } => self.note(&format!("server: {endpoint} awake")),
            Event::Asleep { endpoint } => self.note(&format!("server: {endpoint} asleep")),
            Event::ObservationStarted { endpoint, .. } => {
                self.note(&format!("server: observation of {endpoint} began"));
                let device = self.devices.iter().position(|device| device.endpoint == *endpoint);
                self.strangers.remove(&device.unwrap());
            }
            Event::ObservationEnded { endpoint, why, .. }
            | Event::ObservationPending { endpoint, why, .. } => {
                self.note(&format!("server: observation of {endpoint}: {why}"));
            }
            Event::Refused { peer, what } => {
                self.note(&format!("server: refused: {what}"));
                if what.starts_with("notification with unknown token") {
                    let from = |device: &Device| port(*peer) == device.seen_at;
                    self.strangers.extend(self.devices.iter().position(from));
                }
            }
            _ => {}
        }
    }

    /// No acknowledgement without its payload in the store, no request for a client that sleeps.
    fn check_transmitted(&mut self, to: u16, message: &Message) {
        let message_id = message.message_id.0;
        let device = self.devices.iter().find(|device| (device.port..=device.seen_at).contains(&to));
        let Some(device) = device else { return };
        if message.code.is_request() {
            if self.requested.insert((to, message_id)) {
                let awake = self.server.is_awake(&device.endpoint);
                assert!(awake, "{} sleeps and is sent {message:?}", device.endpoint);
            }
            return;
        }
        let expected = self.expected.get(&(to, message_id)).filter(|expected| expected.code == message.code);
        let (Some(Expected { token, .. }), MessageType::Acknowledgement) = (expected, message.message_type)
        else {
            return;
        };
        let delivery = Delivery { token: *token, message_id };
        let kept = self.store.history.iter().filter(|kept| {
            kept.reported.endpoint == device.endpoint && kept.reported.delivery == Some(delivery)
        });
        assert!(kept.count() >= 1, "{delivery:?} of {} is acknowledged and not stored", device.endpoint);
        self.acknowledged += 1;
    }

    fn client_output(&mut self, index: usize, output: client::Output) {
        let device = &mut self.devices[index];
        match output {
            client::Output::Transmit { datagram, .. } => {
                device.stay_awake(self.now);
                self.network.send(self.now.as_millis(), device.port, SERVER, datagram);
            }
            client::Output::Event { event, .. } => self.client_event(index, &event),
            client::Output::Connect { .. } | client::Output::Disconnect { .. } => {
                unreachable!("the client was given its server");
            }
        }
    }

    fn client_event(&mut self, index: usize, event: &client::Event) {
        let device = &mut self.devices[index];
        match event {
            client::Event::Registered { .. } | client::Event::Updated => device.renewed_at = Some(self.now),
            client::Event::Written { path: TIME_ZONE, value: Value::String(text) } => {
                device.written.push(text.parse().unwrap());
            }
            client::Event::Executed { arguments, .. } => {
                let argument = arguments.first().and_then(|argument| argument.value.as_deref());
                device.executed.push((argument.unwrap().parse().unwrap(), device.life));
            }
            _ => {}
        }
        let endpoint = device.endpoint.clone();
        self.note(&format!("{endpoint}: {event:?}"));
    }
}

fn rough() -> NetworkConditions {
    NetworkConditions {
        loss: 0.2,
        delay_ms: 5..=80,
        duplicate: 0.1,
        reorder: 0.2,
        hold_back_ms: 1..=400,
        ..NetworkConditions::default()
    }
}

fn peer(port: u16) -> Peer {
    Peer::NoSec(([127, 0, 0, 1], port).into())
}

fn port(peer: Peer) -> u16 {
    match peer {
        Peer::NoSec(address) => address.port(),
        Peer::Session(_) => unreachable!("no sessions here"),
    }
}
