use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
    time::Duration,
};

use coap::{Instant, TransmissionParameters};
use lwm2m_codec::{Path, Value};
use lwm2m_core::{
    Peer, client,
    server::{
        self, Answer, Operation, OperationError, OperationId, OperationRequest, Outcome, Reported, Server,
        Source,
    },
};
use lwm2m_model::Registry;
use netsim::{Network, NetworkConditions};

use crate::{
    device::{Device, TEMPERATURE, TIME_ZONE},
    dice::Dice,
};

const SERVER: u16 = 5683;
/// Datagrams that a history may cost. One that costs more has a loop in it.
const MOST_DATAGRAMS: u64 = 100_000;

static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let registry = include_bytes!("../../../../assets/registry/registry.bin");
    Arc::new(Registry::from_bytes(registry).unwrap())
});

/// An operation, and what came of it.
pub(crate) struct Asked {
    pub(crate) device: usize,
    pub(crate) operation: Operation,
    /// How many temperatures the device had had by then.
    pub(crate) temperatures: usize,
    pub(crate) results: Vec<Result<Answer, OperationError>>,
    /// The server was started anew before there was an answer.
    pub(crate) lost: bool,
}

/// The server, its devices, the network between them, the clock, and everything that the model is told.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) dice: Dice,
    pub(crate) network: Network<u16>,
    pub(crate) server: Server,
    pub(crate) devices: Vec<Device>,
    pub(crate) asked: BTreeMap<OperationId, Asked>,
    /// The observations that the server has told to have begun and not to have ended, by device.
    pub(crate) observed: BTreeMap<usize, ObservationTold>,
    /// Devices that notified under a token which the server does not know, since their observation began.
    pub(crate) strangers: BTreeSet<usize>,
    pub(crate) datagrams: u64,
    pub(crate) log: Vec<String>,
}

