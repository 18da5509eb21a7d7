//! Requests of ours (RFC 7252 §5.2, §5.3).

use core::time::Duration;

use coap::{
    Block, Code, ExchangeError, Message, MessageId, MessageType, Options, Output, Request, RequestRefused,
    TimeoutReason,
};

use crate::bench::{
    Bench, LONG, PEER, acknowledgement, failures, message, notifications, piggybacked, reset, responses,
    sent, token, untimed,
};

/// 2.05 in a message of its own.
fn separate(request: &Message, message_type: MessageType, id: u16) -> Message {
    message(message_type, Code::CONTENT, id, request.token)
}

#[test]
fn a_piggybacked_response_must_carry_the_token() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let request = request.unwrap();
    assert_eq!(request.token.as_bytes().len(), 8);
    let wrong = Message { token: token(1), ..piggybacked(&request) };
    assert!(matches!(bench.receive(&wrong)[..], [Output::Refused { .. }]));
    assert_eq!(responses(&bench.receive(&piggybacked(&request))), [(exchange, Code::CONTENT)]);
    assert_eq!(bench.pass(LONG), []);
}

#[test]
fn s_148_a_separate_response_is_acknowledged_each_time_it_comes() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let request = request.unwrap();
    bench.receive(&acknowledgement(request.message_id));
    let response = separate(&request, MessageType::Confirmable, 900);
    let outputs = bench.receive(&response);
    assert_eq!(sent(&outputs), [acknowledgement(response.message_id)]);
    assert_eq!(responses(&outputs), [(exchange, Code::CONTENT)]);
    let again = bench.receive(&response);
    assert_eq!(sent(&again), [acknowledgement(response.message_id)]);
    assert_eq!(again.len(), 1);
}

#[test]
fn s_148_an_answer_that_may_be_a_notification_waits_for_its_acknowledgement() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get_with(Options::new().with_observe(0), None, LONG);
    let request = request.unwrap();
    let options = Options::new().with_observe(7);
    let overtaking = Message { options, ..separate(&request, MessageType::Confirmable, 900) };
    let outputs = bench.receive(&overtaking);
    let [Output::Response { exchange: answered, notification: Some(id), .. }] = outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!(answered, exchange);
    assert_eq!(bench.receive(&overtaking), [], "a duplicate waits too");
    bench.endpoint.acknowledge(bench.now, id);
    assert_eq!(sent(&bench.outputs()), [acknowledgement(overtaking.message_id)]);
    assert_eq!(sent(&bench.receive(&overtaking)), [acknowledgement(overtaking.message_id)]);
    let late = piggybacked(&request);
    assert_eq!(responses(&bench.receive(&late)), [], "the answer that was overtaken");
}

#[test]
fn s_148_an_answer_whose_blocks_are_to_come_is_acknowledged_at_once() {
    let mut bench = Bench::new();
    let (_, request) = bench.get_with(Options::new().with_observe(0), None, LONG);
    let options = Options::new().with_observe(7).with_block2(Block { num: 0, more: true, szx: 0 });
    let first = separate(&request.unwrap(), MessageType::Confirmable, 900);
    let outputs = bench.receive(&Message { options, payload: vec![0; 16], ..first });
    assert_eq!(sent(&outputs)[0], acknowledgement(MessageId(900)), "{outputs:?}");
}

#[test]
fn s_148_a_separate_response_is_matched_by_its_token() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let request = request.unwrap();
    bench.receive(&acknowledgement(request.message_id));
    let stray = message(MessageType::Confirmable, Code::CONTENT, 900, token(1));
    assert_eq!(responses(&bench.receive(&stray)), []);
    let response = separate(&request, MessageType::Confirmable, 901);
    assert_eq!(responses(&bench.receive_from('q', &response)), []);
    assert_eq!(responses(&bench.receive(&response)), [(exchange, Code::CONTENT)]);
}

#[test]
fn s_148_a_non_confirmable_separate_response_needs_no_acknowledgement() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let response = separate(&request.unwrap(), MessageType::NonConfirmable, 900);
    let outputs = bench.receive(&response);
    assert_eq!((sent(&outputs), responses(&outputs)), (vec![], vec![(exchange, Code::CONTENT)]));
    assert_eq!(bench.receive(&response), []);
}

