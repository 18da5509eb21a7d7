//! Requests of ours that go out in blocks (RFC 7959 §2.5).

use core::time::Duration;

use coap::{
    Block, Code, Endpoint, ExchangeError, ExchangeId, Instant, Message, MessageId, MessageType, Options,
    Output, Request, RequestRefused, TransmissionParameters, limits, option_number,
};

use crate::bench::{Bench, LONG, PEER, acknowledgement, failures, message, responses, sent, token, untimed};

fn whole() -> Vec<u8> {
    (0..2_500_u32).map(|n| n as u8).collect()
}

const fn block(num: u32, more: bool, szx: u8) -> Block {
    Block { num, more, szx }
}

fn put(payload: Vec<u8>) -> Request {
    let options = Options::new().with_path("/5/0/0").with_content_format(42);
    Request { options, payload, token: Some(token(9)), ..Request::new(Code::PUT) }
}

/// Begins to send a body; returns the first message.
fn begin(bench: &mut Bench, request: Request) -> (ExchangeId, Message) {
    let (id, _) = bench.endpoint.request(bench.now, PEER, request, LONG).expect("accepted request");
    (id, sent(&bench.outputs()).remove(0))
}

/// The piggybacked answer to a block.
fn answer(request: &Message, code: Code, block: Option<Block>) -> Message {
    let options = block.map_or_else(Options::new, |block| Options::new().with_block1(block));
    Message { options, ..message(MessageType::Acknowledgement, code, request.message_id.0, request.token) }
}

/// 2.31, echoing the block.
fn proceed(request: &Message) -> Message {
    answer(request, Code::CONTINUE, request.options.block1())
}

/// The next block after an answer.
fn next(bench: &mut Bench, answer: &Message) -> Message {
    let outputs = bench.receive(answer);
    let [next] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    next.clone()
}

/// The response that an answer surfaces as.
fn surfaced(bench: &mut Bench, answer: &Message) -> Message {
    let outputs = bench.receive(answer);
    let [Output::Response { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(untimed(bench.pass(LONG)), []);
    message.clone()
}

#[test]
fn s_149_a_long_request_goes_out_block_by_block() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    let common = Options::new().with_path("/5/0/0").with_content_format(42);
    let size1 = option_number::SIZE1;
    assert_eq!(first.options, common.clone().with_block1(block(0, true, 6)).with_uint(size1, 2_500));
    let second = next(&mut bench, &proceed(&first));
    assert_eq!(second.options, common.clone().with_block1(block(1, true, 6)));
    let third = next(&mut bench, &proceed(&second));
    assert_eq!(third.options, common.with_block1(block(2, false, 6)));
    assert_eq!([&first, &second, &third].map(|request| request.code), [Code::PUT; 3]);
    assert_eq!([first.payload, second.payload, third.payload.clone()].concat(), whole());

    let response = surfaced(&mut bench, &answer(&third, Code::CHANGED, third.options.block1()));
    assert_eq!((response.code, response.token), (Code::CHANGED, token(9)));
    assert_eq!(response.options, Options::new());
}

#[test]
fn one_block_goes_out_whole() {
    let mut bench = Bench::new();
    let (_, request) = begin(&mut bench, put(vec![1; 1_024]));
    assert_eq!((request.options.block1(), request.payload.len()), (None, 1_024));
    let (_, waiting) = bench.get();
    assert_eq!(waiting, None);
    assert_eq!(responses(&bench.receive(&answer(&request, Code::CHANGED, None))).len(), 1);
}

#[test]
fn s_069_the_peer_may_ask_for_smaller_blocks() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    let mut request = next(&mut bench, &answer(&first, Code::CONTINUE, Some(block(0, true, 2))));
    assert_eq!(request.options.block1(), Some(block(16, true, 2)));
    let mut body = [first.payload, request.payload.clone()].concat();
    while request.options.block1().is_some_and(|block| block.more) {
        request = next(&mut bench, &proceed(&request));
        body.extend_from_slice(&request.payload);
    }
    assert_eq!((body, request.options.block1()), (whole(), Some(block(39, false, 2))));
}

#[test]
fn larger_blocks_are_not_sent_than_preferred() {
    let parameters = TransmissionParameters { block_size: 100, ..TransmissionParameters::default() };
    let mut bench = Bench::new();
    bench.endpoint = Endpoint::new(parameters, [1; 32]);
    let (_, first) = begin(&mut bench, put(vec![3; 65]));
    assert_eq!((first.options.block1(), first.payload.len()), (Some(block(0, true, 2)), 64));
    let second = next(&mut bench, &answer(&first, Code::CONTINUE, Some(block(0, true, 6))));
    assert_eq!((second.options.block1(), second.payload.len()), (Some(block(1, false, 2)), 1));
}

