//! Registrations belong to identities (LwM2M 1.0 TS §7.1, Core 1.1 Transport §5.2.1). Rows of the conformance table by
//! number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, sync::Arc};

use coap::{Code, Message, MessageId, MessageType, Options};
use common::{LINKS, World, peer, psk, reported, request, secured, session};
use lwm2m_codec::Path;
use lwm2m_core::{
    PeerIdentity, Proven, SessionId,
    server::{Admission, Change, Departure, Event, Operation, ServerConfig},
};

const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

/// An identity of another name, for the same endpoint.
fn psk_of(identity: &str, endpoint: &str) -> Proven {
    Proven { identity: PeerIdentity::Psk(identity.into()), endpoint: endpoint.into() }
}

#[test]
fn s_005_without_ep_the_identity_is_the_name() {
    let mut world = secured();
    for (number, endpoint) in [(1, "a"), (2, "b")] {
        assert_eq!(world.ask_register(session(number), &["lt=60"], LINKS).code, Code::CREATED);
        assert_eq!(world.server.registration(endpoint).unwrap().peer, session(number));
    }
}

#[test]
fn s_006_ep_must_be_what_the_identity_says() {
    let mut world = secured();
    assert_eq!(world.ask_register(session(1), &["ep=b"], LINKS).code, Code::BAD_REQUEST);
    assert_eq!(world.ask_register(session(1), &["ep=a"], LINKS).code, Code::CREATED);
}

#[test]
fn s_044_a_registration_belongs_to_the_identity_that_made_it() {
    let mut world = World::with_config(ServerConfig::default());
    let unknown = world.ask_register(session(1), &["ep=a"], LINKS);
    assert_eq!(unknown.code, Code::UNAUTHORIZED, "nobody has proven who speaks over this session");
    for (number, name) in [(1, "one"), (2, "two"), (3, "one")] {
        world.server.session_opened(SessionId(number), psk_of(name, "a"));
    }
    let location = world.register(session(1), "a", &[]);
    assert_eq!(world.ask(session(2), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(session(2), Code::DELETE, &location, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask_register(peer(1), &["ep=a"], LINKS).code, Code::FORBIDDEN, "without security");
    assert_eq!(world.ask(session(3), Code::POST, &location, &[], "").code, Code::CHANGED);
    assert_eq!(world.server.registration("a").expect("registered").peer, session(3));
    world.server.session_closed(world.now, SessionId(3));
    assert_eq!(world.ask(session(3), Code::POST, &location, &[], "").code, Code::UNAUTHORIZED);
}

#[test]
fn s_134_update_deregister_and_send_are_bound_to_the_identity() {
    let mut world = World::with_config(ServerConfig::default());
    world.server.session_opened(SessionId(1), psk("a"));
    world.server.session_opened(SessionId(2), psk("b"));
    let location = world.register(session(1), "a", &["lwm2m=1.1"]);
    for stranger in [session(2), peer(1)] {
        assert_eq!(world.ask(stranger, Code::POST, &location, &[], "").code, Code::NOT_FOUND);
        assert_eq!(world.ask(stranger, Code::DELETE, &location, &[], "").code, Code::NOT_FOUND);
        let options = Options::new().with_path("/dp").with_content_format(110);
        let send = br#"[{"n":"/3/0/9","v":97}]"#;
        let answer = world.ask_with(stranger, Code::POST, options, send);
        assert_eq!(answer.code, Code::BAD_REQUEST, "a Send of someone who is not registered");
    }
    assert!(reported(&world).is_empty());
    assert_eq!(world.server.registration("a").unwrap().peer, session(1));
}

/// When a credential is rotated the client registers with the new one while the old registration is still there.
#[test]
fn s_134_a_second_credential_of_the_same_endpoint_may_register_anew() {
    let mut world = World::with_config(ServerConfig::default());
    world.server.session_opened(SessionId(1), psk_of("one", "a"));
    world.server.session_opened(SessionId(2), psk_of("two", "a"));
    world.register(session(1), "a", &[]);
    world.register(session(2), "a", &[]);
    let registration = world.server.registration("a").unwrap();
    assert_eq!(registration.identity, PeerIdentity::Psk("two".into()));
    assert_eq!(world.server.registration_count(), 1);
}

#[test]
fn s_135_an_endpoint_with_a_credential_cannot_register_without_security() {
    let secured = Arc::new(BTreeSet::from(["a".to_owned()]));
    let admission = Admission { secured, ..Admission::default() };
    let mut world = World::with_config(ServerConfig { admission, ..ServerConfig::default() });
    world.server.session_opened(SessionId(1), psk("a"));
    assert_eq!(world.ask_register(peer(1), &["ep=a"], LINKS).code, Code::FORBIDDEN);
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.ask_register(peer(1), &["ep=b"], LINKS).code, Code::CREATED);
    assert_eq!(world.ask_register(session(1), &["ep=a"], LINKS).code, Code::CREATED);
    *world.server.admission_mut() = Admission::default();
    let refused = world.ask_register(peer(1), &["ep=a"], LINKS).code;
    assert_eq!(refused, Code::FORBIDDEN, "the registration that is there was made with security");
}

#[test]
fn s_137_a_registration_goes_on_over_a_resumed_session() {
    let mut world = World::with_config(ServerConfig::default());
    world.server.session_opened(SessionId(1), psk("a"));
    let location = world.register(session(1), "a", &[]);
    let observe = Operation::Observe { path: TEMPERATURE, accept: None, parameters: None };
    let (_, request) = request(&mut world, observe);
    let text = || Options::new().with_content_format(0);
    world.answer(session(1), &request, Code::CONTENT, text().with_observe(1), b"20");
    world.server.session_resumed(world.now, SessionId(2), psk("a"));
    world.drain();
    assert_eq!(world.server.registration("a").unwrap().peer, session(2));
    assert!(matches!(world.changes.last(), Some(Change::Updated(_))), "also after a restart");
    let news = Message {
        message_type: MessageType::Confirmable,
        code: Code::CONTENT,
        message_id: MessageId(900),
        token: request.token,
        options: text().with_observe(2),
        payload: b"21".to_vec(),
    };
    world.give(session(2), &news);
    assert_eq!(world.reply_to(session(2), &news).message_type, MessageType::Acknowledgement);
    assert_eq!(world.ask(session(2), Code::POST, &location, &[], "").code, Code::CHANGED);
}

#[test]
fn s_137_a_resumed_session_of_someone_else_moves_nothing() {
    let mut world = World::with_config(ServerConfig::default());
    world.server.session_opened(SessionId(1), psk_of("one", "a"));
    world.register(session(1), "a", &[]);
    world.server.session_resumed(world.now, SessionId(2), psk_of("two", "a"));
    world.drain();
    assert_eq!(world.server.registration("a").unwrap().peer, session(1));
}

#[test]
fn a_revoked_identity_is_no_longer_registered() {
    let mut world = World::with_config(ServerConfig::default());
    world.server.session_opened(SessionId(1), psk_of("one", "a"));
    world.register(session(1), "a", &[]);
    world.server.revoke(world.now, &psk_of("two", "a"));
    assert_eq!(world.server.registration_count(), 1, "another credential of the endpoint");
    world.server.revoke(world.now, &psk_of("one", "a"));
    world.drain();
    assert_eq!(world.server.registration_count(), 0);
    assert!(matches!(world.changes.last(), Some(Change::Removed { .. })));
    let revoked = |event: &Event| matches!(event, Event::Departed { why: Departure::Revoked, .. });
    assert!(world.events.iter().any(revoked));
}
