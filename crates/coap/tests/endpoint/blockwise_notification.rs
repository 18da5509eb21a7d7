//! Notifications that come in blocks (RFC 7959 §3.4).

use core::time::Duration;

use coap::{
    Block, Code, ExchangeError, ExchangeId, Message, MessageType, Options, Output, Request, Response, limits,
    option_number,
};

use crate::bench::{Bench, LONG, PEER, failures, message, requests, sent, token, untimed};

fn whole() -> Vec<u8> {
    (0..2_500_u32).map(|n| n as u8).collect()
}

const fn block(num: u32, more: bool, szx: u8) -> Block {
    Block { num, more, szx }
}

/// The options of the request that began the observation.
fn resource() -> Options {
    Options::new().with_path("/9").with_accept(112).with_observe(0)
}

fn content(payload: Vec<u8>) -> Response {
    let options = Options::new().with_observe(5).with_content_format(112);
    Response { options, payload, ..Response::new(Code::CONTENT) }
}

fn asking(code: Code, id: u16, block: Block) -> Message {
    let options = Options::new().with_path("/9").with_accept(112).with_block2(block);
    Message { options, ..message(MessageType::Confirmable, code, id, token(id as u8)) }
}

#[test]
fn a_long_notification_leaves_its_rest_to_be_fetched() {
    for (confirmable, code) in [(true, Code::GET), (false, Code::GET), (true, Code::FETCH)] {
        let mut bench = Bench::new();
        bench.endpoint.notify(bench.now, PEER, token(1), &resource(), content(whole()), confirmable);
        let first = sent(&bench.outputs()).remove(0);
        assert_eq!((first.token, first.options.observe()), (token(1), Some(5)));
        assert_eq!(first.options.block2(), Some(block(0, true, 6)));
        let mut body = first.payload;
        for num in 1..3 {
            let outputs = bench.receive(&asking(code, num as u16, block(num, false, 6)));
            let next = sent(&outputs).remove(0);
            assert_eq!((next.message_type, next.code), (MessageType::Acknowledgement, Code::CONTENT));
            assert_eq!(
                (next.options.observe(), next.options.block2()),
                (None, Some(block(num, num == 1, 6)))
            );
            assert!(next.options.contains(option_number::ETAG));
            assert!(next.options.all(option_number::ETAG).eq(first.options.all(option_number::ETAG)));
            body.extend(next.payload);
        }
        assert_eq!(body, whole());
    }
}

#[test]
fn the_observer_chooses_the_block_size() {
    let mut bench = Bench::new();
    let resource = resource().with_block2(block(0, false, 4));
    bench.endpoint.notify(bench.now, PEER, token(1), &resource, content(whole()), true);
    assert_eq!(sent(&bench.outputs())[0].options.block2(), Some(block(0, true, 4)));
}

#[test]
fn the_rest_is_that_of_the_latest_notification() {
    let mut bench = Bench::new();
    for payload in [whole(), vec![9; 2_000]] {
        bench.endpoint.notify(bench.now, PEER, token(1), &resource(), content(payload), false);
    }
    let etag = |message: &Message| message.options.first(option_number::ETAG).map(<[u8]>::to_vec);
    let notifications = sent(&bench.outputs());
    let rest = sent(&bench.receive(&asking(Code::GET, 1, block(1, false, 6)))).remove(0);
    assert_eq!(rest.payload, [9; 976]);
    assert_eq!(etag(&rest), etag(&notifications[1]));
    assert_ne!(etag(&rest), etag(&notifications[0]));
    // A short one leaves nothing.
    bench.endpoint.notify(bench.now, PEER, token(1), &resource(), content(vec![1]), false);
    assert_eq!(sent(&bench.outputs())[0].options.block2(), None);
    assert_eq!(requests(&bench.receive(&asking(Code::GET, 2, block(1, false, 6)))).len(), 1);
}

/// A block of a body, as a notification or in an acknowledgement.
fn block_of(body: &[u8], num: u32, etag: u8, header: Message) -> Message {
    let block = block(num, body.len() > (num as usize + 1) * 1_024, 6);
    let end = body.len().min(block.offset() + block.size());
    let options =
        header.options.with(option_number::ETAG, [etag]).with_content_format(112).with_block2(block);
    Message { options, payload: body[block.offset()..end].to_vec(), ..header }
}

fn notification(body: &[u8]) -> Message {
    let options = Options::new().with_observe(5);
    let header = Message { options, ..message(MessageType::Confirmable, Code::CONTENT, 700, token(1)) };
    block_of(body, 0, 1, header)
}

fn answer(request: &Message, body: &[u8], etag: u8) -> Message {
    let header = message(MessageType::Acknowledgement, Code::CONTENT, request.message_id.0, request.token);
    block_of(body, request.options.block2().map_or(0, |block| block.num), etag, header)
}

