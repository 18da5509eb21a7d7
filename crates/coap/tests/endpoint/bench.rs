use core::time::Duration;

use coap::{
    Code, Endpoint, ExchangeError, ExchangeId, Instant, Message, MessageId, MessageType, NotificationEnd,
    NotificationId, Options, Output, Request, RequestId, Response, Token, TransmissionParameters,
};

pub(crate) const PEER: char = 'p';
pub(crate) const LONG: Duration = Duration::from_secs(1000);

/// An endpoint on a virtual clock, and what came out of it.
pub(crate) struct Bench {
    pub(crate) endpoint: Endpoint<char>,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::seeded(1)
    }

    pub(crate) fn seeded(seed: u8) -> Self {
        let endpoint = Endpoint::new(TransmissionParameters::default(), [seed; 32]);
        Self { endpoint, now: Instant::from_millis(1_000_000) }
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output<char>> {
        std::iter::from_fn(|| self.endpoint.poll()).collect()
    }

    /// Hands over a message of the peer; returns what comes of it.
    pub(crate) fn receive(&mut self, message: &Message) -> Vec<Output<char>> {
        self.receive_from(PEER, message)
    }

    pub(crate) fn receive_from(&mut self, peer: char, message: &Message) -> Vec<Output<char>> {
        let datagram = message.encode().expect("encodable message");
        self.endpoint.handle_datagram(self.now, peer, &datagram);
        self.outputs()
    }

    pub(crate) fn receive_bytes(&mut self, datagram: &[u8]) -> Vec<Output<char>> {
        self.endpoint.handle_datagram(self.now, PEER, datagram);
        self.outputs()
    }

    /// Lets time pass, timeouts included; returns what came out when, in milliseconds from the start.
    pub(crate) fn pass(&mut self, duration: Duration) -> Vec<(u64, Output<char>)> {
        let start = self.now;
        let end = start + duration;
        let mut timed = Vec::new();
        while let Some((due, _)) = self.endpoint.poll_timeout().filter(|(due, _)| *due <= end) {
            assert!(due > self.now || self.now == start, "a timeout that does not go away");
            self.now = due;
            self.endpoint.handle_timeout(due);
            let elapsed = due.saturating_duration_since(start).as_millis() as u64;
            timed.extend(self.outputs().into_iter().map(|output| (elapsed, output)));
        }
        self.now = end;
        timed
    }

    /// Requests `GET /3`; returns the exchange and the message that went out, if one did.
    pub(crate) fn get(&mut self) -> (ExchangeId, Option<Message>) {
        self.get_with(Options::new(), None, LONG)
    }

    pub(crate) fn get_with(
        &mut self,
        options: Options,
        token: Option<Token>,
        timeout: Duration,
    ) -> (ExchangeId, Option<Message>) {
        let request = Request { options: options.with_path("/3"), token, ..Request::new(Code::GET) };
        let (id, _) = self.endpoint.request(self.now, PEER, request, timeout).expect("accepted request");
        (id, sent(&self.outputs()).pop())
    }

    pub(crate) fn notify(&mut self, token: Token, payload: u8, confirmable: bool) -> Vec<Message> {
        let response = Response { payload: vec![payload], ..Response::new(Code::CONTENT) };
        self.endpoint.notify(self.now, PEER, token, &Options::new(), response, confirmable);
        sent(&self.outputs())
    }
}

pub(crate) fn token(byte: u8) -> Token {
    Token::new(&[byte]).expect("one byte")
}

pub(crate) fn message(message_type: MessageType, code: Code, id: u16, token: Token) -> Message {
    Message { code, token, ..Message::empty(message_type, MessageId(id)) }
}

/// The confirmable request `GET /3` of the peer.
pub(crate) fn get_message(id: u16) -> Message {
    let options = Options::new().with_path("/3");
    Message { options, ..message(MessageType::Confirmable, Code::GET, id, token(7)) }
}

pub(crate) const fn acknowledgement(id: MessageId) -> Message {
    Message::empty(MessageType::Acknowledgement, id)
}

pub(crate) const fn reset(id: MessageId) -> Message {
    Message::empty(MessageType::Reset, id)
}

/// 2.05 in the acknowledgement of `request`.
pub(crate) fn piggybacked(request: &Message) -> Message {
    message(MessageType::Acknowledgement, Code::CONTENT, request.message_id.0, request.token)
}

pub(crate) fn sent(outputs: &[Output<char>]) -> Vec<Message> {
    let datagram = |output: &Output<char>| match output {
        Output::Transmit { datagram, .. } => Some(Message::decode(datagram).expect("our own message")),
        _ => None,
    };
    outputs.iter().filter_map(datagram).collect()
}

pub(crate) fn requests(outputs: &[Output<char>]) -> Vec<RequestId> {
    let id = |output: &Output<char>| match output {
        Output::Request { id, .. } => Some(*id),
        _ => None,
    };
    outputs.iter().filter_map(id).collect()
}

pub(crate) fn responses(outputs: &[Output<char>]) -> Vec<(ExchangeId, Code)> {
    let response = |output: &Output<char>| match output {
        Output::Response { exchange, message, .. } => Some((*exchange, message.code)),
        _ => None,
    };
    outputs.iter().filter_map(response).collect()
}

pub(crate) fn failures(outputs: &[Output<char>]) -> Vec<(ExchangeId, ExchangeError)> {
    let failure = |output: &Output<char>| match output {
        Output::Failed { exchange, error, .. } => Some((*exchange, *error)),
        _ => None,
    };
    outputs.iter().filter_map(failure).collect()
}

pub(crate) fn notifications(outputs: &[Output<char>]) -> Vec<NotificationId> {
    let id = |output: &Output<char>| match output {
        Output::Notification { id, .. } => Some(*id),
        _ => None,
    };
    outputs.iter().filter_map(id).collect()
}

pub(crate) fn ended(outputs: &[Output<char>]) -> Vec<(Token, NotificationEnd)> {
    let end = |output: &Output<char>| match output {
        Output::NotificationEnded { token, why, .. } => Some((*token, *why)),
        _ => None,
    };
    outputs.iter().filter_map(end).collect()
}

pub(crate) fn untimed(timed: Vec<(u64, Output<char>)>) -> Vec<Output<char>> {
    timed.into_iter().map(|(_, output)| output).collect()
}
