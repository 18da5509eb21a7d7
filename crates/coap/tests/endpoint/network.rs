//! Two endpoints over a bad network: every request is executed at most once, and answered or reported failed.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use coap::{
    Code, Endpoint, ExchangeId, Instant, NotificationEnd, Options, Output, Request, Response, Token,
    TransmissionParameters,
};
use netsim::{Network, NetworkConditions};

const CLIENT: char = 'c';
const SERVER: char = 's';
const REQUESTS: u64 = 60;

struct World {
    network: Network<char>,
    client: Endpoint<char>,
    server: Endpoint<char>,
    now_ms: u64,
    /// Responses the server still works on, by due time.
    working: BTreeMap<u64, Vec<(coap::RequestId, Response)>>,
    lengths: Lengths,
    executed: BTreeMap<String, u32>,
    open: BTreeMap<ExchangeId, String>,
    answered: BTreeMap<String, Vec<u8>>,
    failed: u32,
    notified: Vec<u8>,
    /// The state of the observed resource.
    state: u64,
    fetching: BTreeSet<ExchangeId>,
    fetched: Vec<Vec<u8>>,
    ended: Vec<NotificationEnd>,
}

fn bad_network() -> NetworkConditions {
    NetworkConditions {
        loss: 0.3,
        delay_ms: 10..=400,
        duplicate: 0.2,
        reorder: 0.2,
        hold_back_ms: 1..=5_000,
        ..NetworkConditions::default()
    }
}

/// How many bytes the request and the response with a number have.
#[derive(Copy, Clone)]
struct Lengths {
    request: fn(u64) -> usize,
    response: fn(u64) -> usize,
}

