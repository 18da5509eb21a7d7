//! A CoAP endpoint that is sent anything, told to do anything, at any time.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use coap::{
    Block, Code, Endpoint, ExchangeId, Message, MessageId, MessageType, NotificationId, Options, Output,
    Request, RequestId, Response, Token, TransmissionParameters,
};

use crate::{
    allocation,
    conversation::{Conversation, STEPS_MAX},
    script::Script,
};

const PEERS: [char; 3] = ['a', 'b', 'c'];

/// Each request of ours ends once, whatever is sent is a message, no timer is due again and again, and memory follows
/// what was asked for.
pub fn coap_endpoint(data: &[u8]) {
    allocation::conversing(data.len(), || {
        let mut script = Script::new(data);
        let mut end = End::new();
        for _ in 0..STEPS_MAX {
            if script.is_over() {
                break;
            }
            end.step(&mut script);
            end.drain();
        }
        end.finish();
    });
}

struct End {
    endpoint: Endpoint<char>,
    conversation: Conversation,
    /// Our requests that have not ended.
    exchanges: BTreeSet<ExchangeId>,
    requests: VecDeque<RequestId>,
    notifications: VecDeque<NotificationId>,
}

impl End {
    fn new() -> Self {
        Self {
            endpoint: Endpoint::new(TransmissionParameters::default(), [7; 32]),
            conversation: Conversation::new(),
            exchanges: BTreeSet::new(),
            requests: VecDeque::new(),
            notifications: VecDeque::new(),
        }
    }

    fn step(&mut self, script: &mut Script) {
        let (step, peer, now) = (script.byte(), script.one_of(&PEERS), self.conversation.now);
        match step % 16 {
            0..6 => {
                let datagram = self.conversation.datagram(script, &["/a", "/b"]);
                self.endpoint.handle_datagram(now, peer, &datagram);
            }
            6..8 => self.pass(script),
            8 => self.request(peer, script),
            9..11 => {
                if let Some(request) = self.requests.pop_front() {
                    let response = response(script);
                    self.endpoint.respond(now, request, response);
                }
            }
            11 => {
                let (token, resource) = (token(script), Options::new().with_path("/a"));
                let response = response(script);
                self.endpoint.notify(now, peer, token, &resource, response, step & 16 == 0);
            }
            12 => self.fetch_rest(peer, script),
            13 => self.decide(step),
            14 => {
                if let Some(exchange) = self.exchanges.pop_first() {
                    self.endpoint.cancel_exchange(now, exchange);
                }
            }
            _ if step >= 224 => self.endpoint.forget_peer(peer),
            _ => {}
        }
    }

    fn request(&mut self, peer: char, script: &mut Script) {
        let length = usize::from(script.byte()) * 16;
        let code = script.one_of(&[Code::GET, Code::POST, Code::FETCH]);
        let token = script.byte().is_multiple_of(2).then(|| token(script));
        let request = Request { payload: vec![0; length], token, ..Request::new(code) };
        let timeout = Duration::from_secs(u64::from(script.byte()));
        // A refusal is as good.
        if let Ok((exchange, _)) = self.endpoint.request(self.conversation.now, peer, request, timeout) {
            assert!(self.exchanges.insert(exchange), "{exchange:?} twice");
        }
    }

    fn fetch_rest(&mut self, peer: char, script: &mut Script) {
        let byte = script.byte();
        let block = Block { num: u32::from(byte >> 4), more: byte & 8 != 0, szx: byte & 7 };
        let first = Message {
            code: Code::CONTENT,
            options: Options::new().with_block2(block).with_observe(1),
            payload: vec![0; if byte == 0xFF { 3 } else { block.size() }],
            ..Message::empty(MessageType::Confirmable, MessageId(0))
        };
        let options = Options::new().with_path("/a");
        let timeout = Duration::from_secs(60);
        let fetch = self.endpoint.fetch_rest(self.conversation.now, peer, options, first, timeout);
        if let Ok((exchange, _)) = fetch {
            assert!(self.exchanges.insert(exchange), "{exchange:?} twice");
        }
    }

    fn decide(&mut self, step: u8) {
        let Some(id) = self.notifications.pop_front() else { return };
        match step >> 4 & 3 {
            0 => self.endpoint.reject(self.conversation.now, id),
            1 => self.endpoint.ignore(id),
            _ => self.endpoint.acknowledge(self.conversation.now, id),
        }
    }

    fn drain(&mut self) {
        drain(&mut self.endpoint, &mut self.conversation, |output| match output {
            Output::Request { id, .. } => self.requests.push_back(id),
            Output::Notification { id, .. } => self.notifications.push_back(id),
            Output::Response { exchange, .. } | Output::Failed { exchange, .. } => {
                assert!(self.exchanges.remove(&exchange), "{exchange:?} ended twice, or was cancelled");
            }
            _ => {}
        });
    }

    fn pass(&mut self, script: &mut Script) {
        let Self { endpoint, conversation, exchanges, requests, notifications } = self;
        let first = endpoint.poll_timeout().map(|(at, _)| at);
        let due = |conversation: &mut Conversation| {
            endpoint.handle_timeout(conversation.now);
            drain(endpoint, conversation, |output| match output {
                Output::Request { id, .. } => requests.push_back(id),
                Output::Notification { id, .. } => notifications.push_back(id),
                Output::Response { exchange, .. } | Output::Failed { exchange, .. } => {
                    assert!(exchanges.remove(&exchange), "{exchange:?} ended twice, or was cancelled");
                }
                _ => {}
            });
            endpoint.poll_timeout().map(|(at, _)| at)
        };
        conversation.pass(script, due, first);
    }

    /// In the end nothing is open and nothing is due.
    fn finish(mut self) {
        while let Some(request) = self.requests.pop_front() {
            self.endpoint.respond(self.conversation.now, request, Response::new(Code::NOT_FOUND));
            self.drain();
        }
        const LONGEST_PAUSE: [u8; 1] = [7];
        for _ in 0..4 {
            self.pass(&mut Script::new(&LONGEST_PAUSE));
        }
        assert!(self.exchanges.is_empty(), "still open: {:?}", self.exchanges);
        assert_eq!(self.endpoint.poll_timeout(), None);
    }
}

fn drain(endpoint: &mut Endpoint<char>, conversation: &mut Conversation, mut take: impl FnMut(Output<char>)) {
    while let Some(output) = endpoint.poll() {
        match output {
            Output::Transmit { datagram, .. } => conversation.sent(&datagram),
            output => take(output),
        }
    }
}

fn token(script: &mut Script) -> Token {
    Token::new(&[script.byte() % 4]).unwrap_or(Token::EMPTY)
}

fn response(script: &mut Script) -> Response {
    let length = usize::from(script.byte()) * 16;
    Response { payload: vec![0; length], ..Response::new(Code::CONTENT) }
}
