//! Both roles on a virtual link that loses, delays, duplicates and reorders: hours in milliseconds.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use coap::{Instant, TransmissionParameters};
use lwm2m_codec::{ContentFormat, Path, Value};
use lwm2m_core::{
    Peer,
    client::{self, Client, ClientConfig, ObjectTree},
    server::{
        self, Answer, Cancellation, Departure, Operation, OperationError, OperationId, OperationRequest,
        Outcome, Server, WriteMode,
    },
};
use lwm2m_model::Registry;
use netsim::{Network, NetworkConditions};

const SERVER: u16 = 5683;
const TEMPERATURE: Path = Path::resource(3303, 0, 5700);
const TIME_ZONE: Path = Path::resource(3, 0, 15);
const REBOOT: Path = Path::resource(3, 0, 4);
const RESET_MIN_MAX: Path = Path::resource(3303, 0, 5605);

fn rough(loss: f64) -> NetworkConditions {
    NetworkConditions {
        loss,
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

/// One server, one client, the link between them, and the clock.
struct Pair {
    now: Instant,
    network: Network<u16>,
    server: Server,
    client: Client,
    client_port: u16,
    answers: BTreeMap<OperationId, Vec<Result<Answer, OperationError>>>,
    server_events: Vec<server::Event>,
    client_events: Vec<client::Event>,
}

impl Pair {
    fn new(conditions: NetworkConditions, seed: u8, lifetime_s: i64) -> Self {
        let registry = include_bytes!("../../../assets/registry/registry.bin");
        let mut tree = ObjectTree::new(Arc::new(Registry::from_bytes(registry).unwrap()));
        for (path, value) in [
            (Path::resource(1, 0, 0), Value::Integer(1)),
            (Path::resource(1, 0, 1), Value::Integer(lifetime_s)),
            (Path::resource(1, 0, 6), Value::Boolean(true)),
            (Path::resource(1, 0, 7), Value::String("U".into())),
            (Path::resource(3, 0, 0), Value::String("ACME".into())),
            (TIME_ZONE, Value::String("UTC".into())),
            (TEMPERATURE, Value::Float(20.0)),
        ] {
            tree.insert(path, value).unwrap();
        }
        tree.insert_executable(REBOOT).unwrap();
        tree.insert_executable(RESET_MIN_MAX).unwrap();
        let config = ClientConfig { confirmable_every: 1, ..ClientConfig::new("urn:pair") };
        Self {
            now: Instant::from_millis(1_000_000),
            network: Network::new(conditions, [seed; 32]),
            server: Server::new(TransmissionParameters::default(), [seed ^ 1; 32]),
            client: Client::new(config, tree, [seed ^ 2; 32]),
            client_port: 40_000,
            answers: BTreeMap::new(),
            server_events: Vec::new(),
            client_events: Vec::new(),
        }
    }

    fn start(&mut self) {
        self.client.start(self.now, peer(SERVER));
        self.drain();
    }

    fn operate(&mut self, id: u64, operation: Operation) {
        let request = OperationRequest {
            id: OperationId(id),
            endpoint: "urn:pair".into(),
            operation,
            timeout: Duration::from_secs(93),
            force: false,
        };
        self.server.operate(self.now, request);
        self.drain();
    }

    fn set(&mut self, value: f64) {
        self.client.set(self.now, TEMPERATURE, Value::Float(value)).unwrap();
        self.drain();
    }

    /// Runs until nothing happens any more within `duration`.
    fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            let times = [
                self.network.next_delivery().map(Instant::from_millis),
                self.server.poll_timeout().map(|(at, _)| at),
                self.client.poll_timeout().map(|(at, _)| at),
            ];
            let Some(next) = times.into_iter().flatten().min().filter(|at| *at <= end) else { break };
            self.now = next.max(self.now);
            for (from, to, datagram) in self.network.deliver(self.now.as_millis()) {
                if to == SERVER {
                    self.server.handle_datagram(self.now, peer(from), &datagram);
                } else if to == self.client_port {
                    self.client.handle_datagram(self.now, peer(from), &datagram);
                }
            }
            self.server.handle_timeout(self.now);
            self.client.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
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
                    self.answers.entry(operation).or_default().push(result);
                }
                server::Output::Event(event) => self.server_events.push(event),
            }
        }
        while let Some(output) = self.client.poll() {
            match output {
                client::Output::Transmit { datagram, .. } => {
                    self.network.send(self.now.as_millis(), self.client_port, SERVER, datagram);
                }
                client::Output::Event { event, .. } => self.client_events.push(event),
                client::Output::Connect { .. } | client::Output::Disconnect { .. } => {
                    unreachable!("the client was given its server");
                }
            }
        }
    }

    /// The one answer of an operation that succeeded.
    fn answer(&self, id: u64) -> &Answer {
        match self.answers.get(&OperationId(id)).map(Vec::as_slice) {
            Some([Ok(answer)]) => answer,
            other => panic!("operation {id}: {other:?}"),
        }
    }

    fn notified(&self) -> Vec<f64> {
        let payloads = self.server_events.iter().filter_map(|event| match event {
            server::Event::Reported(reported)
                if reported.source == server::Source::Notify && reported.current =>
            {
                Some(reported)
            }
            _ => None,
        });
        payloads
            .map(|reported| {
                let registry = self.client.tree().registry();
                let format = reported.content_format.unwrap();
                let records =
                    lwm2m_codec::decode(format, &reported.path, &reported.payload, registry).unwrap();
                match records[0].value {
                    Value::Float(value) => value,
                    ref other => panic!("{other:?}"),
                }
            })
            .collect()
    }
}

