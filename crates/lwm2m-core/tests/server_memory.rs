//! How much memory a registered client costs the server role.
//!
//! One test, since everything in the process is counted together.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use coap::{Code, Instant, Message, MessageId, MessageType, Options, Token, TransmissionParameters};
use lwm2m_core::{
    Peer,
    server::{Outcome, Output, Server},
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CLIENTS: usize = 10_000;
/// Of devices that are all different, and of a fleet of one make, whose list of Objects is there once.
const BYTES_PER_CLIENT: usize = 2_048;
const BYTES_PER_CLIENT_OF_A_FLEET: usize = 1_024;

/// What a typical client of LwM2M 1.1 lists.
const LINKS: &str = r#"</>;rt="oma.lwm2m";ct="60 110 112 11542",</1>;ver=1.1,</1/0>,</3>;ver=1.1,</3/0>,</4/0>,</5>;ver=1.1,</5/0>,</6/0>,</7/0>,</3303>;ver=1.1,</3303/0>,</3304/0>"#;

fn register(server: &mut Server, now: Instant, number: usize, links: &str) {
    let address = u32::try_from(number).unwrap();
    let peer = Peer::NoSec((address.to_be_bytes(), 5683).into());
    let options = Options::new()
        .with_path("/rd")
        .with_query(&format!("ep=urn:uuid:00000000-0000-0000-0000-{number:012}"))
        .with_query("lt=86400")
        .with_query("lwm2m=1.1")
        .with_query("b=U")
        .with_content_format(40);
    let register = Message {
        message_type: MessageType::Confirmable,
        code: Code::POST,
        message_id: MessageId(1),
        token: Token::new(&[1]).unwrap(),
        options,
        payload: links.as_bytes().to_vec(),
    };
    server.handle_datagram(now, peer, &register.encode().unwrap());
    drain(server, now);
}

fn drain(server: &mut Server, now: Instant) {
    while let Some(output) = server.poll() {
        if let Output::Persist { ticket, .. } = output {
            server.persisted(now, ticket, Outcome::Stored);
        }
    }
}

/// Bytes of each registered client, of which every one has its own number.
fn bytes_per_client(links: impl Fn(usize) -> String) -> usize {
    let mut server = Server::new(TransmissionParameters::default(), [7; 32]);
    let now = Instant::from_millis(1_000_000);
    let before = MEMORY.current_usage();
    for number in 0..CLIENTS {
        register(&mut server, now, number, &links(number));
    }
    // What is remembered of the messages goes with EXCHANGE_LIFETIME (RFC 7252 §4.8.2).
    let later = now + Duration::from_secs(300);
    server.handle_timeout(later);
    drain(&mut server, later);
    assert_eq!(server.registration_count(), CLIENTS);
    (MEMORY.current_usage() - before) / CLIENTS
}

#[test]
fn a_registered_client_takes_two_kilobytes_at_most() {
    let each = bytes_per_client(|number| format!("{LINKS},</3305/{number}>"));
    let in_a_fleet = bytes_per_client(|_| LINKS.to_owned());
    println!("{each} bytes for each registered client, {in_a_fleet} in a fleet of one make");
    assert!(each <= BYTES_PER_CLIENT, "{each} bytes for each registered client");
    assert!(in_a_fleet <= BYTES_PER_CLIENT_OF_A_FLEET, "{in_a_fleet} bytes for each client of a fleet");
}
