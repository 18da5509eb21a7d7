//! Notifications of peers (RFC 7641 §3).

use core::time::Duration;

use coap::{Code, Message, MessageType, NotificationId, Options, Output};

use crate::bench::{Bench, acknowledgement, message, notifications, reset, sent, token, untimed};

fn notification(message_type: MessageType, id: u16) -> Message {
    let options = Options::new().with_observe(id.into());
    Message { options, ..message(message_type, Code::CONTENT, id, token(7)) }
}

fn surfaced(bench: &mut Bench, message: &Message) -> NotificationId {
    let outputs = bench.receive(message);
    let [id] = notifications(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(outputs.len(), 1);
    id
}

#[test]
fn an_undecided_notification_is_neither_acknowledged_nor_repeated() {
    let mut bench = Bench::new();
    let message = notification(MessageType::Confirmable, 1);
    let id = surfaced(&mut bench, &message);
    assert_eq!(untimed(bench.pass(Duration::from_secs(1))), []);
    assert_eq!(bench.receive(&message), []);
    bench.endpoint.acknowledge(bench.now, id);
    let expected = [acknowledgement(message.message_id)];
    assert_eq!(sent(&bench.outputs()), expected);
    assert_eq!(sent(&bench.receive(&message)), expected);
    bench.endpoint.reject(bench.now, id);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_rejected_notification_gets_a_reset_each_time() {
    for message_type in [MessageType::Confirmable, MessageType::NonConfirmable] {
        let mut bench = Bench::new();
        let message = notification(message_type, 1);
        let id = surfaced(&mut bench, &message);
        bench.endpoint.reject(bench.now, id);
        let expected = [reset(message.message_id)];
        assert_eq!(sent(&bench.outputs()), expected);
        assert_eq!(sent(&bench.receive(&message)), expected);
        bench.endpoint.acknowledge(bench.now, id);
        assert_eq!(bench.outputs(), []);
    }
}

#[test]
fn a_non_confirmable_notification_is_not_acknowledged() {
    let mut bench = Bench::new();
    let message = notification(MessageType::NonConfirmable, 1);
    let id = surfaced(&mut bench, &message);
    bench.endpoint.acknowledge(bench.now, id);
    assert_eq!(bench.outputs(), []);
    assert_eq!(bench.receive(&message), []);
}

#[test]
fn an_unrecognised_critical_option_in_a_notification_is_rejected() {
    let mut bench = Bench::new();
    let options = Options::new().with(65001, []);
    let message = Message { options, ..notification(MessageType::Confirmable, 1) };
    let outputs = bench.receive(&message);
    assert!(matches!(outputs[..], [Output::Transmit { .. }, Output::Refused { .. }]));
    assert_eq!(sent(&outputs), [reset(message.message_id)]);
}