#[test]
fn a_response_before_its_acknowledgement_counts_as_both() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let request = request.unwrap();
    let outputs = bench.receive(&separate(&request, MessageType::Confirmable, 900));
    assert_eq!(responses(&outputs), [(exchange, Code::CONTENT)]);
    assert_eq!(untimed(bench.pass(Duration::from_secs(100))), []);
    assert_eq!(bench.receive(&acknowledgement(request.message_id)), []);
}

#[test]
fn a_reset_fails_the_exchange() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let outputs = bench.receive(&reset(request.unwrap().message_id));
    assert_eq!(failures(&outputs), [(exchange, ExchangeError::Reset)]);
    assert_eq!(bench.pass(LONG), []);
}

#[test]
fn the_timeout_tells_whether_an_acknowledgement_came() {
    let mut bench = Bench::new();
    let timeout = Duration::from_secs(10);
    let (silent, _) = bench.get_with(Options::new(), None, timeout);
    let timed = bench.pass(timeout);
    let (at, last) = timed.last().unwrap();
    assert_eq!((*at, failures(std::slice::from_ref(last))), (10_000, vec![(silent, ExchangeError::Timeout)]));

    let (acknowledged, request) = bench.get_with(Options::new(), None, timeout);
    bench.receive(&acknowledgement(request.unwrap().message_id));
    assert_eq!(bench.endpoint.poll_timeout(), Some((bench.now + timeout, TimeoutReason::ExchangeTimeout)));
    let outputs = untimed(bench.pass(timeout));
    assert_eq!(failures(&outputs), [(acknowledged, ExchangeError::NoResponse)]);
    assert_eq!(bench.endpoint.poll_timeout(), None);
}

#[test]
fn requests_to_one_peer_go_one_after_the_other() {
    let mut bench = Bench::new();
    let (first, first_sent) = bench.get();
    let (second, second_sent) = bench.get();
    let (third, third_sent) = bench.get();
    assert_eq!((second_sent, third_sent), (None, None));
    let first_sent = first_sent.unwrap();

    // The acknowledgement alone does not let the next one go.
    assert_eq!(bench.receive(&acknowledgement(first_sent.message_id)), []);
    let response = separate(&first_sent, MessageType::NonConfirmable, 900);
    let outputs = bench.receive(&response);
    assert_eq!(responses(&outputs), [(first, Code::CONTENT)]);
    let [second_sent] = &sent(&outputs)[..] else { panic!("{outputs:?}") };

    let outputs = bench.receive(&reset(second_sent.message_id));
    assert_eq!(failures(&outputs), [(second, ExchangeError::Reset)]);
    let [third_sent] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(responses(&bench.receive(&piggybacked(third_sent))), [(third, Code::CONTENT)]);
}

#[test]
fn peers_do_not_wait_for_each_other() {
    let mut bench = Bench::new();
    bench.get();
    bench.endpoint.request(bench.now, 'q', Request::new(Code::GET), LONG).unwrap();
    assert_eq!(sent(&bench.outputs()).len(), 1);
}

#[test]
fn waiting_in_the_queue_counts_towards_the_timeout() {
    let mut bench = Bench::new();
    let (first, _) = bench.get();
    let (second, _) = bench.get_with(Options::new(), None, Duration::from_secs(5));
    let outputs = untimed(bench.pass(Duration::from_secs(6)));
    assert_eq!(failures(&outputs), [(second, ExchangeError::Timeout)]);
    let outputs = untimed(bench.pass(Duration::from_secs(100)));
    assert_eq!(failures(&outputs), [(first, ExchangeError::Timeout)]);
    assert_eq!(bench.endpoint.poll_timeout(), None);
}

