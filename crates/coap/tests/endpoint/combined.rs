//! Requests in blocks whose responses come in blocks as well (RFC 7959 §3.3).

use coap::{
    Block, Code, ExchangeError, Message, MessageType, Options, Output, Request, Response, limits,
    option_number,
};

use crate::bench::{Bench, LONG, PEER, failures, message, requests, responses, sent, token, untimed};

const fn block(num: u32, more: bool, szx: u8) -> Block {
    Block { num, more, szx }
}

fn question() -> Vec<u8> {
    (0..1_500_u32).map(|n| n as u8).collect()
}

fn reply() -> Vec<u8> {
    (0..2_500_u32).map(|n| (n / 3) as u8).collect()
}

fn fetch(payload: Vec<u8>) -> Request {
    let options = Options::new().with_path("/").with_content_format(112).with_accept(112);
    Request { options, payload, token: Some(token(9)), ..Request::new(Code::FETCH) }
}

/// Starts a request; returns its first message.
fn begin(bench: &mut Bench, request: Request) -> Message {
    bench.endpoint.request(bench.now, PEER, request, LONG).expect("accepted request");
    sent(&bench.outputs()).remove(0)
}

fn next(bench: &mut Bench, answer: &Message) -> Message {
    let outputs = bench.receive(answer);
    let [next] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    next.clone()
}

fn answer(request: &Message, code: Code) -> Message {
    message(MessageType::Acknowledgement, code, request.message_id.0, request.token)
}

fn proceed(request: &Message) -> Message {
    let block = request.options.block1().expect("a block of the request");
    Message { options: Options::new().with_block1(block), ..answer(request, Code::CONTINUE) }
}

/// The block of the reply that a request asks for.
fn reply_to(request: &Message, code: Code, etag: u8) -> Message {
    let body = reply();
    let num = request.options.block2().map_or(0, |block| block.num);
    let rest = &body[num as usize * 1024..];
    let block = block(num, rest.len() > 1_024, 6);
    let options = Options::new().with_block2(block).with(option_number::ETAG, [etag]);
    let options = match request.options.block1() {
        Some(block) => options.with_block1(block),
        None => options,
    };
    Message { options, payload: rest[..rest.len().min(1_024)].to_vec(), ..answer(request, code) }
}

/// Serves requests for blocks to the end; returns the response that surfaces, and the requests.
fn serve(bench: &mut Bench, mut answer: Message, code: Code) -> (Message, Vec<Message>) {
    let mut asked = Vec::new();
    loop {
        let outputs = bench.receive(&answer);
        match &outputs[..] {
            [Output::Response { message, .. }] => return (message.clone(), asked),
            [Output::Transmit { .. }] => asked.extend(sent(&outputs)),
            _ => panic!("{outputs:?}"),
        }
        answer = reply_to(asked.last().expect("just sent"), code, 1);
    }
}

#[test]
fn s_149_a_long_request_has_a_long_response() {
    for (code, success) in [(Code::FETCH, Code::CONTENT), (Code::POST, Code::CHANGED)] {
        let mut bench = Bench::new();
        let first = begin(&mut bench, Request { code, ..fetch(question()) });
        let second = next(&mut bench, &proceed(&first));
        let answer = reply_to(&second, success, 1);
        let (response, asked) = serve(&mut bench, answer, success);
        assert_eq!((response.code, response.token, response.payload), (success, token(9), reply()));
        assert_eq!((response.options.block1(), response.options.block2()), (None, None));
        let common = Options::new().with_content_format(112).with_accept(112);
        for (num, request) in (1..).zip(&asked) {
            assert_eq!((request.code, &request.payload), (code, &vec![]));
            assert_eq!(request.options, common.clone().with_block2(block(num, false, 6)));
        }
        assert_eq!(asked.len(), 2);
        assert_eq!(untimed(bench.pass(LONG)), []);
    }
}

#[test]
fn the_size_of_the_response_is_asked_for_with_the_last_block() {
    let mut bench = Bench::new();
    let mut request = fetch(question());
    request.options = request.options.with_block2(block(0, false, 4));
    let first = begin(&mut bench, request);
    let second = next(&mut bench, &proceed(&first));
    assert_eq!((first.options.block2(), second.options.block2()), (None, Some(block(0, false, 4))));
}

#[test]
fn a_peer_may_want_the_payload_of_a_fetch_again() {
    for refusal in [Code::BAD_REQUEST, Code::REQUEST_ENTITY_INCOMPLETE] {
        let mut bench = Bench::new();
        let first = begin(&mut bench, fetch(vec![7; 10]));
        let bare = next(&mut bench, &reply_to(&first, Code::CONTENT, 1));
        assert_eq!(bare.payload, []);
        let repeated = next(&mut bench, &answer(&bare, refusal));
        assert_eq!((&repeated.payload, &repeated.options), (&vec![7; 10], &bare.options));
        let answer_to_it = reply_to(&repeated, Code::CONTENT, 1);
        let (response, asked) = serve(&mut bench, answer_to_it, Code::CONTENT);
        assert_eq!(response.payload, reply());
        assert_eq!(asked[0].payload, [7; 10]);
    }
    let mut bench = Bench::new();
    let first = begin(&mut bench, fetch(vec![7; 10]));
    let bare = next(&mut bench, &reply_to(&first, Code::CONTENT, 1));
    let mut request = next(&mut bench, &answer(&bare, Code::BAD_REQUEST));
    // A peer that refuses this as well is asked from the beginning, but not for ever.
    for _ in 0..limits::BLOCK2_RESTARTS {
        let first = next(&mut bench, &answer(&request, Code::BAD_REQUEST));
        assert_eq!((first.options.block2(), &first.payload), (Some(block(0, false, 6)), &vec![7; 10]));
        request = next(&mut bench, &reply_to(&first, Code::CONTENT, 1));
    }
    let outputs = bench.receive(&answer(&request, Code::BAD_REQUEST));
    assert_eq!(responses(&outputs)[0].1, Code::BAD_REQUEST);
}

