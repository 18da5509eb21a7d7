use std::time::Duration;

use coap::Instant;
use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Values, insert_all};

/// The Connectivity Statistics object, `/7/0`: counts what the device really sends and receives between Start and
/// Stop (LwM2M 1.0 TS App. E.8).
#[derive(Debug, Default)]
pub(crate) struct ConnectivityStatistics {
    collection: Collection,
    collection_period_s: u64,
    sent_bytes: u64,
    received_bytes: u64,
    messages: u64,
    longest_bytes: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Collection {
    #[default]
    Stopped,
    Running {
        /// None until Stop.
        until: Option<Instant>,
    },
}

const SMS_SENT: Path = resource(0);
const SMS_RECEIVED: Path = resource(1);
const SENT_KB: Path = resource(2);
const RECEIVED_KB: Path = resource(3);
const LONGEST: Path = resource(4);
const AVERAGE: Path = resource(5);
const START: Path = resource(6);
const STOP: Path = resource(7);
const COLLECTION_PERIOD: Path = resource(8);

const BYTES_PER_KB: u64 = 1000;

const fn resource(id: u16) -> Path {
    Path::resource(7, 0, id)
}

impl ConnectivityStatistics {
    pub(crate) fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.values())?;
        insert_all(
            tree,
            [
                (SMS_SENT, Value::Integer(0)),
                (SMS_RECEIVED, Value::Integer(0)),
                (COLLECTION_PERIOD, Value::Integer(0)),
            ],
        )?;
        tree.insert_executable(START)?;
        tree.insert_executable(STOP)
    }

    pub(crate) fn sent(&mut self, now: Instant, bytes: usize) {
        if self.counts(now) {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            self.sent_bytes = self.sent_bytes.saturating_add(bytes);
            self.count_message(bytes);
        }
    }

    pub(crate) fn received(&mut self, now: Instant, bytes: usize) {
        if self.counts(now) {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            self.received_bytes = self.received_bytes.saturating_add(bytes);
            self.count_message(bytes);
        }
    }

    /// A new period counts from the next Start on.
    pub(crate) fn written(&mut self, path: Path, value: &Value) {
        if let (COLLECTION_PERIOD, Value::Integer(seconds)) = (path, value) {
            self.collection_period_s = u64::try_from(*seconds).unwrap_or(0);
        }
    }

    pub(crate) fn executed(&mut self, now: Instant, path: Path) -> Values {
        match path {
            START => {
                let period = Duration::from_secs(self.collection_period_s);
                let until = (!period.is_zero()).then_some(now + period);
                *self = Self {
                    collection: Collection::Running { until },
                    collection_period_s: self.collection_period_s,
                    ..Self::default()
                };
            }
            STOP => self.collection = Collection::Stopped,
            _ => return Values::new(),
        }
        self.values()
    }

    pub(crate) fn values(&self) -> Values {
        let average = (self.sent_bytes + self.received_bytes).checked_div(self.messages).unwrap_or(0);
        [
            (SENT_KB, self.sent_bytes / BYTES_PER_KB),
            (RECEIVED_KB, self.received_bytes / BYTES_PER_KB),
            (LONGEST, self.longest_bytes),
            (AVERAGE, average),
        ]
        .map(|(path, number)| (path, Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))))
        .into()
    }

    fn counts(&mut self, now: Instant) -> bool {
        if matches!(self.collection, Collection::Running { until: Some(until) } if until <= now) {
            self.collection = Collection::Stopped;
        }
        self.collection != Collection::Stopped
    }

    fn count_message(&mut self, bytes: u64) {
        self.messages += 1;
        self.longest_bytes = self.longest_bytes.max(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_s(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    fn numbers(statistics: &ConnectivityStatistics) -> [i64; 4] {
        let values = statistics.values();
        [SENT_KB, RECEIVED_KB, LONGEST, AVERAGE].map(|wanted| {
            match values.iter().find(|(path, _)| *path == wanted) {
                Some((_, Value::Integer(number))) => *number,
                other => panic!("{other:?}"),
            }
        })
    }

    #[test]
    fn c_050_only_what_passes_between_start_and_stop_counts() {
        let mut statistics = ConnectivityStatistics::default();
        statistics.sent(at_s(0), 5000);
        assert_eq!(numbers(&statistics), [0, 0, 0, 0]);
        statistics.executed(at_s(1), START);
        statistics.sent(at_s(2), 2000);
        statistics.sent(at_s(3), 500);
        statistics.received(at_s(4), 1100);
        statistics.executed(at_s(5), STOP);
        statistics.received(at_s(6), 9000);
        assert_eq!(numbers(&statistics), [2, 1, 2000, 1200]);
        statistics.executed(at_s(7), START);
        assert_eq!(numbers(&statistics), [0, 0, 0, 0]);
    }

    #[test]
    fn c_050_the_collection_period_ends_the_count() {
        let mut statistics = ConnectivityStatistics::default();
        statistics.written(COLLECTION_PERIOD, &Value::Integer(10));
        statistics.executed(at_s(100), START);
        statistics.sent(at_s(109), 3000);
        statistics.sent(at_s(110), 4000);
        assert_eq!(numbers(&statistics), [3, 0, 3000, 3000]);
        statistics.written(COLLECTION_PERIOD, &Value::Integer(0));
        statistics.executed(at_s(200), START);
        statistics.sent(at_s(100_000), 4000);
        assert_eq!(numbers(&statistics), [4, 0, 4000, 4000]);
    }
}