/// What the server tells of an observation.
#[derive(Default)]
pub(crate) struct ObservationTold {
    /// The newest temperature.
    pub(crate) latest: Option<f64>,
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
            devices,
            asked: BTreeMap::new(),
            observed: BTreeMap::new(),
            strangers: BTreeSet::new(),
            datagrams: 0,
            log: Vec::new(),
            dice,
        }
    }

    pub(crate) fn note(&mut self, what: &str) {
        self.log.push(format!("{:>8.1} s  {what}", self.now.as_millis() as f64 / 1_000.0 - 1_000.0));
    }

    pub(crate) fn operate(&mut self, device: usize, operation: Operation, timeout: Duration) -> OperationId {
        let id = OperationId(self.asked.len() as u64);
        let endpoint = self.devices[device].endpoint.clone();
        self.note(&format!("{endpoint}: operation {} {operation:?}", id.0));
        let temperatures = self.devices[device].temperatures.len();
        let (results, lost) = (Vec::new(), false);
        let asked = Asked { device, operation: operation.clone(), temperatures, results, lost };
        self.asked.insert(id, asked);
        self.server.operate(self.now, OperationRequest { id, endpoint, operation, timeout, force: false });
        self.drain();
        id
    }

    pub(crate) fn start(&mut self, device: usize) {
        self.devices[device].started = true;
        self.devices[device].client.start(self.now, peer(SERVER));
        self.drain();
    }

    pub(crate) fn stop(&mut self, device: usize) {
        self.devices[device].started = false;
        self.devices[device].client.stop(self.now);
        self.drain();
    }

    pub(crate) fn set_temperature(&mut self, device: usize) {
        let device = &mut self.devices[device];
        let temperature = device.temperature() + 1.0;
        device.temperatures.push(temperature);
        device.client.set(self.now, TEMPERATURE, Value::Float(temperature)).unwrap();
        self.drain();
    }

    /// The NAT before a device chooses another port for it.
    pub(crate) fn rebind(&mut self, device: usize) {
        let device = &mut self.devices[device];
        device.seen_at += 1;
        self.network.rebind(device.port, device.seen_at);
    }

    pub(crate) fn cut(&mut self, device: usize, cut: bool) {
        let conditions = if cut { NetworkConditions::cut() } else { rough() };
        let port = self.devices[device].port;
        self.network.set_link_conditions(port, SERVER, conditions.clone());
        self.network.set_link_conditions(SERVER, port, conditions);
    }

    pub(crate) fn heal(&mut self) {
        self.network.set_conditions(NetworkConditions::default());
    }

    /// The server starts anew and knows nothing any more.
    pub(crate) fn restart_server(&mut self) {
        self.server = Server::new(TransmissionParameters::default(), self.dice.seed());
        self.observed.clear();
        for asked in self.asked.values_mut().filter(|asked| asked.results.is_empty()) {
            asked.lost = true;
        }
    }

    /// Lets time pass, with everything that happens in it.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            for (from, to, datagram) in self.network.deliver(self.now.as_millis()) {
                self.datagrams += 1;
                assert!(self.datagrams < MOST_DATAGRAMS, "datagrams without end");
                let (now, from) = (self.now, peer(from));
                if to == SERVER {
                    self.server.handle_datagram(now, from, &datagram);
                } else if let Some(device) = self.devices.iter_mut().find(|d| d.port == to && d.powered) {
                    device.client.handle_datagram(now, from, &datagram);
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
        clients.chain(server).chain(self.network.next_delivery().map(Instant::from_millis)).min()
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
                self.network.send(self.now.as_millis(), SERVER, port(peer), datagram);
            }
            server::Output::Persist { ticket, .. } => {
                self.server.persisted(self.now, ticket, Outcome::Stored);
            }
            server::Output::Lookup { ticket, .. } => self.server.found(self.now, ticket, None),
            server::Output::Accepted { .. } => {}
            server::Output::Answered { operation, result } => {
                self.note(&format!("operation {}: {}", operation.0, summary(&result)));
                self.asked.get_mut(&operation).unwrap().results.push(result);
            }
            server::Output::Event(event) => {
                self.note_server(&event);
                self.server_event(&event);
            }
        }
    }

    fn note_server(&mut self, event: &server::Event) {
        match event {
            server::Event::Registered(registration) => {
                self.note(&format!(
                    "server: {} registered from {:?}",
                    registration.endpoint, registration.peer
                ));
            }
            server::Event::Departed { registration, why } => {
                self.note(&format!("server: {} {why}", registration.endpoint));
            }
            server::Event::ObservationStarted { endpoint, .. } => {
                self.note(&format!("server: observation of {endpoint} began"));
            }
            server::Event::ObservationEnded { endpoint, why, .. } => {
                self.note(&format!("server: observation of {endpoint} ended: {why}"));
            }
            server::Event::Refused { what, .. } => self.note(&format!("server: refused: {what}")),
            _ => {}
        }
    }

    fn server_event(&mut self, event: &server::Event) {
        match event {
            server::Event::Registered(registration) => {
                self.observed.remove(&self.device(&registration.endpoint));
            }
            server::Event::Departed { registration, .. } => {
                self.observed.remove(&self.device(&registration.endpoint));
            }
            server::Event::ObservationStarted { endpoint, .. } => {
                let device = self.device(endpoint);
                self.observed.entry(device).or_default();
                self.strangers.remove(&device);
            }
            server::Event::ObservationEnded { endpoint, .. } => {
                self.observed.remove(&self.device(endpoint));
            }
            server::Event::Reported(reported) if reported.source == Source::Notify && reported.current => {
                let device = self.device(&reported.endpoint);
                let latest = decoded(reported);
                self.observed.entry(device).or_default().latest = Some(latest);
            }
            server::Event::Refused { peer, what } if what.starts_with("notification with unknown token") => {
                let from = |device: &Device| port(*peer) == device.seen_at;
                self.strangers.extend(self.devices.iter().position(from));
            }
            _ => {}
        }
    }

    fn client_output(&mut self, index: usize, output: client::Output) {
        if let client::Output::Event { event, .. } = &output
            && !matches!(event, client::Event::Updated)
        {
            self.note(&format!("{}: {event:?}", self.devices[index].endpoint));
        }
        let device = &mut self.devices[index];
        match output {
            client::Output::Transmit { datagram, .. } => {
                self.network.send(self.now.as_millis(), device.port, SERVER, datagram);
            }
            client::Output::Event { event: client::Event::Written { path, value }, .. } => {
                if let (TIME_ZONE, Value::String(text)) = (path, value) {
                    device.written.push(text.to_string());
                }
            }
            client::Output::Event { event: client::Event::Executed { arguments, .. }, .. } => {
                if let Some(argument) = arguments.first().and_then(|argument| argument.value.clone()) {
                    device.executed.entry(argument).or_default().push(device.life);
                }
            }
            client::Output::Event { .. } => {}
            client::Output::Connect { .. } | client::Output::Disconnect { .. } => {
                unreachable!("the client was given its server");
            }
        }
    }

    fn device(&self, endpoint: &str) -> usize {
        self.devices.iter().position(|device| device.endpoint == endpoint).unwrap()
    }
}

fn decoded(reported: &Reported) -> f64 {
    temperature(reported.content_format.unwrap(), &reported.path, &reported.payload)
}

/// The temperature in a payload.
pub(crate) fn temperature(format: lwm2m_codec::ContentFormat, path: &Path, payload: &[u8]) -> f64 {
    match lwm2m_codec::decode(format, path, payload, REGISTRY.as_ref()).unwrap()[0].value {
        Value::Float(value) => value,
        ref other => panic!("a temperature expected, got {other:?}"),
    }
}

fn summary(result: &Result<Answer, OperationError>) -> String {
    result.as_ref().map_or_else(ToString::to_string, |answer| answer.code.to_string())
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

pub(crate) fn peer(port: u16) -> Peer {
    Peer::NoSec(([127, 0, 0, 1], port).into())
}

fn port(peer: Peer) -> u16 {
    match peer {
        Peer::NoSec(address) => address.port(),
        Peer::Session(_) => unreachable!("no sessions here"),
    }
}
