//! Nothing that arrives makes the endpoint panic or misbehave.

use core::time::Duration;

use coap::{Block, Code, Message, MessageId, MessageType, Options, Output, Request, Response};
use proptest::prelude::*;

use crate::bench::{Bench, LONG, PEER, token};

/// Datagrams of the right shape but with any content, among them answers to what the endpoint sent.
fn any_datagram() -> impl Strategy<Value = Vec<u8>> {
    let coap = (0x40_u8..0x80, any::<u8>(), 0_u16..20, prop::collection::vec(any::<u8>(), 0..24)).prop_map(
        |(first, code, id, rest)| {
            let mut datagram = vec![first, code];
            datagram.extend(id.to_be_bytes());
            datagram.extend(rest);
            datagram
        },
    );
    let empty = (0x40_u8..0x80, 0_u16..20)
        .prop_map(|(first, id)| [first & 0x70, 0].into_iter().chain(id.to_be_bytes()).collect());
    prop_oneof![coap, empty, prop::collection::vec(any::<u8>(), 0..40)]
}

#[derive(Clone, Debug)]
enum Step {
    Datagram(Vec<u8>),
    /// An empty message or a response with the id and token of something the endpoint sent.
    Reply {
        of: prop::sample::Index,
        message_type: u8,
        code: u8,
    },
    /// A block of a request.
    Block1 {
        id: u16,
        block: Block,
        length: usize,
    },
    /// A block of the response to something the endpoint sent.
    Block2 {
        of: prop::sample::Index,
        block: Block,
        length: usize,
    },
    /// A request for a block of a response.
    Asked {
        id: u16,
        block: Block,
    },
    Request {
        length: usize,
    },
    Notify {
        confirmable: bool,
        length: usize,
    },
    FetchRest {
        block: Block,
        length: usize,
    },
    Pass(u64),
    ForgetPeer,
}

fn any_block() -> impl Strategy<Value = (Block, usize)> {
    let block = (0_u32..3, any::<bool>(), prop_oneof![4 => 0_u8..2, 1 => 0_u8..8]);
    (block, prop_oneof![3 => Just(None), 1 => (0_usize..40).prop_map(Some)]).prop_map(
        |((num, more, szx), length)| {
            let block = Block { num, more, szx };
            (block, length.unwrap_or(block.size()))
        },
    )
}

fn any_length() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0_usize), 0_usize..100, 1_000_usize..4_000]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any_datagram().prop_map(Step::Datagram),
        4 => (any::<prop::sample::Index>(), 0_u8..4, prop_oneof![Just(0_u8), Just(0x45), any::<u8>()])
            .prop_map(|(of, message_type, code)| Step::Reply { of, message_type, code }),
        4 => (0_u16..20, any_block()).prop_map(|(id, (block, length))| Step::Block1 { id, block, length }),
        8 => (any::<prop::sample::Index>(), any_block())
            .prop_map(|(of, (block, length))| Step::Block2 { of, block, length }),
        4 => (0_u16..20, any_block()).prop_map(|(id, (block, _))| Step::Asked { id, block }),
        3 => any_length().prop_map(|length| Step::Request { length }),
        2 => (any::<bool>(), any_length())
            .prop_map(|(confirmable, length)| Step::Notify { confirmable, length }),
        1 => any_block().prop_map(|(block, length)| Step::FetchRest { block, length }),
        2 => (0_u64..100_000).prop_map(Step::Pass),
        1 => Just(Step::ForgetPeer),
    ]
}

/// Takes every decision that surfaces in some way; keeps what was sent.
fn settle(bench: &mut Bench, outputs: Vec<Output<char>>, sent: &mut Vec<Vec<u8>>) {
    for output in outputs {
        match output {
            Output::Transmit { datagram, .. } => {
                assert!(Message::decode(&datagram).is_ok(), "sent {datagram:02x?}");
                sent.push(datagram);
            }
            Output::Request { id, message, .. } if message.message_id.0 % 3 != 0 => {
                let payload = vec![0; usize::from(message.message_id.0) * 200];
                let response = Response { payload, ..Response::new(Code::CONTENT) };
                bench.endpoint.respond(bench.now, id, response);
            }
            Output::Notification { id, message, .. } if message.message_id.0 % 2 == 0 => {
                bench.endpoint.acknowledge(bench.now, id);
            }
            Output::Notification { id, .. } => bench.endpoint.reject(bench.now, id),
            _ => {}
        }
    }
    for output in bench.outputs() {
        if let Output::Transmit { datagram, .. } = output {
            sent.push(datagram);
        }
    }
}

