//! The course of a Resource whose values are texts: each is a state, and has a number for as long as the page is open.

use console_api::{HistoryPage, ValueContent};

/// Texts kept of one Resource; at the limit the oldest eighth goes.
const POINTS: usize = 8_000;

/// Different texts that are told apart. Whatever says something else each time is no state, and what goes beyond is left out.
const NAMES: usize = 1_000;

/// Longer texts are cut.
const CHARACTERS: usize = 80;

/// What a Resource said, in the order of the times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    names: Vec<String>,
    points: Vec<(f64, f64)>,
    revision: u32,
}

impl Texts {
    /// Of one time, the first counts. Whether it is new.
    pub(crate) fn put(&mut self, at_ms: f64, text: &str) -> bool {
        let text: String = text.chars().take(CHARACTERS).collect();
        let index = self.points.partition_point(|(at, _)| *at < at_ms);
        if self.points.get(index).is_some_and(|(at, _)| *at == at_ms) {
            return false;
        }
        let known = self.names.iter().position(|name| *name == text);
        if known.is_none() && self.names.len() >= NAMES {
            return false;
        }
        let number = known.unwrap_or_else(|| {
            self.names.push(text);
            self.names.len() - 1
        });
        self.revision += u32::from(index < self.points.len());
        self.points.insert(index, (at_ms, number as f64));
        if self.points.len() > POINTS {
            self.points.drain(..POINTS / 8);
            self.revision += 1;
        }
        true
    }

    /// What the server has kept of it.
    pub(crate) fn take(&mut self, path: &str, page: &HistoryPage) {
        for row in page.rows.iter().rev() {
            for value in row.values.iter().filter(|value| value.path == path) {
                if let ValueContent::Text(text) = &value.value {
                    let at_ms = value.time_s.map_or(row.at_ms as f64, |time_s| (time_s * 1000.0).round());
                    self.put(at_ms, text);
                }
            }
        }
    }

    /// Times, and the number of the text.
    pub(crate) fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Another number when more has changed than what came at the end.
    pub(crate) const fn revision(&self) -> u32 {
        self.revision
    }

    /// The texts by their numbers.
    pub(crate) fn names(&self) -> Vec<(i64, String)> {
        (0..).zip(self.names.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use console_api::{DecodedValue, HistoryRow, Source};

    use super::*;

    #[test]
    fn texts_have_numbers_and_their_order() {
        let mut texts = Texts::default();
        assert!(texts.put(30.0, "open") && texts.put(10.0, "shut") && texts.put(40.0, "shut"));
        assert!(!texts.put(30.0, "other"));
        assert_eq!(texts.points(), [(10.0, 1.0), (30.0, 0.0), (40.0, 1.0)]);
        assert_eq!(texts.names(), [(0, "open".to_owned()), (1, "shut".to_owned())]);
        assert_eq!(texts.revision(), 1);
    }

    #[test]
    fn they_are_bounded() {
        let mut texts = Texts::default();
        for at in 0..3 * POINTS {
            texts.put(at as f64, &(at % (2 * NAMES)).to_string());
        }
        assert!(texts.points().len() <= POINTS && texts.names().len() == NAMES);
        texts.put(-1.0, &"x".repeat(500));
        assert!(texts.names().iter().all(|(_, name)| name.chars().count() <= CHARACTERS));
    }

    #[test]
    fn what_the_server_has_kept_is_taken_over() {
        let value = |path: &str, text: &str, time_s| DecodedValue {
            path: path.into(),
            value_type: "string".into(),
            value: ValueContent::Text(text.into()),
            time_s,
        };
        let row = |at_ms, values| HistoryRow {
            cursor: "1-1".into(),
            endpoint: "a".into(),
            path: "/3/0".into(),
            source: Source::Notify,
            at_ms,
            content_format: None,
            payload_hex: String::new(),
            sequence: None,
            confirmable: false,
            current: true,
            values,
            decode_error: None,
        };
        let page = HistoryPage {
            rows: vec![
                row(2000, vec![value("/3/0/15", "b", None), value("/3/0/1", "x", None)]),
                row(1900, vec![value("/3/0/15", "a", Some(0.5))]),
            ],
            next: None,
            unreadable: vec![],
        };
        let mut texts = Texts::default();
        texts.take("/3/0/15", &page);
        assert_eq!(texts.points(), [(500.0, 0.0), (2000.0, 1.0)]);
    }
}
