//! An operator has a client forgotten.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use coap::{Code, Options};
use common::{World, peer};
use lwm2m_codec::Path;
use lwm2m_core::server::{Change, Departure, Event, Operation, OperationError};

fn read() -> Operation {
    Operation::Read { path: Path::resource(3, 0, 0), accept: None }
}

/// A client whose temperature is observed.
fn observed(world: &mut World) -> String {
    let location = world.register(peer(1), "a", &["lt=60"]);
    let path = Path::resource(3303, 0, 5700);
    world.operate("a", Operation::Observe { path, accept: None, parameters: None });
    let (_, request) = world.request();
    let options = Options::new().with_observe(1).with_content_format(0);
    world.answer(peer(1), &request, Code::CONTENT, options, b"21");
    assert_eq!(world.server.observation_count(), 1);
    location
}

#[test]
fn nothing_is_left_and_the_client_may_register_anew() {
    let mut world = World::new();
    let location = observed(&mut world);
    let open = world.operate("a", read());
    world.request();
    let forget = world.forget("a");
    assert!(world.result(forget).unwrap().is_ok());
    assert!(matches!(world.result(open), Some(Err(OperationError::Departed))));
    assert_eq!((world.server.registration_count(), world.server.observation_count()), (0, 0));
    let stored = |wanted: fn(&Change) -> bool| world.changes.iter().any(wanted);
    assert!(stored(|change| matches!(change, Change::Forgotten { endpoint } if endpoint == "a")));
    assert!(stored(|change| matches!(change, Change::ObservationEnded { .. })));
    assert!(stored(|change| matches!(change, Change::ObservationUnwanted { .. })));
    assert_eq!(world.events.last(), Some(&Event::Forgotten { endpoint: "a".into() }));

    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
    world.register(peer(1), "a", &["lt=60"]);
    assert_eq!(world.server.registration_count(), 1);
    assert!(world.sent.is_empty(), "it is not observed again");
}

#[test]
fn it_is_told_only_when_it_is_stored() {
    let mut world = World::new();
    let location = observed(&mut world);
    world.hold = true;
    let forget = world.forget("a");
    assert!(world.result(forget).is_none());
    world.hold = false;
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
    world.release();
    assert!(world.result(forget).unwrap().is_ok());
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
}

#[test]
fn what_cannot_be_stored_changes_nothing() {
    let mut world = World::new();
    let location = observed(&mut world);
    world.fail = true;
    let forget = world.forget("a");
    assert!(matches!(world.result(forget), Some(Err(OperationError::NotStored { .. }))));
    world.fail = false;
    assert_eq!(world.server.observation_count(), 1);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
}

#[test]
fn a_client_that_is_not_registered_is_forgotten_too() {
    let mut world = World::new();
    observed(&mut world);
    world.pass(std::time::Duration::from_secs(61));
    let expired = |event: &Event| matches!(event, Event::Departed { why: Departure::Expired, .. });
    assert!(world.events.iter().any(expired));
    let forget = world.forget("a");
    assert!(world.result(forget).unwrap().is_ok());
    world.register(peer(1), "a", &["lt=60"]);
    assert!(world.sent.iter().all(|(_, message)| !message.code.is_request()), "it is not observed again");
}
