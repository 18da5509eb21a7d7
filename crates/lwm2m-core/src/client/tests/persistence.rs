//! Whatever happens, the client never spins, keeps its bounds, and is registered once its server answers again.

use proptest::prelude::*;

use super::*;
use crate::client::limits;

/// What may befall a client.
#[derive(Clone, Debug)]
enum Incident {
    Online(bool),
    /// Whether the server answers, or everything is lost.
    Reachable(bool),
    Storing(bool),
    Temperature(i8),
    Instance(u16, bool),
    Observe(usize),
    Attributes(usize, usize),
    Execute(usize),
    Lifetime(u16),
    Restart,
    Wait(u16),
}

const OBSERVED: [&str; 4] = ["/3303", "/3303/1", "/3303/0/5700", "/3/0/9"];
const ATTRIBUTES: [&str; 6] = ["pmin=5", "pmax=7", "gt=10", "con=1", "hqmax=3", "epmax=9"];
const EXECUTED: [&str; 3] = ["/1/0/4", "/1/0/8", "/3/0/4"];

fn incident() -> impl Strategy<Value = Incident> {
    prop_oneof![
        any::<bool>().prop_map(Incident::Online),
        any::<bool>().prop_map(Incident::Reachable),
        any::<bool>().prop_map(Incident::Storing),
        any::<i8>().prop_map(Incident::Temperature),
        (1..4_u16, any::<bool>()).prop_map(|(id, exists)| Incident::Instance(id, exists)),
        (0..OBSERVED.len()).prop_map(Incident::Observe),
        (0..OBSERVED.len(), 0..ATTRIBUTES.len()).prop_map(|(at, query)| Incident::Attributes(at, query)),
        (0..EXECUTED.len()).prop_map(Incident::Execute),
        (0..500_u16).prop_map(Incident::Lifetime),
        Just(Incident::Restart),
        (0..400_u16).prop_map(Incident::Wait),
    ]
}

struct World {
    bench: Bench,
    reachable: bool,
}

impl World {
    /// Answers what the client sent, if the server can be reached.
    fn answer_all(&mut self) {
        loop {
            self.bench.drain();
            self.bench.events.clear();
            let Some(message) = self.bench.sent.pop_front() else { return };
            if !self.reachable || message.message_type != MessageType::Confirmable {
                continue;
            }
            let (code, options) = match message.code {
                Code::POST if shown_path(&message) == "/rd" => {
                    (Code::CREATED, Options::new().with_location(&["rd", "a1"]))
                }
                Code::POST => (Code::CHANGED, Options::new()),
                Code::DELETE => (Code::DELETED, Options::new()),
                // A notification.
                _ => (Code::EMPTY, Options::new()),
            };
            let token = if code == Code::EMPTY { Token::EMPTY } else { message.token };
            let message_type = MessageType::Acknowledgement;
            let payload = Vec::new();
            let message_id = message.message_id;
            self.bench.receive(&Message { message_type, code, message_id, token, options, payload });
        }
    }

    fn wait_s(&mut self, seconds: u64) {
        let end = self.bench.now + Duration::from_secs(seconds);
        self.answer_all();
        let mut steps = 0_u64;
        while let Some((due, reason)) = self.bench.client.poll_timeout().filter(|(due, _)| *due <= end) {
            self.bench.now = self.bench.now.max(due);
            self.bench.client.handle_timeout(self.bench.now);
            self.answer_all();
            steps += 1;
            assert!(steps < 100 + seconds * 20, "spins for {reason}");
        }
        self.bench.now = end;
    }

    fn request(&mut self, code: Code, options: Options) {
        if !self.reachable {
            return;
        }
        self.bench.message_id += 1;
        let message_id = MessageId(self.bench.message_id);
        let token = Token::new(&message_id.0.to_be_bytes()).unwrap();
        let message_type = MessageType::NonConfirmable;
        self.bench.receive(&Message { message_type, code, message_id, token, options, payload: Vec::new() });
    }

    fn happen(&mut self, incident: Incident) {
        let now = self.bench.now;
        let client = &mut self.bench.client;
        match incident {
            Incident::Online(online) => client.set_online(now, 1, online).unwrap(),
            Incident::Reachable(reachable) => self.reachable = reachable,
            Incident::Storing(storing) => self.bench.set("/1/0/6", Value::Boolean(storing)),
            Incident::Temperature(value) => self.bench.set("/3303/0/5700", Value::Float(value.into())),
            Incident::Lifetime(seconds) => self.bench.set("/1/0/1", Value::Integer(seconds.into())),
            Incident::Instance(id, true) => {
                let at = Path::resource(3303, id, 5700);
                client.change(now, |tree| tree.insert(at, Value::Float(1.0))).unwrap();
            }
            Incident::Instance(id, false) => {
                // It may not be there.
                drop(client.change(now, |tree| tree.remove(Path::instance(3303, id))));
            }
            Incident::Observe(at) => {
                self.request(Code::GET, Options::new().with_path(OBSERVED[at]).with_observe(0));
            }
            Incident::Attributes(at, query) => {
                let options = Options::new().with_path(OBSERVED[at]).with_query(ATTRIBUTES[query]);
                self.request(Code::PUT, options);
            }
            Incident::Execute(at) => self.request(Code::POST, Options::new().with_path(EXECUTED[at])),
            Incident::Restart => client.start(now, server()),
            Incident::Wait(seconds) => self.wait_s(seconds.into()),
        }
        self.answer_all();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_client_finds_back(incidents in proptest::collection::vec(incident(), 1..60)) {
        let retry = Retry::Doubling { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        let config = ClientConfig { version: LwM2mVersion::V1_2, retry, ..ClientConfig::new("urn:test:1") };
        let mut world = World { bench: Bench::with(config, tree()), reachable: true };
        world.bench.client.start(world.bench.now, server());
        for incident in incidents {
            world.happen(incident);
            prop_assert!(world.bench.client.observations() <= limits::OBSERVATIONS);
        }
        world.happen(Incident::Online(true));
        world.happen(Incident::Reachable(true));
        // The Disable Timeout, a request that nobody answers, and the longest delay.
        world.wait_s(60 + 93 + 60 + 60);
        prop_assert!(world.bench.client.is_registered());
        world.happen(Incident::Observe(2));
        world.happen(Incident::Temperature(127));
        world.happen(Incident::Temperature(-128));
        prop_assert!(world.bench.client.observations() > 0);
    }
}
