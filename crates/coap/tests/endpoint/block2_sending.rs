//! Responses of ours that go out in blocks (RFC 7959 §2.4).

use core::time::Duration;

use coap::{
    Block, Code, Endpoint, Message, MessageId, MessageType, Options, Output, Response,
    TransmissionParameters, limits, option_number,
};

use crate::bench::{Bench, PEER, acknowledgement, message, requests, sent, token};

fn whole() -> Vec<u8> {
    (0..2_500_u32).map(|n| n as u8).collect()
}

const fn block(num: u32, more: bool, szx: u8) -> Block {
    Block { num, more, szx }
}

/// `GET /3`, asking for a block if any.
fn get(id: u16, asked: Option<Block>) -> Message {
    let options = Options::new().with_path("/3").with_accept(11542);
    let options = asked.map_or_else(|| options.clone(), |block| options.clone().with_block2(block));
    Message { options, ..message(MessageType::Confirmable, Code::GET, id, token(id as u8)) }
}

fn content(payload: Vec<u8>) -> Response {
    let options = Options::new().with_content_format(11542);
    Response { options, payload, ..Response::new(Code::CONTENT) }
}

/// What a request that surfaces is answered with.
fn respond(bench: &mut Bench, request: &Message, response: Response) -> Message {
    let outputs = bench.receive(request);
    let [id] = requests(&outputs)[..] else { panic!("{outputs:?}") };
    bench.endpoint.respond(bench.now, id, response);
    sent(&bench.outputs()).remove(0)
}

/// What a request is answered with that does not surface.
fn answer(bench: &mut Bench, request: &Message) -> Message {
    let outputs = bench.receive(request);
    let [Output::Transmit { .. }] = outputs[..] else { panic!("{outputs:?}") };
    sent(&outputs).remove(0)
}

fn etag(message: &Message) -> Option<Vec<u8>> {
    message.options.first(option_number::ETAG).map(<[u8]>::to_vec)
}

#[test]
fn s_149_a_long_response_goes_out_block_by_block() {
    let mut bench = Bench::new();
    let first = respond(&mut bench, &get(1, None), content(whole()));
    assert_eq!((first.message_type, first.code), (MessageType::Acknowledgement, Code::CONTENT));
    assert_eq!(first.options.block2(), Some(block(0, true, 6)));
    assert_eq!(first.options.uint(option_number::SIZE2), Some(2_500));
    let second = answer(&mut bench, &get(2, Some(block(1, false, 6))));
    let third = answer(&mut bench, &get(3, Some(block(2, false, 6))));
    assert_eq!(second.options.block2(), Some(block(1, true, 6)));
    assert_eq!(third.options.block2(), Some(block(2, false, 6)));
    assert_eq!((third.message_id, third.token), (MessageId(3), token(3)));
    assert!(etag(&first).is_some());
    assert_eq!((etag(&second), etag(&third)), (etag(&first), etag(&first)));
    assert_eq!(third.options.content_format(), Some(11542));
    assert_eq!([first.payload, second.payload, third.payload].concat(), whole());
}

#[test]
fn s_149_a_peer_may_ask_for_smaller_blocks_beforehand() {
    let mut bench = Bench::new();
    let first = respond(&mut bench, &get(1, Some(block(0, false, 3))), content(whole()));
    assert_eq!((first.options.block2(), first.payload.len()), (Some(block(0, true, 3)), 128));
    let last = answer(&mut bench, &get(2, Some(block(19, false, 3))));
    assert_eq!((last.options.block2(), last.payload.len()), (Some(block(19, false, 3)), 68));
}

#[test]
fn larger_blocks_are_not_sent_than_preferred() {
    let parameters = TransmissionParameters { block_size: 512, ..TransmissionParameters::default() };
    let mut bench = Bench::new();
    bench.endpoint = Endpoint::new(parameters, [1; 32]);
    let first = respond(&mut bench, &get(1, Some(block(0, false, 6))), content(whole()));
    assert_eq!(first.options.block2(), Some(block(0, true, 5)));
    // The same place in the body, whatever size it is asked for in.
    let third = answer(&mut bench, &get(2, Some(block(1, false, 6))));
    assert_eq!(
        (third.options.block2(), third.payload),
        (Some(block(2, true, 5)), whole()[1024..1536].to_vec())
    );
}