/// Content that tells one number and one place from another.
fn body(number: u64, length: usize) -> Vec<u8> {
    let block = |n: u64| (number ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes();
    (0..).flat_map(block).take(length).collect()
}

fn observed() -> Options {
    Options::new().with_path("/observed").with_observe(0)
}

fn number_of(name: &str) -> u64 {
    name[1..].parse().expect("a number")
}

impl World {
    fn new(seed: u8) -> Self {
        Self::with(seed, bad_network(), Lengths { request: |_| 0, response: |_| 2 })
    }

    fn with(seed: u8, conditions: NetworkConditions, lengths: Lengths) -> Self {
        let endpoint = |salt| Endpoint::new(TransmissionParameters::default(), [seed ^ salt; 32]);
        Self {
            network: Network::new(conditions, [seed; 32]),
            client: endpoint(0x55),
            server: endpoint(0xaa),
            now_ms: 0,
            working: BTreeMap::new(),
            lengths,
            executed: BTreeMap::new(),
            open: BTreeMap::new(),
            answered: BTreeMap::new(),
            failed: 0,
            notified: Vec::new(),
            state: 0,
            fetching: BTreeSet::new(),
            fetched: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.now_ms)
    }

    fn request(&mut self, number: u64) {
        let name = format!("n{number}");
        let options = Options::new().with_path(&name);
        let code = [Code::POST, Code::PUT, Code::FETCH][number as usize % 3];
        let payload = body(number, (self.lengths.request)(number));
        let request = Request { options, payload, ..Request::new(code) };
        let timeout = Duration::from_secs(100_000);
        let (id, _) = self.client.request(self.now(), SERVER, request, timeout).expect("room in the queue");
        self.open.insert(id, name);
    }

    /// Changes the state of the observed resource.
    fn change(&mut self, state: u64) {
        self.state = state;
        let response = self.representation();
        self.server.notify(self.now(), CLIENT, Token::EMPTY, &observed(), response, state.is_multiple_of(2));
    }

    fn representation(&self) -> Response {
        let payload = body(self.state, (self.lengths.response)(self.state));
        let options = Options::new().with_observe(self.state as u32);
        Response { options, payload, ..Response::new(Code::CONTENT) }
    }

    /// Runs until nothing is under way and no endpoint waits for anything.
    fn run(&mut self) {
        self.run_until(u64::MAX);
    }

    fn run_until(&mut self, end_ms: u64) {
        loop {
            self.drain();
            let timeouts = [&self.client, &self.server].map(|endpoint| endpoint.poll_timeout());
            let timeouts = timeouts.into_iter().flatten().map(|(due, _)| due.as_millis());
            let work = self.working.keys().next().copied();
            let Some(next) = timeouts.chain(self.network.next_delivery()).chain(work).min() else { return };
            assert!(next >= self.now_ms, "time goes forward");
            if next > end_ms {
                self.now_ms = end_ms;
                return;
            }
            self.now_ms = next;
            self.step();
        }
    }

    fn step(&mut self) {
        let now = self.now();
        for (from, to, datagram) in self.network.deliver(self.now_ms) {
            let receiver = if to == CLIENT { &mut self.client } else { &mut self.server };
            receiver.handle_datagram(now, from, &datagram);
        }
        if let Some(done) = self.working.remove(&self.now_ms) {
            for (id, response) in done {
                self.server.respond(now, id, response);
            }
        }
        self.client.handle_timeout(now);
        self.server.handle_timeout(now);
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            self.serve(output);
        }
        while let Some(output) = self.client.poll() {
            self.collect(output);
        }
    }

    /// Answers each request according to its number, at once or after some seconds.
    fn serve(&mut self, output: Output<char>) {
        match output {
            Output::Transmit { peer, datagram } => self.network.send(self.now_ms, SERVER, peer, datagram),
            Output::Request { id, message, .. } if message.code == Code::GET => {
                let response = self.representation();
                self.server.respond(self.now(), id, response);
            }
            Output::Request { id, message, .. } => {
                let name = message.options.uri_path().expect("text")[0].to_owned();
                let number = number_of(&name);
                assert_eq!(message.payload, body(number, (self.lengths.request)(number)));
                *self.executed.entry(name).or_default() += 1;
                let payload = body(!number, (self.lengths.response)(number));
                let response = Response { payload, ..Response::new(Code::CHANGED) };
                let work_ms = u64::from(message.message_id.0 % 3) * 1_700;
                self.working.entry(self.now_ms + work_ms).or_default().push((id, response));
            }
            Output::NotificationEnded { why, .. } => self.ended.push(why),
            other => panic!("server: {other:?}"),
        }
    }

    fn collect(&mut self, output: Output<char>) {
        match output {
            Output::Transmit { peer, datagram } => self.network.send(self.now_ms, CLIENT, peer, datagram),
            Output::Response { exchange, message, .. } if self.fetching.contains(&exchange) => {
                self.fetched.push(message.payload);
            }
            Output::Failed { exchange, .. } if self.fetching.contains(&exchange) => self.failed += 1,
            Output::Response { exchange, message, .. } => {
                let name = self.open.remove(&exchange).expect("an open exchange");
                assert_eq!(message.code, Code::CHANGED);
                let number = number_of(&name);
                assert_eq!(message.payload, body(!number, (self.lengths.response)(number)));
                self.answered.insert(name, message.payload);
            }
            Output::Failed { exchange, .. } => {
                self.open.remove(&exchange).expect("an open exchange");
                self.failed += 1;
            }
            Output::Notification { id, message, .. } if message.options.block2().is_some() => {
                self.client.acknowledge(self.now(), id);
                // The newer one is worth more than the rest of the older.
                if let Some(older) = self.fetching.last() {
                    self.client.cancel_exchange(self.now(), *older);
                }
                let timeout = Duration::from_secs(100);
                let fetching = self.client.fetch_rest(self.now(), SERVER, observed(), message, timeout);
                self.fetching.insert(fetching.expect("room in the queue").0);
            }
            Output::Notification { id, message, .. } => {
                self.notified.extend(message.payload);
                self.client.acknowledge(self.now(), id);
            }
            other => panic!("client: {other:?}"),
        }
    }
}

