//! RFC 7252 §4.

use core::time::Duration;

use coap::{Code, MessageType, Options, Output, TimeoutReason, Token};

use crate::bench::{
    Bench, acknowledgement, failures, get_message, message, notifications, piggybacked, requests, reset,
    responses, sent, token, untimed,
};

#[test]
fn s_143_a_request_is_retransmitted_at_doubling_intervals_and_then_given_up() {
    let mut spread = Vec::new();
    for seed in 0..50 {
        let mut bench = Bench::seeded(seed);
        let (exchange, request) = bench.get();
        let request = request.unwrap();
        let (due, reason) = bench.endpoint.poll_timeout().unwrap();
        assert_eq!(reason, TimeoutReason::Retransmission);
        assert!(due > bench.now);

        let timed = bench.pass(Duration::from_secs(200));
        let times: Vec<u64> = timed.iter().map(|(at, _)| *at).collect();
        let first = times[0];
        assert!((2_000..=3_000).contains(&first), "first retransmission after {first} ms");
        assert_eq!(times, [first, 3 * first, 7 * first, 15 * first, 31 * first]);
        assert!(*times.last().unwrap() <= 93_000);

        let outputs = untimed(timed);
        assert_eq!(sent(&outputs), vec![request; 4]);
        assert_eq!(failures(&outputs), [(exchange, coap::ExchangeError::Timeout)]);
        assert_eq!(bench.endpoint.poll_timeout(), None);
        spread.push(first);
    }
    assert!(spread.iter().max().unwrap() - spread.iter().min().unwrap() > 500, "hardly random: {spread:?}");
}

#[test]
fn retransmission_stops_at_the_acknowledgement() {
    let mut bench = Bench::new();
    let (_, request) = bench.get();
    assert_eq!(bench.receive(&acknowledgement(request.unwrap().message_id)), []);
    assert_eq!(bench.pass(Duration::from_secs(500)), []);
}

#[test]
fn s_142_a_duplicate_request_is_answered_again_and_surfaces_once() {
    let mut bench = Bench::new();
    let outputs = bench.receive(&get_message(5));
    let [id] = requests(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(bench.receive(&get_message(5)), []);

    let response = coap::Response { payload: b"x".to_vec(), ..coap::Response::new(Code::CONTENT) };
    bench.endpoint.respond(bench.now, id, response);
    let answer = bench.outputs();
    assert_eq!(sent(&answer).len(), 1);
    bench.pass(Duration::from_secs(246));
    assert_eq!(bench.receive(&get_message(5)), answer);
    assert_eq!(requests(&bench.receive_from('q', &get_message(5))).len(), 1);

    // EXCHANGE_LIFETIME after the first copy the id may come again.
    bench.pass(Duration::from_secs(1));
    assert_eq!(requests(&bench.receive(&get_message(5))).len(), 1);
}

#[test]
fn s_142_a_duplicate_non_confirmable_request_is_ignored() {
    let mut bench = Bench::new();
    let request = message(MessageType::NonConfirmable, Code::GET, 5, token(7));
    let [id] = requests(&bench.receive(&request))[..] else { panic!("no request") };
    bench.endpoint.respond(bench.now, id, coap::Response::new(Code::CONTENT));
    assert_eq!(sent(&bench.outputs()).len(), 1);
    bench.pass(Duration::from_secs(144));
    assert_eq!(bench.receive(&request), []);
    bench.pass(Duration::from_secs(1));
    assert_eq!(requests(&bench.receive(&request)).len(), 1);
}

#[test]
fn s_144_a_ping_is_answered_with_a_reset() {
    let mut bench = Bench::new();
    let ping = message(MessageType::Confirmable, Code::EMPTY, 77, Token::EMPTY);
    assert_eq!(sent(&bench.receive(&ping)), [reset(ping.message_id)]);
}

#[test]
fn s_145_a_malformed_message_is_reset_if_confirmable_and_dropped_if_not() {
    let mut bench = Bench::new();
    // Confirmable: Reset. The others: nothing.
    let outputs = bench.receive_bytes(&[0x40, 0x01, 0x12, 0x34, 0xff]);
    assert_eq!(sent(&outputs), [reset(coap::MessageId(0x1234))]);
    assert!(matches!(outputs[1], Output::Refused { .. }));
    for first in [0x50, 0x60, 0x70, 0x80] {
        let outputs = bench.receive_bytes(&[first, 0x01, 0x12, 0x34, 0xff]);
        assert!(matches!(outputs[..], [Output::Refused { .. }]), "{outputs:?}");
    }
    assert!(matches!(bench.receive_bytes(&[])[..], [Output::Refused { .. }]));
}

#[test]
fn reserved_codes_are_rejected() {
    let mut bench = Bench::new();
    for class in [1, 6, 7] {
        let confirmable = message(MessageType::Confirmable, Code::new(class, 1), 9, token(1));
        assert_eq!(sent(&bench.receive(&confirmable)), [reset(confirmable.message_id)]);
        let non_confirmable = message(MessageType::NonConfirmable, Code::new(class, 1), 10, token(1));
        assert!(matches!(bench.receive(&non_confirmable)[..], [Output::Refused { .. }]));
    }
}

#[test]
fn messages_that_make_no_sense_are_refused_without_an_answer() {
    let mut bench = Bench::new();
    for (message_type, code) in [
        (MessageType::NonConfirmable, Code::EMPTY),
        (MessageType::Acknowledgement, Code::GET),
        (MessageType::Reset, Code::CONTENT),
        (MessageType::Reset, Code::GET),
    ] {
        let outputs = bench.receive(&message(message_type, code, 3, Token::EMPTY));
        assert!(matches!(outputs[..], [Output::Refused { .. }]), "{outputs:?}");
    }
}

#[test]
fn acknowledgements_and_resets_for_unknown_ids_are_ignored() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let request = request.unwrap();
    let other = coap::MessageId(request.message_id.0.wrapping_add(1));
    assert_eq!(bench.receive(&acknowledgement(other)), []);
    assert_eq!(bench.receive(&reset(other)), []);
    assert_eq!(bench.receive_from('q', &reset(request.message_id)), []);
    assert_eq!(bench.receive_from('q', &piggybacked(&request)), []);
    assert_eq!(responses(&bench.receive(&piggybacked(&request))), [(exchange, Code::CONTENT)]);
    assert_eq!(bench.receive(&piggybacked(&request)), []);
}

