//! Dates as they are printed.

use serde::{Deserialize, Serialize};

use super::fold;
use crate::Day;

/// The order of the parts of a date that is all digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Most of the world, and ICAO 9303.
    #[default]
    DayMonthYear,
    /// The United States.
    MonthDayYear,
    /// Canada, East Asia. A year of four digits in front is understood in any order.
    YearMonthDay,
}

/// Beginnings of the months' names in the languages that travel documents of Latin script print beside English and
/// French: Spanish, Portuguese, Italian, German, Dutch, the Nordic ones, Polish, Czech, Croatian, Romanian, Turkish,
/// Indonesian. Those that are one month in one language and the next in another are left out.
const MONTHS: [&[&str]; 12] = [
    &["JAN", "JANV", "ENE", "GEN", "STY", "LED", "SIJ", "IAN", "OCA"],
    &["FEB", "FEV", "FEVR", "LUT", "UNO", "VELJ", "SUB"],
    &["MAR", "MARS", "MRT", "MAE", "BRE", "OZU", "MRZ"],
    &["APR", "AVR", "ABR", "KWI", "DUB", "TRA", "NIS"],
    &["MAY", "MAI", "MAJ", "MAG", "MEI", "MAYO", "KVE", "SVI"],
    &["JUN", "JUIN", "GIU", "CZE", "IUN", "HAZ"],
    &["JUL", "JUIL", "LUG", "IUL", "TEM"],
    &["AUG", "AOU", "AOUT", "AGO", "SIE", "KOL", "AGU"],
    &["SEP", "SEPT", "SET", "WRZ", "ZAR", "RUJ", "EYL"],
    &["OCT", "OKT", "OUT", "OTT", "PAZ", "RIJ", "EKI"],
    &["NOV", "NOE", "STU", "KAS"],
    &["DEC", "DES", "DIC", "DEZ", "GRU", "PRO", "DIS", "ARA"],
];

/// Years that an expiry lies ahead at most where the century is left out.
const AHEAD: u16 = 50;

/// The date that `text` states; `None` where it states none, or several. `has_been` settles the century of a year of two
/// digits: in the past, or at most fifty years ahead.
pub fn date(text: &str, order: DateOrder, has_been: bool, today: Day) -> Option<Day> {
    let folded = fold(text);
    let (mut numbers, mut month) = (Vec::new(), None);
    for part in parts(&folded) {
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            numbers.push(part);
        } else if month.is_none() {
            // The second language repeats the month; other words are not dates' but harm nothing.
            month = MONTHS.iter().position(|names| {
                names.contains(&part) || names.contains(&part.get(..3).unwrap_or_default())
            });
        }
    }
    let month = month.map(|index| index as u8 + 1);
    let (day, month, year) = match (numbers.as_slice(), month) {
        ([day, year], Some(month)) if day.len() <= 2 => (day.parse().ok()?, month, *year),
        ([year, day], Some(month)) if year.len() == 4 => (day.parse().ok()?, month, *year),
        ([a, b, c], None) => in_order(a, b, c, order)?,
        ([all], None) if all.len() == 8 => {
            let year_first = order == DateOrder::YearMonthDay;
            let cut = if year_first { [4, 6] } else { [2, 4] };
            in_order(&all[..cut[0]], &all[cut[0]..cut[1]], &all[cut[1]..], order)?
        }
        _ => return None,
    };
    let year = match year.len() {
        4 => year.parse().ok()?,
        2 => century(year.parse().ok()?, has_been, today),
        _ => return None,
    };
    Day::new(year, month, day).filter(|day| !has_been || *day <= today)
}

/// Runs of digits and runs of letters.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| if digits { !c.is_ascii_digit() } else { !c.is_ascii_alphabetic() });
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(part)
    })
}

fn in_order<'a>(a: &'a str, b: &'a str, c: &'a str, order: DateOrder) -> Option<(u8, u8, &'a str)> {
    let (day, month, year) = match order {
        _ if a.len() == 4 => (c, b, a),
        DateOrder::DayMonthYear => (a, b, c),
        DateOrder::MonthDayYear => (b, a, c),
        DateOrder::YearMonthDay => (c, b, a),
    };
    Some((day.parse().ok()?, month.parse().ok()?, year))
}

fn century(short: u16, has_been: bool, today: Day) -> u16 {
    let latest = if has_been { today.year() } else { today.year() + AHEAD };
    let year = latest / 100 * 100 + short;
    if year > latest { year - 100 } else { year }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: DateOrder, has_been: bool) -> Option<String> {
        date(text, order, has_been, Day::new(2026, 11, 21).unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn months_are_known_by_name() {
        for (text, day) in [
            ("12 AUG/AOUT 74", "1974-08-12"),
            ("04 ABR /APR 1995", "1995-04-04"),
            ("16 APR/AVR 07", "2007-04-16"),
            ("12AUG1974", "1974-08-12"),
            ("1 PAŹ/OCT 2001", "2001-10-01"),
            ("07. DEZ 1999", "1999-12-07"),
        ] {
            assert_eq!(read(text, DateOrder::DayMonthYear, true).as_deref(), Some(day), "{text}");
        }
    }

    #[test]
    fn digits_alone_follow_the_order() {
        for (text, order, day) in [
            ("01.02.1990", DateOrder::DayMonthYear, "1990-02-01"),
            ("01/02/1990", DateOrder::MonthDayYear, "1990-01-02"),
            ("1990/02/01", DateOrder::MonthDayYear, "1990-02-01"),
            ("19900201", DateOrder::YearMonthDay, "1990-02-01"),
            ("02011990", DateOrder::MonthDayYear, "1990-02-01"),
            ("04-10-1984", DateOrder::DayMonthYear, "1984-10-04"),
        ] {
            assert_eq!(read(text, order, true).as_deref(), Some(day), "{text}");
        }
    }

    #[test]
    fn the_century_is_settled_by_what_the_date_is() {
        assert_eq!(read("15 APR 31", DateOrder::DayMonthYear, false).as_deref(), Some("2031-04-15"));
        assert_eq!(read("15 APR 31", DateOrder::DayMonthYear, true).as_deref(), Some("1931-04-15"));
        assert_eq!(read("01 JAN 2030", DateOrder::DayMonthYear, true), None, "it has not been");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "ERIKSSON", "31.02.2001", "17.10.03-09.05.2013", "12 74", "99/99/9999", "123"] {
            assert_eq!(read(text, DateOrder::DayMonthYear, false), None, "{text}");
        }
    }
}