#[test]
fn the_whole_story_on_a_perfect_link() {
    let mut pair = Pair::new(NetworkConditions::default(), 1, 300);
    pair.start();
    pair.pass(Duration::from_secs(1));
    assert!(pair.client.is_registered());
    pair.operate(1, Operation::Read { path: Path::resource(3, 0, 0), accept: None });
    pair.pass(Duration::from_secs(1));
    pair.operate(
        2,
        Operation::Write {
            path: TIME_ZONE,
            mode: WriteMode::Replace,
            content_format: ContentFormat::TEXT,
            payload: b"Europe/Oslo".to_vec(),
        },
    );
    pair.operate(3, Operation::Execute { path: REBOOT, arguments: None });
    pair.operate(4, Operation::Discover { path: Path::object(3), depth: None });
    pair.operate(5, Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
    pair.pass(Duration::from_secs(10));
    assert_eq!(pair.answer(1).code.to_string(), "2.05");
    assert_eq!(pair.answer(2).code.to_string(), "2.04");
    assert_eq!(pair.answer(3).code.to_string(), "2.04");
    assert_eq!(pair.client.tree().value(&TIME_ZONE), Some(&Value::String("Europe/Oslo".into())));
}

#[test]
fn values_reach_the_server_as_they_change() {
    let mut pair = Pair::new(NetworkConditions::default(), 3, 300);
    pair.start();
    pair.pass(Duration::from_secs(1));
    pair.operate(1, Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
    pair.pass(Duration::from_secs(1));
    for value in [21.0, 22.5, 19.25] {
        pair.set(value);
        pair.pass(Duration::from_secs(1));
    }
    assert_eq!(pair.notified(), [20.0, 21.0, 22.5, 19.25]);
    pair.operate(2, Operation::CancelObservation { path: TEMPERATURE, how: Cancellation::Active });
    pair.pass(Duration::from_secs(1));
    pair.set(1.0);
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.notified().len(), 4);
}

#[test]
fn a_client_stays_registered_for_a_day_and_leaves_when_it_stops() {
    let mut pair = Pair::new(rough(0.2), 5, 600);
    pair.start();
    pair.pass(Duration::from_secs(86_400));
    assert!(pair.server.registration("urn:pair").is_some());
    let expired =
        |event: &server::Event| matches!(event, server::Event::Departed { why: Departure::Expired, .. });
    assert!(!pair.server_events.iter().any(expired), "with a fifth of all datagrams lost");
    let updates =
        pair.server_events.iter().filter(|event| matches!(event, server::Event::Updated(_))).count();
    assert!(updates > 100, "{updates} Updates in a day");
    pair.client.stop(pair.now);
    pair.drain();
    pair.pass(Duration::from_secs(100));
    assert_eq!(pair.server.registration_count(), 0);
}

#[test]
fn a_client_that_vanishes_expires() {
    let mut pair = Pair::new(NetworkConditions::default(), 6, 60);
    pair.start();
    pair.pass(Duration::from_secs(1));
    pair.network.set_conditions(NetworkConditions::cut());
    pair.pass(Duration::from_secs(61));
    assert_eq!(pair.server.registration_count(), 0);
    pair.network.set_conditions(NetworkConditions::default());
    pair.pass(Duration::from_secs(600));
    assert_eq!(pair.server.registration_count(), 1, "back as soon as it can");
}

/// With a third of all datagrams lost, every operation ends exactly once, what was answered was done exactly
/// once, and when the link heals the server sees the present.
#[test]
fn nothing_is_done_twice_and_nothing_is_left_open_under_loss() {
    let (mut asked, mut answered_ok) = (0, 0);
    for seed in 0..40 {
        let mut pair = Pair::new(rough(0.3), seed, 3_600);
        pair.start();
        pair.pass(Duration::from_secs(120));
        if !pair.client.is_registered() {
            pair.pass(Duration::from_secs(600));
        }
        assert!(pair.client.is_registered(), "seed {seed}");
        pair.operate(1, Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
        for id in 10..20 {
            pair.set(f64::from(u32::try_from(id).unwrap()));
            pair.operate(id, Operation::Read { path: Path::instance(3, 0), accept: None });
            pair.operate(
                id + 100,
                Operation::Execute { path: RESET_MIN_MAX, arguments: Some(format!("0='{id}'")) },
            );
            pair.pass(Duration::from_secs(7));
        }
        pair.pass(Duration::from_secs(400));
        pair.network.set_conditions(NetworkConditions::default());
        pair.pass(Duration::from_secs(300));
        for (id, results) in &pair.answers {
            assert_eq!(results.len(), 1, "seed {seed}, {id:?}: {results:?}");
        }
        assert_eq!(pair.answers.len(), 21, "seed {seed}: every operation has ended");
        asked += pair.answers.len();
        answered_ok += pair.answers.values().flatten().filter(|result| result.is_ok()).count();
        for id in 110..120 {
            let argument = format!("{}", id - 100);
            let done = pair.client_events.iter().filter(|event| match event {
                client::Event::Executed { arguments, .. } => {
                    arguments.iter().any(|given| given.value.as_deref() == Some(argument.as_str()))
                }
                _ => false,
            });
            let done = done.count();
            let answered = matches!(pair.answers[&OperationId(id)].as_slice(), [Ok(_)]);
            assert!(
                done <= 1 && (!answered || done == 1),
                "seed {seed}, {id}: done {done}, answered {answered}"
            );
        }
    }
    assert!(answered_ok * 10 > asked * 7, "{answered_ok} of {asked}: retransmission gets most through");
}

#[test]
fn the_present_arrives_after_a_bad_time() {
    for seed in 0..20 {
        let mut pair = Pair::new(NetworkConditions::default(), seed, 3_600);
        pair.start();
        pair.pass(Duration::from_secs(2));
        pair.operate(1, Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
        pair.pass(Duration::from_secs(2));
        pair.network.set_conditions(rough(0.3));
        for step in 0..10 {
            pair.set(f64::from(step));
            pair.pass(Duration::from_secs(3));
        }
        pair.network.set_conditions(NetworkConditions::default());
        pair.set(99.0);
        pair.pass(Duration::from_secs(120));
        // RFC 7641 §4.5: a client whose confirmable notification times out gives the observation up; only then
        // may the last value be missing.
        let ended =
            pair.client_events.iter().any(|event| matches!(event, client::Event::ObservationEnded { .. }));
        assert!(ended || pair.notified().last() == Some(&99.0), "seed {seed}: {:?}", pair.notified());
    }
}
