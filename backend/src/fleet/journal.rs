//! The newest events, numbered, for readers that each go at their own pace.

use std::{collections::VecDeque, sync::Arc};

use coap::Usage;

use super::{limits, news::News};

/// A ring: what is written is never held up by who reads.
#[derive(Default)]
pub(super) struct Journal {
    ring: VecDeque<Arc<News>>,
    bytes: usize,
    /// Of the last event, whether it was kept or not.
    seq: u64,
    /// Events that had to go for others.
    gone: u64,
}

/// A reader was too slow: so many events are no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missed(pub(crate) u64);

impl Journal {
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// The number before that of the oldest event that is still there.
    pub(super) fn before_oldest(&self) -> u64 {
        self.seq - self.ring.len() as u64
    }

    /// Takes an event in. Nothing is kept when nobody reads: then it only counts.
    pub(super) fn push(&mut self, news: News, kept: bool) {
        self.seq += 1;
        if !kept {
            self.ring.clear();
            self.bytes = 0;
            return;
        }
        self.bytes += news.bytes();
        self.ring.push_back(Arc::new(News { seq: self.seq, ..news }));
        while self.ring.len() > limits::EVENTS || self.bytes > limits::EVENT_BYTES {
            self.gone += 1;
            let Some(oldest) = self.ring.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.ring.len(), limit: limits::EVENTS, reached: self.gone }
    }

    /// At most `count` events after the one with the number `cursor`.
    pub(super) fn after(&self, cursor: u64, count: usize) -> Result<Vec<Arc<News>>, Missed> {
        if cursor > self.seq {
            return Err(Missed(0)); // of another run
        }
        let Some(skip) = cursor.checked_sub(self.before_oldest()) else {
            return Err(Missed(self.before_oldest() - cursor));
        };
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Ok(self.ring.iter().skip(skip).take(count).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::news::What;

    fn news() -> News {
        News { seq: 0, row: None, what: What::ObjectsChanged }
    }

    fn seqs(journal: &Journal, cursor: u64) -> Result<Vec<u64>, Missed> {
        journal.after(cursor, 3).map(|news| news.iter().map(|news| news.seq).collect())
    }

    #[test]
    fn a_reader_gets_every_event_once_in_order() {
        let mut journal = Journal::default();
        assert_eq!(seqs(&journal, 0), Ok(vec![]));
        for _ in 0..5 {
            journal.push(news(), true);
        }
        assert_eq!(seqs(&journal, 0), Ok(vec![1, 2, 3]));
        assert_eq!(seqs(&journal, 3), Ok(vec![4, 5]));
        assert_eq!(seqs(&journal, 5), Ok(vec![]));
        assert_eq!(seqs(&journal, 6), Err(Missed(0)), "a number that was never given out");
    }

    #[test]
    fn who_is_too_far_behind_is_told_by_how_much() {
        let mut journal = Journal::default();
        for _ in 0..limits::EVENTS + 10 {
            journal.push(news(), true);
        }
        assert_eq!(journal.ring.len(), limits::EVENTS);
        assert_eq!(seqs(&journal, 9), Err(Missed(1)));
        assert_eq!(seqs(&journal, 10), Ok(vec![11, 12, 13]));
    }

    #[test]
    fn large_events_take_the_room_of_many() {
        let mut journal = Journal::default();
        let large = || {
            let what = What::ObservationEnded {
                target: lwm2m_core::server::ObservationTarget::Path(lwm2m_codec::Path::object(3)),
                why: "w".repeat(limits::EVENT_BYTES / 4),
            };
            News { seq: 0, row: None, what }
        };
        for _ in 0..6 {
            journal.push(large(), true);
        }
        assert_eq!(seqs(&journal, 0), Err(Missed(3)));
        assert!(journal.bytes <= limits::EVENT_BYTES);
    }

    #[test]
    fn what_nobody_reads_is_counted_and_not_kept() {
        let mut journal = Journal::default();
        journal.push(news(), true);
        journal.push(news(), false);
        assert_eq!(seqs(&journal, 0), Err(Missed(2)));
        journal.push(news(), true);
        assert_eq!(seqs(&journal, 2), Ok(vec![3]));
    }
}
