//! Responses to us that come in blocks (RFC 7959 §2.4).

use core::time::Duration;

use coap::{
    Block, Code, ExchangeError, ExchangeId, Message, MessageId, MessageType, Options, Output, limits,
    option_number,
};

use crate::bench::{
    Bench, LONG, acknowledgement, failures, message, notifications, reset, responses, sent, token, untimed,
};

fn whole() -> Vec<u8> {
    (0..2_500_u32).map(|n| n as u8).collect()
}

/// The block that a request asks for, in its acknowledgement.
fn block_of(body: &[u8], request: &Message, szx: u8) -> Message {
    let num = request.options.block2().map_or(0, |block| block.num);
    let offset = num as usize * (16 << szx);
    let end = body.len().min(offset + (16 << szx));
    let block = Block { num, more: end < body.len(), szx };
    Message {
        options: Options::new().with(option_number::ETAG, [1]).with_content_format(11542).with_block2(block),
        payload: body[offset..end].to_vec(),
        ..message(MessageType::Acknowledgement, Code::CONTENT, request.message_id.0, request.token)
    }
}

/// Answers requests until there are no more; returns the response that surfaces, and the requests.
fn serve(bench: &mut Bench, first: Message, body: &[u8], szx: u8) -> (Message, Vec<Message>) {
    let mut requests = vec![first];
    loop {
        let request = requests.last().expect("at least the first");
        let outputs = bench.receive(&block_of(body, request, szx));
        match &outputs[..] {
            [Output::Response { message, .. }] => return (message.clone(), requests),
            [Output::Transmit { .. }] => requests.extend(sent(&outputs)),
            _ => panic!("{outputs:?}"),
        }
    }
}

fn get_first(bench: &mut Bench, options: Options) -> (ExchangeId, Message) {
    let (id, request) = bench.get_with(options, Some(token(9)), LONG);
    (id, request.expect("sent at once"))
}

#[test]
fn s_149_blocks_make_one_response() {
    let mut bench = Bench::new();
    let (_, first) = get_first(&mut bench, Options::new().with_accept(11542));
    let (response, requests) = serve(&mut bench, first, &whole(), 6);
    assert_eq!(response.payload, whole());
    assert_eq!(response.token, token(9));
    assert_eq!((response.options.content_format(), response.options.block2()), (Some(11542), None));
    assert_eq!(requests.len(), 3);
    for (num, request) in (1..).zip(&requests[1..]) {
        assert_eq!(request.code, Code::GET);
        let block = Block { num, more: false, szx: 6 };
        let expected = Options::new().with_path("/3").with_accept(11542).with_block2(block);
        assert_eq!(request.options, expected);
        assert_ne!(request.token, token(9));
    }
    assert_eq!(untimed(bench.pass(LONG)), []);
}

#[test]
fn the_server_chooses_the_block_size() {
    let mut bench = Bench::new();
    let (_, first) = get_first(&mut bench, Options::new().with_block2(Block { num: 0, more: false, szx: 6 }));
    let (response, requests) = serve(&mut bench, first, &whole(), 2);
    assert_eq!((response.payload, requests.len()), (whole(), 40));
}

