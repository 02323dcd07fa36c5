//! The zones that ICAO 9303 and others publish.

use super::*;
use crate::document::Day;
use crate::{CheckDigit, FieldName, FieldSource, MrzFormat};

pub(super) fn today() -> Day {
    Day::new(2026, 11, 21).unwrap()
}

/// 9303 part 5 appendix A.
pub(super) const TD1: [&str; 3] =
    ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
/// 9303 part 6 appendix A.
pub(super) const TD2: [&str; 2] =
    ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
/// 9303 part 4 appendix A.
pub(super) const TD3: [&str; 2] =
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
/// 9303 part 7 appendix A.
const MRV_A: [&str; 2] =
    ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"];
/// 9303 part 7 appendix B.
const MRV_B: [&str; 2] = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"];
/// The specimen of the French identity card.
const FRENCH: [&str; 2] = ["IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "8806923102858CORINNE<<<<<<<6512068F6"];

/// Both ways of reading give the same.
#[track_caller]
fn both(lines: &[&str]) -> MrzReading {
    let parsed = parse(lines, today()).expect("parsed");
    let seen: Vec<Line> = lines.iter().map(|line| Line::certain(line)).collect();
    let read = read(&seen, today()).expect("read");
    assert_eq!(parsed.signal.lines, read.signal.lines);
    assert_eq!(parsed.signal.wrong, read.signal.wrong);
    assert_eq!(
        parsed.fields.iter().map(|field| (field.name, &field.value)).collect::<Vec<_>>(),
        read.fields.iter().map(|field| (field.name, &field.value)).collect::<Vec<_>>()
    );
    assert_eq!(read.signal.ambiguous, []);
    parsed
}

fn value(reading: &MrzReading, name: FieldName) -> Option<&str> {
    reading.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}

#[test]
fn the_published_samples_are_read_in_every_format() {
    for (lines, format, number) in [
        (&TD1[..], MrzFormat::Td1, "D23145890"),
        (&TD2[..], MrzFormat::Td2, "D23145890"),
        (&TD3[..], MrzFormat::Td3, "L898902C3"),
    ] {
        let reading = both(lines);
        assert_eq!(reading.signal.format, format);
        assert_eq!(reading.signal.wrong, []);
        assert_eq!(value(&reading, FieldName::DocumentNumber), Some(number));
        assert_eq!(value(&reading, FieldName::IssuingCountry), Some("UTO"));
        assert_eq!(value(&reading, FieldName::Nationality), Some("UTO"));
        assert_eq!(value(&reading, FieldName::Surname), Some("ERIKSSON"));
        assert_eq!(value(&reading, FieldName::GivenNames), Some("ANNA MARIA"));
        assert_eq!(value(&reading, FieldName::DateOfBirth), Some("1974-08-12"));
        assert_eq!(value(&reading, FieldName::DateOfExpiry), Some("2012-04-15"));
        assert_eq!(value(&reading, FieldName::Sex), Some("F"));
        assert!(!reading.names_cut);
        assert!(reading.fields.iter().all(|field| field.source == FieldSource::Mrz));
    }
    assert_eq!(value(&both(&TD3), FieldName::PersonalNumber), Some("ZE184226B"));
    for (lines, format) in [(&MRV_A[..], MrzFormat::MrvA), (&MRV_B[..], MrzFormat::MrvB)] {
        let reading = both(lines);
        assert_eq!(reading.signal.format, format);
        assert_eq!(reading.signal.wrong, []);
        assert_eq!(value(&reading, FieldName::DocumentNumber), Some("L8988901C"));
        assert_eq!(value(&reading, FieldName::Nationality), Some("XXX"));
        assert_eq!(value(&reading, FieldName::DateOfBirth), Some("1940-09-07"));
        assert_eq!(value(&reading, FieldName::DateOfExpiry), Some("1996-12-10"));
    }
}

#[test]
fn the_french_card_is_read_in_its_own_layout() {
    let reading = both(&FRENCH);
    assert_eq!(reading.signal.wrong, []);
    assert_eq!(value(&reading, FieldName::Surname), Some("BERTHIER"));
    assert_eq!(value(&reading, FieldName::GivenNames), Some("CORINNE"));
    assert_eq!(value(&reading, FieldName::DocumentNumber), Some("880692310285"));
    assert_eq!(value(&reading, FieldName::DateOfBirth), Some("1965-12-06"));
    assert_eq!(value(&reading, FieldName::DateOfExpiry), None);
}

#[test]
fn a_number_longer_than_nine_goes_on_in_the_optional_data() {
    // 9303 part 5 section 4.2.2, note on long numbers; its sample.
    let reading = both(&[
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ]);
    assert_eq!(reading.signal.wrong, []);
    assert_eq!(value(&reading, FieldName::DocumentNumber), Some("D23145890734"));
    assert_eq!(value(&reading, FieldName::OptionalData), None);
    assert_eq!(value(&reading, FieldName::DateOfExpiry), Some("1995-07-12"));
    // 9303 part 6 section 4.2.2, its sample.
    let reading = both(&["I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8"]);
    assert_eq!(reading.signal.wrong, []);
    assert_eq!(value(&reading, FieldName::DocumentNumber), Some("D23145890734"));
}

#[test]
fn a_check_digit_that_does_not_fit_is_reported() {
    let reading = both(&[TD3[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<11"]);
    assert_eq!(reading.signal.wrong, [CheckDigit::Composite]);
    // A forged year of birth.
    let reading = both(&[TD3[0], "L898902C36UTO9408122F1204159ZE184226B<<<<<10"]);
    assert_eq!(reading.signal.wrong, [CheckDigit::DateOfBirth, CheckDigit::Composite]);
    let birth = reading.fields.iter().find(|field| field.name == FieldName::DateOfBirth).unwrap();
    assert_eq!((birth.value.as_str(), birth.confidence), ("1994-08-12", 0.5));
}

#[test]
fn names_without_a_secondary_identifier_or_cut_at_the_end_are_told_apart() {
    let reading = both(&["P<UTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", TD3[1]]);
    assert_eq!(value(&reading, FieldName::Surname), Some("ARKFREITH"));
    assert_eq!(value(&reading, FieldName::GivenNames), None);
    let reading = both(&["P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", TD3[1]]);
    assert_eq!(value(&reading, FieldName::GivenNames), Some("CHAYAPA DEJTHAMRONG K"));
    assert!(reading.names_cut);
    let reading = both(&["P<UTOO<CONNOR<<ENYA<SIOBHAN<<<<<<<<<<<<<<<<<", TD3[1]]);
    assert_eq!(value(&reading, FieldName::Surname), Some("O CONNOR"));
}

/// `line` with its check digits put right, as an issuer would.
fn checked(line: &str) -> String {
    let digit = |parts: &[&str]| {
        let sum: u32 = parts
            .concat()
            .chars()
            .zip([7, 3, 1].into_iter().cycle())
            .map(|(c, weight)| u32::from(symbol::Symbol::from_char(c).unwrap().value()) * weight)
            .sum();
        char::from_digit(sum % 10, 10).unwrap()
    };
    let (number, birth, expiry, personal) = (&line[..9], &line[13..19], &line[21..27], &line[28..42]);
    let checks = [number, birth, expiry, personal].map(|part| digit(&[part]).to_string());
    let composite = digit(&[number, &checks[0], birth, &checks[1], expiry, &checks[2], personal, &checks[3]]);
    format!(
        "{number}{}{}{birth}{}{}{expiry}{}{personal}{}{composite}",
        checks[0],
        &line[10..13],
        checks[1],
        &line[20..21],
        checks[2],
        checks[3]
    )
}

#[test]
fn dates_may_be_open_and_centuries_follow_today() {
    let birth = |line: &str| {
        let reading = both(&[TD3[0], &checked(line)]);
        value(&reading, FieldName::DateOfBirth).map(str::to_owned)
    };
    assert_eq!(birth("L898902C3_UTO7408<<_F120415_<<<<<<<<<<<<<<__"), Some("1974-08-XX".to_owned()));
    assert_eq!(birth("L898902C3_UTO74<<<<_F120415_<<<<<<<<<<<<<<__"), Some("1974-XX-XX".to_owned()));
    assert_eq!(birth("L898902C3_UTO<<<<<<_F120415_<<<<<<<<<<<<<<__"), None);
    assert_eq!(birth("L898902C3_UTO<<0812_F120415_<<<<<<<<<<<<<<__"), Some("XXXX-08-12".to_owned()));
    assert_eq!(birth("L898902C3_UTO261121_F120415_<<<<<<<<<<<<<<__"), Some("2026-11-21".to_owned()));
    assert_eq!(birth("L898902C3_UTO261122_F120415_<<<<<<<<<<<<<<__"), Some("1926-11-22".to_owned()));
    assert_eq!(birth("L898902C3_UTO000229_F120415_<<<<<<<<<<<<<<__"), Some("2000-02-29".to_owned()));
    assert_eq!(birth("L898902C3_UTO010229_F120415_<<<<<<<<<<<<<<__"), None);
    let reading = both(&[TD3[0], &checked("L898902C3_UTO740812_F360415_<<<<<<<<<<<<<<__")]);
    assert_eq!(value(&reading, FieldName::DateOfExpiry), Some("2036-04-15"));
}

#[test]
fn an_unspecified_sex_is_x_and_germany_is_d() {
    let reading = both(&[
        "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<",
        &checked("C01X0006H_D<<640812_<270228_<<<<<<<<<<<<<<__"),
    ]);
    assert_eq!(value(&reading, FieldName::Sex), Some("X"));
    assert_eq!(value(&reading, FieldName::IssuingCountry), Some("D"));
    assert_eq!(value(&reading, FieldName::Nationality), Some("D"));
}

#[test]
fn what_is_no_zone_is_refused() {
    assert!(parse(&[], today()).is_none());
    assert!(parse(&["P<UTO"], today()).is_none());
    assert!(parse(&["é"; 2], today()).is_none());
    let print =
        ["THE QUICK BROWN FOX JUMPS OVER THE LAZY DOGS", "AND RUNS AWAY FROM ALL OF THEM FOR EVER MORE"];
    assert!(read(&print.map(Line::certain), today()).is_none());
    assert!(read(&[Line::certain(&"<".repeat(500)), Line::default()], today()).is_none());
    assert!(read(&[], today()).is_none());
}

#[test]
fn fields_have_their_part_of_the_line() {
    let mut lines = TD3.map(Line::certain);
    lines[1].corners = Some([[0.0, 10.0], [440.0, 10.0], [440.0, 30.0], [0.0, 30.0]]);
    let reading = read(&lines, today()).unwrap();
    let number = reading.fields.iter().find(|field| field.name == FieldName::DocumentNumber).unwrap();
    assert_eq!(number.corners, Some([[0.0, 10.0], [90.0, 10.0], [90.0, 30.0], [0.0, 30.0]]));
    assert!(reading.fields.iter().any(|field| field.corners.is_none()));
    assert!(!format!("{reading:?} {lines:?}").contains("ERIK"));
}
