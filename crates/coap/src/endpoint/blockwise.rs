//! A request of ours and its response, each in as many messages as it takes (RFC 7959).

use super::{
    block1_sending::{self, Block1Sending},
    block2_receiving::{self, Block2Receiving},
};
use crate::{Block, Code, ExchangeError, Message, MessageId, MessageType, Options, Token, option_number};

pub(super) struct BlockwiseRequest {
    code: Code,
    options: Options,
    payload: Vec<u8>,
    sending: Block1Sending,
    receiving: Block2Receiving,
    /// The block of the response to ask for; `None` until the first response.
    asked: Option<Block>,
    /// Requests for further blocks of the response carry the payload as well.
    repeats_payload: bool,
    /// The request names a block itself, so that the caller puts the blocks together.
    by_caller: bool,
}

pub(super) enum Progress {
    Complete(Message),
    /// The next message is to be sent.
    Next,
    Failed(ExchangeError),
}

impl BlockwiseRequest {
    pub(super) fn new(code: Code, options: Options, payload: Vec<u8>, szx: u8) -> Self {
        let by_caller =
            options.contains(option_number::BLOCK1) || options.block2().is_some_and(|block| block.num > 0);
        Self {
            code,
            sending: Block1Sending::new(if by_caller { 0 } else { payload.len() }, szx),
            options,
            payload,
            receiving: Block2Receiving::new(),
            asked: None,
            repeats_payload: false,
            by_caller,
        }
    }

    pub(super) const fn outgoing_bytes(&self) -> usize {
        if self.payload.len() > Block::MAX_SIZE { self.payload.len() } else { 0 }
    }

    pub(super) const fn incoming_bytes(&self) -> usize {
        self.receiving.body_bytes()
    }

    pub(super) fn begins_observation(&self) -> bool {
        self.options.observe() == Some(0)
    }

    pub(super) fn cancels_observation(&self) -> bool {
        self.options.observe() == Some(1)
    }

    /// Blocks of the request are still to come.
    pub(super) fn is_sending_blocks(&self) -> bool {
        !self.asks_for_later_block() && self.sending.block(self.payload.len()).is_some_and(|block| block.more)
    }

    /// The next message is another request than the first one.
    pub(super) const fn asks_for_block(&self) -> bool {
        self.asked.is_some()
    }

    /// The message to be sent now, under any message id.
    pub(super) fn message(&self, token: Token) -> Message {
        let mut options = self.options.clone();
        if let Some(block) = self.asked {
            // RFC 7959 §3.4: further blocks are requested without Observe.
            options.remove(option_number::OBSERVE);
            options.remove(option_number::BLOCK2);
            options = options.with_block2(block);
        }
        let (options, payload) = match self.asks_for_later_block() {
            // RFC 7959 §3.3: the body is with the peer already.
            true if !self.repeats_payload => (options, Default::default()),
            true => (options, self.payload.as_slice()),
            false => self.sending.cut(options, &self.payload),
        };
        let empty = Message::empty(MessageType::Confirmable, MessageId(0));
        Message { code: self.code, token, options, payload: payload.to_vec(), ..empty }
    }

    pub(super) fn response(&mut self, message: Message) -> Progress {
        if self.by_caller {
            return Progress::Complete(message);
        }
        if self.asks_for_later_block() {
            return self.further_response(message);
        }
        match self.sending.response(message, self.payload.len()) {
            block1_sending::Progress::Next => Progress::Next,
            block1_sending::Progress::Failed(error) => Progress::Failed(error),
            block1_sending::Progress::Answer(message) => self.receive(message),
        }
    }

    /// Takes the first block of a response that is known already.
    pub(super) fn receive(&mut self, message: Message) -> Progress {
        match self.receiving.response(message) {
            block2_receiving::Progress::Complete(message) => Progress::Complete(message),
            block2_receiving::Progress::Failed(error) => Progress::Failed(error),
            block2_receiving::Progress::Next(block) => {
                self.asked = Some(block);
                Progress::Next
            }
            // What is not safe must not be carried out twice.
            block2_receiving::Progress::Anew(_) if !self.is_safe() => {
                Progress::Failed(ExchangeError::BodyIncoherent)
            }
            block2_receiving::Progress::Anew(block) => self.start_anew(block),
        }
    }

    fn further_response(&mut self, message: Message) -> Progress {
        let unknown = [Code::BAD_REQUEST, Code::REQUEST_ENTITY_INCOMPLETE].contains(&message.code);
        let Some(asked) = self.asked.filter(|_| unknown) else { return self.receive(message) };
        if self.may_repeat_payload() {
            self.repeats_payload = true;
            return Progress::Next;
        }
        // The whole became shorter, so that there is no such block any more, or was forgotten.
        if self.is_safe() && self.receiving.begin_anew() {
            return self.start_anew(Block { num: 0, ..asked });
        }
        Progress::Complete(message)
    }

    fn start_anew(&mut self, first: Block) -> Progress {
        self.sending.start_anew();
        self.asked = Some(first);
        Progress::Next
    }

    /// RFC 7959 does not say whether FETCH (RFC 8132 §2) repeats its payload for further blocks, so that some
    /// peers ask for it.
    fn may_repeat_payload(&self) -> bool {
        let fits = !self.payload.is_empty() && self.sending.block(self.payload.len()).is_none();
        self.code == Code::FETCH && fits && !self.repeats_payload
    }

    fn asks_for_later_block(&self) -> bool {
        self.asked.is_some_and(|block| block.num > 0)
    }

    fn is_safe(&self) -> bool {
        self.code == Code::GET || self.code == Code::FETCH
    }
}
