//! Send, server side (Core 1.1 §6.4.6). Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use coap::{Block, Code, Message, Options};
use common::{World, peer, psk, registered, reported};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::{
    Peer, SessionId,
    server::{Change, Source},
};

fn send(world: &mut World, from: Peer, format: Option<u16>, payload: &[u8]) -> Message {
    let options = Options::new().with_path("/dp");
    let options = format.iter().fold(options, |options, format| options.with_content_format(*format));
    let message = world.message(Code::POST, options, payload);
    world.give(from, &message);
    world.reply_to(from, &message)
}

#[test]
fn s_109_a_send_is_answered_when_it_is_stored() {
    let mut world = registered("1.1");
    let payload = br#"[{"n":"/3/0/9","v":97},{"n":"/3303/0/64000","v":1}]"#;
    world.hold = true;
    let options = Options::new().with_path("/dp").with_content_format(110);
    let message = world.message(Code::POST, options, payload);
    world.give(peer(1), &message);
    assert!(world.sent.is_empty());
    world.release();
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CHANGED);
    let last = *reported(&world).last().unwrap();
    assert_eq!((last.endpoint.as_str(), last.path, last.source), ("a", Path::ROOT, Source::Send));
    assert_eq!(
        (last.content_format, last.payload.as_slice()),
        (Some(ContentFormat::SENML_JSON), &payload[..])
    );
    let stored = |change: &Change| matches!(change, Change::Reported(kept) if kept.source == Source::Send);
    assert!(world.changes.iter().any(stored));
    world.fail = true;
    assert_eq!(send(&mut world, peer(1), Some(110), payload).code, Code::SERVICE_UNAVAILABLE);
}

#[test]
fn s_109_a_send_may_come_in_blocks_and_below_the_alternate_path() {
    let mut world = World::new();
    let links = r#"</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>"#;
    assert_eq!(world.ask_register(peer(1), &["ep=a", "lwm2m=1.1"], links).code, Code::CREATED);
    let payload = br#"[{"n":"/3/0/9","v":97},{"n":"/lwm2m/3/0/13","v":1}]"#;
    assert_eq!(send(&mut world, peer(1), Some(110), payload).code, Code::CHANGED);
    let blocks: Vec<&[u8]> = payload.chunks(16).collect();
    for (position, block) in blocks.iter().enumerate() {
        let more = position + 1 < blocks.len();
        let number = Block { num: u32::try_from(position).unwrap(), more, szx: 0 };
        let options = Options::new().with_path("/dp").with_content_format(110).with_block1(number);
        let message = world.message(Code::POST, options, block);
        world.give(peer(1), &message);
        let code = world.reply_to(peer(1), &message).code;
        assert_eq!(code, if more { Code::CONTINUE } else { Code::CHANGED });
    }
    assert_eq!(reported(&world).last().unwrap().payload, payload);
}

#[test]
fn s_110_a_send_of_an_object_that_is_not_registered_is_refused() {
    let mut world = registered("1.1");
    let payload = br#"[{"n":"/3/0/9","v":97},{"n":"/3304/0/5700","v":1}]"#;
    assert_eq!(send(&mut world, peer(1), Some(110), payload).code, Code::NOT_FOUND);
    assert!(reported(&world).is_empty());
}

#[test]
fn s_111_a_send_that_is_malformed_or_of_a_stranger_is_refused() {
    let mut world = registered("1.1");
    let good = br#"[{"n":"/3/0/9","v":97}]"#;
    assert_eq!(send(&mut world, peer(1), Some(110), b"[{").code, Code::BAD_REQUEST);
    assert_eq!(send(&mut world, peer(1), Some(110), b"").code, Code::BAD_REQUEST);
    assert_eq!(send(&mut world, peer(1), None, good).code, Code::BAD_REQUEST);
    assert_eq!(send(&mut world, peer(1), Some(11542), good).code, Code::UNSUPPORTED_CONTENT_FORMAT);
    assert_eq!(send(&mut world, peer(2), Some(110), good).code, Code::BAD_REQUEST, "not registered");
    assert!(reported(&world).is_empty());
    assert_eq!(send(&mut world, peer(1), Some(110), good).code, Code::CHANGED);
}

#[test]
fn s_111_a_send_of_a_shared_address_belongs_to_the_client_that_it_fits() {
    let mut world = World::new();
    world.ask_register(peer(1), &["ep=a"], "</1/0>,</3/0>,</3303/0>");
    world.ask_register(peer(1), &["ep=b"], "</1/0>,</3/0>,</3304/0>");
    let payload = br#"[{"n":"/3304/0/5700","v":1}]"#;
    assert_eq!(send(&mut world, peer(1), Some(110), payload).code, Code::CHANGED);
    assert_eq!(reported(&world).last().unwrap().endpoint, "b");
    let both = br#"[{"n":"/3/0/9","v":1}]"#;
    assert_eq!(send(&mut world, peer(1), Some(110), both).code, Code::BAD_REQUEST);
}

#[test]
fn a_send_over_a_new_session_is_of_the_client_that_the_identity_names() {
    let mut world = World::new();
    for (number, name) in [(1, "a"), (2, "a"), (3, "b")] {
        world.server.session_opened(SessionId(number), psk(name));
    }
    let session = |number| Peer::Session(SessionId(number));
    world.register(session(1), "a", &["lwm2m=1.1"]);
    let payload = br#"[{"n":"/3/0/9","v":97}]"#;
    assert_eq!(send(&mut world, session(2), Some(110), payload).code, Code::CHANGED);
    assert_eq!(send(&mut world, session(3), Some(110), payload).code, Code::BAD_REQUEST);
}
