//! Two endpoints over a bad network: every request is executed at most once, and answered or reported failed.

use core::time::Duration;
use std::collections::BTreeMap;

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
    executed: BTreeMap<String, u32>,
    open: BTreeMap<ExchangeId, String>,
    answered: BTreeMap<String, String>,
    failed: u32,
    notified: Vec<u8>,
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

impl World {
    fn new(seed: u8) -> Self {
        let endpoint = |salt| Endpoint::new(TransmissionParameters::default(), [seed ^ salt; 32]);
        Self {
            network: Network::new(bad_network(), [seed; 32]),
            client: endpoint(0x55),
            server: endpoint(0xaa),
            now_ms: 0,
            working: BTreeMap::new(),
            executed: BTreeMap::new(),
            open: BTreeMap::new(),
            answered: BTreeMap::new(),
            failed: 0,
            notified: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.now_ms)
    }

    fn request(&mut self, number: u64) {
        let name = format!("n{number}");
        let options = Options::new().with_path(&name);
        let request = Request { options, ..Request::new(Code::POST) };
        let timeout = Duration::from_secs(100_000);
        let (id, _) = self.client.request(self.now(), SERVER, request, timeout).expect("room in the queue");
        self.open.insert(id, name);
    }

    /// Runs until nothing is under way and no endpoint waits for anything.
    fn run(&mut self) {
        loop {
            self.drain();
            let timeouts = [&self.client, &self.server].map(|endpoint| endpoint.poll_timeout());
            let timeouts = timeouts.into_iter().flatten().map(|(due, _)| due.as_millis());
            let work = self.working.keys().next().copied();
            let Some(next) = timeouts.chain(self.network.next_delivery()).chain(work).min() else { return };
            assert!(next >= self.now_ms, "time goes forward");
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

    /// Echoes the path of each request, at once or after some seconds.
    fn serve(&mut self, output: Output<char>) {
        match output {
            Output::Transmit { peer, datagram } => self.network.send(self.now_ms, SERVER, peer, datagram),
            Output::Request { id, message, .. } => {
                let name = message.options.uri_path().expect("text")[0].to_owned();
                *self.executed.entry(name.clone()).or_default() += 1;
                let response = Response { payload: name.into(), ..Response::new(Code::CHANGED) };
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
            Output::Response { exchange, message, .. } => {
                let name = self.open.remove(&exchange).expect("an open exchange");
                self.answered.insert(name, String::from_utf8(message.payload).expect("text"));
            }
            Output::Failed { exchange, .. } => {
                self.open.remove(&exchange).expect("an open exchange");
                self.failed += 1;
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
        for (name, answer) in &world.answered {
            assert_eq!(name, answer, "seed {seed}");
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
fn the_seed_decides_everything() {
    let run = || {
        let mut world = World::new(3);
        (0..20).for_each(|number| world.request(number));
        world.run();
        (world.now_ms, world.answered, world.failed)
    };
    assert_eq!(run(), run());
}
