//! What one registered client costs: a process simulates ten thousand of them.
//!
//! One test, since everything in the process is counted together.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use coap::{Code, Instant, Message, MessageId, MessageType, Options, Token};
use lwm2m_codec::{Path, Value};
use lwm2m_core::{
    Peer,
    client::{Client, ClientConfig, ObjectTree, Output},
};
use lwm2m_model::Registry;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CLIENTS: usize = 100;
/// Without the tree, which is as large as the device makes it. Most of it are the maps of the CoAP endpoint, which keep
/// their first node when they are empty again.
const BYTES_IDLE: usize = 16 * 1024;
const BYTES_PER_OBSERVATION: usize = 1_536;

const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

fn server() -> Peer {
    Peer::NoSec(([192, 0, 2, 1], 5683).into())
}

fn tree(registry: &Arc<Registry>) -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::clone(registry));
    for (path, value) in [
        (Path::resource(1, 0, 0), Value::Integer(1)),
        (Path::resource(1, 0, 1), Value::Integer(86_400)),
        (Path::resource(1, 0, 7), Value::string("U")),
        (Path::resource(3, 0, 0), Value::string("ACME")),
        (TEMPERATURE, Value::Float(20.0)),
    ] {
        tree.insert(path, value).unwrap();
    }
    tree
}

fn sent(client: &mut Client) -> Vec<Message> {
    core::iter::from_fn(|| client.poll())
        .filter_map(|output| match output {
            Output::Transmit { datagram, .. } => Some(Message::decode(&datagram).unwrap()),
            _ => None,
        })
        .collect()
}

fn receive(client: &mut Client, now: Instant, message: &Message) -> Vec<Message> {
    client.handle_datagram(now, server(), &message.encode().unwrap());
    sent(client)
}

fn register(client: &mut Client, now: Instant) {
    client.start(now, server());
    let register = sent(client).remove(0);
    let accepted = Message {
        message_type: MessageType::Acknowledgement,
        code: Code::CREATED,
        options: Options::new().with_location(&["rd", "0123456789"]),
        payload: Vec::new(),
        ..register
    };
    receive(client, now, &accepted);
    assert!(client.is_registered());
}

/// The server reads a value, and observes it if `options` say so.
fn read(client: &mut Client, now: Instant, id: u8, options: Options) {
    let read = Message {
        message_type: MessageType::Confirmable,
        code: Code::GET,
        message_id: MessageId(id.into()),
        token: Token::new(&[id]).unwrap(),
        options: options.with_path("/3303/0/5700"),
        payload: Vec::new(),
    };
    assert_eq!(receive(client, now, &read)[0].code, Code::CONTENT);
}

/// Until nothing is remembered any more that is remembered for a while.
fn settle(client: &mut Client, now: Instant) {
    client.handle_timeout(now);
    assert_eq!(sent(client), []);
}

#[test]
fn an_idle_client_is_small() {
    let registry = include_bytes!("../../../assets/registry/registry.bin");
    let registry = Arc::new(Registry::from_bytes(registry).unwrap());
    let now = Instant::from_millis(1_760_000_000_000);
    let later = now + Duration::from_secs(300);
    let trees: Vec<ObjectTree> = (0..CLIENTS).map(|_| tree(&registry)).collect();
    let before = MEMORY.current_usage();
    let mut clients: Vec<Client> =
        trees.into_iter().map(|tree| Client::new(ClientConfig::new("urn:dev:0123"), tree, [0; 32])).collect();
    for client in &mut clients {
        register(client, now);
        read(client, now, 1, Options::new());
        settle(client, later);
    }
    let idle = MEMORY.current_usage() - before;
    for client in &mut clients {
        read(client, later, 2, Options::new().with_observe(0));
        settle(client, later + Duration::from_secs(300));
    }
    let observed = MEMORY.current_usage() - before - idle;
    let (idle, observed) = (idle / CLIENTS, observed / CLIENTS);
    assert!(idle <= BYTES_IDLE, "{idle} bytes for a registered client");
    assert!(observed <= BYTES_PER_OBSERVATION, "{observed} bytes for an observation");
}
