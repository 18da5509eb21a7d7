//! Requests that come in blocks (RFC 7959 §2.5).

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use crate::{Block, Code, Instant, Message, Options, Response, limits, option_number};

/// The body of a request received in part.
struct Transfer {
    code: Code,
    /// The options of the first block that every further one has to repeat.
    options: Options,
    body: Vec<u8>,
    expiry: Instant,
}

/// The requests that peers are sending block by block, at most one for each peer.
pub(super) struct Block1Transfers<P> {
    by_peer: BTreeMap<P, Transfer>,
    expiries: BTreeSet<(Instant, P)>,
    bytes: usize,
    max_transfers: usize,
    max_bytes: usize,
    /// Size exponent of the largest blocks wanted.
    szx: u8,
}

pub(super) enum Progress {
    /// The block was answered; the request is not complete, or refused.
    Answer(Response),
    /// The whole request, and what its response has to say about the last block.
    Complete(Message, Option<Block>),
}

impl<P: Copy + Ord> Block1Transfers<P> {
    pub(super) const fn new(max_transfers: usize, max_bytes: usize, szx: u8) -> Self {
        Self { by_peer: BTreeMap::new(), expiries: BTreeSet::new(), bytes: 0, max_transfers, max_bytes, szx }
    }

    /// Takes a request in. One without Block1 is complete as it is.
    pub(super) fn request(
        &mut self,
        now: Instant,
        lifetime: Duration,
        peer: P,
        mut message: Message,
    ) -> Progress {
        let Some(block) = message.options.block1() else { return Progress::Complete(message, None) };
        let total = message.options.uint(option_number::SIZE1);
        message.options.remove(option_number::BLOCK1);
        message.options.remove(option_number::SIZE1);
        let length = message.payload.len();
        if length > block.size() || (block.more && length < block.size()) {
            return refuse(Code::BAD_REQUEST, "a block shorter or longer than its size");
        }
        // RFC 7959 §2.5: number 0 starts anew, whatever was received before.
        let before = self.remove(peer);
        let mut body = match before {
            _ if block.num == 0 => Vec::new(),
            Some(transfer) if transfer.continues_with(&message, block) => {
                // RFC 7959 does not say which blocks carry Observe.
                if let (Some(observe), None) = (transfer.options.observe(), message.options.observe()) {
                    message.options = message.options.with_observe(observe);
                }
                transfer.body
            }
            _ => return refuse(Code::REQUEST_ENTITY_INCOMPLETE, "the blocks before this one are missing"),
        };
        let announced = total.map_or(0, |total| total as usize);
        if announced.max(body.len() + message.payload.len()) > limits::BLOCK1_BODY_BYTES {
            return too_large();
        }
        body.extend_from_slice(&message.payload);
        if !block.more {
            return Progress::Complete(Message { payload: body, ..message }, Some(block));
        }
        let transfer =
            Transfer { code: message.code, options: message.options, body, expiry: now + lifetime };
        self.insert(peer, transfer);
        // RFC 7959 §2.5: the answer may ask for smaller blocks from here on.
        let options = Options::new().with_block1(Block { szx: block.szx.min(self.szx), ..block });
        Progress::Answer(Response { options, ..Response::new(Code::CONTINUE) })
    }

    pub(super) fn sweep(&mut self, now: Instant) {
        while let Some((expiry, peer)) = self.expiries.first().copied() {
            if expiry > now {
                break;
            }
            self.remove(peer);
        }
    }

    fn insert(&mut self, peer: P, transfer: Transfer) {
        self.bytes += transfer.body.len();
        while self.by_peer.len() >= self.max_transfers || self.bytes > self.max_bytes {
            let Some((_, oldest)) = self.expiries.first().copied() else { break };
            self.remove(oldest);
        }
        self.expiries.insert((transfer.expiry, peer));
        self.by_peer.insert(peer, transfer);
    }

    pub(super) fn forget(&mut self, peer: P) {
        self.remove(peer);
    }