#[test]
fn further_blocks_are_asked_for_without_observe() {
    let mut bench = Bench::new();
    let (id, first) = get_first(&mut bench, Options::new().with_observe(0));
    let body = whole();
    let mut answer = block_of(&body, &first, 6);
    answer.options = answer.options.with_observe(17);
    let second = sent(&bench.receive(&answer)).remove(0);
    assert_eq!(second.options.observe(), None);

    // A notification on the way is left for its retransmission.
    let notification = Message {
        options: Options::new().with_observe(18),
        ..message(MessageType::Confirmable, Code::CONTENT, 700, token(9))
    };
    assert!(matches!(bench.receive(&notification)[..], [Output::Refused { .. }]));

    let (response, _) = serve(&mut bench, second, &body, 6);
    assert_eq!((response.options.observe(), response.payload), (Some(17), body));
    assert_eq!(notifications(&bench.receive(&notification)).len(), 1);
    bench.endpoint.cancel_exchange(bench.now, id);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn separate_responses_may_carry_the_blocks() {
    let mut bench = Bench::new();
    let (_, first) = get_first(&mut bench, Options::new());
    let body = whole();
    let separate = |request: &Message, id| Message {
        message_type: MessageType::Confirmable,
        message_id: MessageId(id),
        ..block_of(&body, request, 6)
    };
    let outputs = bench.receive(&separate(&first, 700));
    let [acknowledged, second] = &sent(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(*acknowledged, acknowledgement(MessageId(700)));
    // The late acknowledgement of the first request means nothing; the duplicate is acknowledged again.
    assert_eq!(bench.receive(&acknowledgement(first.message_id)), []);
    assert_eq!(sent(&bench.receive(&separate(&first, 700))), [acknowledgement(MessageId(700))]);
    bench.receive(&acknowledgement(second.message_id));
    let outputs = bench.receive(&separate(second, 701));
    let third = sent(&outputs).remove(1);
    let (response, _) = serve(&mut bench, third, &body, 6);
    assert_eq!(response.payload, body);
}

#[test]
fn each_block_is_retransmitted_on_its_own() {
    let mut bench = Bench::new();
    let (id, first) = get_first(&mut bench, Options::new());
    let second = sent(&bench.receive(&block_of(&whole(), &first, 6))).remove(0);
    let outputs = untimed(bench.pass(Duration::from_secs(93)));
    assert_eq!(sent(&outputs), vec![second; 4]);
    assert_eq!(failures(&outputs), [(id, ExchangeError::Timeout)]);
}

#[test]
fn a_change_on_the_way_starts_anew_but_not_for_ever() {
    let mut bench = Bench::new();
    let (id, first) = get_first(&mut bench, Options::new());
    let (old, new) = (whole(), vec![7; 3_000]);
    let changed = |request: &Message, etag: u8| {
        let mut answer = block_of(&new, request, 6);
        answer.options.remove(option_number::ETAG);
        Message { options: answer.options.with(option_number::ETAG, [etag]), ..answer }
    };
    let second = sent(&bench.receive(&block_of(&old, &first, 6))).remove(0);
    let again = sent(&bench.receive(&changed(&second, 2))).remove(0);
    assert_eq!(again.options.block2(), Some(Block { num: 0, more: false, szx: 6 }));
    let next = sent(&bench.receive(&changed(&again, 2))).remove(0);
    let again = sent(&bench.receive(&changed(&next, 3))).remove(0);
    let next = sent(&bench.receive(&changed(&again, 3))).remove(0);
    let outputs = bench.receive(&changed(&next, 4));
    assert_eq!(failures(&outputs), [(id, ExchangeError::BodyIncoherent)]);
    assert_eq!(untimed(bench.pass(LONG)), []);

    let (_, first) = get_first(&mut bench, Options::new());
    let second = sent(&bench.receive(&block_of(&old, &first, 6))).remove(0);
    let again = sent(&bench.receive(&changed(&second, 2))).remove(0);
    let next = sent(&bench.receive(&changed(&again, 2))).remove(0);
    let last = sent(&bench.receive(&changed(&next, 2))).remove(0);
    let outputs = bench.receive(&changed(&last, 2));
    let [Output::Response { message, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(message.payload, new);
}

#[test]
fn a_block_out_of_place_starts_anew() {
    let body = whole();
    let misplaced: [fn(&mut Message); 3] = [
        |message| message.payload.truncate(100),
        |message| {
            message.options.remove(option_number::BLOCK2);
            message.options.add(option_number::BLOCK2, [0x2e]);
        },
        |message| message.options.remove(option_number::CONTENT_FORMAT),
    ];
    for spoil in misplaced {
        let mut bench = Bench::new();
        let (_, first) = get_first(&mut bench, Options::new());
        let second = sent(&bench.receive(&block_of(&body, &first, 6))).remove(0);
        let mut answer = block_of(&body, &second, 6);
        spoil(&mut answer);
        let again = sent(&bench.receive(&answer)).remove(0);
        assert_eq!(again.options.block2().map(|block| block.num), Some(0));
        let (response, _) = serve(&mut bench, again, &body, 6);
        assert_eq!(response.payload, body);
    }
}

#[test]
fn a_block_that_is_gone_starts_anew() {
    for code in [Code::BAD_REQUEST, Code::REQUEST_ENTITY_INCOMPLETE] {
        let mut bench = Bench::new();
        let (_, first) = get_first(&mut bench, Options::new());
        let second = sent(&bench.receive(&block_of(&whole(), &first, 6))).remove(0);
        let gone = message(MessageType::Acknowledgement, code, second.message_id.0, second.token);
        let again = sent(&bench.receive(&gone)).remove(0);
        assert_eq!(again.options.block2(), Some(Block { num: 0, more: false, szx: 6 }));
        let (response, _) = serve(&mut bench, again, &[1; 20], 6);
        assert_eq!(response.payload, [1; 20]);
    }
}

#[test]
fn a_failure_on_the_way_is_the_answer() {
    let mut bench = Bench::new();
    let (id, first) = get_first(&mut bench, Options::new());
    let second = sent(&bench.receive(&block_of(&whole(), &first, 6))).remove(0);
    let gone = message(MessageType::Acknowledgement, Code::NOT_FOUND, second.message_id.0, second.token);
    assert_eq!(responses(&bench.receive(&gone)), [(id, Code::NOT_FOUND)]);

    let (id, first) = get_first(&mut bench, Options::new());
    let second = sent(&bench.receive(&block_of(&whole(), &first, 6))).remove(0);
    let outputs = bench.receive(&reset(second.message_id));
    assert_eq!(failures(&outputs), [(id, ExchangeError::Reset)]);
}

#[test]
fn a_body_above_the_limit_fails() {
    let mut bench = Bench::new();
    let body = vec![0; limits::BLOCK2_BODY_BYTES + 1];
    let (id, mut request) = get_first(&mut bench, Options::new());
    loop {
        let outputs = bench.receive(&block_of(&body, &request, 6));
        match &sent(&outputs)[..] {
            [next] => request = next.clone(),
            _ => {
                let error = ExchangeError::BodyTooLarge { limit: limits::BLOCK2_BODY_BYTES };
                assert_eq!(failures(&outputs), [(id, error)]);
                assert_eq!(request.options.block2().map(|block| block.num), Some(1024));
                return;
            }
        }
    }
}

#[test]
fn the_next_request_waits_for_the_last_block() {
    let mut bench = Bench::new();
    let (_, first) = get_first(&mut bench, Options::new());
    let (_, queued) = bench.get();
    assert_eq!(queued, None);
    let body = vec![1; 1_500];
    let second = sent(&bench.receive(&block_of(&body, &first, 6))).remove(0);
    let outputs = bench.receive(&block_of(&body, &second, 6));
    assert!(matches!(outputs[..], [Output::Transmit { .. }, Output::Response { .. }]), "{outputs:?}");
    assert_eq!(sent(&outputs)[0].options, Options::new().with_path("/3"));
}
