//! Calendar time of the operator's clock. The zone is a parameter, so that nothing here asks the browser.

/// A point in time as a clock on the wall shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

const DAY_S: i64 = 86_400;

impl Civil {
    /// `east_min`: minutes that the local clock is ahead of UTC.
    pub(crate) fn from_epoch(epoch_s: i64, east_min: i32) -> Self {
        let local = epoch_s.saturating_add(i64::from(east_min) * 60);
        let (days, second_of_day) = (local.div_euclid(DAY_S), local.rem_euclid(DAY_S));
        let (year, month, day) = date_of(days);
        let part = |value: i64| u8::try_from(value).unwrap_or(0);
        Self {
            year,
            month,
            day,
            hour: part(second_of_day / 3600),
            minute: part(second_of_day / 60 % 60),
            second: part(second_of_day % 60),
        }
    }

    pub(crate) fn epoch(self, east_min: i32) -> i64 {
        let days = days_of(self.year, self.month, self.day);
        let clock = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        days * DAY_S + clock - i64::from(east_min) * 60
    }

    /// `2026-11-22 10:44:56`
    pub(crate) fn date_time(self) -> String {
        let Self { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02} {}", self.clock())
    }

    /// `10:44:56`
    pub(crate) fn clock(self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `10:44`
    pub(crate) fn hour_minute(self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// `11-22`
    pub(crate) fn month_day(self) -> String {
        format!("{:02}-{:02}", self.month, self.day)
    }

    /// The form of `<input type="datetime-local">`.
    pub(crate) fn to_input(self) -> String {
        self.date_time().replacen(' ', "T", 1)
    }

    /// Reads what `<input type="datetime-local">` gives: `2026-11-22T10:44` with or without seconds.
    pub(crate) fn from_input(text: &str) -> Option<Self> {
        let (date, clock) = text.trim().split_once(['T', ' '])?;
        let mut date = date.splitn(3, '-');
        let year = date.next()?.parse().ok().filter(|year| (0..=9999).contains(year))?;
        let month = date.next()?.parse().ok().filter(|month| (1..=12).contains(month))?;
        let day = date.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
        let mut clock = clock.splitn(3, ':');
        let hour = clock.next()?.parse().ok().filter(|hour| *hour < 24)?;
        let minute = clock.next()?.parse().ok().filter(|minute| *minute < 60)?;
        let seconds = clock.next().unwrap_or("0");
        let seconds = seconds.split_once('.').map_or(seconds, |(whole, _)| whole);
        let second = seconds.parse().ok().filter(|second| *second < 60)?;
        Some(Self { year, month, day, hour, minute, second })
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted in eras of 400 years from March.
fn days_of(year: i64, month: u8, day: u8) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date_of(days: i64) -> (i64, u8, u8) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(Civil::from_epoch(0, 0).date_time(), "1970-01-01 00:00:00");
        assert_eq!(Civil::from_epoch(1_763_808_296, 0).date_time(), "2025-11-22 10:44:56");
        assert_eq!(Civil::from_epoch(951_782_400, 0).date_time(), "2000-02-29 00:00:00");
        assert_eq!(Civil::from_epoch(-1, 0).date_time(), "1969-12-31 23:59:59");
        assert_eq!(Civil::from_epoch(0, 90).hour_minute(), "01:30");
    }

    #[test]
    fn there_and_back() {
        for epoch_s in [-86_400 * 400, -1, 0, 951_782_399, 951_868_800, 4_102_444_799, 1_763_808_296] {
            for east_min in [-570, 0, 60, 345] {
                let civil = Civil::from_epoch(epoch_s, east_min);
                assert_eq!(civil.epoch(east_min), epoch_s);
                assert_eq!(Civil::from_input(&civil.to_input()), Some(civil));
            }
        }
        let _ = Civil::from_epoch(i64::MAX, 60);
        let _ = Civil::from_epoch(i64::MIN, -60);
    }

    #[test]
    fn inputs() {
        let expected = Civil { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 0 };
        assert_eq!(Civil::from_input("2026-01-02T03:04"), Some(expected));
        assert_eq!(Civil::from_input("2026-01-02T03:04:00.000"), Some(expected));
        for wrong in ["", "2026-01-02", "2026-13-02T00:00", "2026-01-02T24:00", "x-01-02T00:00"] {
            assert_eq!(Civil::from_input(wrong), None, "{wrong}");
        }
    }
}