#[test]
fn the_block_size_may_shrink_on_the_way() {
    let mut bench = Bench::new();
    let first = respond(&mut bench, &get(1, None), content(whole()));
    let next = answer(&mut bench, &get(2, Some(block(16, false, 2))));
    assert_eq!((next.options.block2(), etag(&next)), (Some(block(16, true, 2)), etag(&first)));
    assert_eq!(next.payload, whole()[1024..1088]);
}

#[test]
fn what_fits_is_not_cut() {
    let mut bench = Bench::new();
    let response = respond(&mut bench, &get(1, Some(block(0, false, 6))), content(vec![1; 1_024]));
    assert_eq!((response.options.block2(), etag(&response), response.payload.len()), (None, None, 1_024));
    // Nothing is left of a longer response before.
    respond(&mut bench, &get(2, None), content(whole()));
    respond(&mut bench, &get(3, None), content(vec![1]));
    assert_eq!(requests(&bench.receive(&get(4, Some(block(1, false, 6))))).len(), 1);
}

#[test]
fn an_etag_of_the_caller_is_kept() {
    let mut bench = Bench::new();
    let mut response = content(whole());
    response.options = response.options.with(option_number::ETAG, [7]);
    assert_eq!(etag(&respond(&mut bench, &get(1, None), response)), Some(vec![7]));
}

#[test]
fn other_content_has_another_etag() {
    let mut bench = Bench::new();
    let mut etags = Vec::new();
    let other_format = Response { options: Options::new().with_content_format(110), ..content(whole()) };
    for (id, response) in
        (1..).zip([content(whole()), content(vec![0; 2_500]), other_format, content(whole())])
    {
        etags.push(etag(&respond(&mut bench, &get(id, None), response)));
    }
    assert_eq!(etags[0], etags[3]);
    assert!(etags[0] != etags[1] && etags[0] != etags[2]);
}

#[test]
fn an_error_response_may_be_long_too() {
    let mut bench = Bench::new();
    let text = Response { payload: vec![b'x'; 1_500], ..Response::new(Code::BAD_REQUEST) };
    let first = respond(&mut bench, &get(1, None), text);
    let second = answer(&mut bench, &get(2, Some(block(1, false, 6))));
    assert_eq!((first.code, second.code), (Code::BAD_REQUEST, Code::BAD_REQUEST));
    assert_eq!((first.payload.len(), second.payload.len()), (1_024, 476));
}

#[test]
fn a_block_beyond_the_end_is_a_bad_request() {
    let mut bench = Bench::new();
    respond(&mut bench, &get(1, None), content(vec![0; 2_048]));
    for (id, num) in (2..).zip([2, Block::MAX_NUM]) {
        assert_eq!(answer(&mut bench, &get(id, Some(block(num, false, 6)))).code, Code::BAD_REQUEST);
    }
    // Also when the response is made anew.
    let outputs = bench.receive_from('q', &get(9, Some(block(2, false, 6))));
    bench.endpoint.respond(bench.now, requests(&outputs)[0], content(vec![0; 2_048]));
    assert_eq!(sent(&bench.outputs())[0].code, Code::BAD_REQUEST);
}

#[test]
fn a_block_of_a_forgotten_response_is_asked_of_the_application() {
    let mut bench = Bench::new();
    respond(&mut bench, &get(1, None), content(whole()));
    bench.pass(Duration::from_secs(200));
    answer(&mut bench, &get(2, Some(block(1, false, 6))));
    // EXCHANGE_LIFETIME counts from the last use.
    bench.pass(Duration::from_secs(200));
    answer(&mut bench, &get(3, Some(block(1, false, 6))));
    bench.pass(Duration::from_secs(247));
    let second = respond(&mut bench, &get(4, Some(block(1, false, 6))), content(whole()));
    assert_eq!(
        (second.options.block2(), second.payload),
        (Some(block(1, true, 6)), whole()[1024..2048].to_vec())
    );
}

#[test]
fn a_refusal_answers_whatever_block_is_asked_for() {
    let mut bench = Bench::new();
    let gone = respond(&mut bench, &get(1, Some(block(9, false, 5))), Response::new(Code::NOT_FOUND));
    assert_eq!((gone.code, gone.options.block2()), (Code::NOT_FOUND, None));
    let text = Response { payload: vec![b'x'; 600], ..Response::new(Code::NOT_FOUND) };
    let explained = respond(&mut bench, &get(2, Some(block(9, false, 5))), text);
    assert_eq!((explained.code, explained.options.block2()), (Code::NOT_FOUND, Some(block(0, true, 5))));
}

