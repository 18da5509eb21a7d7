use coap::{Code, Message, MessageId, MessageType};

use super::limits;

/// Whether the peer of a session is there now, asked after a crash: what comes may be a recording of what was sent before
/// it, which the receive window of then would have told.
///
/// Every CoAP endpoint answers an empty confirmable message with Reset (RFC 7252 §4.3). A recorded Reset has a message id
/// of before, so that it fits two random ones with a chance of 1 in 2^32.
#[derive(Debug)]
pub(super) struct Freshness {
    asked: [MessageId; PINGS],
    /// The sequence numbers of the answers.
    answered: [Option<u64>; PINGS],
    /// Records that wait until it is known which of them are new.
    held: Vec<(u64, Vec<u8>)>,
}

const PINGS: usize = 2;

/// What a record of a session that is not proven means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unproven {
    Held,
    /// The peer is there. Nothing up to this sequence number counts; what was held and is newer does.
    Proven {
        sequence: u64,
        held: Vec<Vec<u8>>,
    },
}

impl Freshness {
    pub(super) fn new(random: [u16; PINGS]) -> Self {
        let second = if random[0] == random[1] { random[1].wrapping_add(1) } else { random[1] };
        Self { asked: [MessageId(random[0]), MessageId(second)], answered: [None; PINGS], held: Vec::new() }
    }

    /// The messages that ask.
    pub(super) fn pings(&self) -> impl Iterator<Item = Vec<u8>> {
        let pings = self.asked.map(|id| Message::empty(MessageType::Confirmable, id).encode());
        pings.into_iter().flatten()
    }

    pub(super) fn handle(&mut self, sequence: u64, payload: Vec<u8>) -> Unproven {
        match self.asked.iter().position(|id| is_reset(&payload, *id)) {
            Some(ping) => self.answered[ping] = Some(sequence),
            None => {
                if self.held.len() >= limits::UNPROVEN_RECORDS {
                    // The peer sends it again.
                    self.held.remove(0);
                }
                self.held.push((sequence, payload));
            }
        }
        let [Some(first), Some(second)] = self.answered else { return Unproven::Held };
        // If only one of them is new, it is the later one.
        let sequence = first.max(second);
        let held = std::mem::take(&mut self.held).into_iter();
        let held = held.filter(|(number, _)| *number > sequence).map(|(_, payload)| payload).collect();
        Unproven::Proven { sequence, held }
    }
}

fn is_reset(payload: &[u8], id: MessageId) -> bool {
    Message::decode(payload).is_ok_and(|message| {
        message.message_type == MessageType::Reset && message.code == Code::EMPTY && message.message_id == id
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset(id: u16) -> Vec<u8> {
        Message::empty(MessageType::Reset, MessageId(id)).encode().unwrap()
    }

    #[test]
    fn both_pings_have_to_be_answered() {
        let mut freshness = Freshness::new([7, 9]);
        let asked: Vec<_> =
            freshness.pings().map(|ping| Message::decode(&ping).unwrap().message_id).collect();
        assert_eq!(asked, [MessageId(7), MessageId(9)]);
        assert_eq!(freshness.handle(100, b"old?".to_vec()), Unproven::Held);
        assert_eq!(freshness.handle(101, reset(8)), Unproven::Held, "a recording");
        assert_eq!(freshness.handle(102, reset(9)), Unproven::Held);
        assert_eq!(freshness.handle(104, b"new".to_vec()), Unproven::Held);
        let proven = Unproven::Proven { sequence: 103, held: vec![b"new".to_vec()] };
        assert_eq!(freshness.handle(103, reset(7)), proven);
    }

    #[test]
    fn the_pings_differ_and_what_is_held_is_bounded() {
        let mut freshness = Freshness::new([5, 5]);
        let asked: Vec<_> = freshness.pings().collect();
        assert_ne!(asked[0], asked[1]);
        for number in 0..100 {
            freshness.handle(number, vec![1]);
        }
        assert_eq!(freshness.held.len(), limits::UNPROVEN_RECORDS);
    }
}
