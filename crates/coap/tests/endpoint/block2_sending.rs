//! Responses of ours that go out in blocks (RFC 7959 §2.4).

use coap::{Block, Code, Message, MessageId, MessageType, Options, Output, Response, option_number};

use crate::bench::{Bench, message, requests, sent, token};

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
