use core::fmt;

use crate::{Block, option_number};

/// The options of a message, in the order they go on the wire: by number, repeats as added.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// By number.
    sorted: Vec<Entry>,
    /// The values one after the other: most are a few bytes, and memory of its own for each would cost more.
    values: Vec<u8>,
}

#[derive(Copy, Clone, PartialEq, Eq)]
struct Entry {
    number: u16,
    /// Where the value ends in `values`; it begins where the one before ends.
    end: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OptionError {
    #[error("option {number} must be UTF-8 text, got {value:02x?}")]
    NotUtf8 { number: u16, value: Vec<u8> },
}

impl Options {
    pub const fn new() -> Self {
        Self { sorted: Vec::new(), values: Vec::new() }
    }

    pub fn add(&mut self, number: u16, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        let position = self.sorted.partition_point(|entry| entry.number <= number);
        let start = self.start(position);
        self.values.splice(start..start, value.iter().copied());
        self.sorted.insert(position, Entry { number, end: start });
        for entry in &mut self.sorted[position..] {
            entry.end += value.len();
        }
    }

    pub fn remove(&mut self, number: u16) {
        self.retain(|n, _| n != number);
    }

    #[must_use]
    pub fn with(mut self, number: u16, value: impl AsRef<[u8]>) -> Self {
        self.add(number, value);
        self
    }

    /// An unsigned integer without leading zero bytes; 0 is the empty value (RFC 7252 §3.2).
    #[must_use]
    pub fn with_uint(self, number: u16, value: u32) -> Self {
        let bytes = value.to_be_bytes();
        let zeros = value.leading_zeros() as usize / 8;
        self.with(number, &bytes[zeros..])
    }

    /// One Uri-Path per segment of `/3/0/0`; `/` and the empty path have none (RFC 7252 §6.4).
    #[must_use]
    pub fn with_path(self, path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        if path.is_empty() {
            return self;
        }
        path.split('/').fold(self, |options, segment| options.with(option_number::URI_PATH, segment))
    }

    /// One Uri-Query, such as `lt=60`.
    #[must_use]
    pub fn with_query(self, query: &str) -> Self {
        self.with(option_number::URI_QUERY, query)
    }

    #[must_use]
    pub fn with_content_format(self, format: u16) -> Self {
        self.with_uint(option_number::CONTENT_FORMAT, format.into())
    }

    #[must_use]
    pub fn with_accept(self, format: u16) -> Self {
        self.with_uint(option_number::ACCEPT, format.into())
    }

    #[must_use]
    pub fn with_observe(self, value: u32) -> Self {
        // RFC 7641 §2: the value has 24 bits.
        self.with_uint(option_number::OBSERVE, value & 0xff_ffff)
    }

    #[must_use]
    pub fn with_location<S: AsRef<str>>(self, segments: &[S]) -> Self {
        segments.iter().fold(self, |options, s| options.with(option_number::LOCATION_PATH, s.as_ref()))
    }

    #[must_use]
    pub fn with_max_age(self, seconds: u32) -> Self {
        self.with_uint(option_number::MAX_AGE, seconds)
    }

    #[must_use]
    pub fn with_block1(self, block: Block) -> Self {
        self.with_uint(option_number::BLOCK1, block.to_uint())
    }

    #[must_use]
    pub fn with_block2(self, block: Block) -> Self {
        self.with_uint(option_number::BLOCK2, block.to_uint())
    }

    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        self.from(0)
    }

    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Every value of an option, in order.
    pub fn all(&self, number: u16) -> impl Iterator<Item = &[u8]> {
        let start = self.sorted.partition_point(|entry| entry.number < number);
        self.from(start).take_while(move |(n, _)| *n == number).map(|(_, value)| value)
    }

    pub fn first(&self, number: u16) -> Option<&[u8]> {
        self.all(number).next()
    }

    pub fn contains(&self, number: u16) -> bool {
        self.first(number).is_some()
    }