#[test]
fn the_payload_of_a_post_is_never_sent_again() {
    let mut bench = Bench::new();
    let first = begin(&mut bench, Request { code: Code::POST, ..fetch(vec![7; 10]) });
    let bare = next(&mut bench, &reply_to(&first, Code::CHANGED, 1));
    let outputs = bench.receive(&answer(&bare, Code::REQUEST_ENTITY_INCOMPLETE));
    assert_eq!(responses(&outputs)[0].1, Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn a_changed_response_is_fetched_anew_when_that_is_safe() {
    let mut bench = Bench::new();
    let first = begin(&mut bench, fetch(question()));
    let second = next(&mut bench, &proceed(&first));
    let asked = next(&mut bench, &reply_to(&second, Code::CONTENT, 1));
    let again = next(&mut bench, &reply_to(&asked, Code::CONTENT, 2));
    assert_eq!((again.options.block1(), again.options.block2()), (Some(block(0, true, 6)), None));
    let last = next(&mut bench, &proceed(&again));
    assert_eq!(last.options.block2(), Some(block(0, false, 6)));
    let answer = reply_to(&last, Code::CONTENT, 1);
    assert_eq!(serve(&mut bench, answer, Code::CONTENT).0.payload, reply());

    let mut bench = Bench::new();
    let first = begin(&mut bench, Request { code: Code::POST, ..fetch(vec![7; 10]) });
    let asked = next(&mut bench, &reply_to(&first, Code::CHANGED, 1));
    let outputs = bench.receive(&reply_to(&asked, Code::CHANGED, 2));
    assert_eq!(failures(&outputs)[0].1, ExchangeError::BodyIncoherent);
}

/// A block of the peer's request.
fn asking(code: Code, id: u16, block1: Option<Block>, block2: Option<Block>) -> Message {
    let mut options = Options::new().with_path("/").with_content_format(112);
    if let Some(block) = block2 {
        options = options.with_block2(block);
    }
    let mut payload = Vec::new();
    if let Some(block) = block1 {
        options = options.with_block1(block);
        let end = question().len().min(block.offset() + block.size());
        payload = question()[block.offset()..end].to_vec();
    }
    Message { options, payload, ..message(MessageType::Confirmable, code, id, token(id as u8)) }
}

#[test]
fn s_149_a_long_request_of_a_peer_gets_a_long_response() {
    for (code, success) in [(Code::FETCH, Code::CONTENT), (Code::POST, Code::CHANGED)] {
        let mut bench = Bench::new();
        let outputs = bench.receive(&asking(code, 1, Some(block(0, true, 6)), None));
        assert_eq!(sent(&outputs)[0].code, Code::CONTINUE);
        let last = asking(code, 2, Some(block(1, false, 6)), Some(block(0, false, 5)));
        let outputs = bench.receive(&last);
        let [Output::Request { id, message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!(message.payload, question());
        bench.endpoint.respond(bench.now, *id, Response { payload: reply(), ..Response::new(success) });
        let first = sent(&bench.outputs()).remove(0);
        assert_eq!(first.options.block1(), Some(block(1, false, 6)));
        assert_eq!(first.options.block2(), Some(block(0, true, 5)));
        let mut body = first.payload;
        for num in 1..5 {
            let outputs = bench.receive(&asking(code, 10 + num as u16, None, Some(block(num, false, 5))));
            let next = sent(&outputs).remove(0);
            assert_eq!((outputs.len(), next.code, next.options.block1()), (1, success, None));
            body.extend(next.payload);
        }
        assert_eq!(body, reply());
    }
}

#[test]
fn s_149_a_later_block_without_the_request_is_incomplete() {
    for code in [Code::FETCH, Code::POST, Code::PUT] {
        let mut bench = Bench::new();
        let outputs = bench.receive(&asking(code, 1, None, Some(block(1, false, 6))));
        let [Output::Transmit { .. }] = outputs[..] else { panic!("{outputs:?}") };
        assert_eq!(sent(&outputs)[0].code, Code::REQUEST_ENTITY_INCOMPLETE);
    }
    // A FETCH that brings its payload along is complete.
    let mut bench = Bench::new();
    let whole = Message { payload: vec![1], ..asking(Code::FETCH, 1, None, Some(block(1, false, 6))) };
    let [id] = requests(&bench.receive(&whole))[..] else { panic!("no request") };
    bench.endpoint.respond(bench.now, id, Response { payload: reply(), ..Response::new(Code::CONTENT) });
    assert_eq!(sent(&bench.outputs())[0].payload, reply()[1_024..2_048]);
}
