//! Requests of peers that come in blocks (RFC 7959 §2.5).

use core::time::Duration;

use coap::{
    Block, Code, Endpoint, Message, MessageType, Options, Output, Response, TransmissionParameters, limits,
    option_number,
};

use crate::bench::{Bench, PEER, message, sent, token};

const fn block(num: u32, more: bool) -> Block {
    Block { num, more, szx: 6 }
}

fn whole() -> Vec<u8> {
    (0..2_500_u32).map(|n| n as u8).collect()
}

/// A block of `POST /rd`, its content cut out of [`whole`].
fn piece(block: Block) -> Message {
    let body = whole();
    let end = body.len().min(block.offset() + block.size());
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    Message {
        options: options.with_block1(block),
        payload: body[block.offset().min(end)..end].to_vec(),
        ..message(MessageType::Confirmable, Code::POST, 100 + block.num as u16, token(block.num as u8))
    }
}

/// The code that a block is answered with at once.
fn answer(bench: &mut Bench, message: &Message) -> Code {
    let outputs = bench.receive(message);
    let [answer] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!((answer.message_id, answer.token), (message.message_id, message.token));
    answer.code
}

#[test]
fn s_149_blocks_make_one_request() {
    let mut bench = Bench::new();
    for num in 0..2 {
        let outputs = bench.receive(&piece(block(num, true)));
        let [answer] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
        assert_eq!((answer.message_type, answer.code), (MessageType::Acknowledgement, Code::CONTINUE));
        assert_eq!(answer.options.block1(), Some(block(num, true)));
        assert_eq!(outputs.len(), 1);
    }
    let last = piece(block(2, false));
    let outputs = bench.receive(&last);
    let [Output::Request { id, message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.payload, whole());
    assert_eq!(message.options, Options::new().with_path("/rd").with_query("ep=a").with_content_format(40));
    assert_eq!((message.message_id, message.token), (last.message_id, last.token));

    bench.endpoint.respond(bench.now, *id, Response::new(Code::CREATED));
    let answers = sent(&bench.outputs());
    assert_eq!((answers[0].code, answers[0].options.block1()), (Code::CREATED, Some(block(2, false))));
    assert_eq!(sent(&bench.receive(&last)), answers);
}

#[test]
fn a_duplicate_block_counts_once() {
    let mut bench = Bench::new();
    for num in [0, 0, 1, 0, 1] {
        assert_eq!(answer(&mut bench, &piece(block(num, true))), Code::CONTINUE);
    }
    let outputs = bench.receive(&piece(block(2, false)));
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.payload, whole());
}

#[test]
fn a_single_block_is_the_whole() {
    let mut bench = Bench::new();
    let options = Options::new().with_path("/rd").with_block1(block(0, false));
    let request = Message { options, payload: b"x".to_vec(), ..piece(block(0, false)) };
    let outputs = bench.receive(&request);
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((message.options.block1(), &message.payload), (None, &b"x".to_vec()));
}

#[test]
fn the_block_size_may_shrink_on_the_way() {
    let mut bench = Bench::new();
    bench.receive(&piece(block(0, true)));
    for num in 4..9 {
        let small = Block { num, more: true, szx: 4 };
        assert_eq!(answer(&mut bench, &piece(small)), Code::CONTINUE);
    }
    let outputs = bench.receive(&piece(Block { num: 9, more: false, szx: 4 }));
    let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.payload, whole());
}

#[test]
fn smaller_blocks_are_asked_for_when_preferred() {
    let parameters = TransmissionParameters { block_size: 128, ..TransmissionParameters::default() };
    let mut bench = Bench::new();
    bench.endpoint = Endpoint::new(parameters, [1; 32]);
    let proceed = sent(&bench.receive(&piece(block(0, true)))).remove(0);
    assert_eq!(proceed.options.block1(), Some(Block { num: 0, more: true, szx: 3 }));
    let next = piece(Block { num: 8, more: true, szx: 3 });
    assert_eq!(answer(&mut bench, &next), Code::CONTINUE);
}

