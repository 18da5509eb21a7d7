//! Who may be bootstrapped, and what a Bootstrap-Request is answered with.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use coap::{Code, MessageType, Options};
use lwm2m_codec::ContentFormat;
use lwm2m_core::{
    Peer, PeerIdentity, Proven, SessionId,
    bootstrap_server::{Beginning, BootstrapId, BootstrapOperation, Event, NotConfigured, limits},
    server::Admission,
};

use crate::world::{ENDPOINT, EP, World, example, peer};

#[test]
fn b_001_a_known_endpoint_gets_2_04_and_then_its_configuration() {
    let mut world = World::giving(example());
    let id = world.request(peer(1), &[EP]);
    let (to, answer) = world.sent.pop_front().unwrap();
    assert_eq!((to, answer.code, answer.message_id), (peer(1), Code::CHANGED, id));
    assert_eq!(answer.message_type, MessageType::Acknowledgement);
    let commands = world.obey("");
    assert_eq!(commands, ["DELETE /", "PUT /0/0", "PUT /1/0", "PUT /2/0", "POST /bs"]);
    assert_eq!(world.ended(), [(7, Ok(()))]);
    let steps = world.steps();
    assert!(steps[0].from_device && steps[0].operation == BootstrapOperation::Request);
    assert_eq!((steps[0].path.as_str(), steps[0].query.as_str(), steps[0].code), ("/bs", EP, Code::POST));
    assert_eq!((steps[1].from_device, steps[1].code), (false, Code::CHANGED));
    let begun = Event::Begun {
        session: BootstrapId(7),
        endpoint: ENDPOINT.into(),
        peer: peer(1),
        begun_by: Beginning::Client,
        at: world.now,
        attempt: 1,
        first_step: 0,
    };
    assert_eq!(world.events[0], begun);
}

#[test]
fn b_001_nothing_is_answered_before_the_operator_has_spoken() {
    let mut world = World::giving(example());
    world.hold = true;
    world.request(peer(1), &[EP]);
    assert!(world.sent.is_empty());
    // RFC 7252 §5.2.2: the answer takes longer than a device waits for an acknowledgement.
    world.wait(Duration::from_secs(1));
    let (_, acknowledgement) = world.sent.pop_front().unwrap();
    assert_eq!(acknowledgement.code, Code::EMPTY);
    world.configure(BootstrapId(7), ENDPOINT);
    let (_, answer) = world.sent.pop_front().unwrap();
    assert_eq!((answer.code, answer.message_type), (Code::CHANGED, MessageType::Confirmable));
    assert_eq!(world.obey("").len(), 5);
}

#[test]
fn b_001_an_operator_who_says_nothing_is_not_waited_for_forever() {
    let mut world = World::giving(example());
    world.hold = true;
    world.request(peer(1), &[EP]);
    world.wait(Duration::from_secs(247));
    assert!(world.failure().what.contains("not found in time"));
    // What comes too late is not begun.
    world.configure(BootstrapId(7), ENDPOINT);
    assert!(world.next_command().is_none());
}

#[test]
fn b_001_a_retransmitted_request_begins_nothing_new() {
    let mut world = World::giving(example());
    let request = [0x41, 0x02, 0x10, 0x01, 0x01, 0xb2, b'b', b's', 0x44, b'e', b'p', b'=', b'x'];
    world.configured.insert("x".into(), Ok(example()));
    world.datagram(peer(1), &request);
    let sent = world.sent.len();
    world.datagram(peer(1), &request);
    assert_eq!((world.asked.len(), world.sent.len()), (1, sent + 1), "only the answer again");
}

#[test]
fn b_002_an_unknown_endpoint_gets_4_00() {
    let mut world = World::new();
    assert_eq!(world.refused(peer(1), &["ep=nobody"]), Code::BAD_REQUEST);
    let failure = world.failure();
    assert_eq!((failure.step, failure.interrupted), (Some(1), false));
    assert!(failure.what.contains("known endpoint") && failure.advice.contains("Assign"), "{failure:?}");
    assert!(world.steps()[1].failed);
    assert_eq!(world.server.usage().sessions.used, 0);
}

#[test]
fn b_002_requests_that_are_none_are_refused_without_a_session() {
    let mut world = World::giving(example());
    let many: Vec<String> = (0..33).map(|number| format!("a{number}=1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for queries in [&[][..], &["ep="], &["ep=a", "ep=b"], &many] {
        assert_eq!(world.refused(peer(1), queries), Code::BAD_REQUEST, "{queries:?}");
    }
    world.send(peer(1), Code::GET, Options::new().with_path("/bs").with_query(EP));
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::METHOD_NOT_ALLOWED);
    world.send(peer(1), Code::POST, Options::new().with_path("/bspack").with_query(EP));
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::METHOD_NOT_ALLOWED);
    world.send(peer(1), Code::POST, Options::new().with_path("/rd").with_query(EP));
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::NOT_FOUND);
    assert!(world.events.iter().all(|event| matches!(event, Event::Refused { .. })), "{:?}", world.events);
    assert_eq!(world.asked, []);
}