#[test]
fn s_069_a_first_block_refused_as_too_large_is_sent_in_smaller_ones_once() {
    for length in [1_000, 2_500] {
        let mut bench = Bench::new();
        let (_, first) = begin(&mut bench, put(vec![1; length]));
        let too_large =
            |request, szx| answer(request, Code::REQUEST_ENTITY_TOO_LARGE, Some(block(0, false, szx)));
        let again = next(&mut bench, &too_large(&first, 3));
        assert_eq!((again.options.block1(), again.payload.len()), (Some(block(0, true, 3)), 128));
        assert_eq!(again.options.uint(option_number::SIZE1), Some(length as u32));
        let response = surfaced(&mut bench, &too_large(&again, 2));
        assert_eq!(response.options.block1(), Some(block(0, true, 3)));
    }
}

#[test]
fn s_070_a_refusal_names_the_block() {
    for code in [
        Code::BAD_REQUEST,
        Code::BAD_OPTION,
        Code::REQUEST_ENTITY_INCOMPLETE,
        Code::REQUEST_ENTITY_TOO_LARGE,
        Code::UNSUPPORTED_CONTENT_FORMAT,
        Code::INTERNAL_SERVER_ERROR,
    ] {
        for named in [None, Some(block(1, true, 6)), Some(block(1, false, 2))] {
            let mut bench = Bench::new();
            let (_, first) = begin(&mut bench, put(whole()));
            let second = next(&mut bench, &proceed(&first));
            let response = surfaced(&mut bench, &answer(&second, code, named));
            assert_eq!((response.code, response.options.block1()), (code, Some(block(1, true, 6))));
        }
    }
}

#[test]
fn a_peer_without_blocks_refuses_the_first() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    let response = surfaced(&mut bench, &answer(&first, Code::BAD_OPTION, None));
    assert_eq!((response.code, response.options.block1()), (Code::BAD_OPTION, Some(block(0, true, 6))));
}

#[test]
fn an_early_success_is_final() {
    for code in [Code::CHANGED, Code::CREATED] {
        for named in [None, Some(block(0, true, 6))] {
            let mut bench = Bench::new();
            let (_, first) = begin(&mut bench, put(whole()));
            assert_eq!(surfaced(&mut bench, &answer(&first, code, named)).code, code);
        }
    }
}

#[test]
fn a_peer_may_act_on_each_block_by_itself() {
    // RFC 7959 §3.2: 2.04 with a clear M bit answers a block, not the whole.
    let mut bench = Bench::new();
    let (_, mut request) = begin(&mut bench, put(whole()));
    for num in 0..2 {
        request = next(&mut bench, &answer(&request, Code::CHANGED, Some(block(num, false, 6))));
    }
    let response = surfaced(&mut bench, &answer(&request, Code::CHANGED, Some(block(2, false, 6))));
    assert_eq!(response.code, Code::CHANGED);
}

#[test]
fn an_answer_to_another_block_fails() {
    let mut bench = Bench::new();
    let (id, first) = begin(&mut bench, put(whole()));
    let outputs = bench.receive(&answer(&first, Code::CONTINUE, Some(block(1, true, 6))));
    assert_eq!(failures(&outputs), [(id, ExchangeError::BodyIncoherent)]);
    assert_eq!(untimed(bench.pass(LONG)), []);
}

#[test]
fn separate_answers_carry_the_transfer_too() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    bench.receive(&acknowledgement(first.message_id));
    let separate =
        Message { message_type: MessageType::Confirmable, message_id: MessageId(700), ..proceed(&first) };
    let outputs = bench.receive(&separate);
    let [acknowledged, second] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(*acknowledged, acknowledgement(MessageId(700)));
    assert_eq!(second.options.block1(), Some(block(1, true, 6)));
    // Its duplicate does not count for the second block.
    assert_eq!(sent(&bench.receive(&separate)), [acknowledgement(MessageId(700))]);
}

#[test]
fn a_duplicate_answer_counts_once() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    let second = next(&mut bench, &proceed(&first));
    assert_eq!(bench.receive(&proceed(&first)), []);
    let third = next(&mut bench, &proceed(&second));
    assert_eq!(third.options.block1(), Some(block(2, false, 6)));
}

#[test]
fn each_block_is_retransmitted() {
    let mut bench = Bench::new();
    let (id, first) = begin(&mut bench, put(whole()));
    let second = next(&mut bench, &proceed(&first));
    let outputs = untimed(bench.pass(Duration::from_secs(93)));
    assert_eq!(sent(&outputs), vec![second; 4]);
    assert_eq!(failures(&outputs), [(id, ExchangeError::Timeout)]);
}

