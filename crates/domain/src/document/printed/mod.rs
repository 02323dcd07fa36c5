//! What is printed for people, brought to one form: dates, sexes, countries, numbers, names.

mod date;
mod fold;

pub use date::{DateOrder, date};
pub use fold::fold;

use serde::{Deserialize, Serialize};

use super::{Day, mrz};

/// What form the value of a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Any text.
    Text,
    /// A person's name: letters, spaces, hyphens, apostrophes, dots, commas.
    Name,
    /// A number of a document: digits and capital letters, perhaps with separators.
    Number,
    /// A date that has been.
    PastDate,
    /// A date of which it is not known whether it has been.
    Date,
    /// `M`, `F` or `X`.
    Sex,
    /// A country by its code.
    Country,
}

/// Shortest and longest number of a document, separators not counted.
const NUMBER_LENGTHS: std::ops::RangeInclusive<usize> = 4..=24;
/// Longest text of a field.
const LONGEST: usize = 120;

impl Form {
    /// The value that `text` states: dates as `YYYY-MM-DD`, sexes as `M`, `F` or `X`, countries as alpha-3, numbers
    /// without spaces. `None` where the text is not of this form.
    pub fn read(self, text: &str, order: DateOrder, today: Day) -> Option<String> {
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ',' | '.' | '-' | '/'));
        if text.is_empty() || text.chars().count() > LONGEST {
            return None;
        }
        match self {
            Form::Text => Some(squeezed(text)),
            Form::Name => name(text),
            Form::Number => number(text),
            Form::PastDate => date(text, order, true, today).map(|day| day.to_string()),
            Form::Date => date(text, order, false, today).map(|day| day.to_string()),
            Form::Sex => sex(text),
            Form::Country => country(text),
        }
    }
}

/// One space between words.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn name(text: &str) -> Option<String> {
    let is_part =
        |c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '-' | '\'' | '.' | ',' | '’' | '`');
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (letters >= 2 && text.chars().all(is_part)).then(|| squeezed(text))
}

fn number(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '/');
    let length = kept.chars().filter(char::is_ascii_alphanumeric).count();
    let digits = kept.chars().filter(char::is_ascii_digit).count();
    (NUMBER_LENGTHS.contains(&length) && digits >= 2 && kept.chars().all(is_part)).then_some(kept)
}

/// By the first word that says it: documents print two languages, as in `F/W` or `M / H`.
fn sex(text: &str) -> Option<String> {
    let folded = fold(text);
    let mut words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let sex = words.find_map(|word| match word {
        "M" | "MALE" | "MASCULIN" | "MASCULINO" | "MASKULIN" => Some("M"),
        "F" | "FEMALE" | "FEMININ" | "FEMININO" | "FEMENINO" | "FEMMINILE" => Some("F"),
        "X" => Some("X"),
        _ => None,
    });
    sex.map(str::to_owned)
}

fn country(text: &str) -> Option<String> {
    let folded = fold(text);
    let mut words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.find(|word| mrz::is_known(word)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Day {
        Day::new(2026, 11, 21).unwrap()
    }

    fn read(form: Form, text: &str) -> Option<String> {
        form.read(text, DateOrder::DayMonthYear, today())
    }

    #[test]
    fn names_are_letters() {
        assert_eq!(read(Form::Name, " ERIKSSON,  ANNA MARIA "), Some("ERIKSSON, ANNA MARIA".to_owned()));
        assert_eq!(read(Form::Name, "D'ARCY-O’NEIL"), Some("D'ARCY-O’NEIL".to_owned()));
        assert_eq!(read(Form::Name, "L898902C3"), None);
        assert_eq!(read(Form::Name, "-"), None);
    }

    #[test]
    fn numbers_lose_their_spaces_and_need_digits() {
        assert_eq!(read(Form::Number, "ZE 184226 B"), Some("ZE184226B".to_owned()));
        assert_eq!(read(Form::Number, "7.839.758-4"), Some("7.839.758-4".to_owned()));
        assert_eq!(read(Form::Number, "PASSPORT"), None);
        assert_eq!(read(Form::Number, "A1"), None);
    }

    #[test]
    fn sexes_are_found_in_two_languages() {
        for (text, sex) in [("F/F", "F"), ("M / H", "M"), ("Female", "F"), ("X", "X")] {
            assert_eq!(read(Form::Sex, text).as_deref(), Some(sex), "{text}");
        }
        assert_eq!(read(Form::Sex, "FM"), None);
    }

    #[test]
    fn only_codes_of_countries_are_countries() {
        assert_eq!(read(Form::Country, "UTO"), Some("UTO".to_owned()));
        assert_eq!(read(Form::Country, "ESPAÑOLA"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_form(text in "\\PC{0,40}") {
            for form in [Form::Text, Form::Name, Form::Number, Form::PastDate, Form::Date, Form::Sex, Form::Country] {
                let _ = read(form, &text);
            }
        }
    }
}
