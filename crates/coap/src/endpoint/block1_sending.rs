//! Our requests that go out in blocks (RFC 7959 §2.5).

use crate::{Block, Code, ExchangeError, Message, Options, option_number};

/// Which part of a request's payload is on its way.
pub(super) struct Block1Sending {
    /// Bytes before the block on its way, all of them acknowledged.
    offset: usize,
    szx: u8,
    /// The payload is sent in blocks even if it fits into one.
    in_blocks: bool,
    /// Started anew with the block size a 4.13 asked for.
    resized: bool,
}

pub(super) enum Progress {
    /// The next block is to be sent, or the first one again.
    Next,
    /// The answer to the whole request.
    Answer(Message),
    Failed(ExchangeError),
}

impl Block1Sending {
    pub(super) const fn new(length: usize, szx: u8) -> Self {
        Self { offset: 0, szx, in_blocks: length > size(szx), resized: false }
    }

    /// The block on its way, `None` for a payload that goes out whole.
    pub(super) const fn block(&self, length: usize) -> Option<Block> {
        if !self.in_blocks {
            return None;
        }
        let size = size(self.szx);
        let num = (self.offset / size) as u32;
        Some(Block { num, more: self.offset + size < length, szx: self.szx })
    }

    /// The part of the payload on its way, and the options that say so.
    pub(super) fn cut<'a>(&self, options: Options, payload: &'a [u8]) -> (Options, &'a [u8]) {
        let Some(block) = self.block(payload.len()) else { return (options, payload) };
        let end = payload.len().min(self.offset + block.size());
        let mut options = options.with_block1(block);
        if block.num == 0 {
            // RFC 7959 §4: the size of the whole, so that the peer can refuse at once.
            let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
            options = options.with_uint(option_number::SIZE1, length);
        }
        if block.more {
            // RFC 7959 §3.3: Block2 pertains to the response, which only the last block gets.
            options.remove(option_number::BLOCK2);
        }
        (options, payload.get(self.offset..end).unwrap_or_default())
    }

    /// The whole request again, in blocks of the size agreed on.
    pub(super) const fn start_anew(&mut self) {
        self.offset = 0;
    }

    /// Takes the answer to the block on its way, or to the whole.
    pub(super) fn response(&mut self, message: Message, length: usize) -> Progress {
        let asked = message.options.block1().filter(|block| block.szx <= Block::MAX_SZX);
        if message.code == Code::REQUEST_ENTITY_TOO_LARGE
            && let Some(smaller) = asked.filter(|block| self.may_resize_to(*block, length))
        {
            // RFC 7959 §2.9.3: the answer tells which block size would have been taken.
            *self = Self { resized: true, ..Self::new(length, smaller.szx) };
            return Progress::Next;
        }
        let Some(block) = self.block(length) else { return Progress::Answer(message) };
        if !message.code.is_success() {
            return Progress::Answer(refusal_of(block, message));
        }
        if !block.more || !asks_for_more(&message, asked) {
            return Progress::Answer(accepted(message));
        }
        match asked {
            Some(answered) if answered.num != block.num => Progress::Failed(ExchangeError::BodyIncoherent),
            answered => self.advance(block, answered, length),
        }
    }

    fn may_resize_to(&self, asked: Block, length: usize) -> bool {
        self.offset == 0 && !self.resized && asked.szx < self.szx && asked.size() < length
    }

    fn advance(&mut self, sent: Block, answered: Option<Block>, length: usize) -> Progress {
        self.offset += sent.size();
        // RFC 7959 §2.5: the peer may ask for smaller blocks; the number then counts those.
        self.szx = answered.map_or(self.szx, |block| block.szx.min(self.szx));
        let limit = (Block::MAX_NUM as usize + 1) * size(self.szx);
        if length > limit {
            return Progress::Failed(ExchangeError::BodyTooLarge { limit });
        }
        Progress::Next
    }
}

const fn size(szx: u8) -> usize {
    Block { num: 0, more: false, szx }.size()
}

/// 2.31, or the success of a peer that acts on each block by itself, which it says by a clear M bit
/// (RFC 7959 §2.3). Any other success came early and is final.
fn asks_for_more(message: &Message, answered: Option<Block>) -> bool {
    message.code == Code::CONTINUE || answered.is_some_and(|block| !block.more)
}

/// The answer names the block refused, also if the peer left it out.
fn refusal_of(block: Block, mut message: Message) -> Message {
    message.options.remove(option_number::BLOCK1);
    Message { options: message.options.with_block1(block), ..message }
}

/// The answer as if the request had gone out in one piece.
fn accepted(mut message: Message) -> Message {
    message.options.remove(option_number::BLOCK1);
    message
}
