//! The back: number and month of release at the top, two lines of the occupation, one line with sex, religion and marital
//! state, the husband's name of married women, the day on which the card ends, and a bar code.

use domain::egypt::{Gender, NationalNumber, printed_day, printed_month};
use domain::{Day, Field, FieldName, arabic};

use super::line::{self, Said, number_field};
use super::side::is_heading;
use super::sure::least;
use super::words::{MARITAL, RELIGIONS, is_near, nearest, sex, sexes, split};
use crate::document::text::TextBox;
use crate::geometry::Point;

/// Words that stand before the husband's name.
const HUSBAND: [&str; 2] = ["اسم", "الزوج"];
/// Words that stand before the day of expiry.
const VALID: [&str; 3] = ["البطاقه", "ساريه", "حتي"];
/// How sure a word must be to say that this line is the one with the sex.
const A_WORD: f32 = 0.5;

/// What is read of a back, each field with how sure it is.
pub(super) fn fields(said: &[Said], today: Day) -> Vec<Field> {
    let number = said.iter().find(|line| line.number(today).is_some());
    let state = states(said);
    let expiry = said.iter().find(|line| is_expiry(line));
    let number_told = number.and_then(|line| number_field(line, today));
    let parsed = number_told.as_ref().and_then(|field| field.value.parse::<NationalNumber>().ok());
    let sex = parsed.map(|number| number.gender());
    let mut fields: Vec<Option<Field>> = vec![number_told];
    fields.push(release(said, number));
    fields.extend(occupation(said, number, state.first().copied()));
    // The sex is printed, too: what the number says of it is held against it, and helps no reading.
    fields.push(word(&state, FieldName::Sex, &sexes(), None));
    fields.push(word(&state, FieldName::Religion, &RELIGIONS, sex));
    fields.push(word(&state, FieldName::MaritalStatus, &MARITAL, sex));
    fields.push(husband(said, state.first().copied(), expiry));
    fields.push(expires(said, expiry));
    fields.into_iter().flatten().collect()
}

/// The lines with sex, religion and marital state: those level with one that says one of them.
fn states(said: &[Said]) -> Vec<&Said> {
    let says = |line: &Said, table: &[&str]| {
        split(&line.line.line.glyphs)
            .any(|word| nearest(word, table, None).is_some_and(|(_, sure)| sure >= A_WORD))
    };
    let tables = [&sexes()[..], &RELIGIONS[..], &MARITAL[..]];
    let first = tables.iter().find_map(|table| said.iter().find(|line| says(line, table)));
    first.map_or_else(Vec::new, |first| said.iter().filter(|line| line.is_level_with(first)).collect())
}

/// Where the sex stands if no line says it for sure: it is a short word at the right edge, which is easily missed or cut.
pub(super) fn sex_place(said: &[Said], today: Day, along: Point) -> Option<TextBox> {
    let state = states(said);
    let is_sex = |line: &Said| word(&[line], FieldName::Sex, &sexes(), None);
    if state.iter().any(|line| is_sex(line).is_some_and(|field| field.confidence >= least(&field))) {
        return None;
    }
    let other = |line: &&&Said| {
        [&RELIGIONS[..], &MARITAL[..]].iter().any(|table| {
            word(&[line], FieldName::Religion, table, None).is_some_and(|f| f.confidence >= A_WORD)
        })
    };
    let beside = state.iter().filter(other).max_by(|a, b| a.right.total_cmp(&b.right))?;
    let edge = said.iter().find(|line| line.number(today).is_some())?.right;
    // Its hamza stands higher than the letters beside it.
    let (margin, height) = (0.4 * beside.place.height, 1.2 * beside.place.height);
    let (left, right) = (beside.right + margin, edge + margin);
    (right - left > beside.place.height).then(|| line::stretch((left, right), beside.middle, height, along))
}