#[test]
fn a_cancelled_exchange_is_silent_and_lets_the_next_one_go() {
    let mut bench = Bench::new();
    let (first, request) = bench.get();
    let (second, _) = bench.get();
    let (third, _) = bench.get();
    bench.endpoint.cancel_exchange(bench.now, second);
    assert_eq!(bench.outputs(), []);
    bench.endpoint.cancel_exchange(bench.now, first);
    let next = sent(&bench.outputs());
    assert_eq!(next.len(), 1);
    assert_eq!(bench.receive(&piggybacked(&request.unwrap())), []);
    assert_eq!(responses(&bench.receive(&piggybacked(&next[0]))), [(third, Code::CONTENT)]);
    bench.endpoint.cancel_exchange(bench.now, first);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_late_separate_response_surfaces_as_a_notification() {
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    bench.endpoint.cancel_exchange(bench.now, exchange);
    let late = separate(&request.unwrap(), MessageType::Confirmable, 900);
    assert_eq!(notifications(&bench.receive(&late)).len(), 1);
}

#[test]
fn an_unrecognised_critical_option_in_a_response_fails_the_exchange() {
    for message_type in [MessageType::Confirmable, MessageType::NonConfirmable] {
        let mut bench = Bench::new();
        let (exchange, request) = bench.get();
        let options = Options::new().with(65001, []);
        let response = Message { options, ..separate(&request.unwrap(), message_type, 900) };
        let outputs = bench.receive(&response);
        assert_eq!(sent(&outputs), [reset(response.message_id)]);
        assert_eq!(failures(&outputs), [(exchange, ExchangeError::UnknownCriticalOption(65001))]);
        assert_eq!(sent(&bench.receive(&response)), [reset(response.message_id)]);
    }
    let mut bench = Bench::new();
    let (exchange, request) = bench.get();
    let options = Options::new().with(65001, []);
    let outputs = bench.receive(&Message { options, ..piggybacked(&request.unwrap()) });
    assert_eq!(sent(&outputs), []);
    assert_eq!(failures(&outputs), [(exchange, ExchangeError::UnknownCriticalOption(65001))]);
    assert_eq!(bench.pass(LONG), []);
}

#[test]
fn a_notification_does_not_answer_the_request_that_cancels_it() {
    let mut bench = Bench::new();
    let (cancel, request) = bench.get_with(Options::new().with_observe(1), Some(token(9)), LONG);
    let notification = Message {
        options: Options::new().with_observe(17),
        ..message(MessageType::Confirmable, Code::CONTENT, 900, token(9))
    };
    let outputs = bench.receive(&notification);
    assert_eq!((notifications(&outputs).len(), responses(&outputs)), (1, vec![]));
    let outputs = bench.receive(&piggybacked(&request.unwrap()));
    assert_eq!(responses(&outputs), [(cancel, Code::CONTENT)]);
}

#[test]
fn a_notification_does_not_answer_a_request_still_queued() {
    let mut bench = Bench::new();
    bench.get();
    bench.get_with(Options::new().with_observe(0), Some(token(9)), LONG);
    let notification = message(MessageType::NonConfirmable, Code::CONTENT, 900, token(9));
    assert_eq!(notifications(&bench.receive(&notification)).len(), 1);
}

#[test]
fn requests_that_cannot_be_sent_are_refused() {
    let mut bench = Bench::new();
    let now = bench.now;
    let refused = bench.endpoint.request(now, PEER, Request::new(Code::CONTENT), LONG);
    assert_eq!(refused, Err(RequestRefused::NotARequest(Code::CONTENT)));
    let options = Options::new().with_query(&"x".repeat(70_000));
    let long = Request { options, ..Request::new(Code::PUT) };
    assert!(matches!(bench.endpoint.request(now, PEER, long, LONG), Err(RequestRefused::Message(_))));
    bench.get_with(Options::new(), Some(token(1)), LONG);
    let same = Request { token: Some(token(1)), ..Request::new(Code::GET) };
    assert_eq!(
        bench.endpoint.request(now, PEER, same.clone(), LONG),
        Err(RequestRefused::TokenInUse(token(1)))
    );
    assert!(bench.endpoint.request(now, 'q', same, LONG).is_ok());
}

#[test]
fn forgetting_a_peer_fails_its_exchanges_only() {
    let mut bench = Bench::new();
    let (first, _) = bench.get();
    let (second, _) = bench.get();
    let (other, _) = bench.endpoint.request(bench.now, 'q', Request::new(Code::GET), LONG).unwrap();
    bench.notify(token(3), 0, true);
    bench.outputs();
    bench.endpoint.forget_peer(PEER);
    let mut failed = failures(&bench.outputs());
    failed.sort_by_key(|(exchange, _)| *exchange);
    assert_eq!(failed, [(first, ExchangeError::Forgotten), (second, ExchangeError::Forgotten)]);
    let outputs = untimed(bench.pass(LONG));
    assert_eq!(failures(&outputs), [(other, ExchangeError::Timeout)]);
    assert_eq!(sent(&outputs).len(), 4);
    assert!(bench.get().1.is_some());
}