/// Takes a notification in and fetches its rest; returns the first request.
fn fetch_rest(bench: &mut Bench, body: &[u8]) -> (ExchangeId, Message) {
    let outputs = bench.receive(&notification(body));
    let [Output::Notification { id, message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    bench.endpoint.acknowledge(bench.now, *id);
    bench.outputs();
    let fetched = bench.endpoint.fetch_rest(bench.now, PEER, resource(), message.clone(), LONG);
    (fetched.expect("accepted").0, sent(&bench.outputs()).remove(0))
}

fn next(bench: &mut Bench, answer: &Message) -> Message {
    let outputs = bench.receive(answer);
    let [next] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    next.clone()
}

#[test]
fn s_113_the_rest_of_a_notification_is_fetched_with_plain_gets() {
    let mut bench = Bench::new();
    let body = whole();
    let (id, second) = fetch_rest(&mut bench, &body);
    let plain = Options::new().with_path("/9").with_accept(112);
    assert_eq!(second.options, plain.clone().with_block2(block(1, false, 6)));
    let third = next(&mut bench, &answer(&second, &body, 1));
    assert_eq!(third.options, plain.with_block2(block(2, false, 6)));
    assert!(second.token != token(1) && third.token != token(1) && second.token != third.token);

    // Notifications go on meanwhile.
    let newer = Message { message_id: coap::MessageId(701), ..notification(&[1]) };
    assert!(matches!(bench.receive(&newer)[..], [Output::Notification { .. }]));

    let outputs = bench.receive(&answer(&third, &body, 1));
    let [Output::Response { exchange, message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((*exchange, &message.payload, message.options.observe()), (id, &body, Some(5)));
    assert_eq!((message.options.block2(), message.options.content_format()), (None, Some(112)));
}

#[test]
fn a_change_on_the_way_is_fetched_from_the_beginning() {
    let mut bench = Bench::new();
    let (_, second) = fetch_rest(&mut bench, &whole());
    let newer = vec![9; 1_500];
    let again = next(&mut bench, &answer(&second, &newer, 2));
    let plain = Options::new().with_path("/9").with_accept(112);
    assert_eq!(again.options, plain.with_block2(block(0, false, 6)));
    let last = next(&mut bench, &answer(&again, &newer, 2));
    let outputs = bench.receive(&answer(&last, &newer, 2));
    let [Output::Response { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((&message.payload, message.options.observe()), (&newer, Some(5)));
}

#[test]
fn constant_change_fails() {
    let mut bench = Bench::new();
    let (id, mut request) = fetch_rest(&mut bench, &whole());
    for etag in 2_u8.. {
        let outputs = bench.receive(&answer(&request, &whole(), etag));
        if let [failure] = failures(&outputs)[..] {
            assert_eq!(failure, (id, ExchangeError::BodyIncoherent));
            assert_eq!(u32::from(etag), 2 + 2 * limits::BLOCK2_RESTARTS);
            return;
        }
        request = sent(&outputs).remove(0);
    }
}

#[test]
fn the_fetching_times_out_and_waits_its_turn() {
    let mut bench = Bench::new();
    bench.get();
    let first = notification(&whole());
    let timeout = Duration::from_secs(10);
    let (id, _) = bench.endpoint.fetch_rest(bench.now, PEER, resource(), first, timeout).unwrap();
    assert_eq!(bench.outputs(), []);
    assert_eq!(failures(&untimed(bench.pass(timeout))), [(id, ExchangeError::Timeout)]);
}

#[test]
fn a_complete_notification_needs_no_fetching() {
    let mut bench = Bench::new();
    let first = notification(&[1, 2, 3]);
    let (id, _) = bench.endpoint.fetch_rest(bench.now, PEER, resource(), first, LONG).unwrap();
    let outputs = bench.outputs();
    let [Output::Response { exchange, message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((*exchange, &message.payload[..]), (id, &[1, 2, 3][..]));
    assert_eq!(bench.endpoint.poll_timeout(), None);
}

#[test]
fn a_composite_observation_is_fetched_with_its_own_method() {
    let mut bench = Bench::new();
    let body = whole();
    let request = Request { options: resource(), payload: vec![1], ..Request::new(Code::FETCH) };
    bench.endpoint.fetch_rest_by(bench.now, PEER, request, notification(&body), LONG).unwrap();
    let second = sent(&bench.outputs()).remove(0);
    assert_eq!((second.code, &second.payload[..]), (Code::FETCH, &[][..]));
    let third = next(&mut bench, &answer(&second, &body, 1));
    let outputs = bench.receive(&answer(&third, &body, 1));
    assert!(matches!(outputs[..], [Output::Response { .. }]));
}
