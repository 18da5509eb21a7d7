use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{Instant, MessageId, Usage, limits};

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
    id: MessageId,
    expiry: Instant,
    answer: Answer,
}

/// The messages received lately from one peer, in the order they came.
///
/// Most peers have one or two, so that this list takes a fraction of what an index would. Of a busy peer that counts
/// its ids up, as RFC 7252 §4.4 suggests, a new message is known as such without a search.
struct Received {
    entries: VecDeque<Entry>,
    answer_bytes: usize,
    /// Each id is ahead of those before it, the first included.
    ascending: bool,
}

/// The messages received lately, by sender and message id (RFC 7252 §4.5).
pub(super) struct Deduplication<P> {
    by_peer: BTreeMap<P, Received>,
    /// When the oldest message of each peer expires.
    oldest: BTreeSet<(Instant, P)>,
    length: usize,
    answer_bytes: usize,
    bounds: Bounds,
    /// Messages forgotten before their time for those of other peers.
    forgotten: u64,
}

#[derive(Copy, Clone)]
pub(super) struct Bounds {
    pub(super) entries: usize,
    pub(super) answer_bytes: usize,
    pub(super) entries_per_peer: usize,
    pub(super) answer_bytes_per_peer: usize,
}

impl<P: Copy + Ord> Deduplication<P> {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self {
            by_peer: BTreeMap::new(),
            oldest: BTreeSet::new(),
            length: 0,
            answer_bytes: 0,
            bounds,
            forgotten: 0,
        }
    }

    /// The answer to the message this one duplicates, `None` for a message not seen before.
    pub(super) fn answer(&self, now: Instant, peer: P, id: MessageId) -> Option<&Answer> {
        let received = self.by_peer.get(&peer)?;
        // One that lives shorter may still be listed behind one that lives longer.
        let entry = received.entries.get(received.position(id)?).filter(|entry| entry.expiry > now)?;
        Some(&entry.answer)
    }

    pub(super) fn remember(&mut self, peer: P, id: MessageId, expiry: Instant, answer: Answer) {
        // An expired message with the same id may still be listed, but the newest is found first.
        let received = self.by_peer.entry(peer).or_insert_with(|| {
            self.oldest.insert((expiry, peer));
            Received { entries: VecDeque::with_capacity(1), answer_bytes: 0, ascending: true }
        });
        self.length += 1;
        self.answer_bytes += answer.length();
        received.answer_bytes += answer.length();
        received.push(Entry { id, expiry, answer });
        self.keep_bounds(peer);
    }

    /// No effect once the message itself is forgotten.
    pub(super) fn set_answer(&mut self, peer: P, id: MessageId, answer: Answer) {
        let Some(received) = self.by_peer.get_mut(&peer) else { return };
        let Some(entry) = received.position(id).and_then(|position| received.entries.get_mut(position))
        else {
            return;
        };
        let (before, after) = (entry.answer.length(), answer.length());
        entry.answer = answer;
        received.answer_bytes = received.answer_bytes - before + after;
        self.answer_bytes = self.answer_bytes - before + after;
        self.keep_bounds(peer);
    }

    pub(super) fn sweep(&mut self, now: Instant) {
        while let Some((_, peer)) = self.oldest.first().filter(|(expiry, _)| *expiry <= now) {
            self.remove(*peer, 0);
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.length, limit: self.bounds.entries, reached: self.forgotten }
    }

    pub(super) fn next_sweep(&self) -> Option<Instant> {
        self.oldest.first().map(|(expiry, _)| *expiry + limits::DEDUPLICATION_SWEEP)
    }

    pub(super) fn forget(&mut self, peer: P, id: MessageId) {
        if let Some(position) = self.by_peer.get(&peer).and_then(|received| received.position(id)) {
            self.remove(peer, position);
        }
    }

    /// A peer at its own bound loses its own oldest message. Only beyond the bounds for all the oldest of
    /// another one may go.
    fn keep_bounds(&mut self, peer: P) {
        while self.by_peer.get(&peer).is_some_and(|received| received.exceeds(self.bounds)) {
            self.remove(peer, 0);
        }
        while self.length > self.bounds.entries || self.answer_bytes > self.bounds.answer_bytes {
            let Some((_, peer)) = self.oldest.first() else { break };
            self.forgotten += 1;
            self.remove(*peer, 0);
        }
    }

    fn remove(&mut self, peer: P, position: usize) {
        let Some(received) = self.by_peer.get_mut(&peer) else { return };
        let front = received.entries.front().map(|entry| entry.expiry);
        let Some(removed) = received.entries.remove(position) else { return };
        self.length -= 1;
        self.answer_bytes -= removed.answer.length();
        received.answer_bytes -= removed.answer.length();
        let new_front = received.entries.front().map(|entry| entry.expiry);
        if let Some(expiry) = front.filter(|_| front != new_front) {
            self.oldest.remove(&(expiry, peer));
            self.oldest.extend(new_front.map(|expiry| (expiry, peer)));
        }
        if new_front.is_none() {
            self.by_peer.remove(&peer);
        }
    }
}

impl Received {
    fn push(&mut self, entry: Entry) {
        let ends = [self.entries.front(), self.entries.back()];
        self.ascending &= ends.into_iter().flatten().all(|known| is_ahead(entry.id, known.id));
        self.entries.push_back(entry);
    }

    /// Searched from the newest: duplicates follow soon.
    fn position(&self, id: MessageId) -> Option<usize> {
        if self.ascending && self.entries.back().is_some_and(|newest| is_ahead(id, newest.id)) {
            return None;
        }
        self.entries.iter().rposition(|entry| entry.id == id)
    }

