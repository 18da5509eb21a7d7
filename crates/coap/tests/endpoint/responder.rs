//! Requests of peers (RFC 7252 §5).

use core::time::Duration;

use coap::{Block, Code, Message, MessageType, Options, Output, RequestId, Response, option_number};

use crate::bench::{Bench, acknowledgement, get_message, message, requests, reset, sent, token, untimed};

fn request_of(bench: &mut Bench, message: &Message) -> RequestId {
    let outputs = bench.receive(message);
    let [Output::Request { id, .. }] = outputs[..] else { panic!("{outputs:?}") };
    id
}

fn respond(bench: &mut Bench, id: RequestId) -> Vec<Message> {
    bench.endpoint.respond(bench.now, id, Response::new(Code::CONTENT));
    sent(&bench.outputs())
}

#[test]
fn a_prompt_response_is_piggybacked() {
    let mut bench = Bench::new();
    let id = request_of(&mut bench, &get_message(5));
    assert!(untimed(bench.pass(Duration::from_millis(999))).is_empty());
    let expected = message(MessageType::Acknowledgement, Code::CONTENT, 5, token(7));
    assert_eq!(respond(&mut bench, id), [expected]);
    assert_eq!(untimed(bench.pass(Duration::from_secs(500))), []);
}

#[test]
fn a_slow_response_comes_separately_until_it_is_acknowledged() {
    let mut bench = Bench::new();
    let id = request_of(&mut bench, &get_message(5));
    let timed = bench.pass(Duration::from_secs(10));
    assert_eq!(timed.len(), 1);
    assert_eq!(timed[0].0, 1_000);
    let acknowledged = [acknowledgement(coap::MessageId(5))];
    assert_eq!(sent(&untimed(timed)), acknowledged);
    assert_eq!(sent(&bench.receive(&get_message(5))), acknowledged);

    let [response] = &respond(&mut bench, id)[..] else { panic!("no response") };
    assert_eq!(response.message_type, MessageType::Confirmable);
    assert_eq!((response.code, response.token), (Code::CONTENT, token(7)));
    assert_eq!(sent(&untimed(bench.pass(Duration::from_secs(10)))), vec![response.clone(); 2]);
    assert_eq!(sent(&bench.receive(&get_message(5))), acknowledged);
    assert_eq!(bench.receive(&acknowledgement(response.message_id)), []);
    assert_eq!(untimed(bench.pass(Duration::from_secs(500))), []);
}

#[test]
fn a_separate_response_ends_with_a_reset_or_after_four_retransmissions() {
    for rejected in [true, false] {
        let mut bench = Bench::new();
        let id = request_of(&mut bench, &get_message(5));
        bench.pass(Duration::from_secs(2));
        let [response] = &respond(&mut bench, id)[..] else { panic!("no response") };
        if rejected {
            assert_eq!(bench.receive(&reset(response.message_id)), []);
        }
        let outputs = untimed(bench.pass(Duration::from_secs(500)));
        assert_eq!(sent(&outputs).len(), if rejected { 0 } else { 4 });
        assert_eq!(outputs.len(), sent(&outputs).len());
    }
}

#[test]
fn a_non_confirmable_request_gets_a_non_confirmable_response() {
    let mut bench = Bench::new();
    let request = Message { message_type: MessageType::NonConfirmable, ..get_message(5) };
    let id = request_of(&mut bench, &request);
    assert_eq!(untimed(bench.pass(Duration::from_secs(5))), []);
    let [response] = &respond(&mut bench, id)[..] else { panic!("no response") };
    assert_eq!((response.message_type, response.token), (MessageType::NonConfirmable, token(7)));
    assert_eq!(untimed(bench.pass(Duration::from_secs(500))), []);
}

#[test]
fn a_request_is_responded_to_once() {
    let mut bench = Bench::new();
    let id = request_of(&mut bench, &get_message(5));
    assert_eq!(respond(&mut bench, id).len(), 1);
    assert_eq!(respond(&mut bench, id).len(), 0);
}

#[test]
fn a_response_that_cannot_be_sent_becomes_5_00() {
    let options = Options::new().with(option_number::LOCATION_QUERY, vec![0; 70_000]);
    let too_long = Response { options, ..Response::new(Code::CONTENT) };
    for response in [too_long, Response::new(Code::GET), Response::new(Code::EMPTY)] {
        let mut bench = Bench::new();
        let id = request_of(&mut bench, &get_message(5));
        bench.endpoint.respond(bench.now, id, response);
        let expected = message(MessageType::Acknowledgement, Code::INTERNAL_SERVER_ERROR, 5, token(7));
        assert_eq!(sent(&bench.outputs()), [expected]);
    }
}

#[test]
fn proxying_is_not_supported() {
    for number in [option_number::PROXY_URI, option_number::PROXY_SCHEME] {
        let mut bench = Bench::new();
        let request = Message { options: Options::new().with(number, b"coap"), ..get_message(5) };
        let outputs = bench.receive(&request);
        assert!(requests(&outputs).is_empty());
        assert_eq!(sent(&outputs)[0].code, Code::PROXYING_NOT_SUPPORTED);
        let request =
            Message { message_type: MessageType::NonConfirmable, message_id: coap::MessageId(6), ..request };
        let answer = sent(&bench.receive(&request)).remove(0);
        assert_eq!(
            (answer.message_type, answer.code),
            (MessageType::NonConfirmable, Code::PROXYING_NOT_SUPPORTED)
        );
    }
}

fn refused_with(options: Options) -> Option<Code> {
    let mut bench = Bench::new();
    let outputs = bench.receive(&Message { options, ..get_message(5) });
    sent(&outputs).first().map(|answer| answer.code)
}

#[test]
fn reserved_block_sizes_are_refused() {
    let block = Block { num: 0, more: false, szx: 7 };
    assert_eq!(refused_with(Options::new().with_block1(block)), Some(Code::BAD_REQUEST));
    assert_eq!(refused_with(Options::new().with_block2(block)), Some(Code::BAD_REQUEST));
}