fn act(bench: &mut Bench, step: Step, sent: &[Vec<u8>]) -> Vec<Output<char>> {
    match step {
        Step::Datagram(datagram) => return bench.receive_bytes(&datagram),
        Step::Reply { of, message_type, code } if !sent.is_empty() => {
            let mut datagram = of.get(sent).clone();
            let token_length = if code == 0 { 0 } else { datagram[0] & 0x0f };
            datagram[0] = 0x40 | (message_type << 4) | token_length;
            datagram[1] = code;
            datagram.truncate(4 + usize::from(token_length));
            return bench.receive_bytes(&datagram);
        }
        Step::Block1 { id, block, length } => {
            let message = Message {
                code: Code::POST,
                options: Options::new().with_block1(block),
                payload: vec![0; length],
                ..Message::empty(MessageType::Confirmable, MessageId(id))
            };
            return bench.receive(&message);
        }
        Step::Block2 { of, block, length } if !sent.is_empty() => {
            let datagram: &Vec<u8> = of.get(sent);
            let request = Message::decode(datagram).expect("our own message");
            let message = Message {
                message_type: MessageType::Acknowledgement,
                code: Code::CONTENT,
                options: Options::new().with_block2(block),
                payload: vec![0; length],
                ..request
            };
            return bench.receive(&message);
        }
        Step::Pass(duration_ms) => {
            let timed = bench.pass(Duration::from_millis(duration_ms));
            return timed.into_iter().map(|(_, output)| output).collect();
        }
        // A refusal at the limit is as good.
        Step::Request { length } => {
            let code = if length == 0 { Code::GET } else { Code::FETCH };
            let request = Request { payload: vec![0; length], ..Request::new(code) };
            drop(bench.endpoint.request(bench.now, PEER, request, LONG));
        }
        Step::FetchRest { block, length } => {
            let first = Message {
                code: Code::CONTENT,
                options: Options::new().with_block2(block),
                payload: vec![0; length],
                ..Message::empty(MessageType::Confirmable, MessageId(0))
            };
            drop(bench.endpoint.fetch_rest(bench.now, PEER, Options::new(), first, LONG));
        }
        Step::Asked { id, block } => {
            let message = Message {
                code: Code::GET,
                options: Options::new().with_block2(block),
                ..Message::empty(MessageType::Confirmable, MessageId(id))
            };
            return bench.receive(&message);
        }
        Step::Notify { confirmable, length } => {
            let response = Response { payload: vec![0; length], ..Response::new(Code::CONTENT) };
            bench.endpoint.notify(bench.now, PEER, token(1), &Options::new(), response, confirmable);
        }
        Step::ForgetPeer => bench.endpoint.forget_peer(PEER),
        Step::Reply { .. } | Step::Block2 { .. } => {}
    }
    bench.outputs()
}

proptest! {
    #[test]
    fn the_endpoint_survives_and_comes_to_rest(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut bench = Bench::new();
        let mut sent = Vec::new();
        let (mut opened, mut closed) = (0, 0);
        for step in steps {
            let queued = matches!(step, Step::Request { .. } | Step::FetchRest { .. });
            let outputs = act(&mut bench, step, &sent);
            opened += usize::from(queued);
            closed += ended(&outputs);
            settle(&mut bench, outputs, &mut sent);
        }
        // Every request comes to an end, and then nothing is left to wait for.
        for _ in 0..70 {
            let outputs = bench.pass(LONG).into_iter().map(|(_, output)| output).collect::<Vec<_>>();
            closed += ended(&outputs);
            settle(&mut bench, outputs, &mut sent);
        }
        prop_assert_eq!(opened, closed);
        prop_assert_eq!(bench.endpoint.poll_timeout(), None);
    }
}

fn ended(outputs: &[Output<char>]) -> usize {
    outputs.iter().filter(|o| matches!(o, Output::Response { .. } | Output::Failed { .. })).count()
}
