use coap::{Code, MessageType, Options};
use console_api::{Direction, Trace};
use lwm2m_codec::{Path, Value};
use lwm2m_model::Registry;

use super::super::log::{
    Log,
    tests::{message, record},
};
use super::*;

/// A Read of a whole instance, answered in TLV, and a refusal with a text.
fn entries() -> Vec<std::sync::Arc<Entry>> {
    use MessageType::{Acknowledgement, Confirmable};
    let path = Options::new().with_path("/3303/0");
    let tlv = Options::new().with_content_format(11542);
    let value = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33];
    let records = vec![
        record(1, Direction::Sent, message(Confirmable, Code::GET, 1, 7, path.clone(), b"")),
        record(2, Direction::Received, message(Acknowledgement, Code::CONTENT, 1, 7, tlv.clone(), &value)),
        record(3, Direction::Sent, message(Confirmable, Code::GET, 2, 8, path, b"")),
        record(
            4,
            Direction::Received,
            message(Acknowledgement, Code::NOT_FOUND, 2, 8, Options::new(), b"gone"),
        ),
        record(5, Direction::Received, message(Acknowledgement, Code::CONTENT, 1, 7, tlv, &value[..4])),
        record(6, Direction::Received, vec![0x49, 1, 2, 3, 4]),
    ];
    let mut log = Log::default();
    log.add(Trace { records, missed: 0 });
    (0..6).map(|index| log.all().get(index).unwrap().clone()).collect()
}

#[test]
fn payloads_are_read_by_the_request_that_they_answer() {
    let registry = Registry::new();
    let payloads: Vec<_> = entries().iter().map(|entry| Payload::of(entry, "/", &registry)).collect();
    assert_eq!(payloads[0], Payload::Absent);
    let Payload::Values(values) = &payloads[1] else { panic!("{:?}", payloads[1]) };
    assert_eq!(values[0].path, Path::resource(3303, 0, 5700));
    assert_eq!(values[0].value, Value::Raw([0x41, 0xab, 0x33, 0x33].into()));
    assert_eq!(payloads[3], Payload::Text("gone".into()));
    assert!(matches!(&payloads[4], Payload::Bytes(bytes, Some(_)) if bytes.len() == 4));
    assert_eq!(payloads[1].short(0), "41 ab 33 33");
    assert_eq!((payloads[3].short(0), payloads[4].short(0)), ("gone".into(), "e4 16 44 41".into()));
}

#[test]
fn pieces_cover_the_datagram() {
    let registry = Registry::new();
    for entry in entries() {
        let pieces = pieces(&entry, "/", &registry);
        let mut at = 0;
        for piece in &pieces {
            assert_eq!(piece.start, at, "{pieces:?}");
            at = piece.end;
        }
        assert_eq!(at, entry.record.datagram.len());
        let wrong = pieces.iter().any(|piece| piece.class == "k-error");
        assert_eq!(wrong, matches!(entry.seq(), 5 | 6), "{pieces:?}");
    }
}

#[test]
fn a_payload_whose_request_was_not_seen_is_no_mistake() {
    let registry = Registry::new();
    let options = Options::new().with_observe(278).with_content_format(0);
    let datagram = message(MessageType::NonConfirmable, Code::CONTENT, 9, 7, options, b"21.7");
    let mut log = Log::default();
    log.add(Trace { records: vec![record(1, Direction::Received, datagram)], missed: 0 });
    let entry = log.all().get(0).unwrap().clone();
    assert_eq!(entry.what(), "Notify #278");
    assert_eq!(Payload::of(&entry, "/", &registry), Payload::Text("21.7".into()));
    assert!(pieces(&entry, "/", &registry).iter().all(|piece| piece.class != "k-error"));
}
