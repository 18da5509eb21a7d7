//! Date and time as a text (RFC 3339), which CBOR marks with tag 0.

const SECONDS_PER_DAY: i64 = 86_400;

/// Seconds since 1970-01-01 UTC; fractions are dropped.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let (clock, offset) = split_offset(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
    // A leap second is the last one of its minute.
    let valid = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = hour * 3600 + minute * 60 + second.min(59);
    valid.then_some(days_since_1970(year, month, day) * SECONDS_PER_DAY + seconds - offset)
}

/// Splits off `Z`, `+01:00` or `-01:00`, which becomes seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let (clock, offset) = time.split_at_checked(time.len().checked_sub(6)?)?;
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hour, minute] = fields(offset.get(1..)?, ':', [2, 2])?;
    (hour < 24 && minute < 60).then_some((clock, sign * (hour * 3600 + minute * 60)))
}

/// Decimal fields of known width.
fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        let decimal = part.bytes().all(|byte| byte.is_ascii_digit());
        *number = if decimal { part.parse().ok()? } else { return None };
    }
    parts.next().is_none().then_some(numbers)
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts whole years, then whole months.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    /// The same count for 1969, so that 1970-01-01 is day 0.
    const LEAP_DAYS_UNTIL_1970: i64 = 477;
    let years = (year - 1970) * 365 + leap_days - LEAP_DAYS_UNTIL_1970;
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("2013-03-21T20:04:00Z", 1_363_896_240),
            ("2020-02-29T23:59:59.999Z", 1_583_020_799),
            ("2020-01-01T01:00:00+01:00", 1_577_836_800),
            ("1969-12-31t23:59:59z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_799),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59-23:59", 253_402_387_139),
        ];
        for (text, seconds) in cases {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-13-01T00:00:00Z",
            "2019-02-29T00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:00:61Z",
            "2020-01-01T00:00:00.Z",
            "2020-1-01T00:00:00Z",
            "2020-01-01T00:00:00+0100",
            "+020-01-01T00:00:00Z",
            "2020-01-01T00:00Z",
            "é020-01-01T00:00:00é",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
