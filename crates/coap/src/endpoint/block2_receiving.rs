//! Responses that come in blocks (RFC 7959 §2.4).

use crate::{Block, ExchangeError, Message, limits, option_number};

/// What was received of a response, should it come in blocks.
pub(super) struct Block2Receiving {
    received: Option<Received>,
    restarts: u32,
    /// The Observe option of the first answer, which later blocks do not carry (RFC 7959 §3.4).
    observe: Option<u32>,
}

struct Received {
    /// The message of the first block, without its payload.
    first: Message,
    body: Vec<u8>,
}

pub(super) enum Progress {
    Complete(Message),
    /// The block to ask for next.
    Next(Block),
    /// What was received is worth nothing: the block to begin with once more.
    Anew(Block),
    Failed(ExchangeError),
}

impl Block2Receiving {
    pub(super) const fn new() -> Self {
        Self { received: None, restarts: 0, observe: None }
    }

    pub(super) const fn body_bytes(&self) -> usize {
        match &self.received {
            Some(received) => received.body.len(),
            None => 0,
        }
    }

    pub(super) fn response(&mut self, message: Message) -> Progress {
        let block = message.options.block2();
        match (self.received.take(), block) {
            // A failure met on the way is the answer to the whole.
            (Some(received), _) if message.code != received.first.code => Progress::Complete(message),
            (Some(received), Some(block)) => self.later_block(received, message, block),
            (None, Some(block)) if block.more || block.num > 0 => self.first_block(message, block),
            (Some(_), None) | (None, _) => Progress::Complete(self.whole(message)),
        }
    }

    /// Drops what was received. Whether it may be fetched once more.
    pub(super) fn begin_anew(&mut self) -> bool {
        self.received = None;
        self.restarts += 1;
        self.restarts <= limits::BLOCK2_RESTARTS
    }

    fn first_block(&mut self, mut first: Message, block: Block) -> Progress {
        if block.num != 0 || first.payload.len() != block.size() || block.szx == Block::RESERVED_SZX {
            return self.restart(block);
        }
        if let observe @ Some(_) = first.options.observe() {
            self.observe = observe;
        }
        let body = core::mem::take(&mut first.payload);
        self.received = Some(Received { first, body });
        Progress::Next(Block { num: 1, more: false, szx: block.szx })
    }

    fn later_block(&mut self, mut received: Received, message: Message, block: Block) -> Progress {
        let same_representation =
            message.options.all(option_number::ETAG).eq(received.first.options.all(option_number::ETAG))
                && message.options.content_format() == received.first.options.content_format();
        let fits = block.szx != Block::RESERVED_SZX
            && block.offset() == received.body.len()
            && message.payload.len() <= block.size()
            && (if block.more { message.payload.len() == block.size() } else { !message.payload.is_empty() });
        if !same_representation || !fits {
            return self.restart(block);
        }
        received.body.extend_from_slice(&message.payload);
        if received.body.len() > limits::BLOCK2_BODY_BYTES {
            return Progress::Failed(ExchangeError::BodyTooLarge { limit: limits::BLOCK2_BODY_BYTES });
        }
        if block.more {
            self.received = Some(received);
            return Progress::Next(Block { num: block.num + 1, more: false, szx: block.szx });
        }
        let whole = Message { payload: received.body, ..received.first };
        Progress::Complete(self.whole(whole))
    }

    /// RFC 7959 §2.4: blocks with different ETags must not be put together.
    fn restart(&mut self, block: Block) -> Progress {
        if !self.begin_anew() {
            return Progress::Failed(ExchangeError::BodyIncoherent);
        }
        Progress::Anew(Block { num: 0, more: false, szx: block.szx.min(Block::MAX_SZX) })
    }

    /// The response as if it had come in one piece.
    fn whole(&self, mut message: Message) -> Message {
        message.options.remove(option_number::BLOCK2);
        match self.observe {
            Some(observe) if message.options.observe().is_none() => {
                Message { options: message.options.with_observe(observe), ..message }
            }
            _ => message,
        }
    }
}
