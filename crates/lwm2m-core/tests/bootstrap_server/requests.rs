//! Who may be bootstrapped, and what a Bootstrap-Request is answered with.

use std::time::Duration;

use coap::{Code, MessageType};
use lwm2m_core::bootstrap_server::{Beginning, BootstrapId, BootstrapOperation, Event};

use crate::world::{ENDPOINT, World, example, peer};

const EP: &str = "ep=urn:imei:0800200c9a66";

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
fn b_002_an_unknown_endpoint_gets_4_00() {
    let mut world = World::new();
    assert_eq!(world.refused(peer(1), &["ep=nobody"]), Code::BAD_REQUEST);
    let failure = world.failure();
    assert_eq!((failure.step, failure.interrupted), (Some(1), false));
    assert!(failure.what.contains("known endpoint") && failure.advice.contains("Assign"), "{failure:?}");
    assert!(world.steps()[1].failed);
}
