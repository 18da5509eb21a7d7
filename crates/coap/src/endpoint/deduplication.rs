use std::collections::{BTreeMap, BTreeSet};

use crate::{Instant, MessageId, limits};

/// How a received message was answered, and how its duplicates are answered again (RFC 7252 §4.5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// Not at all, or not yet: duplicates are absorbed.
    Silence,
    Acknowledgement,
    Reset,
    /// A response in full.
    Response(Box<[u8]>),
}

impl Answer {
    const fn length(&self) -> usize {
        match self {
            Self::Response(datagram) => datagram.len(),
            Self::Silence | Self::Acknowledgement | Self::Reset => 0,
        }
    }
}

struct Entry {
    answer: Answer,
    expiry: Instant,
}

/// The messages received lately, by sender and message id (RFC 7252 §4.5).
pub(super) struct Deduplication<P> {
    entries: BTreeMap<(P, MessageId), Entry>,
    expiries: BTreeSet<(Instant, P, MessageId)>,
    answer_bytes: usize,
    max_entries: usize,
    max_answer_bytes: usize,
}

impl<P: Copy + Ord> Deduplication<P> {
    pub(super) const fn new(max_entries: usize, max_answer_bytes: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            expiries: BTreeSet::new(),
            answer_bytes: 0,
            max_entries,
            max_answer_bytes,
        }
    }

    /// The answer to the message this one duplicates, `None` for a message not seen before.
    pub(super) fn answer(&self, peer: P, id: MessageId) -> Option<&Answer> {
        self.entries.get(&(peer, id)).map(|entry| &entry.answer)
    }

    pub(super) fn remember(&mut self, peer: P, id: MessageId, expiry: Instant, answer: Answer) {
        self.forget(peer, id);
        self.answer_bytes += answer.length();
        self.entries.insert((peer, id), Entry { answer, expiry });
        self.expiries.insert((expiry, peer, id));
        self.keep_limits();
    }

    /// No effect once the message itself is forgotten.
    pub(super) fn set_answer(&mut self, peer: P, id: MessageId, answer: Answer) {
        let Some(entry) = self.entries.get_mut(&(peer, id)) else { return };
        self.answer_bytes = self.answer_bytes - entry.answer.length() + answer.length();
        entry.answer = answer;
        self.keep_limits();
    }

    pub(super) fn sweep(&mut self, now: Instant) {
        while let Some((expiry, peer, id)) = self.expiries.first().copied() {
            if expiry > now {
                break;
            }
            self.forget(peer, id);
        }
    }

    pub(super) fn next_sweep(&self) -> Option<Instant> {
        self.expiries.first().map(|(expiry, ..)| *expiry + limits::DEDUPLICATION_SWEEP)
    }

    fn keep_limits(&mut self) {
        while self.entries.len() > self.max_entries || self.answer_bytes > self.max_answer_bytes {
            let Some((_, peer, id)) = self.expiries.first().copied() else { break };
            self.forget(peer, id);
        }
    }

    pub(super) fn forget(&mut self, peer: P, id: MessageId) {
        if let Some(entry) = self.entries.remove(&(peer, id)) {
            self.answer_bytes -= entry.answer.length();
            self.expiries.remove(&(entry.expiry, peer, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Instant {
        Instant::from_millis(milliseconds)
    }

    #[test]
    fn entries_last_until_their_expiry() {
        let mut deduplication = Deduplication::new(10, 100);
        deduplication.remember('a', MessageId(1), at(1000), Answer::Silence);
        deduplication.sweep(at(999));
        assert_eq!(deduplication.answer('a', MessageId(1)), Some(&Answer::Silence));
        assert_eq!(deduplication.answer('b', MessageId(1)), None);
        assert_eq!(deduplication.next_sweep(), Some(at(2000)));
        deduplication.sweep(at(1000));
        assert_eq!(deduplication.answer('a', MessageId(1)), None);
        assert_eq!(deduplication.next_sweep(), None);
    }

    #[test]
    fn the_oldest_entry_goes_at_the_limit() {
        let mut deduplication = Deduplication::new(2, 100);
        for id in 1..=3 {
            deduplication.remember('a', MessageId(id), at(u64::from(id)), Answer::Reset);
        }
        assert_eq!(deduplication.answer('a', MessageId(1)), None);
        assert_eq!(deduplication.answer('a', MessageId(2)), Some(&Answer::Reset));
        assert_eq!(deduplication.expiries.len(), 2);
    }

    #[test]
    fn stored_answers_are_bounded_in_bytes() {
        let mut deduplication = Deduplication::new(10, 100);
        for id in 1..=3 {
            deduplication.remember('a', MessageId(id), at(u64::from(id)), Answer::Silence);
            deduplication.set_answer('a', MessageId(id), Answer::Response(vec![0; 40].into()));
        }
        assert_eq!(deduplication.answer('a', MessageId(1)), None);
        assert_eq!(deduplication.answer_bytes, 80);
        deduplication.set_answer('a', MessageId(1), Answer::Reset);
        deduplication.set_answer('a', MessageId(2), Answer::Reset);
        assert_eq!(deduplication.answer_bytes, 40);
    }
}
