use std::{fmt, str::FromStr};

use coap::Instant;

const DAY_MS: u64 = 86_400_000;

/// A day of UTC, which is what one file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

impl Day {
    pub const fn of(at: Instant) -> Self {
        Self(at.as_millis() / DAY_MS)
    }

    /// Its first moment.
    pub const fn start(self) -> Instant {
        Instant::from_millis(self.0.saturating_mul(DAY_MS))
    }

    /// The first moment after it.
    pub const fn end(self) -> Instant {
        self.plus(1).start()
    }

    pub const fn plus(self, days: u64) -> Self {
        Self(self.0.saturating_add(days))
    }

    pub const fn minus(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// The day with that date, if there is one and it is not before 1970.
    pub fn from_date(year: u64, month: u64, day: u64) -> Option<Self> {
        let found = Self(days_from_date(year, month, day)?);
        (found.date() == (year, month, day)).then_some(found)
    }

    /// Year, month and day of the month.
    pub const fn date(self) -> (u64, u64, u64) {
        // Eras of 400 years, counted from the 1st of March 0000, have equally many days.
        let days = self.0.saturating_add(719_468);
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (era * 400 + year + (month <= 2) as u64, month, day)
    }
}

fn days_from_date(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let (era, year) = (year / 400, year % 400);
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    let of_era = year * 365 + year / 4 - year / 100 + of_year;
    (era * 146_097 + of_era).checked_sub(719_468)
}

/// `2026-11-26`
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A text that is no date from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDay;

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let (year, month, day) = (number(4).ok_or(NoDay)?, number(2).ok_or(NoDay)?, number(2).ok_or(NoDay)?);
        if parts.next().is_some() {
            return Err(NoDay);
        }
        Self::from_date(year, month, day).ok_or(NoDay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_back() {
        let cases = [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_783, "2026-11-26"),
            (2_932_896, "9999-12-31"),
        ];
        for (days, text) in cases {
            assert_eq!(Day(days).to_string(), text);
            assert_eq!(text.parse(), Ok(Day(days)));
        }
    }

    #[test]
    fn every_day_has_its_own_date() {
        for days in 0..60_000 {
            assert_eq!(Day(days).to_string().parse(), Ok(Day(days)));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let cases =
            ["", "2026", "2026-11", "2026-11-26-1", "2026-02-29", "2026-13-01", "2026-00-10", "1969-12-31"];
        for text in
            cases.into_iter().chain(["2026-11-00", "2026-11-31", "+026-11-26", "2026-1-26", "20226-11-26"])
        {
            assert_eq!(text.parse::<Day>(), Err(NoDay), "{text:?}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day = Day::of(Instant::from_millis(20_783 * DAY_MS + 5));
        assert_eq!(day.end(), day.plus(1).start());
        assert_eq!(Day::of(Instant::from_millis(u64::MAX)).end(), Instant::from_millis(u64::MAX));
    }
}