#[test]
fn bodies_belong_to_one_peer_and_one_resource() {
    let mut bench = Bench::new();
    respond(&mut bench, &get(1, None), content(whole()));
    let later = get(2, Some(block(1, false, 6)));
    assert_eq!(requests(&bench.receive_from('q', &later)).len(), 1);
    for (id, number, value) in [(3, option_number::URI_PATH, "0"), (4, option_number::URI_QUERY, "a")] {
        let other = get(id, Some(block(1, false, 6)));
        let other = Message { options: other.options.with(number, value), ..other };
        assert_eq!(requests(&bench.receive(&other)).len(), 1);
    }
    let mut other = get(5, Some(block(1, false, 6)));
    other.options.remove(option_number::ACCEPT);
    assert_eq!(requests(&bench.receive(&other)).len(), 1);
    assert_eq!(answer(&mut bench, &later).code, Code::CONTENT);
    bench.endpoint.forget_peer(PEER);
    assert_eq!(requests(&bench.receive(&get(6, Some(block(1, false, 6))))).len(), 1);
}

#[test]
fn duplicates_are_answered_alike() {
    let mut bench = Bench::new();
    let first = respond(&mut bench, &get(1, None), content(whole()));
    assert_eq!(answer(&mut bench, &get(1, None)), first);
    let second = answer(&mut bench, &get(2, Some(block(1, false, 6))));
    assert_eq!(answer(&mut bench, &get(2, Some(block(1, false, 6)))), second);
}

#[test]
fn a_slow_response_comes_in_separate_blocks() {
    let mut bench = Bench::new();
    let [id] = requests(&bench.receive(&get(1, None)))[..] else { panic!("no request") };
    bench.pass(Duration::from_secs(2));
    bench.endpoint.respond(bench.now, id, content(whole()));
    let first = sent(&bench.outputs()).remove(0);
    assert_eq!(
        (first.message_type, first.options.block2()),
        (MessageType::Confirmable, Some(block(0, true, 6)))
    );
    bench.receive(&acknowledgement(first.message_id));
    assert_eq!(answer(&mut bench, &get(2, Some(block(2, false, 6)))).payload, whole()[2_048..]);
}

#[test]
fn non_confirmable_requests_get_their_blocks_in_kind() {
    let mut bench = Bench::new();
    let non = |message| Message { message_type: MessageType::NonConfirmable, ..message };
    let first = respond(&mut bench, &non(get(1, None)), content(whole()));
    assert_eq!(
        (first.message_type, first.options.block2()),
        (MessageType::NonConfirmable, Some(block(0, true, 6)))
    );
    let asked = non(get(2, Some(block(1, false, 6))));
    assert_eq!(answer(&mut bench, &asked).message_type, MessageType::NonConfirmable);
    assert_eq!(bench.receive(&asked), []);
}

#[test]
fn the_longest_unused_body_of_a_peer_makes_room() {
    let mut bench = Bench::new();
    let of = |message: Message, n: usize| Message {
        options: message.options.with_query(&n.to_string()),
        ..message
    };
    let limit = limits::BLOCK2_KEPT_BODIES_PER_PEER;
    for n in 0..limit {
        respond(&mut bench, &of(get(n as u16, None), n), content(whole()));
        bench.pass(Duration::from_secs(1));
    }
    answer(&mut bench, &of(get(100, Some(block(1, false, 6))), 0));
    respond(&mut bench, &of(get(101, None), limit), content(whole()));
    answer(&mut bench, &of(get(102, Some(block(1, false, 6))), 0));
    assert_eq!(requests(&bench.receive(&of(get(103, Some(block(1, false, 6))), 1))).len(), 1);
}

#[test]
fn the_bodies_of_all_peers_are_bounded_in_bytes() {
    let mut bench = Bench::new();
    let body = vec![0; limits::BLOCK2_KEPT_BYTES / 4 + 1];
    for peer in 'a'..='d' {
        let [id] = requests(&bench.receive_from(peer, &get(1, None)))[..] else { panic!("no request") };
        bench.endpoint.respond(bench.now, id, content(body.clone()));
        bench.outputs();
        bench.pass(Duration::from_secs(1));
    }
    let surfaces =
        ('a'..='d').map(|peer| requests(&bench.receive_from(peer, &get(2, Some(block(1, false, 6))))).len());
    assert_eq!(surfaces.collect::<Vec<_>>(), [1, 0, 0, 0]);
}