    fn remove(&mut self, peer: P) -> Option<Transfer> {
        let transfer = self.by_peer.remove(&peer)?;
        self.expiries.remove(&(transfer.expiry, peer));
        self.bytes -= transfer.body.len();
        Some(transfer)
    }
}

impl Transfer {
    /// The blocks of one body agree in everything but the block (RFC 7959 §2.5), and follow each other.
    fn continues_with(&self, message: &Message, block: Block) -> bool {
        // Block2 belongs to the response; the last block may carry it alone (RFC 7959 §3.3).
        let of_transfer = [option_number::BLOCK2, option_number::OBSERVE];
        let of_request = |options: &Options| {
            let options = options.iter().filter(|(number, _)| !of_transfer.contains(number));
            options.map(|(number, value)| (number, value.to_vec())).collect::<Vec<_>>()
        };
        self.code == message.code
            && self.body.len() == block.offset()
            && of_request(&self.options) == of_request(&message.options)
    }
}

fn refuse(code: Code, why: &str) -> Progress {
    Progress::Answer(Response { payload: why.as_bytes().to_vec(), ..Response::new(code) })
}

/// RFC 7959 §2.9.3: Size1 tells how much would be taken.
fn too_large() -> Progress {
    let limit = u32::try_from(limits::BLOCK1_BODY_BYTES).unwrap_or(u32::MAX);
    let options = Options::new().with_uint(option_number::SIZE1, limit);
    Progress::Answer(Response { options, ..Response::new(Code::REQUEST_ENTITY_TOO_LARGE) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageId, MessageType};

    fn answer(transfers: &mut Block1Transfers<char>, now_ms: u64, peer: char, num: u32) -> Code {
        let message = Message {
            code: Code::PUT,
            options: Options::new().with_block1(Block { num, more: true, szx: 0 }),
            payload: vec![0; 16],
            ..Message::empty(MessageType::Confirmable, MessageId(0))
        };
        match transfers.request(Instant::from_millis(now_ms), Duration::from_secs(1), peer, message) {
            Progress::Answer(response) => response.code,
            Progress::Complete(..) => panic!("more blocks were announced"),
        }
    }

    #[test]
    fn the_longest_unused_transfer_makes_room() {
        let mut transfers = Block1Transfers::new(2, 100, 6);
        for (now_ms, peer, num) in [(0, 'a', 0), (1, 'b', 0), (2, 'a', 1), (3, 'c', 0)] {
            assert_eq!(answer(&mut transfers, now_ms, peer, num), Code::CONTINUE);
        }
        assert_eq!(transfers.expiries.len(), 2);
        assert_eq!(answer(&mut transfers, 4, 'b', 1), Code::REQUEST_ENTITY_INCOMPLETE);
        assert_eq!(answer(&mut transfers, 5, 'a', 2), Code::CONTINUE);
    }

    #[test]
    fn the_longest_unused_transfer_goes_at_the_bound_in_bytes() {
        let mut transfers = Block1Transfers::new(9, 40, 6);
        for (now_ms, peer, num) in [(0, 'a', 0), (1, 'b', 0), (2, 'a', 1)] {
            assert_eq!(answer(&mut transfers, now_ms, peer, num), Code::CONTINUE);
        }
        assert_eq!((transfers.by_peer.len(), transfers.bytes), (1, 32));
        assert_eq!(answer(&mut transfers, 3, 'b', 1), Code::REQUEST_ENTITY_INCOMPLETE);
    }

    #[test]
    fn a_transfer_expires_after_its_last_block() {
        let mut transfers = Block1Transfers::new(2, 100, 6);
        answer(&mut transfers, 0, 'a', 0);
        answer(&mut transfers, 900, 'a', 1);
        transfers.sweep(Instant::from_millis(1_899));
        assert_eq!(transfers.by_peer.len(), 1);
        transfers.sweep(Instant::from_millis(1_900));
        assert_eq!((transfers.by_peer.len(), transfers.expiries.len()), (0, 0));
    }
}
