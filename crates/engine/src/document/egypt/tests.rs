use domain::{Field, FieldName};

use super::line::Said;
use super::*;
use crate::document::text::{ArabicLine, Glyph, Line};

/// Height of a line.
const HIGH: f32 = 30.0;

fn today() -> Day {
    Day::new(2026, 11, 21).unwrap()
}

/// A line that says `text` for sure; it ends at `right` and its middle is at `middle`. Words stand from the right, digits
/// from the left.
fn said(text: &str, right: f32, middle: f32) -> Said {
    said_with(text, right, middle, 0.99, &[])
}

/// The same with a likelihood and other alternatives of letters, by their place in the text.
fn said_with(text: &str, right: f32, middle: f32, likelihood: f32, open: &[(usize, char, f32)]) -> Said {
    let count = text.chars().count() as f32;
    let length = count * HIGH * 0.5;
    let mut glyphs = Vec::new();
    let mut start = 0.0;
    for (index, word) in text.split(' ').enumerate() {
        let letters = word.chars().count() as f32;
        if index > 0 {
            glyphs.push((' ', 1.0 - (start - 0.5) / count));
        }
        let from_left = !domain::arabic::is_arabic(word);
        for (place, c) in word.chars().enumerate() {
            let off = if from_left { letters - 1.0 - place as f32 } else { place as f32 };
            glyphs.push((c, 1.0 - (start + off + 0.5) / count));
        }
        start += letters + 1.0;
    }
    let glyphs = glyphs.into_iter().enumerate().map(|(index, (c, place))| {
        let other = open.iter().find(|(at, ..)| *at == index);
        let share = other.map_or(0.0, |other| other.2);
        let mut alternatives = vec![(c, 0.995 - share)];
        alternatives.extend(other.map(|(_, c, share)| (*c, *share)));
        alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
        Glyph { alternatives, place }
    });
    let place = TextBox {
        centre: Point::new(right - length / 2.0, middle),
        along: Point::new(1.0, 0.0),
        length,
        height: HIGH,
        score: 1.0,
    };
    let line = ArabicLine { line: Line { glyphs: glyphs.collect() }, likelihood };
    Said::new(place, Point::new(1.0, 0.0), line)
}

/// A number whose last digit fits: a woman born on 1995-07-24.
const NUMBER: &str = "٢٩٥٠٧٢٤٠١١٢٣٤٥";

fn number() -> String {
    let digits: Vec<u8> = NUMBER.chars().filter_map(domain::arabic::digit).collect();
    let fits = |last: &u8| {
        let digits: [u8; 14] = [&digits[..13], &[*last]].concat().try_into().unwrap();
        domain::egypt::NationalNumber::from_digits(digits).unwrap().check_fits()
    };
    let last = (0..10).find(fits).unwrap();
    let last = char::from_u32(u32::from('٠') + u32::from(last)).unwrap();
    NUMBER.chars().take(13).chain([last]).collect()
}

fn latin(text: &str) -> Line {
    let glyph = |c| Glyph { alternatives: vec![(c, 0.995)], place: 0.5 };
    Line { glyphs: text.chars().map(glyph).collect() }
}

fn front() -> Vec<Said> {
    let mut factory = said("HM3218902", 280.0, 600.0);
    factory.latin = Some(latin("HM3218902"));
    vec![
        said("جمهورية مصر العربية", 960.0, 50.0),
        said("بطاقة تحقيق الشخصية", 960.0, 100.0),
        said("فاطمة", 950.0, 180.0),
        said("حسين عبدالله شريف", 955.0, 240.0),
        said("٥٠ شارع البحر", 958.0, 320.0),
        said("قسم أول - بورسعيد", 952.0, 380.0),
        said(&number(), 960.0, 500.0),
        said("١٩٩٥/٠٧/٢٤", 300.0, 540.0),
        factory,
    ]
}

fn back() -> Vec<Said> {
    vec![
        said(&number(), 960.0, 60.0),
        said("٢٠٢٢/٠٥", 400.0, 62.0),
        said("مهندسة", 955.0, 130.0),
        said("شركة النصر", 950.0, 190.0),
        said("أنثى", 950.0, 260.0),
        said("مسلمة", 700.0, 260.0),
        said("متزوجة", 450.0, 262.0),
        said("الزوج / محمد علي حسن", 955.0, 330.0),
        said("البطاقة سارية حتى ٢٠٢٩/٠٥/١٤", 950.0, 400.0),
    ]
}

