use std::{sync::Arc, time::Duration};

use console_api::Trace as Part;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Trace;

/// Records are collected this long into one frame. People read no faster.
const FLUSH: Duration = Duration::from_millis(100);

/// Records that a console gets in one frame. Of more, the newest; the others count as missed.
const RECORDS_PER_FLUSH: usize = 256;

/// The trace as one console has it on its screen.
pub(crate) struct Follower {
    trace: Arc<Trace>,
    endpoint: Option<String>,
    after: Option<u64>,
    flush: Interval,
}

/// What comes next where there is a follower; otherwise never.
pub(crate) async fn next(follower: Option<&mut Follower>) -> Part {
    match follower {
        Some(follower) => follower.next().await,
        None => core::future::pending().await,
    }
}

impl Follower {
    /// Of one client or of all.
    pub(crate) fn new(trace: Arc<Trace>, endpoint: Option<String>) -> Self {
        let mut flush = interval(FLUSH);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { trace, endpoint, after: None, flush }
    }

    /// First the newest of what is there, at once and even if that is nothing; then what comes.
    async fn next(&mut self) -> Part {
        loop {
            self.flush.tick().await;
            let after = self.after.replace(self.trace.last_seq());
            let part = self.trace.newest(self.endpoint.as_deref(), after, RECORDS_PER_FLUSH);
            // What came since the number was taken is told already.
            if let Some(last) = part.records.last() {
                self.after = self.after.max(Some(last.seq));
            }
            if after.is_none() || !part.records.is_empty() || part.missed > 0 {
                return part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use console_api::Direction;

    use super::*;

    #[tokio::test]
    async fn what_is_there_comes_first_and_nothing_twice() {
        let trace = Arc::new(Trace::new());
        let come = |count: u8| {
            for number in 0..count {
                let peer = ([127, 0, 0, 1], u16::from(number % 2)).into();
                trace.record(0, Direction::Received, peer, &[number], || {
                    Some(["a", "b"][number as usize % 2])
                });
            }
        };
        let mut all = Follower::new(Arc::clone(&trace), None);
        assert_eq!(all.next().await, Part { records: Vec::new(), missed: 0 });
        come(2);
        let mut of_b = Follower::new(Arc::clone(&trace), Some("b".into()));
        let seqs = |part: Part| part.records.iter().map(|record| record.seq).collect::<Vec<_>>();
        assert_eq!(seqs(all.next().await), [1, 2]);
        assert_eq!(seqs(of_b.next().await), [2]);
        come(3);
        assert_eq!(seqs(all.next().await), [3, 4, 5]);
        assert_eq!(seqs(of_b.next().await), [4]);
        come(200);
        come(200);
        let part = all.next().await;
        assert_eq!((part.records.len(), part.missed), (RECORDS_PER_FLUSH, 400 - RECORDS_PER_FLUSH as u64));
        assert_eq!(part.records.last().map(|record| record.seq), Some(405));
    }
}
