use coap::Instant;
use lwm2m_codec::{ContentFormat, Path, Record, registration::LwM2mVersion};

use super::limits;

/// Notifications that could not be sent, with the times of their values (LwM2M Core, Server object, resource 6).
#[derive(Debug, Default)]
pub(super) struct History {
    /// In the order of their times, which are seconds since 1970.
    records: Vec<Record>,
}

impl History {
    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Keeps the values of one notification. `hqmax` tells how many of a node are kept.
    pub(super) fn push(
        &mut self,
        at: Instant,
        records: impl IntoIterator<Item = Record>,
        hqmax: impl Fn(&Path) -> Option<u32>,
    ) {
        for record in records {
            let record = record.at_time(seconds(at));
            // Two values of the same moment cannot be told apart; the later one counts.
            self.records.retain(|held| (held.path, held.time()) != (record.path, record.time()));
            let kept = hqmax(&record.path).map_or(limits::STORED_VALUES, |hqmax| hqmax as usize);
            let held = self.records.iter().filter(|held| held.path == record.path).count();
            self.forget_oldest_of(&record.path, (held + 1).saturating_sub(kept));
            if kept > 0 {
                self.records.push(record);
            }
        }
        let surplus = self.records.len().saturating_sub(limits::STORED_VALUES);
        self.records.drain(..surplus);
    }

    fn forget_oldest_of(&mut self, path: &Path, mut surplus: usize) {
        self.records.retain(|held| {
            let goes = surplus > 0 && held.path == *path;
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// Hands the values out as a payload in `format` says their times.
    pub(super) fn take(&mut self, now: Instant, format: ContentFormat) -> Vec<Record> {
        let now = seconds(now);
        let records = core::mem::take(&mut self.records).into_iter();
        let timed = records.map(|record| match record.time() {
            // RFC 8428 §4.5.3: a clock that has not been set says how long ago.
            Some(time) if format.absolute_time(time, now) != time => record.at_time(time - now),
            _ => record,
        });
        timed.collect()
    }
}

/// The format for values with times: the one asked for, if it has times; the one of the version, if none was.
pub(super) fn timed_format(accept: Option<ContentFormat>, version: LwM2mVersion) -> Option<ContentFormat> {
    match accept.map(ContentFormat::canonical) {
        None if version == LwM2mVersion::V1_0 => Some(ContentFormat::JSON),
        None => Some(ContentFormat::SENML_CBOR),
        format => format.filter(|format| {
            matches!(*format, ContentFormat::JSON | ContentFormat::SENML_JSON | ContentFormat::SENML_CBOR)
        }),
    }
}

fn seconds(at: Instant) -> f64 {
    at.as_millis() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Value;

    use super::*;

    const LEVEL: Path = Path::resource(3, 0, 9);

    fn filled(hqmax: Option<u32>, count: u64) -> Vec<(i64, f64)> {
        let mut history = History::default();
        for number in 0..count {
            let value = Value::Integer(i64::try_from(number).unwrap());
            let at = Instant::from_millis(1_760_000_000_000 + number * 1_000);
            history.push(at, [Record::new(LEVEL, value)], |_| hqmax);
        }
        let now = Instant::from_millis(1_760_001_000_000);
        let records = history.take(now, ContentFormat::SENML_CBOR).into_iter();
        records
            .map(|record| match record.value {
                Value::Integer(value) => (value, record.time().unwrap()),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn the_newest_are_kept() {
        assert_eq!(filled(Some(2), 5), [(3, 1_760_000_003.0), (4, 1_760_000_004.0)]);
        assert_eq!(filled(Some(0), 5), []);
        assert_eq!(filled(None, 300).len(), limits::STORED_VALUES);
        assert_eq!(filled(None, 300).last(), Some(&(299, 1_760_000_299.0)));
    }

    #[test]
    fn a_clock_without_date_says_how_long_ago() {
        let mut history = History::default();
        history.push(Instant::from_millis(5_000), [Record::new(LEVEL, Value::Integer(1))], |_| None);
        let now = Instant::from_millis(65_000);
        assert_eq!(history.take(now, ContentFormat::SENML_JSON)[0].time(), Some(-60.0));
    }

    #[test]
    fn the_same_moment_has_one_value() {
        let mut history = History::default();
        for value in [1, 2] {
            history.push(Instant::from_millis(5_000), [Record::new(LEVEL, Value::Integer(value))], |_| None);
        }
        let records = history.take(Instant::from_millis(5_000), ContentFormat::JSON);
        assert_eq!((records.len(), &records[0].value), (1, &Value::Integer(2)));
    }
}