/// What is told of a front.
fn front_told(said: &[Said]) -> Vec<Field> {
    sure::part(front::fields(said, today())).0
}

/// What is told of a back.
fn back_told(said: &[Said]) -> Vec<Field> {
    sure::part(back::fields(said, today())).0
}

fn value(fields: &[Field], name: FieldName) -> Option<&str> {
    let mut of_name = fields.iter().filter(|field| field.name == name);
    let found = of_name.next().map(|field| field.value.as_str());
    assert!(of_name.next().is_none(), "{name:?} is told once");
    found
}

#[test]
fn a_front_is_told_by_its_words_or_by_its_number_below_the_lines() {
    assert_eq!(side::of(&front(), today()), Some(PageSide::Front));
    assert_eq!(side::of(&front()[2..], today()), Some(PageSide::Front));
    assert_eq!(side::of(&front()[..2], today()), Some(PageSide::Front));
    assert_eq!(side::of(&front()[2..6], today()), None, "four lines of Arabic alone are no card");
}

#[test]
fn a_back_is_told_by_its_words_or_by_its_number_above_the_sex() {
    assert_eq!(side::of(&back(), today()), Some(PageSide::Back));
    assert_eq!(side::of(&back()[..7], today()), Some(PageSide::Back));
    assert_eq!(side::of(&back()[1..8], today()), None);
    assert_eq!(side::of(&[], today()), None);
}

#[test]
fn every_field_of_a_front_is_found() {
    let fields = front_told(&front());
    let western: String = number().chars().filter_map(domain::arabic::digit).map(|d| d.to_string()).collect();
    for (name, text) in [
        (FieldName::GivenNames, "فاطمة"),
        (FieldName::Surname, "حسين عبدالله شريف"),
        (FieldName::FullName, "فاطمة حسين عبدالله شريف"),
        (FieldName::Street, "٥٠ شارع البحر"),
        (FieldName::City, "قسم أول - بورسعيد"),
        (FieldName::Address, "٥٠ شارع البحر - قسم أول - بورسعيد"),
        (FieldName::Region, "بورسعيد"),
        (FieldName::PersonalNumber, western.as_str()),
        (FieldName::DateOfBirth, "1995-07-24"),
        (FieldName::SerialNumber, "HM3218902"),
    ] {
        assert_eq!(value(&fields, name), Some(text), "{name:?}");
    }
    assert_eq!(fields.len(), 10);
}

#[test]
fn a_governorate_that_looks_like_a_word_of_the_heading_is_part_of_the_address() {
    let mut front = front();
    front[5] = said("حي - الغربية", 952.0, 380.0);
    let fields = front_told(&front);
    for (name, text) in [
        (FieldName::GivenNames, "فاطمة"),
        (FieldName::Surname, "حسين عبدالله شريف"),
        (FieldName::City, "حي - الغربية"),
        (FieldName::Region, "الغربية"),
    ] {
        assert_eq!(value(&fields, name), Some(text), "{name:?}");
    }
}

#[test]
fn names_are_looked_for_in_the_first_two_lines_above_the_number() {
    let front = front();
    let places = front::name_places(&front, today());
    assert_eq!(places, [front[2].place, front[3].place]);
    assert!(front::name_places(&front[..4], today()).is_empty(), "two lines may be of the address");
}

#[test]
fn every_field_of_a_back_is_found() {
    let fields = back_told(&back());
    let western: String = number().chars().filter_map(domain::arabic::digit).map(|d| d.to_string()).collect();
    for (name, text) in [
        (FieldName::PersonalNumber, western.as_str()),
        (FieldName::DateOfIssue, "2022-05-XX"),
        (FieldName::Profession, "مهندسة"),
        (FieldName::Workplace, "شركة النصر"),
        (FieldName::Sex, "F"),
        (FieldName::Religion, "مسلمة"),
        (FieldName::MaritalStatus, "متزوجة"),
        (FieldName::HusbandName, "محمد علي حسن"),
        (FieldName::DateOfExpiry, "2029-05-14"),
    ] {
        assert_eq!(value(&fields, name), Some(text), "{name:?}");
    }
    assert_eq!(fields.len(), 9);
}

