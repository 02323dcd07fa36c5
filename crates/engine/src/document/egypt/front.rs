//! The front: heading, the two lines of the name, the two of the address and the number, one below the other at the right;
//! the day of birth and the factory number below the portrait.

use domain::egypt::{FactoryNumber, Governorate, NationalNumber};
use domain::{Day, Field, FieldName, arabic};

use super::line::{Said, number_field};
use super::side::is_heading;
use crate::document::text::TextBox;

/// Lines between the heading and the number: name, rest of the name, address, rest of the address.
const COLUMN: usize = 4;

/// What is read of a front, each field with how sure it is.
pub(super) fn fields(said: &[Said], today: Day) -> Vec<Field> {
    let number = said.iter().find(|line| line.number(today).is_some());
    let [first, rest, street, district] = column(said, number);
    let number_told = number.and_then(|line| number_field(line, today));
    let birth = birth(said, number, today).map(|field| as_the_number_says(field, number_told.as_ref()));
    [
        first.and_then(|line| name(line, FieldName::GivenNames)),
        rest.and_then(|line| name(line, FieldName::Surname)),
        street.and_then(|line| plain(line, FieldName::Street)),
        district.and_then(|line| plain(line, FieldName::City)),
        district.and_then(governorate),
        number_told,
        birth,
        factory_number(said, number),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Where names stand, unless a line of the address does: the first two lines of those above the number.
pub(super) fn name_places(said: &[Said], today: Day) -> Vec<TextBox> {
    let number = said.iter().find(|line| line.number(today).is_some());
    let lines = lines_above(said, number);
    let whole = (COLUMN - 1..=COLUMN).contains(&lines.len());
    lines.iter().take(2).filter(|_| whole).map(|line| line.place).collect()
}

/// The lines above the number, from the top, four at most where there is a number; none where two of them are level.
fn lines_above<'a>(said: &'a [Said], number: Option<&Said>) -> Vec<&'a Said> {
    let heading =
        said.iter().filter(|line| is_heading(line) && number.is_none_or(|n| line.middle < n.middle));
    let top = heading.map(|line| line.middle).fold(f32::MIN, f32::max);
    let left = said.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let right = said.iter().map(|line| line.right).fold(f32::MIN, f32::max);
    // Without a number nothing tells how far the column reaches to the left, but that the portrait is there.
    let from = number.map_or(f32::midpoint(left, right), |number| number.left + 0.5 * number.place.length);
    let is_here = |line: &&Said| {
        let text = line.text();
        arabic::is_arabic(&text)
            && !is_heading(line)
            && line.right > from
            && line.middle > top
            && number.is_none_or(|number| line.middle < number.middle && !line.is_level_with(number))
    };
    let mut lines: Vec<&Said> = said.iter().filter(is_here).collect();
    lines.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    // Two on one level are no column: which of them is the field is not known.
    if lines.windows(2).any(|pair| pair[0].is_level_with(pair[1])) {
        return Vec::new();
    }
    if number.is_some() && lines.len() >= COLUMN {
        // What stands above is a heading that was not read as one.
        lines.drain(..lines.len() - COLUMN);
    }
    lines
}

/// The four lines above the number, from the top. Where one is missing, the others are told by what they say, or not at
/// all.
fn column<'a>(said: &'a [Said], number: Option<&Said>) -> [Option<&'a Said>; COLUMN] {
    match lines_above(said, number)[..] {
        [first, rest, street, district] if is_name(first) && is_name(rest) => {
            [Some(first), Some(rest), Some(street), Some(district)]
        }
        [first, rest, other] if is_name(first) && is_name(rest) && !is_name(other) => {
            let street = Some(other).filter(|line| begins_with_number(line));
            let district = Some(other).filter(|line| governorate_of(line).is_some());
            if street.is_some() == district.is_some() {
                [Some(first), Some(rest), None, None]
            } else {
                [Some(first), Some(rest), street, district]
            }
        }
        // One name of two is missing; the address is whole.
        [_, street, district] if begins_with_number(street) && governorate_of(district).is_some() => {
            [None, None, Some(street), Some(district)]
        }
        _ => [None; COLUMN],
    }
}

/// Whether the line has nothing but letters.
pub(super) fn is_name(line: &Said) -> bool {
    line.text().chars().all(|c| c == ' ' || arabic::is_arabic(&c.to_string()))
}

fn begins_with_number(line: &Said) -> bool {
    line.text().chars().next().is_some_and(|c| arabic::digit(c).is_some())
}

fn name(line: &Said, name: FieldName) -> Option<Field> {
    let letters = line.text().chars().filter(|c| *c != ' ').count();
    (letters >= 2).then(|| plain(line, name))?
}

fn plain(line: &Said, name: FieldName) -> Option<Field> {
    line.field(name, line.text(), line.line.likelihood)
}

/// The governorate at the end of the address.
fn governorate_of(line: &Said) -> Option<Governorate> {
    let text = line.text();
    let last = text.rsplit(['-', '–', '/']).next().and_then(Governorate::from_arabic);
    let words: Vec<&str> = text.split(' ').collect();
    last.or_else(|| {
        (1..=2)
            .filter(|count| *count < words.len())
            .find_map(|count| Governorate::from_arabic(&words[words.len() - count..].join(" ")))
    })
}

fn governorate(line: &Said) -> Option<Field> {
    line.field(FieldName::Region, governorate_of(line)?.arabic().to_owned(), line.line.likelihood)
}

/// The day of birth: the only day on this side, at the left of the number or below it.
fn birth(said: &[Said], number: Option<&Said>, today: Day) -> Option<Field> {
    let days: Vec<(&Said, Day)> = said
        .iter()
        .filter(|line| number.is_none_or(|number| line.left < number.left))
        .filter_map(|line| Some((line, line.day().filter(|day| *day <= today)?)))
        .collect();
    let [(line, day)] = days[..] else { return None };
    line.field(FieldName::DateOfBirth, day.to_string(), line.line.likelihood)
}

/// A day of birth that is the number's, too, is as sure as that.
fn as_the_number_says(mut birth: Field, number: Option<&Field>) -> Field {
    let parsed = number.and_then(|number| number.value.parse::<NationalNumber>().ok());
    if let Some((number, parsed)) = number.zip(parsed)
        && parsed.born().to_string() == birth.value
    {
        birth.confidence = birth.confidence.max(number.confidence);
    }
    birth
}

/// Two letters and seven digits, read in Latin script.
fn factory_number(said: &[Said], number: Option<&Said>) -> Option<Field> {
    said.iter().filter(|line| number.is_none_or(|number| line.left < number.left)).find_map(|line| {
        let latin = line.latin.as_ref()?;
        let found = FactoryNumber::parse(&latin.text())?;
        let sure: f32 =
            latin.glyphs.iter().filter_map(|glyph| glyph.alternatives.first()).map(|best| best.1).product();
        line.field(FieldName::SerialNumber, found.as_str().to_owned(), sure)
    })
}