#[test]
fn the_timeout_covers_all_blocks() {
    let mut bench = Bench::new();
    let timeout = Duration::from_secs(10);
    let (id, _) = bench.endpoint.request(bench.now, PEER, put(whole()), timeout).unwrap();
    let first = sent(&bench.outputs()).remove(0);
    bench.pass(Duration::from_secs(1));
    let second = next(&mut bench, &proceed(&first));
    bench.receive(&acknowledgement(second.message_id));
    assert_eq!(untimed(bench.pass(Duration::from_millis(8_999))), []);
    let outputs = untimed(bench.pass(Duration::from_millis(1)));
    assert_eq!(failures(&outputs), [(id, ExchangeError::NoResponse)]);
}

#[test]
fn other_requests_wait_until_the_last_block_is_answered() {
    let mut bench = Bench::new();
    let (_, first) = begin(&mut bench, put(whole()));
    assert_eq!(bench.get().1, None);
    let second = next(&mut bench, &proceed(&first));
    let third = next(&mut bench, &proceed(&second));
    let outputs = bench.receive(&answer(&third, Code::CHANGED, None));
    assert_eq!(sent(&outputs)[0].code, Code::GET);
}

#[test]
fn a_cancelled_transfer_stops() {
    let mut bench = Bench::new();
    let (id, first) = begin(&mut bench, put(whole()));
    let second = next(&mut bench, &proceed(&first));
    bench.endpoint.cancel_exchange(bench.now, id);
    assert_eq!(bench.receive(&proceed(&second)), []);
    assert_eq!(untimed(bench.pass(LONG)), []);
}

#[test]
fn the_caller_may_cut_blocks_itself() {
    let mut bench = Bench::new();
    let mut request = put(vec![1; 1_024]);
    request.options = request.options.with_block1(block(3, true, 6));
    let (_, request) = begin(&mut bench, request);
    assert_eq!(request.options.block1(), Some(block(3, true, 6)));
    let response = surfaced(&mut bench, &proceed(&request));
    assert_eq!((response.code, response.options.block1()), (Code::CONTINUE, Some(block(3, true, 6))));
}

#[test]
fn a_notification_does_not_answer_a_block() {
    let mut bench = Bench::new();
    let request = Request { code: Code::FETCH, ..put(whole()) };
    let observing = Request { options: request.options.clone().with_observe(0), ..request };
    let (_, first) = begin(&mut bench, observing);
    let notification = Message {
        options: Options::new().with_observe(5),
        ..message(MessageType::NonConfirmable, Code::CONTENT, 700, token(9))
    };
    assert!(matches!(bench.receive(&notification)[..], [Output::Notification { .. }]));
    let second = next(&mut bench, &proceed(&first));
    // The peer knows the observation by the token of the block that completes the request.
    assert_eq!((second.token, second.options.observe()), (token(9), Some(0)));
}

#[test]
fn bodies_are_bounded() {
    let mut endpoint = Endpoint::new(TransmissionParameters::default(), [0; 32]);
    let now = Instant::default();
    let limit = limits::BLOCK1_SENT_BODY_BYTES;
    let longest = Request { token: None, ..put(vec![0; limit]) };
    let longer = Request { token: None, ..put(vec![0; limit + 1]) };
    assert_eq!(endpoint.request(now, 'z', longer, LONG), Err(RequestRefused::BodyTooLarge { limit }));
    let total = limits::BLOCK1_SENT_TOTAL_BYTES;
    let mut ids = Vec::new();
    for peer in ('a'..).take(total / limit) {
        ids.push(endpoint.request(now, peer, longest.clone(), LONG).unwrap().0);
    }
    let one_more = put(whole());
    let refused = endpoint.request(now, 'z', one_more.clone(), LONG);
    assert_eq!(refused, Err(RequestRefused::TooManyBodies { limit: total }));
    assert!(endpoint.request(now, 'z', put(vec![0; 1_024]), LONG).is_ok());
    endpoint.cancel_exchange(now, ids[0]);
    assert!(endpoint.request(now, 'y', one_more, LONG).is_ok());
}

#[test]
fn a_body_with_more_blocks_than_can_be_numbered_fails() {
    let mut bench = Bench::new();
    let (id, first) = begin(&mut bench, put(vec![0; (1 << 24) + 1]));
    let outputs = bench.receive(&answer(&first, Code::CONTINUE, Some(block(0, true, 0))));
    assert_eq!(failures(&outputs), [(id, ExchangeError::BodyTooLarge { limit: 1 << 24 })]);
}
