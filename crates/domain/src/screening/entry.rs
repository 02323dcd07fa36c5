//! An entry of a list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Day;

/// When somebody was born, as far as a list knows: between two days, both included. Written `1971-03-02`, `1971`, or
/// `1970..1972` with either on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BirthSpan {
    from: Day,
    to: Day,
}

impl BirthSpan {
    /// That day.
    pub const fn day(day: Day) -> Self {
        Self { from: day, to: day }
    }

    /// From the beginning of one year to the end of another; `None` where they are no years or the wrong way round.
    pub fn years(from: u16, to: u16) -> Option<Self> {
        let (from, to) = (Day::new(from, 1, 1)?, Day::new(to, 12, 31)?);
        (from <= to).then_some(Self { from, to })
    }

    /// The day, where it is one.
    pub fn as_day(self) -> Option<Day> {
        self.is_day().then_some(self.from)
    }

    /// Whether it is one day.
    pub fn is_day(self) -> bool {
        self.from == self.to
    }

    /// Whether `born` lies in it.
    pub fn holds(self, born: Day) -> bool {
        self.from <= born && born <= self.to
    }

    /// Whether `born` lies in it or in the year before or after: what clerks and memories get wrong most.
    pub fn is_near(self, born: Day) -> bool {
        (self.from.year() - 1..=self.to.year() + 1).contains(&born.year())
    }
}

impl fmt::Display for BirthSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = (self.from.month(), self.from.day()) == (1, 1);
        let ends = (self.to.month(), self.to.day()) == (12, 31);
        match (self.is_day(), starts && ends) {
            (true, _) => self.from.fmt(f),
            (false, true) if self.from.year() == self.to.year() => write!(f, "{:04}", self.from.year()),
            (false, true) => write!(f, "{:04}..{:04}", self.from.year(), self.to.year()),
            (false, false) => write!(f, "{}..{}", self.from, self.to),
        }
    }
}

impl From<BirthSpan> for String {
    fn from(span: BirthSpan) -> String {
        span.to_string()
    }
}

impl FromStr for BirthSpan {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = |text: &str| -> Option<Self> {
            let number = |range: std::ops::Range<usize>| text.get(range).filter(|part| is_digits(part));
            let year = number(0..4)?.parse().ok()?;
            match text.len() {
                4 => Self::years(year, year),
                10 if text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-' => {
                    Day::new(year, number(5..7)?.parse().ok()?, number(8..10)?.parse().ok()?).map(Self::day)
                }
                _ => None,
            }
        };
        let span = match text.split_once("..") {
            None => one(text),
            Some((from, to)) => one(from)
                .zip(one(to))
                .filter(|(from, to)| from.from <= to.to)
                .map(|(from, to)| Self { from: from.from, to: to.to }),
        };
        span.ok_or("a birth is written 1971-03-02, 1971 or 1970..1972")
    }
}

impl TryFrom<String> for BirthSpan {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An entry of a list: a person or an organisation with its names. Lists are public; what they say may be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// The list, such as `ofac-sdn`.
    pub source: String,
    /// Its number in the list.
    pub case_no: String,
    /// The year of the case, where the list has one.
    pub case_year: Option<u16>,
    /// The day on which it was entered, `YYYY-MM-DD`, where the list has one.
    pub record_date: Option<String>,
    /// Its names, the full name first; others are aliases and original spellings.
    pub names: Vec<String>,
    /// Numbers of passports, identity cards and registrations.
    pub id_numbers: Vec<String>,
    /// When it was born; several where the list has several.
    pub born: Vec<BirthSpan>,
}

impl ListEntry {
    /// The full name.
    pub fn full_name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_they_are_read() {
        for text in ["1971-03-02", "1971", "1970..1972", "1971-03-02..1971-04-01"] {
            assert_eq!(text.parse::<BirthSpan>().unwrap().to_string(), text);
        }
        for text in ["", "71", "1971-02-30", "1972..1970", "1971-3-2", "about 1971", "1971..", "١٩٧١"] {
            assert!(text.parse::<BirthSpan>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_year_holds_its_days_and_is_near_its_neighbours() {
        let span: BirthSpan = "1971".parse().unwrap();
        let day = |year| Day::new(year, 6, 1).unwrap();
        assert!(span.holds(day(1971)) && !span.holds(day(1972)));
        assert!(span.is_near(day(1972)) && !span.is_near(day(1973)));
        assert!(!span.is_day() && BirthSpan::day(day(1971)).is_day());
    }
}