#[test]
fn a_number_whose_last_digit_does_not_fit_is_told_where_nothing_else_can_stand_there() {
    let fitting = number();
    let last = fitting.chars().last().and_then(domain::arabic::digit).unwrap();
    let other = char::from_u32(u32::from('٠') + u32::from((last + 3) % 10)).unwrap();
    let unfit: String = fitting.chars().take(13).chain([other]).collect();
    let told = |line: Said| {
        let mut front = front();
        front[6] = line;
        front_told(&front)
    };
    let sure = told(said(&unfit, 960.0, 500.0));
    assert_eq!(value(&sure, FieldName::PersonalNumber).map(str::len), Some(14), "{sure:?}");
    let number = sure.iter().find(|field| field.name == FieldName::PersonalNumber).unwrap();
    assert!(number.confidence <= 0.5, "the misfit halves it: {}", number.confidence);
    // The digit that fits is seen, too, however faintly.
    let fits = char::from_u32(u32::from('٠') + u32::from(last)).unwrap();
    let faint = told(said_with(&unfit, 960.0, 500.0, 0.95, &[(13, fits, 0.01)]));
    assert_eq!(value(&faint, FieldName::PersonalNumber), None);
}

#[test]
fn number_and_release_that_were_found_as_one_line_are_taken_apart() {
    let mut back = back();
    back.splice(..2, [said(&format!("٢٠٢٢/٠٥{}", number()), 960.0, 60.0)]);
    let fields = back_told(&back);
    assert_eq!(value(&fields, FieldName::DateOfIssue), Some("2022-05-XX"));
    assert!(value(&fields, FieldName::PersonalNumber).is_some());
}

#[test]
fn sex_religion_and_marital_state_may_be_one_line() {
    let mut back = back();
    back.splice(4..7, [said("أنثى مسيحية آنسة", 950.0, 260.0)]);
    let fields = back_told(&back);
    assert_eq!(value(&fields, FieldName::Sex), Some("F"));
    assert_eq!(value(&fields, FieldName::Religion), Some("مسيحية"));
    assert_eq!(value(&fields, FieldName::MaritalStatus), Some("آنسة"));
}

#[test]
fn what_is_not_sure_is_not_told() {
    let mut lines = front();
    lines[2] = said_with("فاطمة", 950.0, 180.0, 0.5, &[]);
    lines[7] = said_with("١٩٩٥/٠٧/٢٥", 300.0, 540.0, 0.5, &[]);
    let fields = front_told(&lines);
    assert_eq!(value(&fields, FieldName::GivenNames), None);
    assert_eq!(value(&fields, FieldName::FullName), None, "half of a name is none");
    assert_eq!(value(&fields, FieldName::DateOfBirth), None);
    assert_eq!(value(&fields, FieldName::Surname), Some("حسين عبدالله شريف"));
    lines[7] = said_with("١٩٩٥/٠٧/٢٤", 300.0, 540.0, 0.5, &[]);
    let born = front_told(&lines);
    assert_eq!(value(&born, FieldName::DateOfBirth), Some("1995-07-24"), "the number says the same day");
}

#[test]
fn a_digit_that_may_be_another_is_settled_by_the_last_one() {
    let mut lines = front();
    lines[6] = said_with(&number(), 960.0, 500.0, 0.5, &[(11, '٨', 0.3)]);
    assert!(value(&front_told(&lines), FieldName::PersonalNumber).is_some());
}

#[test]
fn a_line_that_is_missing_moves_no_other_into_its_place() {
    let mut lines = front();
    lines.remove(2);
    let fields = front_told(&lines);
    assert_eq!(value(&fields, FieldName::GivenNames), None);
    assert_eq!(value(&fields, FieldName::Surname), None, "it could be the first line as well");
    assert_eq!(value(&fields, FieldName::Street), Some("٥٠ شارع البحر"));
    let mut lines = front();
    lines.remove(4);
    let fields = front_told(&lines);
    assert_eq!(value(&fields, FieldName::Surname), Some("حسين عبدالله شريف"));
    assert_eq!(value(&fields, FieldName::Street), None);
    assert_eq!(value(&fields, FieldName::City), Some("قسم أول - بورسعيد"));
}

