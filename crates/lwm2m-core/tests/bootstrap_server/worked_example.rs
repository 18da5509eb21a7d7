//! The conversation of the worked example, byte by byte.

use coap::{Message, MessageId, Token};
use lwm2m_core::bootstrap_server::Event;
use serde_json::Value as Json;

use crate::world::{World, example, peer};

const FLOWS: &str = include_str!("../../../../assets/vectors/coap_wire.json");

struct Wire {
    from_device: bool,
    datagram: Vec<u8>,
}

fn flow() -> Vec<Wire> {
    let flows: Json = serde_json::from_str(FLOWS).unwrap();
    let messages = flows["flows"]["bootstrap_seed_example"].as_array().unwrap();
    let bytes = |text: &str| {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    messages
        .iter()
        .map(|message| Wire {
            from_device: message["from"] == "client",
            datagram: bytes(message["hex"].as_str().unwrap()),
        })
        .collect()
}

/// The server draws message ids and tokens at random. They are put in place of those of the example, in both
/// directions; everything else is compared as it is on the wire.
#[test]
fn b_005_the_worked_example_is_spoken_byte_by_byte() {
    let mut world = World::giving(example());
    let mut drawn: Option<(MessageId, Token)> = None;
    let mut ids = Vec::new();
    for Wire { from_device, datagram } in flow() {
        let mut written = Message::decode(&datagram).unwrap();
        if from_device {
            if written.code.is_response() {
                (written.message_id, written.token) = drawn.take().expect("a command before the answer");
            }
            world.datagram(peer(1), &written.encode().unwrap());
            continue;
        }
        let (to, mut sent) = world.sent.pop_front().expect("a message for each of the example");
        assert_eq!(to, peer(1));
        if written.code.is_request() {
            drawn = Some((sent.message_id, sent.token));
            ids.push(sent.message_id.0);
            (sent.message_id, sent.token) = (written.message_id, written.token);
        }
        assert_eq!(sent.encode().unwrap(), datagram, "{sent:?}");
    }
    assert!(
        world.sent.is_empty() && ids.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)),
        "{ids:?}"
    );
    assert!(matches!(world.events.last(), Some(Event::Ended { result: Ok(()), .. })), "{:?}", world.events);
    assert_eq!(world.steps().len(), 12);
}
