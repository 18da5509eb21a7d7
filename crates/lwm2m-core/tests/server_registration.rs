//! Client Registration interface, server side (LwM2M 1.0 TS §5.3). Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Code, MessageType, Options};
use common::{LINKS, World, peer};
use lwm2m_core::{
    Peer, PeerIdentity, SessionId,
    server::{Change, Departure, Event},
};

fn codes(world: &mut World, queries: &[&str], payload: &str) -> Code {
    world.ask(peer(1), Code::POST, "/rd", queries, payload).code
}

#[test]
fn s_001_register_gives_a_location_below_rd() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60", "lwm2m=1.0", "b=U"]);
    assert!(location.starts_with("/rd/") && location.len() > 12, "{location}");
    let registration = world.server.registration("a").unwrap();
    assert_eq!(registration.lifetime_s, 60);
    assert!(matches!(world.events.as_slice(), [Event::Registered(_)]));
}

#[test]
fn s_002_s_003_a_new_register_replaces_the_old_one() {
    let mut world = World::new();
    let first = world.register(peer(1), "a", &["lt=60"]);
    let second = world.register(peer(2), "a", &["lt=60"]);
    assert_ne!(first, second);
    assert_eq!(world.server.registration_count(), 1);
    assert_eq!(world.ask(peer(1), Code::POST, &first, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(peer(2), Code::POST, &second, &[], "").code, Code::CHANGED);
    let replaced = |event: &Event| matches!(event, Event::Departed { why: Departure::Replaced, .. });
    assert!(world.events.iter().any(replaced));
}

#[test]
fn s_004_s_008_s_010_s_013_bad_parameters_are_refused_and_change_nothing() {
    let mut world = World::new();
    assert_eq!(codes(&mut world, &["lt=60"], LINKS), Code::BAD_REQUEST, "no ep");
    assert_eq!(codes(&mut world, &["ep="], LINKS), Code::BAD_REQUEST);
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=2.0"], LINKS), Code::PRECONDITION_FAILED);
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=1.3"], LINKS), Code::PRECONDITION_FAILED);
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=one"], LINKS), Code::BAD_REQUEST);
    for lifetime in ["lt=-1", "lt=x", "lt=", "lt=0", "lt=99999999999"] {
        assert_eq!(codes(&mut world, &["ep=a", lifetime], LINKS), Code::BAD_REQUEST, "{lifetime}");
    }
    assert_eq!(codes(&mut world, &["ep=a", "ep=b"], LINKS), Code::BAD_REQUEST, "twice");
    assert_eq!(codes(&mut world, &["ep=a"], "</1/0"), Code::BAD_REQUEST, "S-030");
    assert_eq!(codes(&mut world, &["ep=a"], ""), Code::BAD_REQUEST, "no list");
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=1.2"], ""), Code::CONFLICT, "1.2 without profile");
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.changes, []);
    assert!(world.events.iter().all(|event| matches!(event, Event::Refused { .. })));
}

#[test]
fn a_refusal_says_what_was_expected_and_what_came() {
    let mut world = World::new();
    let reply = world.ask(peer(1), Code::POST, "/rd", &["ep=a", "lt=soon"], LINKS);
    let text = String::from_utf8(reply.payload).unwrap();
    assert!(text.contains("soon") && text.contains("lt"), "{text}");
}

#[test]
fn s_009_s_011_s_012_versions_and_defaults() {
    let mut world = World::new();
    for version in ["1.0", "1.1", "1.2"] {
        world.register(peer(1), "a", &[&format!("lwm2m={version}")]);
        assert_eq!(world.server.registration("a").unwrap().version.to_string(), version);
    }
    world.register(peer(1), "b", &[]);
    let registration = world.server.registration("b").unwrap();
    assert_eq!((registration.version.to_string().as_str(), registration.lifetime_s), ("1.0", 86_400));
}

#[test]
fn s_025_the_alternate_path_is_kept() {
    let mut world = World::new();
    let links = r#"</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>"#;
    assert_eq!(codes(&mut world, &["ep=a"], links), Code::CREATED);
    assert_eq!(world.server.registration("a").unwrap().links.root, "/lwm2m");
}

#[test]
fn s_032_a_list_in_another_format_is_refused() {
    let mut world = World::new();
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(50);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).code, Code::UNSUPPORTED_CONTENT_FORMAT);
}

#[test]
fn s_038_s_039_s_040_s_041_s_042_update_by_post_and_by_put() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_secs(50));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
    world.pass(Duration::from_secs(50));
    assert_eq!(world.server.registration_count(), 1, "the lifetime started anew");
    assert_eq!(
        world.ask(peer(1), Code::PUT, &location, &["lt=300", "b=UQ", "sms=49123"], "").code,
        Code::CHANGED
    );
    let registration = world.server.registration("a").unwrap().clone();
    assert_eq!((registration.lifetime_s, registration.queue_mode), (300, true));
    assert_eq!(registration.sms_number.as_deref(), Some("49123"));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "</1/0>,</3/0>,</5>").code, Code::CHANGED);
    let objects: Vec<u16> = world.server.registration("a").unwrap().links.objects.keys().copied().collect();
    assert_eq!(objects, [1, 3, 5], "the whole list is replaced");
}

