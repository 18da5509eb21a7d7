//! Moments as people and scripts write them.

use std::{fmt, str::FromStr};

use coap::Instant;
use store::history::Day;

/// A moment of a query: RFC 3339, or milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Moment(pub(super) Instant);

/// A text that is no moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoMoment {
    got: String,
}

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = "a time such as 2026-11-26T08:00:00Z or milliseconds since 1970";
        // A plus sign in a query is a space.
        let hint = if self.got.contains(' ') { " (is a + written as %2B?)" } else { "" };
        write!(f, "expected {expected}, got {:?}{hint}", self.got)
    }
}

impl TryFrom<String> for Moment {
    type Error = NoMoment;

    fn try_from(text: String) -> Result<Self, NoMoment> {
        text.parse()
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let millis =
            if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { millis(text) };
        let cut = || NoMoment { got: text.chars().take(40).collect() };
        millis.map(|millis| Self(Instant::from_millis(millis))).ok_or_else(cut)
    }
}

/// A moment in RFC 3339, in UTC.
pub(super) fn shown(at: Instant) -> String {
    let day = Day::of(at);
    let rest = at.as_millis() - day.start().as_millis();
    let (seconds, millis) = (rest / 1000, rest % 1000);
    format!("{day}T{:02}:{:02}:{:02}.{millis:03}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// RFC 3339 §5.6: `2026-11-26T08:00:00.5+01:00`
fn millis(text: &str) -> Option<u64> {
    let day: Day = text.get(..10)?.parse().ok()?;
    let rest = text.get(10..)?.strip_prefix(['T', 't'])?;
    let time = rest.get(..8)?;
    let fields: Vec<u64> = time.split(':').map(two_digits).collect::<Option<_>>()?;
    let [hours @ 0..=23, minutes @ 0..=59, seconds @ 0..=60] = fields[..] else { return None };
    let (fraction, offset) = fraction(rest.get(8..)?)?;
    let since_midnight = (hours * 3600 + minutes * 60 + seconds) * 1000 + fraction;
    let local = day.start().as_millis().checked_add(since_midnight)?;
    local.checked_add_signed(-offset_ms(offset)?)
}

/// Milliseconds of a fraction of a second, and what comes after it.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = rest.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let millis =
        digits.bytes().chain(*b"000").take(3).fold(0, |all, digit| all * 10 + u64::from(digit - b'0'));
    Some((millis, rest))
}

fn offset_ms(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours @ 0..=23, minutes @ 0..=59) = (two_digits(hours)?, two_digits(minutes)?) else { return None };
    i64::try_from((hours * 60 + minutes) * 60_000).ok().map(|offset| sign * offset)
}

fn two_digits(text: &str) -> Option<u64> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<u64> {
        text.parse::<Moment>().ok().map(|moment| moment.0.as_millis())
    }

    #[test]
    fn moments_are_read() {
        let at = 1_795_680_000_000; // 2026-11-26T08:00:00Z
        for (text, later) in [
            ("2026-11-26T08:00:00Z", 0),
            ("2026-11-26t08:00:00z", 0),
            ("2026-11-26T09:00:00+01:00", 0),
            ("2026-11-25T23:30:00-08:30", 0),
            ("2026-11-26T08:00:00.5Z", 500),
            ("2026-11-26T08:00:00.0019999Z", 1),
            ("2026-11-26T08:00:60Z", 60_000),
            ("1795680000001", 1),
        ] {
            assert_eq!(read(text), Some(at + later), "{text}");
        }
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "-1",
            "1.5",
            "now",
            "2026-11-26",
            "2026-11-26T08:00Z",
            "2026-11-26T08:00:00",
            "2026-11-26 08:00:00Z",
            "2026-11-26T24:00:00Z",
            "2026-11-26T08:60:00Z",
            "2026-11-26T08:00:61Z",
            "2026-02-30T08:00:00Z",
            "2026-11-26T08:00:00.Z",
            "2026-11-26T08:00:00.1",
            "2026-11-26T08:00:00+1:00",
            "2026-11-26T08:00:00+24:00",
            "1970-01-01T00:00:00+00:01",
            "18446744073709551616",
            "2026-11-26T08:00:00ä",
            "ä026-11-26T08:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_plus_that_became_a_space_is_explained() {
        let error = "2026-11-26T09:00:00 01:00".parse::<Moment>().unwrap_err();
        assert!(error.to_string().contains("%2B"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(millis in 0..253_402_300_800_000_u64) {
            prop_assert_eq!(read(&shown(Instant::from_millis(millis))), Some(millis));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}", near in "[0-9TtZz:.+ -]{0,35}") {
            let _ = (read(&text), read(&near));
        }
    }
}