    /// The first value read as an unsigned integer; leading zeros are accepted (RFC 7252 §3.2).
    /// `None` when the option is absent or the number needs more than 32 bits.
    pub fn uint(&self, number: u16) -> Option<u32> {
        let value = self.first(number)?;
        let significant = &value[value.iter().take_while(|byte| **byte == 0).count()..];
        if significant.len() > 4 {
            return None;
        }
        Some(significant.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
    }

    pub fn uri_path(&self) -> Result<Vec<&str>, OptionError> {
        self.texts(option_number::URI_PATH)
    }

    pub fn uri_query(&self) -> Result<Vec<&str>, OptionError> {
        self.texts(option_number::URI_QUERY)
    }

    pub fn location_path(&self) -> Result<Vec<&str>, OptionError> {
        self.texts(option_number::LOCATION_PATH)
    }

    pub fn content_format(&self) -> Option<u16> {
        self.uint(option_number::CONTENT_FORMAT)?.try_into().ok()
    }

    pub fn accept(&self) -> Option<u16> {
        self.uint(option_number::ACCEPT)?.try_into().ok()
    }

    pub fn observe(&self) -> Option<u32> {
        self.uint(option_number::OBSERVE)
    }

    pub fn max_age(&self) -> Option<u32> {
        self.uint(option_number::MAX_AGE)
    }

    pub fn block1(&self) -> Option<Block> {
        Block::from_uint(self.uint(option_number::BLOCK1)?)
    }

    pub fn block2(&self) -> Option<Block> {
        Block::from_uint(self.uint(option_number::BLOCK2)?)
    }

    fn from(&self, position: usize) -> impl Iterator<Item = (u16, &[u8])> {
        let mut start = self.start(position);
        self.sorted[position..].iter().map(move |entry| {
            let value = &self.values[start..entry.end];
            start = entry.end;
            (entry.number, value)
        })
    }

    /// Where the value of the entry at a position begins.
    fn start(&self, position: usize) -> usize {
        position.checked_sub(1).map_or(0, |before| self.sorted[before].end)
    }

    fn retain(&mut self, mut keep: impl FnMut(u16, &[u8]) -> bool) {
        let (mut start, mut kept) = (0, 0);
        let values = &mut self.values;
        self.sorted.retain_mut(|entry| {
            let value = start..entry.end;
            start = entry.end;
            let retained = keep(entry.number, &values[value.clone()]);
            if retained {
                entry.end = kept + value.len();
                values.copy_within(value, kept);
                kept = entry.end;
            }
            retained
        });
        values.truncate(kept);
    }

    fn texts(&self, number: u16) -> Result<Vec<&str>, OptionError> {
        let text = |value| {
            core::str::from_utf8(value).map_err(|_| OptionError::NotUtf8 { number, value: value.to_vec() })
        };
        self.all(number).map(text).collect()
    }

    /// Applies the rules for unrecognised options (RFC 7252 §5.4): fails with the number of the first
    /// critical one; drops elective ones whose length or repetition their definition does not allow.
    pub(crate) fn retain_recognised(&mut self) -> Result<(), u16> {
        let mut previous = None;
        let mut critical = None;
        self.retain(|number, value| {
            let repeated = previous.replace(number) == Some(number);
            let acceptable = match option_number::recognised(number) {
                // RFC 7252 §5.4.3 and §5.4.5: a bad length or a surplus occurrence counts as unrecognised.
                Some(definition) => {
                    (definition.min_length..=definition.max_length).contains(&value.len())
                        && (definition.repeatable || !repeated)
                }
                None => !option_number::is_critical(number),
            };
            if !acceptable && option_number::is_critical(number) {
                critical.get_or_insert(number);
            }
            acceptable
        });
        critical.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removal_closes_the_gap() {
        let mut options = Options::new().with(3, "host").with(11, "a").with(11, "bc").with(60, [1, 2]);
        options.remove(11);
        assert_eq!(options, Options::new().with(60, [1, 2]).with(3, "host"));
        options.remove(3);
        options.add(12, "");
        assert_eq!(options.iter().collect::<Vec<_>>(), [(12, b"".as_slice()), (60, [1, 2].as_slice())]);
    }

    #[test]
    fn order_is_by_number_then_as_added() {
        let options = Options::new().with_query("b").with_path("/rd/5a3f").with_query("a").with_accept(0);
        let all: Vec<_> = options.iter().collect();
        assert_eq!(
            all,
            [
                (11, b"rd".as_slice()),
                (11, b"5a3f".as_slice()),
                (15, b"b".as_slice()),
                (15, b"a".as_slice()),
                (17, b"".as_slice()),
            ]
        );
    }

    #[test]
    fn uint_has_no_leading_zeros_and_zero_is_present() {
        let options = Options::new().with_content_format(0).with_uint(60, 0x0001_0203);
        assert_eq!(options.first(12), Some(b"".as_slice()));
        assert_eq!(options.content_format(), Some(0));
        assert_eq!(options.first(60), Some([1, 2, 3].as_slice()));
        assert_eq!(Options::new().content_format(), None);
    }

    #[test]
    fn uint_accepts_leading_zeros_and_refuses_overflow() {
        assert_eq!(Options::new().with(60, [0, 0, 0, 0, 7]).uint(60), Some(7));
        assert_eq!(Options::new().with(60, [1, 0, 0, 0, 0]).uint(60), None);
        assert_eq!(Options::new().with(17, [1, 0, 0]).accept(), None);
    }

    #[test]
    fn paths() {
        assert!(Options::new().with_path("/").is_empty());
        assert_eq!(Options::new().with_path("3/0").uri_path(), Ok(vec!["3", "0"]));
        let invalid = Options::new().with(11, [0xff]);
        assert_eq!(invalid.uri_path(), Err(OptionError::NotUtf8 { number: 11, value: vec![0xff] }));
    }

    #[test]
    fn unrecognised_critical_options_are_named() {
        for options in [
            Options::new().with(1, [1]),
            Options::new().with(5, b""),
            Options::new().with(9, b""),
            Options::new().with(65001, []),
            Options::new().with(17, [0]).with(17, [0]),
            Options::new().with(7, [0, 0, 1]),
        ] {
            let number = options.iter().next().unwrap().0;
            assert_eq!(options.clone().retain_recognised(), Err(number), "{options:?}");
        }
    }

    #[test]
    fn misused_elective_options_are_dropped_and_unknown_ones_kept() {
        let mut options = Options::new().with(12, [1, 2, 3]).with(14, [1]).with(14, [2]).with(65000, [9]);
        assert_eq!(options.retain_recognised(), Ok(()));
        assert_eq!(options, Options::new().with(14, [1]).with(65000, [9]));
    }
}
