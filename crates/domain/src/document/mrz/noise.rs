//! Reading back what a recogniser garbled.

use proptest::prelude::*;

use super::samples::{TD1, TD3, today};
use super::symbol::Symbol;
use super::*;
use crate::FieldName;

fn digit(text: &str) -> char {
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 =
        text.chars().zip(weights).map(|(c, w)| u32::from(Symbol::from_char(c).unwrap().value()) * w).sum();
    char::from_digit(sum % 10, 10).unwrap()
}

prop_compose! {
    fn passport()(
        surname in "[A-Z]{2,12}(<[A-Z]{2,6})?",
        given in "[A-Z]{2,8}(<[A-Z]{1,6})?",
        number in "[A-Z0-9]{9}",
        country in prop::sample::select(vec!["UTO", "D<<", "EGY", "FRA", "COL"]),
        (birth_year, expiry_year) in (0..100u8, 0..100u8),
        (month, day) in (1..=12u8, 1..=28u8),
        sex in prop::sample::select(vec!["M", "F", "<"]),
        personal in "[A-Z0-9]{0,14}",
    ) -> [String; 2] {
        let first = format!("{:<<44}", format!("P<{country}{surname}<<{given}"));
        let birth = format!("{birth_year:02}{month:02}{day:02}");
        let expiry = format!("{expiry_year:02}{month:02}{day:02}");
        let personal = format!("{personal:<<14}");
        let checked = |text: &str| format!("{text}{}", digit(text));
        let (number, birth) = (checked(&number), checked(&birth));
        let (expiry, personal) = (checked(&expiry), checked(&personal));
        let composite = digit(&format!("{number}{birth}{expiry}{personal}"));
        [first, format!("{number}{country}{birth}{sex}{expiry}{personal}{composite}")]
    }
}

prop_compose! {
    fn card()(
        number in "[A-Z0-9]{9,15}",
        optional in "[A-Z0-9]{0,11}",
        names in "[A-Z]{2,10}<<[A-Z]{2,10}",
        (year, month, day) in (0..100u8, 1..=12u8, 1..=28u8),
    ) -> [String; 3] {
        let checked = |text: &str| format!("{text}{}", digit(text));
        let first = if number.len() == 9 {
            checked(&number)
        } else {
            format!("{}<{}{}<", &number[..9], &number[9..], digit(&number))
        };
        let first = format!("{:<<30}", format!("IDUTO{first}"));
        let date = checked(&format!("{year:02}{month:02}{day:02}"));
        let optional = format!("{optional:<<11}");
        let composite = digit(&format!("{}{date}{date}{optional}", &first[5..]));
        [first, format!("{date}F{date}UTO{optional}{composite}"), format!("{names:<<30}")]
    }
}