#[test]
fn b_002_what_is_refused_of_a_device_with_a_name_is_told_as_a_session() {
    let mut world = World::giving(example());
    for (queries, said) in [([EP, "pct=x"], "\"x\""), ([EP, "pct="], "\"\"")] {
        assert_eq!(world.refused(peer(1), &queries), Code::BAD_REQUEST, "{queries:?}");
        let steps = world.steps();
        let [.., asked, answer] = steps.as_slice() else { panic!("{steps:?}") };
        assert_eq!((asked.query.as_str(), answer.failed), (queries.join("&").as_str(), true));
        let Some(Event::Ended { result: Err(failure), .. }) = world.events.iter().rev().nth(1) else {
            panic!("{:?}", world.events)
        };
        assert!(failure.what.contains(said) && !failure.advice.is_empty(), "{failure:?}");
    }
    assert_eq!(world.asked, [], "nothing is made for it");
}

#[test]
fn b_002_parameters_that_the_standard_does_not_know_are_ignored() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP, "et=7", "x"]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
    assert_eq!(world.steps()[0].query, format!("{EP}&et=7&x"));
    assert!(world.steps()[0].remark.contains("et=7, x"));
}

#[test]
fn b_003_ep_must_be_what_the_identity_says() {
    let mut world = World::giving(example());
    let device = world.connect(1, ENDPOINT);
    assert_eq!(world.refused(device, &["ep=other"]), Code::BAD_REQUEST);
    assert_eq!(world.asked, []);
    let failure = world.failure();
    assert!(failure.what.contains("\"other\"") && failure.advice.contains("endpoint name"), "{failure:?}");
    let Event::Begun { endpoint, .. } = &world.events[0] else { panic!("{:?}", world.events) };
    assert_eq!(endpoint, ENDPOINT, "it is told under the name that is proven");
    world.request(device, &[EP]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
}

#[test]
fn b_003_without_ep_the_identity_is_the_name() {
    let mut world = World::giving(example());
    let device = world.connect(1, ENDPOINT);
    world.request(device, &[]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
    assert_eq!(world.asked[0].endpoint, ENDPOINT);
    world.sent.clear();
    // Nothing is proven by an address.
    assert_eq!(world.refused(peer(1), &[]), Code::BAD_REQUEST);
}

#[test]
fn b_003_who_has_a_credential_needs_it_and_who_is_blocked_gets_nothing() {
    let secured = Arc::new(BTreeSet::from([ENDPOINT.to_owned()]));
    let admission = Admission { secured, blocked: vec!["bad-*".into()], ..Admission::default() };
    let mut world = World::admitting(admission);
    world.give(example());
    assert_eq!(world.refused(peer(1), &[EP]), Code::FORBIDDEN);
    assert_eq!(world.refused(peer(1), &["ep=bad-1"]), Code::FORBIDDEN);
    *world.server.admission_mut() = Admission::default();
    world.request(peer(1), &[EP]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
}

#[test]
fn b_003_a_session_that_nobody_has_announced_gets_4_01() {
    let mut world = World::giving(example());
    assert_eq!(world.refused(Peer::Session(SessionId(9)), &[EP]), Code::UNAUTHORIZED);
}

#[test]
fn b_003_who_has_proven_nothing_does_not_restart_the_session_of_who_has() {
    let mut world = World::giving(example());
    let device = world.connect(1, ENDPOINT);
    world.request(device, &[EP]);
    world.sent.clear();
    assert_eq!(world.refused(peer(1), &[EP]), Code::FORBIDDEN);
    let ended = world.ended();
    assert!(matches!(ended.as_slice(), [(8, Err(_))]), "{ended:?}");
    assert_eq!(world.server.usage().sessions.used, 1, "the other one goes on");
}

#[test]
fn b_004_an_unsupported_pct_gets_4_15() {
    let mut world = World::giving(example());
    assert_eq!(world.refused(peer(1), &[EP, "pct=11543"]), Code::UNSUPPORTED_CONTENT_FORMAT);
    let failure = world.failure();
    assert!(failure.what.contains("got 11543"), "{failure:?}");
    assert_eq!(failure.step, Some(1));
    assert_eq!(world.asked, [], "nothing is made for a device that cannot be written to");
}

#[test]
fn b_004_pct_is_what_the_operator_is_asked_with() {
    for (pct, format) in [
        (110, ContentFormat::SENML_JSON),
        (112, ContentFormat::SENML_CBOR),
        (11542, ContentFormat::TLV),
        (1542, ContentFormat::TLV),
        (11544, ContentFormat::LWM2M_CBOR),
    ] {
        let mut world = World::giving(example());
        world.request(peer(1), &[EP, &format!("pct={pct}")]);
        assert_eq!(world.asked[0].content_format, Some(format));
        assert_eq!(world.asked[0].begun_by, Beginning::Client);
    }
}

#[test]
fn b_012_a_new_request_restarts_the_session() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    let (_, first) = world.next_command().unwrap();
    world.answer(peer(1), &first, Code::DELETED);
    let (_, write) = world.next_command().unwrap();
    world.request(peer(1), &[EP]);
    let failure = world.failure();
    assert!(failure.interrupted && failure.what.contains("anew"), "{failure:?}");
    assert_eq!(world.obey(""), ["DELETE /", "PUT /0/0", "PUT /1/0", "PUT /2/0", "POST /bs"]);
    assert_eq!(world.ended()[1], (8, Ok(())));
    // An answer to the session before comes too late.
    world.answer(peer(1), &write, Code::CHANGED);
    assert!(world.sent.is_empty());
}

#[test]
fn b_012_a_request_from_another_address_restarts_it_too() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    world.sent.clear();
    world.request(peer(2), &[EP]);
    assert!(world.failure().interrupted);
    assert!(world.sent.iter().all(|(to, _)| *to == peer(2)));
    assert_eq!(world.obey("").len(), 5);
}

#[test]
fn b_012_what_an_operator_says_of_the_session_before_is_not_sent() {
    let mut world = World::giving(example());
    world.hold = true;
    world.request(peer(1), &[EP]);
    world.request(peer(1), &[EP]);
    assert_eq!(world.asked.len(), 2);
    world.configure(BootstrapId(7), ENDPOINT);
    assert!(world.sent.is_empty());
    world.configure(BootstrapId(8), ENDPOINT);
    assert_eq!(world.obey("").len(), 5);
}

#[test]
fn b_017_psk_raw_public_key_and_certificate_are_served() {
    let identities = [
        PeerIdentity::Psk("other than the name".into()),
        PeerIdentity::RawPublicKey(vec![4, 2]),
        PeerIdentity::Certificate(ENDPOINT.into()),
    ];
    for (number, identity) in (1..).zip(identities) {
        let mut world = World::giving(example());
        let session = SessionId(number);
        world.server.session_opened(session, Proven { identity, endpoint: ENDPOINT.into() });
        world.request(Peer::Session(session), &[EP]);
        assert_eq!(world.obey("").len(), 5);
        assert_eq!(world.ended(), [(7, Ok(()))]);
    }
}

#[test]
fn b_022_a_device_that_was_bootstrapped_is_bootstrapped_again() {
    let mut world = World::giving(example());
    for session in [7, 8, 9] {
        world.request(peer(1), &[EP]);
        assert_eq!(world.obey("").len(), 5);
        assert_eq!(world.ended().last(), Some(&(session, Ok(()))));
        world.wait(Duration::from_secs(3_600));
    }
}

#[test]
fn what_cannot_be_stored_now_is_asked_for_again_later() {
    let mut world = World::new();
    let what = "the store is full".to_owned();
    world.configured.insert(ENDPOINT.into(), Err(NotConfigured { code: Code::SERVICE_UNAVAILABLE, what }));
    world.request(peer(1), &[EP]);
    let (_, answer) = world.sent.pop_front().unwrap();
    assert_eq!((answer.code, answer.options.max_age()), (Code::SERVICE_UNAVAILABLE, Some(30)));
    assert!(world.failure().advice.contains("store"));
}

#[test]
fn one_address_does_not_take_all_the_room() {
    let mut world = World::new();
    for number in 0..=limits::SESSIONS_PER_ADDRESS {
        world.configured.insert(number.to_string(), Ok(example()));
    }
    for (number, port) in (0..limits::SESSIONS_PER_ADDRESS).zip(1..) {
        world.request(peer(port), &[&format!("ep={number}")]);
    }
    world.sent.clear();
    let more = format!("ep={}", limits::SESSIONS_PER_ADDRESS);
    assert_eq!(world.refused(peer(2), &[&more]), Code::SERVICE_UNAVAILABLE);
    let elsewhere = Peer::NoSec(SocketAddr::from(([127, 0, 0, 2], 1)));
    world.request(elsewhere, &[&more]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
    let usage = world.server.usage().sessions;
    assert_eq!((usage.used, usage.reached), (limits::SESSIONS_PER_ADDRESS + 1, 1));
    // Those that are over make room.
    world.wait(Duration::from_secs(300));
    assert_eq!(world.server.usage().sessions.used, 0);
    world.sent.clear();
    world.request(peer(2), &[&more]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
}
