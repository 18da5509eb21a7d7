//! Messages on the wire: examples, round trips, and what a datagram must not do.

use coap::{Block, Code, Message, MessageError, MessageId, MessageType, Options, Token};
use proptest::prelude::*;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../assets/vectors/coap_wire.json");

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).expect("hexadecimal digit") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[test]
fn s_152_every_example_datagram_decodes_and_encodes_identically() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut count = 0;
    for (flow, datagrams) in vectors["flows"].as_object().unwrap() {
        for example in datagrams.as_array().unwrap() {
            let datagram = bytes(example["hex"].as_str().unwrap());
            let message = Message::decode(&datagram).unwrap_or_else(|e| panic!("{flow} {example}: {e}"));
            assert_eq!(message.encode().as_ref(), Ok(&datagram), "{flow} {example}");
            count += 1;
        }
    }
    assert_eq!(count, 64);
}

#[test]
fn an_example_field_by_field() {
    let message = Message::decode(&bytes(
        "4102110121b2726411283d0b65703d75726e3a696d65693a303830303230306339613636086c743d3836343030\
         096c776d326d3d312e3003623d55ff3c2f312f303e",
    ))
    .unwrap();
    assert_eq!(message.message_type, MessageType::Confirmable);
    assert_eq!(message.code, Code::POST);
    assert_eq!(message.message_id, MessageId(0x1101));
    assert_eq!(Some(message.token), Token::new(&[0x21]));
    assert_eq!(message.options.uri_path(), Ok(vec!["rd"]));
    assert_eq!(message.options.content_format(), Some(40));
    assert_eq!(
        message.options.uri_query(),
        Ok(vec!["ep=urn:imei:0800200c9a66", "lt=86400", "lwm2m=1.0", "b=U"])
    );
    assert_eq!(message.payload, b"</1/0>");
}

#[test]
fn what_is_not_coap_is_ignored() {
    for hex in ["", "40", "400100", "80010001", "c0010001", "00010001"] {
        let error = Message::decode(&bytes(hex)).unwrap_err();
        assert!(matches!(error, MessageError::Ignore { .. }), "{hex}: {error}");
    }
}

#[test]
fn format_errors_tell_type_and_id() {
    for (hex, what) in [
        ("49011234010203040506070809", "token length 9"),
        ("44011234aabbcc", "token cut off"),
        ("40011234ff", "payload marker without payload"),
        ("40011234b2ff", "option value cut off"),
        ("40011234b1ffff", "payload marker without payload after an option"),
        ("40011234f0", "option delta 15"),
        ("400112341f", "option length 15"),
        ("40011234d0", "extended delta cut off"),
        ("40011234e0ff", "extended delta cut off"),
        ("400112341e00", "extended length cut off"),
        ("40011234e0fef3", "option number above 65535"),
        ("4100123401", "Empty message with token"),
        ("40001234ff01", "Empty message with payload"),
    ] {
        let expected = (MessageType::Confirmable, MessageId(0x1234));
        match Message::decode(&bytes(hex)) {
            Err(MessageError::FormatError { message_type, message_id, .. }) => {
                assert_eq!((message_type, message_id), expected, "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn an_option_value_may_end_with_the_payload_marker_byte() {
    let message = Message::decode(&bytes("40011234b1ff")).unwrap();
    assert_eq!(message.options.first(11), Some([0xff].as_slice()));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let empty = Message::empty(MessageType::Confirmable, MessageId(1));
    let with_payload = Message { payload: vec![1], ..empty.clone() };
    let get = Message { code: Code::GET, ..empty };
    let long_option = Message { options: Options::new().with(11, vec![0; 65_805]), ..get.clone() };
    let long_payload = Message { payload: vec![0; 65_503], ..get.clone() };
    for message in [with_payload, long_option, long_payload] {
        assert!(matches!(message.encode(), Err(MessageError::Unencodable { .. })));
    }
    assert!(Message { payload: vec![0; 65_502], ..get }.encode().is_ok());
}

fn any_options() -> impl Strategy<Value = Options> {
    let number = prop_oneof![0_u16..40, 250_u16..300, any::<u16>()];
    let length = prop_oneof![0_usize..20, 260_usize..280];
    let value = length.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length));
    prop::collection::vec((number, value), 0..8)
        .prop_map(|all| all.into_iter().fold(Options::new(), |options, (n, v)| options.with(n, v)))
}

prop_compose! {
    fn any_message()(
        message_type in prop_oneof![
            Just(MessageType::Confirmable),
            Just(MessageType::NonConfirmable),
            Just(MessageType::Acknowledgement),
            Just(MessageType::Reset),
        ],
        code in 1_u8..,
        id: u16,
        token in prop::collection::vec(any::<u8>(), 0..=8),
        options in any_options(),
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) -> Message {
        Message {
            message_type,
            code: Code::from_byte(code),
            message_id: MessageId(id),
            token: Token::new(&token).expect("at most 8 bytes"),
            options,
            payload,
        }
    }
}

proptest! {
    #[test]
    fn messages_survive_the_wire(message in any_message()) {
        let datagram = message.encode().unwrap();
        prop_assert_eq!(Message::decode(&datagram).unwrap(), message);
    }

    #[test]
    fn what_decodes_encodes_identically(datagram in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(message) = Message::decode(&datagram) {
            prop_assert_eq!(message.encode().unwrap(), datagram);
        }
    }

    #[test]
    fn damaged_messages_never_panic(
        message in any_message(),
        position: prop::sample::Index,
        byte: u8,
        length: prop::sample::Index,
    ) {
        let mut datagram = message.encode().unwrap();
        *position.get_mut(&mut datagram) = byte;
        datagram.truncate(length.index(datagram.len() + 1));
        if let Ok(message) = Message::decode(&datagram) {
            prop_assert_eq!(message.encode().unwrap(), datagram);
        }
    }

    #[test]
    fn block_values_round_trip(num in 0..=Block::MAX_NUM, more: bool, szx in 0_u8..8) {
        let block = Block { num, more, szx };
        prop_assert_eq!(Options::new().with_block1(block).block1(), Some(block));
    }
}
