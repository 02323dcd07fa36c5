//! Dates as the card prints them: the year first, in Arabic-Indic digits, with slashes.

use crate::{Day, arabic};

/// The day that `text` states: `٢٠٢٦/٠٥/١٤`, in either digits, with slashes, dashes or points, the year first or last.
/// `None` for anything else, and for a day that does not exist.
pub fn printed_day(text: &str) -> Option<Day> {
    let numbers = numbers(text, 3)?;
    let (year, day) = if numbers[0].1 == 4 { (numbers[0], numbers[2]) } else { (numbers[2], numbers[0]) };
    let fits = year.1 == 4 && numbers[1].1 <= 2 && day.1 <= 2;
    let small = |number: u16| u8::try_from(number).ok();
    if fits { Day::new(year.0, small(numbers[1].0)?, small(day.0)?) } else { None }
}

/// The year and month (1..=12) that `text` states, as the card's date of release does: `٢٠١٩/٠٥`. `None` for anything else.
pub fn printed_month(text: &str) -> Option<(u16, u8)> {
    let numbers = numbers(text, 2)?;
    let (year, month) = if numbers[0].1 == 4 { (numbers[0], numbers[1]) } else { (numbers[1], numbers[0]) };
    let month = u8::try_from(month.0).ok().filter(|number| (1..=12).contains(number) && month.1 <= 2)?;
    (year.1 == 4 && year.0 > 0).then_some((year.0, month))
}

/// So many numbers with a separator between two, each with how many digits it has.
fn numbers(text: &str, count: usize) -> Option<Vec<(u16, usize)>> {
    let marks = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}');
    let digits = text.chars().filter(|c| !c.is_whitespace() && !marks(*c));
    let digits: String = digits.map(|c| arabic::digit(c).map_or(c, |digit| (b'0' + digit) as char)).collect();
    let parts = digits.split(['/', '-', '.', '\u{60d}', '\\']);
    let parsed: Option<Vec<_>> = parts
        .map(|part| {
            let number = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
            Some((number, part.len()))
        })
        .collect();
    parsed.filter(|parts| parts.len() == count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_either_digits() {
        for text in
            ["٢٠٢٦/٠٥/١٤", "2026/05/14", "14/05/2026", "٢٠٢٦-٥-١٤", " ٢٠٢٦ / ٠٥ / ١٤\u{200f}", "2026.05.14"]
        {
            assert_eq!(printed_day(text).map(|day| day.to_string()).as_deref(), Some("2026-05-14"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2026/05",
            "2026/13/01",
            "2026/02/30",
            "26/05/14",
            "٢٠٢٦٠٥١٤",
            "x/y/z",
            "2026/05/014",
            "1/2/3/4",
        ] {
            assert_eq!(printed_day(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_read_in_either_digits() {
        assert_eq!(printed_month("٢٠١٩/٠٥"), Some((2019, 5)));
        assert_eq!(printed_month("05/2019"), Some((2019, 5)));
        for text in ["", "2019", "2019/13", "2019/00", "19/05", "2019/05/01", "2019/005"] {
            assert_eq!(printed_month(text), None, "{text}");
        }
    }
}
