//! Words of the card in English.

use std::sync::LazyLock;

use super::{Gender, Governorate};
use crate::arabic::{self, Lexicon, fold};

static JOBS: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("jobs.tsv")));
static PLACES: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("places.tsv")));

/// The sex that a card prints; `None` for another word.
pub(super) fn gender(text: &str) -> Option<Gender> {
    match fold(text).as_str() {
        "ذكر" => Some(Gender::Male),
        "انثي" => Some(Gender::Female),
        _ => None,
    }
}

/// `Male` or `Female`; `None` for another word.
pub fn gender_english(text: &str) -> Option<&'static str> {
    gender(text).map(|gender| match gender {
        Gender::Male => "Male",
        Gender::Female => "Female",
    })
}

/// The religion that a card prints, in its masculine or feminine form; `None` for another word.
pub fn religion_english(text: &str) -> Option<&'static str> {
    match masculine(&fold(text)).as_str() {
        "مسلم" => Some("Muslim"),
        "مسيحي" => Some("Christian"),
        "يهودي" => Some("Jewish"),
        _ => None,
    }
}

/// The marital status that a card prints, in its masculine or feminine form; `None` for another word.
pub fn marital_status_english(text: &str) -> Option<&'static str> {
    match masculine(&fold(text)).as_str() {
        "اعزب" | "عزباء" | "عزبا" | "انس" | "انسه" => Some("Single"),
        "متزوج" => Some("Married"),
        "مطلق" => Some("Divorced"),
        "ارمل" => Some("Widowed"),
        _ => None,
    }
}

/// An occupation or a title in English: phrases of the table, longest first and in either form, and what it does not have
/// in Latin letters. English has one form for both.
pub fn job_english(text: &str) -> String {
    twin(&JOBS, text)
}

/// An address in English: words and places of the table and governorates, names in Latin letters, digits as Western ones.
pub fn address_english(text: &str) -> String {
    twin(&PLACES, text)
}

/// The governorate of an address in English; in Latin letters where it is none.
pub fn governorate_english(text: &str) -> String {
    Governorate::from_arabic(text).map_or_else(|| address_english(text), |found| found.english().to_owned())
}

fn twin(table: &Lexicon, text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let (mut parts, mut at, mut names) = (Vec::new(), 0, Vec::new());
    while at < words.len() {
        let rest = &words[at..];
        let known = table
            .longest(rest, |phrase| Some(phrase.split(' ').map(masculine).collect::<Vec<_>>().join(" ")));
        let known = known.or_else(|| {
            let count = 2.min(rest.len());
            (1..=count).rev().find_map(|count| {
                Governorate::from_arabic(&rest[..count].join(" ")).map(|found| (found.english(), count))
            })
        });
        if let Some((english, count)) = known {
            flush(&mut names, &mut parts);
            parts.push(english.to_owned());
            at += count;
        } else {
            // Neighbours together, since compounds are names of two words.
            names.push(words[at]);
            at += 1;
        }
    }
    flush(&mut names, &mut parts);
    parts.join(" ")
}

fn flush(names: &mut Vec<&str>, parts: &mut Vec<String>) {
    if !names.is_empty() {
        parts.push(arabic::name_english(&names.join(" ")));
        names.clear();
    }
}

/// Without the ending of the feminine, which folding has made a ha.
fn masculine(word: &str) -> String {
    word.strip_suffix('ه').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_word_have_one_twin() {
        assert_eq!((gender_english("ذكر"), gender_english("أنثى")), (Some("Male"), Some("Female")));
        assert_eq!((religion_english("مسلم"), religion_english("مسلمة")), (Some("Muslim"), Some("Muslim")));
        assert_eq!(religion_english("مسيحية"), Some("Christian"));
        assert_eq!(marital_status_english("متزوجة"), Some("Married"));
        assert_eq!(marital_status_english("آنسة"), Some("Single"));
        assert_eq!(marital_status_english("أعزب"), Some("Single"));
        assert_eq!(marital_status_english("أرملة"), Some("Widowed"));
        assert_eq!(
            (gender_english("رجل"), religion_english(""), marital_status_english("x")),
            (None, None, None)
        );
    }

    #[test]
    fn occupations_are_translated_as_far_as_they_are_known() {
        for (arabic, english) in [
            ("مهندس", "Engineer"),
            ("مهندسة مدني", "Civil Engineer"),
            ("مدرسة", "Teacher"),
            ("ربة منزل", "Housewife"),
            ("طالب بكلية الهندسة", "Student at Faculty of Engineering"),
            ("محاسب بشركة النصر", "Accountant at Company El Nasr"),
            ("ضابط شرطة", "Police Officer"),
        ] {
            assert_eq!(job_english(arabic), english);
        }
    }

    #[test]
    fn addresses_keep_their_order_and_numbers() {
        assert_eq!(address_english("١٢ شارع محمد فريد"), "12 Street Mohamed Farid");
        assert_eq!(address_english("مدينة نصر - القاهرة"), "Nasr City Cairo");
        assert_eq!(governorate_english("محافظة الجيزه"), "Giza");
        assert_eq!(governorate_english("بنها"), "Banha");
    }

    #[test]
    fn every_row_of_the_tables_is_reached() {
        for (table, text) in [(&JOBS, include_str!("jobs.tsv")), (&PLACES, include_str!("places.tsv"))] {
            for row in text.lines().filter(|line| !line.starts_with('#')) {
                let (arabic, english) = row.split_once('\t').unwrap();
                assert!(table.get(&fold(arabic)).is_some() && english.is_ascii(), "{arabic} {english}");
            }
        }
    }
}