    fn exceeds(&self, bounds: Bounds) -> bool {
        self.entries.len() > bounds.entries_per_peer || self.answer_bytes > bounds.answer_bytes_per_peer
    }
}

/// Whether an id follows another within half of the number space, which wraps.
const fn is_ahead(id: MessageId, other: MessageId) -> bool {
    matches!(id.0.wrapping_sub(other.0), 1..0x8000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds =
        Bounds { entries: 4, answer_bytes: 200, entries_per_peer: 2, answer_bytes_per_peer: 100 };

    const fn at(milliseconds: u64) -> Instant {
        Instant::from_millis(milliseconds)
    }

    fn knows(deduplication: &Deduplication<char>, peer: char, id: u16) -> bool {
        deduplication.answer(at(0), peer, MessageId(id)).is_some()
    }

    #[test]
    fn every_id_is_found_however_a_peer_counts() {
        let bounds =
            Bounds { entries: 1_000, answer_bytes: 0, entries_per_peer: 1_000, answer_bytes_per_peer: 0 };
        for step in [1_u16, 7, 0x2000, 0x3001, 0x7fff, 0x8000, 0x9001, 0xffff] {
            let mut deduplication = Deduplication::new(bounds);
            let mut seen = BTreeSet::new();
            for id in (0..40_u16).map(|count| 0xfff0_u16.wrapping_add(count.wrapping_mul(step))) {
                assert_eq!(knows(&deduplication, 'a', id), !seen.insert(id), "{id} in steps of {step}");
                deduplication.remember('a', MessageId(id), at(1000), Answer::Silence);
            }
            assert!(seen.iter().all(|id| knows(&deduplication, 'a', *id)), "in steps of {step}");
        }
    }

    #[test]
    fn entries_last_until_their_expiry() {
        let mut deduplication = Deduplication::new(BOUNDS);
        deduplication.remember('a', MessageId(1), at(1000), Answer::Silence);
        deduplication.sweep(at(999));
        assert_eq!(deduplication.answer(at(999), 'a', MessageId(1)), Some(&Answer::Silence));
        assert_eq!(deduplication.answer(at(999), 'b', MessageId(1)), None);
        assert_eq!(deduplication.next_sweep(), Some(at(2000)));
        deduplication.sweep(at(1000));
        assert_eq!(deduplication.answer(at(1000), 'a', MessageId(1)), None);
        assert_eq!(deduplication.next_sweep(), None);
        assert_eq!((deduplication.by_peer.len(), deduplication.length), (0, 0));
    }

    #[test]
    fn an_entry_behind_one_that_lives_longer_expires_in_time() {
        let mut deduplication = Deduplication::new(BOUNDS);
        deduplication.remember('a', MessageId(1), at(247), Answer::Silence);
        deduplication.remember('a', MessageId(2), at(145), Answer::Silence);
        assert_eq!(deduplication.answer(at(145), 'a', MessageId(2)), None);
        deduplication.remember('a', MessageId(2), at(290), Answer::Reset);
        assert_eq!(deduplication.answer(at(146), 'a', MessageId(2)), Some(&Answer::Reset));
        deduplication.sweep(at(290));
        assert_eq!((deduplication.oldest.len(), deduplication.length), (0, 0));
    }

    #[test]
    fn a_peer_at_its_bound_loses_its_own_oldest_entry() {
        let mut deduplication = Deduplication::new(BOUNDS);
        deduplication.remember('b', MessageId(1), at(1), Answer::Reset);
        for id in 1..=100 {
            deduplication.remember('a', MessageId(id), at(u64::from(id) + 1), Answer::Reset);
        }
        assert!(knows(&deduplication, 'b', 1));
        assert_eq!([98, 99, 100].map(|id| knows(&deduplication, 'a', id)), [false, true, true]);
        assert_eq!((deduplication.length, deduplication.oldest.len()), (3, 2));
    }

    #[test]
    fn the_oldest_entry_of_all_goes_at_the_bound_for_all() {
        let mut deduplication = Deduplication::new(BOUNDS);
        for (n, peer) in (1..).zip('a'..='e') {
            deduplication.remember(peer, MessageId(7), at(n), Answer::Reset);
        }
        let known: Vec<bool> = ('a'..='e').map(|peer| knows(&deduplication, peer, 7)).collect();
        assert_eq!(known, [false, true, true, true, true]);
    }

    #[test]
    fn stored_answers_are_bounded_in_bytes() {
        let mut deduplication = Deduplication::new(BOUNDS);
        let mut answer = |peer, id: u16| {
            deduplication.remember(peer, MessageId(id), at(u64::from(id)), Answer::Silence);
            deduplication.set_answer(peer, MessageId(id), Answer::Response(vec![0; 60].into()));
            let known = (1..=5).filter(|id| "abc".chars().any(|peer| knows(&deduplication, peer, *id)));
            (known.collect::<Vec<u16>>(), deduplication.answer_bytes)
        };
        assert_eq!(answer('a', 1), (vec![1], 60));
        assert_eq!(answer('a', 2), (vec![2], 60));
        assert_eq!(answer('b', 3), (vec![2, 3], 120));
        assert_eq!(answer('c', 4), (vec![2, 3, 4], 180));
        deduplication.set_answer('a', MessageId(2), Answer::Response(vec![0; 90].into()));
        assert_eq!((knows(&deduplication, 'a', 2), deduplication.answer_bytes), (false, 120));
        deduplication.set_answer('a', MessageId(2), Answer::Reset);
        deduplication.set_answer('b', MessageId(3), Answer::Reset);
        assert_eq!(deduplication.answer_bytes, 60);
    }
}