/// The word of `table` that one of the lines says of somebody of that sex, where it is known.
fn word(lines: &[&Said], name: FieldName, table: &[&str], of: Option<Gender>) -> Option<Field> {
    let words = lines.iter().flat_map(|line| split(&line.line.line.glyphs).map(move |word| (line, word)));
    let found =
        words.filter_map(|(line, word)| nearest(word, table, of).map(|(text, sure)| (line, text, sure)));
    let (line, text, sure) = found.max_by(|a, b| a.2.total_cmp(&b.2))?;
    let value = if name == FieldName::Sex { sex(&arabic::fold(text))? } else { text };
    line.field(name, value.to_owned(), sure)
}

/// The month of release stands at the left of the number, perhaps too near to be a line of its own.
fn release(said: &[Said], number: Option<&Said>) -> Option<Field> {
    let number = number?;
    let value = |text: &str| {
        let month = printed_month(text).map(|(year, month)| format!("{year:04}-{month:02}-XX"));
        month.or_else(|| printed_day(text).map(|day| day.to_string()))
    };
    if let Some((text, sure)) = number.before_number() {
        return number.field(FieldName::DateOfIssue, value(&text)?, sure);
    }
    let beside = said
        .iter()
        .filter(|line| line.is_level_with(number) && line.right < number.left + number.place.height);
    let found: Vec<(&Said, String)> =
        beside.filter_map(|line| value(&line.text()).map(|value| (line, value))).collect();
    let [(line, value)] = &found[..] else { return None };
    line.field(FieldName::DateOfIssue, value.clone(), line.line.likelihood)
}

/// The lines between the number and the sex: what somebody is, and where.
fn occupation(said: &[Said], number: Option<&Said>, state: Option<&Said>) -> [Option<Field>; 2] {
    let Some((number, state)) = number.zip(state) else { return [None, None] };
    let between = lines_between(said, number, state);
    let of = |line: &Said, name| line.field(name, line.text(), line.line.likelihood);
    match between[..] {
        [job] => [of(job, FieldName::Profession), None],
        [job, place] if !job.is_level_with(place) => {
            [of(job, FieldName::Profession), of(place, FieldName::Workplace)]
        }
        _ => [None, None],
    }
}

/// The husband's name: the line between sex and expiry that begins with the word for husband, without it.
fn husband(said: &[Said], state: Option<&Said>, expiry: Option<&Said>) -> Option<Field> {
    let between = lines_between(said, state?, expiry?);
    let [line] = between[..] else { return None };
    let text = line.text().replace([':', '/'], " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_name = |word: &&str| {
        let folded = arabic::fold(word);
        !HUSBAND.iter().any(|known| is_near(&folded, known))
    };
    let begin = words.iter().position(is_name).filter(|begin| *begin > 0)?;
    let name = words[begin..].join(" ");
    let letters = name.chars().all(|c| c == ' ' || arabic::is_arabic(&c.to_string()));
    letters.then(|| line.field(FieldName::HusbandName, name, line.line.likelihood))?
}

/// Lines with letters below `above` and above `below`, from the top.
fn lines_between<'a>(said: &'a [Said], above: &Said, below: &Said) -> Vec<&'a Said> {
    let is_between = |line: &&Said| {
        line.middle > above.middle
            && line.middle < below.middle
            && !line.is_level_with(above)
            && !line.is_level_with(below)
            && arabic::is_arabic(&line.text())
            && !is_heading(line)
    };
    let mut between: Vec<&Said> = said.iter().filter(is_between).collect();
    between.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    between
}

/// Whether the line says until when the card is valid.
pub(super) fn is_expiry(line: &Said) -> bool {
    let words = line.words();
    let said = VALID.iter().filter(|known| words.iter().any(|word| is_near(word, known)));
    said.count() >= 2
}

/// The day on which the card ends: in the line that says so, or level with it.
fn expires(said: &[Said], expiry: Option<&Said>) -> Option<Field> {
    let expiry = expiry?;
    let days: Vec<(&Said, Day)> = said
        .iter()
        .filter(|line| line.is_level_with(expiry))
        .filter_map(|line| Some((line, line.day()?)))
        .collect();
    let [(line, day)] = days[..] else { return None };
    line.field(FieldName::DateOfExpiry, day.to_string(), line.date.as_ref().unwrap_or(&line.line).likelihood)
}
