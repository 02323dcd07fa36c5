//! A day of the calendar, as documents state them.

use std::fmt;

use crate::Timestamp;

/// A day of the Gregorian calendar that exists, of the years 1 to 9999. Displays as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    of_month: u8,
}

impl Day {
    /// The day; `None` where the calendar has none such.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let exists = (1..=9999).contains(&year) && (1..=days_of(year, month)).contains(&day);
        exists.then_some(Day { year, month, of_month: day })
    }

    /// The day of that moment in UTC; the nearest there is where it lies outside the years 1 to 9999.
    pub fn of(moment: Timestamp) -> Day {
        // H. Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days.
        let days = moment.as_secs().div_euclid(86_400).clamp(-719_162, 2_932_896) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Day { year: year as u16, month: month as u8, of_month: day as u8 }
    }

    /// 1..9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1..12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1..31.
    pub const fn day(self) -> u8 {
        self.of_month
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

/// Days of that month, 0 where there is no such month.
fn days_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_days() {
        assert!(Day::new(2024, 2, 29).is_some());
        assert!(Day::new(1900, 2, 29).is_none());
        assert!(Day::new(2000, 2, 29).is_some());
        assert!(Day::new(2023, 13, 1).is_none());
        assert!(Day::new(2023, 4, 31).is_none());
        assert!(Day::new(0, 1, 1).is_none());
        assert!(Day::new(2023, 1, 0).is_none());
    }

    #[test]
    fn a_moment_has_its_day() {
        let day = |millis| Day::of(Timestamp::from_millis(millis)).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(-1), "1969-12-31");
        assert_eq!(day(951_782_400_000), "2000-02-29");
        assert_eq!(day(1_795_219_200_000), "2026-11-21");
        assert_eq!(day(i64::MAX), "9999-12-31");
        assert_eq!(day(i64::MIN), "0001-01-01");
    }
}