#[test]
fn observe_may_come_with_any_block() {
    for observing in 0..2 {
        let mut bench = Bench::new();
        let with_observe = |message: Message, num| match num == observing {
            true => Message { options: message.options.with_observe(0), ..message },
            false => message,
        };
        bench.receive(&with_observe(piece(block(0, true)), 0));
        bench.receive(&with_observe(piece(block(1, true)), 1));
        let outputs = bench.receive(&piece(block(2, false)));
        let [Output::Request { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!((message.options.observe(), &message.payload), (Some(0), &whole()));
    }
}

#[test]
fn s_149_a_gap_is_incomplete() {
    let mut bench = Bench::new();
    assert_eq!(answer(&mut bench, &piece(block(1, true))), Code::REQUEST_ENTITY_INCOMPLETE);
    bench.receive(&piece(block(0, true)));
    assert_eq!(answer(&mut bench, &piece(block(2, false))), Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn blocks_of_different_requests_do_not_mix() {
    let mut bench = Bench::new();
    bench.receive(&piece(block(0, true)));
    let outputs = bench.receive_from('q', &piece(block(1, true)));
    assert_eq!(sent(&outputs)[0].code, Code::REQUEST_ENTITY_INCOMPLETE);
    let mut other_format = piece(block(1, true));
    other_format.options.remove(option_number::CONTENT_FORMAT);
    assert_eq!(answer(&mut bench, &other_format), Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn number_zero_starts_anew() {
    let mut bench = Bench::new();
    bench.receive(&piece(block(0, true)));
    bench.receive(&piece(block(1, true)));
    let again = Message { message_id: coap::MessageId(500), ..piece(block(0, true)) };
    assert_eq!(answer(&mut bench, &again), Code::CONTINUE);
    assert_eq!(answer(&mut bench, &piece(block(2, false))), Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn a_block_must_fill_its_size() {
    let mut bench = Bench::new();
    let short = Message { payload: vec![0; 1023], ..piece(block(0, true)) };
    assert_eq!(answer(&mut bench, &short), Code::BAD_REQUEST);
    let long = Message { payload: vec![0; 1025], ..piece(block(2, false)) };
    assert_eq!(answer(&mut bench, &long), Code::BAD_REQUEST);
}

#[test]
fn a_body_above_the_limit_is_too_large() {
    let mut bench = Bench::new();
    let mut announced = piece(block(0, true));
    announced.options = announced.options.with_uint(option_number::SIZE1, (1 << 20) + 1);
    let outputs = bench.receive(&announced);
    let refusal = &sent(&outputs)[0];
    assert_eq!(refusal.code, Code::REQUEST_ENTITY_TOO_LARGE);
    assert_eq!(refusal.options.uint(option_number::SIZE1), Some(limits::BLOCK1_BODY_BYTES as u32));

    let blocks = (limits::BLOCK1_BODY_BYTES / 1024) as u32;
    for num in 0..=blocks {
        let message = Message {
            payload: vec![0; 1024],
            message_id: coap::MessageId(1_000 + num as u16),
            ..piece(block(num, true))
        };
        let expected = if num < blocks { Code::CONTINUE } else { Code::REQUEST_ENTITY_TOO_LARGE };
        assert_eq!(answer(&mut bench, &message), expected);
    }
}

#[test]
fn an_abandoned_transfer_is_forgotten() {
    let mut bench = Bench::new();
    bench.receive(&piece(block(0, true)));
    bench.pass(Duration::from_secs(250));
    assert_eq!(bench.endpoint.poll_timeout(), None);
    assert_eq!(answer(&mut bench, &piece(block(1, true))), Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn forgetting_a_peer_drops_its_transfer() {
    let mut bench = Bench::new();
    bench.receive(&piece(block(0, true)));
    bench.endpoint.forget_peer(PEER);
    assert_eq!(answer(&mut bench, &piece(block(1, true))), Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn non_confirmable_blocks_are_answered_in_kind() {
    let mut bench = Bench::new();
    let request = Message { message_type: MessageType::NonConfirmable, ..piece(block(0, true)) };
    let answers = sent(&bench.receive(&request));
    assert_eq!((answers[0].message_type, answers[0].code), (MessageType::NonConfirmable, Code::CONTINUE));
    assert_eq!(bench.receive(&request), []);
}