#[test]
fn every_request_is_executed_once_and_answered_or_reported_failed() {
    let mut failed = 0;
    for seed in 0..100 {
        let mut world = World::new(seed);
        for number in 0..REQUESTS {
            world.request(number);
        }
        world.run();
        assert!(world.open.is_empty(), "seed {seed}: {:?} still open", world.open);
        assert!(world.executed.values().all(|times| *times == 1), "seed {seed}: {:?}", world.executed);
        for name in world.answered.keys() {
            assert!(world.executed.contains_key(name), "seed {seed}: {name} answered but not executed");
        }
        assert_eq!(world.answered.len() as u64 + u64::from(world.failed), REQUESTS, "seed {seed}");
        failed += world.failed;
    }
    // A message and its acknowledgement both pass with 0.49; five attempts all fail with 0.034. A separate
    // response has to pass as well.
    let share = f64::from(failed) / (REQUESTS as f64 * 100.0);
    assert!((0.005..0.08).contains(&share), "{share} of the requests failed");
}

#[test]
fn bodies_of_any_length_arrive_intact_and_once() {
    let conditions = NetworkConditions { loss: 0.1, ..bad_network() };
    let lengths = Lengths {
        request: |number| (number * 7_919 % 6_000) as usize,
        response: |number| (number * 104_729 % 6_000) as usize,
    };
    let mut failed = 0;
    for seed in 0..100 {
        let mut world = World::with(seed, conditions.clone(), lengths);
        for number in 0..REQUESTS {
            world.request(u64::from(seed) * REQUESTS + number);
        }
        world.run();
        assert!(world.open.is_empty(), "seed {seed}: {:?} still open", world.open);
        assert!(world.executed.values().all(|times| *times == 1), "seed {seed}: {:?}", world.executed);
        assert!(world.answered.keys().all(|name| world.executed.contains_key(name)), "seed {seed}");
        assert_eq!(world.answered.len() as u64 + u64::from(world.failed), REQUESTS, "seed {seed}");
        failed += world.failed;
    }
    // Six messages on average, each lost five times in a row with 0.0002.
    let share = f64::from(failed) / (REQUESTS as f64 * 100.0);
    assert!(share < 0.01, "{share} of the requests failed");
}

#[test]
fn confirmable_notifications_arrive_once_and_in_order() {
    let token = Token::EMPTY;
    for seed in 0..100 {
        let mut world = World::new(seed);
        for payload in 0..20 {
            let response = Response { payload: vec![payload], ..Response::new(Code::CONTENT) };
            world.server.notify(world.now(), CLIENT, token, &Options::new(), response, true);
        }
        world.run();
        assert!(world.notified.is_sorted_by(|a, b| a < b), "seed {seed}: {:?}", world.notified);
        // Those waiting go with the observation when one of them fails.
        match world.ended[..] {
            [] => assert_eq!(world.notified.len(), 20, "seed {seed}"),
            [NotificationEnd::Timeout] => assert!(world.notified.len() <= 20, "seed {seed}"),
            _ => panic!("seed {seed}: {:?}", world.ended),
        }
    }
}

#[test]
fn s_113_long_notifications_arrive_intact() {
    let conditions = NetworkConditions { loss: 0.1, ..bad_network() };
    let lengths = Lengths { request: |_| 0, response: |state| 1_025 + (state * 997 % 5_000) as usize };
    let (mut fetched, mut newest) = (0, 0);
    for seed in 0..100 {
        let mut world = World::with(seed, conditions.clone(), lengths);
        for state in 0..10 {
            world.change(state);
            world.run_until(world.now_ms + state * 700);
        }
        world.run();
        for payload in &world.fetched {
            let known = (0..10).any(|state| *payload == body(state, (lengths.response)(state)));
            assert!(known, "seed {seed}: {} bytes that are no state", payload.len());
        }
        fetched += world.fetched.len();
        newest += usize::from(world.fetched.last() == Some(&body(9, (lengths.response)(9))));
    }
    assert!(fetched > 300 && newest > 60, "{fetched} fetched, {newest} times the newest");
}

#[test]
fn the_seed_decides_everything() {
    let run = || {
        let mut world = World::new(3);
        (0..20).for_each(|number| world.request(number));
        world.run();
        (world.now_ms, world.answered, world.failed)
    };
    assert_eq!(run(), run());
}
