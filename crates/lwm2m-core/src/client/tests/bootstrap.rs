//! Bootstrap: the sequence, the commands, and what comes of them.

mod commands;
mod consistency;
mod factory;
mod pack;
mod sequence;
mod smartcard;
mod unbootstrapping;
mod worked_example;

use super::*;
use crate::{SessionId, client::BootstrapFailure};

const V1_0: LwM2mVersion = LwM2mVersion::V1_0;
const V1_1: LwM2mVersion = LwM2mVersion::V1_1;
const V1_2: LwM2mVersion = LwM2mVersion::V1_2;

const BOOTSTRAP_URI: &str = "coap://bs.example.org";
const SECURE_BOOTSTRAP_URI: &str = "coaps://bs.example.org";

fn bootstrap_server() -> Peer {
    Peer::NoSec(([198, 51, 100, 1], 5783).into())
}

fn secure_bootstrap_server() -> Peer {
    Peer::Session(SessionId(1))
}

fn second_server() -> Peer {
    Peer::NoSec(([192, 0, 2, 2], 5683).into())
}

/// The peer that a test gives to a URI.
fn peer_of(uri: &str) -> Peer {
    match uri {
        BOOTSTRAP_URI => bootstrap_server(),
        SECURE_BOOTSTRAP_URI => secure_bootstrap_server(),
        "coap://second.example.org" => second_server(),
        _ => server(),
    }
}

/// The account with the Bootstrap-Server in `/0/1`, and the Device object.
fn factory_tree() -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::new(Registry::from_bytes(REGISTRY).unwrap()));
    for (at, value) in [
        ("/0/1/0", text(BOOTSTRAP_URI)),
        ("/0/1/1", Value::Boolean(true)),
        ("/0/1/2", Value::Integer(3)),
        ("/0/1/3", Value::opaque([])),
        ("/0/1/4", Value::opaque([])),
        ("/0/1/5", Value::opaque([])),
        ("/3/0/0", text("Open Mobile Alliance")),
        ("/3/0/14", text("+01:00")),
        ("/3303/0/5700", Value::Float(21.5)),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    tree
}

/// A tree that has an account with a server besides, as the factory or an earlier bootstrap gave it.
fn tree_with_server() -> ObjectTree {
    let mut tree = factory_tree();
    for (at, value) in [security(101), server_object(101)].concat() {
        tree.insert(path(at), value).unwrap();
    }
    for at in ["/1/0/8", "/1/0/9"] {
        tree.insert_executable(path(at)).unwrap();
    }
    tree
}

fn config(version: LwM2mVersion) -> ClientConfig {
    ClientConfig { version, ..ClientConfig::new("urn:imei:0800200c9a66") }
}

impl Bench {
    fn booted(config: ClientConfig, tree: ObjectTree) -> Self {
        let mut bench = Self::with(config, tree);
        bench.client.boot(bench.now);
        bench.find_servers();
        bench.play(bootstrap_server());
        bench
    }

    /// Tells the client who its servers are.
    fn find_servers(&mut self) {
        self.drain();
        while let Some((instance, uri)) = self.asked_for.pop_front() {
            self.client.connected(self.now, instance, Ok(peer_of(&uri)));
            self.drain();
        }
    }

    /// A client that has sent its Bootstrap-Request and was answered.
    fn bootstrapping(version: LwM2mVersion) -> Self {
        Self::bootstrapping_with(config(version), factory_tree())
    }

    fn bootstrapping_with(config: ClientConfig, tree: ObjectTree) -> Self {
        let mut bench = Self::booted(config, tree);
        bench.accept_bootstrap();
        bench.events.clear();
        bench
    }

    #[track_caller]
    fn accept_bootstrap(&mut self) {
        let request = self.sent();
        assert_eq!(shown_path(&request), "/bs");
        self.answer(&request, Code::CHANGED, Options::new(), b"");
    }

    #[track_caller]
    fn bootstrap_write(&mut self, at: &str, values: &[(&str, Value)]) -> Message {
        self.put(at, ContentFormat::TLV, &encoded(ContentFormat::TLV, at, values))
    }

    #[track_caller]
    fn bootstrap_delete(&mut self, at: &str) -> Message {
        self.request(Code::DELETE, Options::new().with_path(at), b"")
    }

    #[track_caller]
    fn bootstrap_discover(&mut self, at: &str) -> Message {
        self.request(Code::GET, Options::new().with_path(at).with_accept(ContentFormat::CORE_LINK.0), b"")
    }

    #[track_caller]
    fn finish(&mut self) -> Message {
        self.request(Code::POST, Options::new().with_path("/bs"), b"")
    }

    /// Writes the account with server 101, which is complete.
    #[track_caller]
    fn write_account(&mut self) {
        assert_eq!(self.bootstrap_write("/0/0", &security(101)).code, Code::CHANGED);
        assert_eq!(self.bootstrap_write("/1/0", &server_object(101)).code, Code::CHANGED);
    }

    fn has(&self, at: &str) -> bool {
        self.client.tree().contains(&path(at))
    }

    #[track_caller]
    fn expect_event(&mut self, wanted: &Event) {
        self.drain();
        assert!(self.events.contains(wanted), "expected {wanted:?}, got {:?}", self.events);
        self.events.clear();
    }

    /// The Register that goes to the first server.
    #[track_caller]
    fn registers(&mut self) -> Message {
        self.find_servers();
        self.play(server());
        let register = self.sent();
        assert_eq!(shown_path(&register), "/rd");
        register
    }
}

/// `/0/0` of a server without security.
fn security(short_server_id: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("/0/0/0", text("coap://first.example.org")),
        ("/0/0/1", Value::Boolean(false)),
        ("/0/0/2", Value::Integer(3)),
        ("/0/0/3", Value::opaque([])),
        ("/0/0/4", Value::opaque([])),
        ("/0/0/5", Value::opaque([])),
        ("/0/0/10", Value::Integer(short_server_id)),
    ]
}

/// `/1/0`
fn server_object(short_server_id: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("/1/0/0", Value::Integer(short_server_id)),
        ("/1/0/1", Value::Integer(86_400)),
        ("/1/0/6", Value::Boolean(true)),
        ("/1/0/7", text("U")),
    ]
}

/// The same values in another instance.
fn at_instance(instance: u16, values: Vec<(&str, Value)>) -> Vec<(String, Value)> {
    let moved = |(at, value): (&str, Value)| {
        let at = path(at);
        let [object, _, resource] = *at.ids() else { panic!("{at} is no resource") };
        (Path::resource(object, instance, resource).to_string(), value)
    };
    values.into_iter().map(moved).collect()
}