#[test]
fn message_ids_count_up_for_each_peer() {
    let mut bench = Bench::new();
    let ids: Vec<u16> = (0..5).map(|n| bench.notify(token(n), 0, false)[0].message_id.0).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{ids:?}");
    assert_ne!(ids[0], Bench::seeded(2).notify(token(0), 0, false)[0].message_id.0);
}

#[test]
fn an_id_used_by_a_response_is_taken_as_well() {
    // Deduplication goes by peer and message id alone, whatever the message (RFC 7252 §4.5).
    let mut bench = Bench::new();
    let notification = message(MessageType::Confirmable, Code::CONTENT, 5, token(7));
    let [id] = notifications(&bench.receive(&notification))[..] else { panic!("no notification") };
    bench.endpoint.acknowledge(bench.now, id);
    assert_eq!(sent(&bench.outputs()), [acknowledgement(notification.message_id)]);
    assert_eq!(sent(&bench.receive(&get_message(5))), [acknowledgement(notification.message_id)]);
}

#[test]
fn s_146_an_unknown_critical_option_gets_4_02() {
    let options = [
        Options::new().with(65001, []),
        Options::new().with(coap::option_number::IF_MATCH, [1]),
        Options::new().with(coap::option_number::IF_NONE_MATCH, []),
        Options::new().with_accept(0).with_accept(0),
    ];
    for (n, options) in (0_u16..).zip(options) {
        let mut bench = Bench::new();
        let number = options.iter().next().unwrap().0;
        let request = coap::Message { options, ..get_message(n) };
        let outputs = bench.receive(&request);
        assert!(requests(&outputs).is_empty());
        let [answer] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
        assert_eq!((answer.message_type, answer.code), (MessageType::Acknowledgement, Code::BAD_OPTION));
        assert_eq!((answer.message_id, answer.token), (request.message_id, request.token));
        assert!(String::from_utf8_lossy(&answer.payload).contains(&number.to_string()));
        assert_eq!(sent(&bench.receive(&request)), std::slice::from_ref(answer));

        let request = coap::Message { message_type: MessageType::NonConfirmable, ..request };
        assert!(matches!(Bench::new().receive(&request)[..], [Output::Refused { .. }]));
    }
}

#[test]
fn s_147_unknown_elective_options_are_passed_over() {
    let mut bench = Bench::new();
    let options = Options::new().with(65000, [1]).with(2048, []).with(coap::option_number::NO_RESPONSE, [2]);
    let request = coap::Message { options: options.clone(), ..get_message(1) };
    let outputs = bench.receive(&request);
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.options, options);
}

#[test]
fn a_no_response_option_changes_nothing() {
    // RFC 7967 §2: a server may ignore it.
    let mut bench = Bench::new();
    let options = Options::new().with(coap::option_number::NO_RESPONSE, [26]);
    let [id] = requests(&bench.receive(&coap::Message { options, ..get_message(1) }))[..] else {
        panic!("no request")
    };
    bench.endpoint.respond(bench.now, id, coap::Response::new(Code::CONTENT));
    assert_eq!(sent(&bench.outputs()).len(), 1);
}

#[test]
fn the_host_and_port_of_a_request_are_accepted() {
    let mut bench = Bench::new();
    let options = Options::new().with(3, b"host").with_uint(7, 5683);
    let outputs = bench.receive(&coap::Message { options: options.clone(), ..get_message(1) });
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.options, options);
}

#[test]
fn an_unknown_method_is_for_the_application_to_refuse() {
    let mut bench = Bench::new();
    let request = message(MessageType::Confirmable, Code::new(0, 31), 1, token(1));
    let [id] = requests(&bench.receive(&request))[..] else { panic!("no request") };
    bench.endpoint.respond(bench.now, id, coap::Response::new(Code::METHOD_NOT_ALLOWED));
    assert_eq!(sent(&bench.outputs())[0].code, Code::METHOD_NOT_ALLOWED);
}

#[test]
fn a_repeated_elective_option_counts_once() {
    let mut bench = Bench::new();
    let options = Options::new().with_content_format(0).with_content_format(60);
    let outputs = bench.receive(&coap::Message { options, ..get_message(1) });
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.options, Options::new().with_content_format(0));
}