/// What a recogniser makes of `text`: `doubtful` places list a second character, fillers are lost or doubled.
fn seen(text: &str, doubtful: &[(usize, char)], lost: Option<usize>) -> Line {
    let mut positions: Vec<Vec<(char, f32)>> = text.chars().map(|c| vec![(c, 0.97), ('H', 0.001)]).collect();
    for (at, other) in doubtful {
        let at = at % positions.len();
        let truth = positions[at][0].0;
        if *other != truth {
            positions[at] = vec![(*other, 0.55), (truth, 0.4)];
        }
    }
    // One of two fillers that stand together.
    let run = text.as_bytes().windows(2).position(|pair| pair == b"<<");
    if let (Some(run), Some(lost)) = (run, lost) {
        if lost.is_multiple_of(2) {
            positions.remove(run);
        } else {
            positions.insert(run, vec![('<', 0.9)]);
        }
    }
    Line { positions, corners: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_passport_is_read_back(lines in passport()) {
        let texts = [lines[0].as_str(), lines[1].as_str()];
        let parsed = parse(&texts, today()).expect("parsed");
        prop_assert!(parsed.signal.wrong.is_empty());
        let read = read(&texts.map(Line::certain), today()).expect("read");
        prop_assert_eq!(read.signal.lines, lines);
        prop_assert!(read.signal.wrong.is_empty());
    }

    #[test]
    fn a_card_is_read_back_however_long_its_number(lines in card()) {
        let texts = [lines[0].as_str(), lines[1].as_str(), lines[2].as_str()];
        let read = read(&texts.map(Line::certain), today()).expect("read");
        prop_assert_eq!(&read.signal.lines, &lines);
        prop_assert!(read.signal.wrong.is_empty());
    }

    #[test]
    fn check_digits_settle_a_doubt_in_a_number_and_one_in_a_date(
        lines in passport(),
        (in_number, other) in (0..9usize, prop::sample::select(vec!['O', '0', '8', 'B', '5', 'S', '1', 'I'])),
        (in_birth, digit) in (13..19usize, prop::sample::select(vec!['0', '1', '2', '3', '7'])),
        lost in proptest::option::of(0..2usize),
    ) {
        let truth = Symbol::from_char(lines[1].as_bytes()[in_number] as char).unwrap().value();
        // The check digit is blind to what leaves the same remainder.
        let wrong = Symbol::from_char(other).unwrap().value();
        prop_assume!(truth % 10 != wrong % 10);
        let garbled = [
            seen(&lines[0], &[], lost),
            seen(&lines[1], &[(in_number, other), (in_birth, digit)], None),
        ];
        let read = read(&garbled, today()).expect("read");
        // Right, or said to be open: never wrong in silence.
        for (seen, truth) in std::iter::zip(read.signal.lines.concat().chars(), lines.concat().chars()) {
            prop_assert!(seen == truth || !read.signal.ambiguous.is_empty());
        }
    }

    #[test]
    fn letters_where_digits_belong_are_put_right(lines in passport()) {
        let print = |text: &str| text.replace('0', "O").replace('1', "I");
        let second = format!("{}{}", &lines[1][..13], print(&lines[1][13..28]));
        let second = format!("{second}{}", &lines[1][28..]);
        let read = read(&[Line::certain(&lines[0]), Line::certain(&second)], today()).expect("read");
        prop_assert_eq!(read.signal.lines, lines);
    }

    #[test]
    fn nothing_that_is_given_panics(
        lines in prop::collection::vec(
            prop::collection::vec(prop::collection::vec((any::<char>(), any::<f32>()), 0..4), 0..50), 0..4),
        text in prop::collection::vec("\\PC{0,46}", 0..4),
    ) {
        let lines: Vec<Line> =
            lines.into_iter().map(|positions| Line { positions, corners: None }).collect();
        let _ = read(&lines, today());
        let text: Vec<&str> = text.iter().map(String::as_str).collect();
        let _ = parse(&text, today());
    }
}

#[test]
fn a_doubt_that_no_check_digit_settles_is_reported() {
    // The name has none: an I that may be an L.
    let mut lines = TD3.map(Line::certain);
    lines[0].positions[8] = vec![('I', 0.5), ('L', 0.45)];
    let reading = read(&lines, today()).unwrap();
    assert_eq!(reading.signal.ambiguous, [FieldName::Surname]);
    assert!(reading.signal.confidence < 0.6);
    // G and 6 leave the same remainder: the check digit of the number fits with either.
    let number = "D2314589G";
    let line = format!("I<UTO{number}{}<<<<<<<<<<<<<<<", digit(number));
    let mut lines = [line.as_str(), TD1[1], TD1[2]].map(Line::certain);
    lines[0].positions[13] = vec![('G', 0.6), ('6', 0.4)];
    let reading = read(&lines, today()).unwrap();
    assert!(reading.signal.ambiguous.contains(&FieldName::DocumentNumber));
}

#[test]
fn o_and_zero_in_a_number_are_settled_by_its_check_digit() {
    // The recogniser is sure, and wrong.
    let mut lines = TD3.map(Line::certain);
    lines[1].positions[5] = vec![('O', 0.99)];
    let reading = read(&lines, today()).unwrap();
    assert_eq!(reading.signal.lines, TD3);
    assert_eq!(reading.signal.ambiguous, []);
}

#[test]
fn a_digit_that_was_lost_next_to_its_like_is_put_back() {
    let mut lines = TD3.map(Line::certain);
    // 7408122: one of the two 2.
    lines[1].positions.remove(18);
    let reading = read(&lines, today()).unwrap();
    assert_eq!(reading.signal.lines, TD3);
}

#[test]
fn a_filler_taken_for_a_letter_in_the_padding_is_put_right() {
    let garbled = TD3[0].replace("MARIA<<<<<<", "MARIA<<K<<<");
    let reading = read(&[Line::certain(&garbled), Line::certain(TD3[1])], today()).unwrap();
    assert_eq!(reading.signal.lines, TD3);
}