#[test]
fn a_heading_and_the_mark_of_a_specimen_are_no_name() {
    let mut lines = front();
    lines.splice(..2, [said("SPECIMEN عينة", 900.0, 110.0)]);
    let fields = front_told(&lines);
    assert_eq!(value(&fields, FieldName::GivenNames), Some("فاطمة"));
}

#[test]
fn a_word_is_the_nearest_of_its_table_or_none() {
    let word = |text: &str| said(text, 100.0, 0.0).line.line.glyphs;
    let (text, sure) = words::nearest(&word("متزوجة"), &words::MARITAL, None).unwrap();
    assert!(text == "متزوجة" && sure > 0.9, "{text} {sure}");
    let (text, sure) = words::nearest(&word("مطلقه"), &words::MARITAL, None).unwrap();
    assert!(text == "مطلقة" && sure > 0.9, "spellings that fold to one are one: {text} {sure}");
    let (_, sure) = words::nearest(&word("القاهرة"), &words::MARITAL, None).unwrap();
    assert!(sure < 0.9, "{sure}");
    assert!(words::nearest(&[], &words::MARITAL, None).is_none_or(|(_, sure)| sure < 0.9));
    let between = said_with("مسلم", 100.0, 0.0, 0.9, &[(3, 'ن', 0.6)]).line.line.glyphs;
    assert!(words::nearest(&between, &words::RELIGIONS, None).is_some_and(|(text, _)| text == "مسلم"));
}

#[test]
fn digits_that_stand_far_apart_are_one_number() {
    let along = Point::new(1.0, 0.0);
    let digits = number();
    let part = |range: std::ops::Range<usize>, right| {
        said(&digits.chars().skip(range.start).take(range.len()).collect::<String>(), right, 500.0)
    };
    let pieces = [part(7..14, 960.0), part(0..7, 700.0), said("فاطمة", 950.0, 180.0)];
    let found = line::scattered_number(&pieces, along).unwrap();
    assert_eq!(found.len(), 2);
    let whole = line::around(&found, along);
    assert!((whole.centre.x + whole.length / 2.0 - 960.0).abs() < 1e-3);
    assert!((whole.centre.x - whole.length / 2.0 - (700.0 - 3.5 * HIGH)).abs() < 1e-3);
    assert!(line::scattered_number(&front(), along).is_none(), "it is there already");
}

#[test]
fn pieces_of_a_line_are_joined_and_columns_are_not() {
    let along = Point::new(1.0, 0.0);
    let piece = |left: f32, right: f32, middle: f32| TextBox {
        centre: Point::new(f32::midpoint(left, right), middle),
        along: Point::new(-1.0, 0.0),
        length: right - left,
        height: HIGH,
        score: 1.0,
    };
    let lines = [piece(500.0, 600.0, 50.0), piece(610.0, 700.0, 52.0), piece(100.0, 200.0, 50.0)];
    let joined = line::joined(&lines, along);
    assert_eq!(joined.len(), 2);
    let longest = joined.iter().map(|line| line.length).fold(0.0, f32::max);
    assert!((longest - 200.0).abs() < 1.0, "{longest}");
    assert!(joined.iter().all(|line| line.along == along));
}

#[test]
fn upside_down_lines_are_in_the_order_in_which_one_reads() {
    let along = Point::new(-1.0, 0.0);
    let at = |x: f32, y: f32| TextBox {
        centre: Point::new(x, y),
        along: Point::new(1.0, 0.0),
        length: 100.0,
        height: HIGH,
        score: 1.0,
    };
    let joined = line::joined(&[at(100.0, 50.0), at(100.0, 400.0)], along);
    assert!((joined[0].centre.y - 400.0).abs() < 1e-3, "the top of the card is at the bottom of the picture");
}

#[test]
fn nothing_personal_is_printed() {
    let card = Card {
        side: PageSide::Front,
        along: Point::new(1.0, 0.0),
        fields: front_told(&front()),
        doubtful: front_told(&front()),
    };
    let printed = format!("{card:?} {:?}", front());
    assert!(!domain::arabic::is_arabic(&printed) && !printed.contains("1995"), "{printed}");
}