#[test]
fn s_043_s_045_update_of_unknown_locations_and_from_new_addresses() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(1), Code::POST, "/rd/0123", &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["ep=other"], "").code, Code::BAD_REQUEST);
    assert_eq!(world.ask(peer(9), Code::POST, &location, &[], "").code, Code::CHANGED);
    assert_eq!(world.server.registration("a").unwrap().peer, peer(9), "the address moves with the Update");
}

#[test]
fn s_046_s_047_deregister() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::DELETED);
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::NOT_FOUND);
    let gone = |event: &Event| matches!(event, Event::Departed { why: Departure::Deregistered, .. });
    assert!(world.events.iter().any(gone));
}

#[test]
fn s_048_a_registration_expires_with_its_lifetime() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_millis(59_999));
    assert_eq!(world.server.registration_count(), 1);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.server.registration_count(), 0);
    assert!(world.changes.iter().any(|change| matches!(change, Change::Removed { .. })));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
}

#[test]
fn s_050_s_151_paths_and_methods() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(1), Code::GET, "/rd", &[], "").code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(world.ask(peer(1), Code::GET, &location, &[], "").code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(world.ask(peer(1), Code::GET, "/nothing", &[], "").code, Code::NOT_FOUND);
    let reply = world.ask(peer(1), Code::GET, "/.well-known/core", &[], "");
    assert_eq!((reply.code, reply.options.content_format()), (Code::CONTENT, Some(40)));
    assert!(String::from_utf8(reply.payload).unwrap().contains("</rd>"));
}

#[test]
fn no_acknowledgement_leaves_before_its_ticket() {
    let mut world = World::new();
    world.hold = true;
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    world.give(peer(1), &message); // a retransmission is absorbed
    assert_eq!((world.sent.len(), world.server.registration_count(), world.held.len()), (0, 0, 1));
    world.release();
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CREATED);
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CREATED, "answered again, done once");
    assert_eq!(world.changes.len(), 1);
}

#[test]
fn a_slow_store_means_an_empty_acknowledgement_and_a_separate_response() {
    let mut world = World::new();
    world.hold = true;
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    world.pass(Duration::from_millis(1_500));
    let reply = world.reply_to(peer(1), &message);
    assert_eq!((reply.message_type, reply.code), (MessageType::Acknowledgement, Code::EMPTY));
    world.release();
    let (_, response) = world.sent.pop_front().unwrap();
    assert_eq!((response.message_type, response.code), (MessageType::Confirmable, Code::CREATED));
    assert_eq!(response.token, message.token);
}

#[test]
fn what_cannot_be_stored_is_not_acknowledged() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.fail = true;
    let reply = world.ask(peer(2), Code::POST, "/rd", &["ep=b"], LINKS);
    assert_eq!(reply.code, Code::SERVICE_UNAVAILABLE);
    assert!(reply.options.max_age().is_some());
    assert!(world.server.registration("b").is_none());
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["lt=999"], "").code, Code::SERVICE_UNAVAILABLE);
    assert_eq!(world.server.registration("a").unwrap().lifetime_s, 60);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.server.registration_count(), 0, "the refused Update did not extend the lifetime");
}

#[test]
fn an_update_that_waits_for_the_store_keeps_the_registration_alive() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_millis(59_900));
    world.hold = true;
    let message = world.message(Code::POST, Options::new().with_path(&location), b"");
    world.give(peer(1), &message);
    world.pass(Duration::from_millis(500));
    world.release();
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CHANGED);
    assert_eq!(world.server.registration_count(), 1);
}

#[test]
fn s_044_a_registration_belongs_to_the_identity_that_made_it() {
    let mut world = World::new();
    let session = |number| Peer::Session(SessionId(number));
    let unknown = world.ask(session(1), Code::POST, "/rd", &["ep=a"], LINKS);
    assert_eq!(unknown.code, Code::UNAUTHORIZED, "nobody has proven who speaks over this session");
    world.server.session_opened(SessionId(1), PeerIdentity::Psk("one".into()));
    world.server.session_opened(SessionId(2), PeerIdentity::Psk("two".into()));
    world.server.session_opened(SessionId(3), PeerIdentity::Psk("one".into()));
    let location = world.register(session(1), "a", &[]);
    assert_eq!(world.ask(session(2), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(session(2), Code::DELETE, &location, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(session(2), Code::POST, "/rd", &["ep=a"], LINKS).code, Code::FORBIDDEN);
    assert_eq!(world.ask(session(3), Code::POST, &location, &[], "").code, Code::CHANGED);
    assert_eq!(world.server.registration("a").expect("registered").peer, session(3));
    world.server.session_closed(world.now, SessionId(3));
    assert_eq!(world.ask(session(3), Code::POST, &location, &[], "").code, Code::UNAUTHORIZED);
}
