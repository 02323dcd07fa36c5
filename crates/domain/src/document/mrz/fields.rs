//! From cells to fields.

use std::ops::Range;

use super::layout::{Layout, Role};
use super::resolve::Resolved;
use super::symbol::Symbol;
use super::{Line, MrzReading};
use crate::document::Day;
use crate::{CheckDigit, Field, FieldName, FieldSource, MrzFormat, MrzSignal, Quad};

/// What a check digit that does not fit leaves of the confidence.
const WRONG: f32 = 0.5;

/// An expiry lies so many years behind today at most; the century that makes it so is its own. The longest validity in
/// use is that of cards for the old, which is written as a far year; a document that is taken for an expired one is looked
/// at again, the contrary is not.
const EXPIRED_FOR: u16 = 50;

/// What the lines say.
pub(super) fn reading(resolved: &Resolved, lines: &[Line], today: Day) -> MrzReading {
    let Resolved { layout, symbols, .. } = resolved;
    let wrong = layout.wrong(symbols);
    let taken = Taken { resolved, lines, wrong: &wrong };
    let confidence =
        resolved.certainty.iter().product::<f32>() * WRONG.powi(i32::try_from(wrong.len()).unwrap_or(9));
    let names = taken.names();
    let text = |range: Range<usize>| symbols[range].iter().map(|symbol| symbol.as_char()).collect();
    MrzReading {
        names_cut: names.iter().any(|(cells, full)| *full && !cells.is_empty()),
        fields: taken.fields(&names, today),
        signal: MrzSignal {
            format: layout.format,
            lines: (0..layout.lines)
                .map(|line| text(line * layout.width..(line + 1) * layout.width))
                .collect(),
            ambiguous: taken.ambiguous(&names),
            confidence,
            wrong: wrong.clone(),
        },
    }
}

struct Taken<'a> {
    resolved: &'a Resolved,
    lines: &'a [Line],
    wrong: &'a [CheckDigit],
}

/// Runs of neighbouring cells that hold `field`, without its check digit.
fn runs(layout: &Layout, field: FieldName) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, cell) in layout.cells.iter().enumerate() {
        if cell.field != Some(field) || cell.role == Role::Check {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

impl Taken<'_> {
    /// The names' cells, primary then secondary, each with whether it is full to the end.
    fn names(&self) -> [(Range<usize>, bool); 2] {
        let layout = &self.resolved.layout;
        let symbols = &self.resolved.symbols;
        let whole = |field| runs(layout, field).first().cloned().unwrap_or(0..0);
        let full = |run: &Range<usize>| {
            run.end.checked_sub(1).and_then(|at| symbols.get(at)).is_some_and(|last| *last != Symbol::FILLER)
        };
        if layout.french {
            let (surname, given) = (whole(FieldName::Surname), whole(FieldName::GivenNames));
            let full = (full(&surname), full(&given));
            return [(surname, full.0), (given, full.1)];
        }
        let run = whole(FieldName::FullName);
        let full = full(&run);
        let divide = symbols[run.clone()].windows(2).position(|pair| pair == [Symbol::FILLER; 2]);
        let divide = divide.map_or(run.end, |at| run.start + at);
        [(run.start..divide, full), (divide..run.end, full)]
    }

    fn fields(&self, names: &[(Range<usize>, bool); 2], today: Day) -> Vec<Field> {
        let layout = &self.resolved.layout;
        let mut fields = Vec::new();
        let mut put = |name: FieldName, cells: &[Range<usize>], value: String| {
            if !value.is_empty() {
                fields.push(self.field(name, cells, value));
            }
        };
        for name in [
            FieldName::DocumentCode,
            FieldName::IssuingCountry,
            FieldName::DocumentNumber,
            FieldName::Nationality,
            FieldName::PersonalNumber,
        ] {
            let cells = runs(layout, name);
            let parts: String = cells.iter().map(|run| self.text(run)).collect();
            put(name, &cells, spaced(&parts));
        }
        for (name, (cells, _)) in std::iter::zip([FieldName::Surname, FieldName::GivenNames], names) {
            put(name, std::slice::from_ref(cells), spaced(&self.text(cells)));
        }
        for run in runs(layout, FieldName::Sex) {
            let sex = match self.text(&run).as_str() {
                "M" => "M",
                "F" => "F",
                // Unspecified (9303 part 4 section 4.2.2.2, note on the sex).
                _ => "X",
            };
            put(FieldName::Sex, std::slice::from_ref(&run), sex.to_owned());
        }
        for run in runs(layout, FieldName::DateOfBirth) {
            let date = date(&self.text(&run), |day| day <= today, today.year());
            put(FieldName::DateOfBirth, std::slice::from_ref(&run), date.unwrap_or_default());
        }
        for run in runs(layout, FieldName::DateOfExpiry) {
            let latest = today.year() + 99 - EXPIRED_FOR;
            let date = date(&self.text(&run), |day| day.year() <= latest, latest);
            put(FieldName::DateOfExpiry, std::slice::from_ref(&run), date.unwrap_or_default());
        }
        let issuer =
            runs(layout, FieldName::IssuingCountry).first().map(|run| self.text(run)).unwrap_or_default();
        for (place, run) in runs(layout, FieldName::OptionalData).iter().enumerate() {
            let value = spaced(&self.text(run));
            let personal = is_personal_number(layout.format, issuer.trim_end_matches('<'), place, &value);
            let name = if personal { FieldName::PersonalNumber } else { FieldName::OptionalData };
            put(name, std::slice::from_ref(run), value);
        }
        fields
    }

    fn text(&self, run: &Range<usize>) -> String {
        self.resolved
            .symbols
            .get(run.clone())
            .unwrap_or_default()
            .iter()
            .map(|symbol| symbol.as_char())
            .collect()
    }

    fn field(&self, name: FieldName, cells: &[Range<usize>], value: String) -> Field {
        let checked = match name {
            FieldName::DocumentNumber => Some(CheckDigit::DocumentNumber),
            FieldName::DateOfBirth => Some(CheckDigit::DateOfBirth),
            FieldName::DateOfExpiry => Some(CheckDigit::DateOfExpiry),
            FieldName::PersonalNumber => Some(CheckDigit::PersonalNumber),
            _ => None,
        };
        let sure: f32 =
            cells.iter().filter_map(|run| self.resolved.certainty.get(run.clone())).flatten().product();
        let wrong = checked.is_some_and(|digit| self.wrong.contains(&digit));
        Field {
            name,
            value,
            source: FieldSource::Mrz,
            confidence: if wrong { sure * WRONG } else { sure },
            corners: cells.first().and_then(|run| self.corners(run)),
        }
    }

    /// The part of the line's corners that those cells take.
    fn corners(&self, run: &Range<usize>) -> Option<Quad> {
        let width = self.resolved.layout.width;
        let [top_left, top_right, bottom_right, bottom_left] = self.lines.get(run.start / width)?.corners?;
        let along = |from: [f32; 2], to: [f32; 2], column: usize| {
            let share = column as f32 / width as f32;
            [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
        };
        let (start, end) = (run.start % width, run.start % width + run.len());
        Some([
            along(top_left, top_right, start),
            along(top_left, top_right, end),
            along(bottom_left, bottom_right, end),
            along(bottom_left, bottom_right, start),
        ])
    }

    /// The fields that have a cell with another character that is about as likely.
    fn ambiguous(&self, names: &[(Range<usize>, bool); 2]) -> Vec<FieldName> {
        let mut ambiguous = Vec::new();
        for (at, cell) in self.resolved.layout.cells.iter().enumerate() {
            if !self.resolved.open.get(at).copied().unwrap_or(false) {
                continue;
            }
            let name = match cell.field {
                Some(FieldName::FullName) if names[0].0.contains(&at) => FieldName::Surname,
                Some(FieldName::FullName) => FieldName::GivenNames,
                Some(name) => name,
                None => continue,
            };
            if !ambiguous.contains(&name) {
                ambiguous.push(name);
            }
        }
        ambiguous
    }
}

/// Without fillers at the ends, a space for each run of them within.
fn spaced(text: &str) -> String {
    text.split('<').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `YYYY-MM-DD` of `YYMMDD`, open parts as `XX`; `None` where all is open or the calendar has no such day. The century is
/// the last one with which `may_be` holds, or with which the year is not beyond `latest` where the day is not known.
fn date(text: &str, may_be: impl Fn(Day) -> bool, latest: u16) -> Option<String> {
    let part = |range: Range<usize>| -> Option<Option<u8>> {
        let part = text.get(range)?;
        if part == "<<" { Some(None) } else { part.parse().ok().map(Some) }
    };
    let (year, month, day) = (part(0..2)?, part(2..4)?, part(4..6)?);
    let valid = |number: Option<u8>, most: u8| number.is_none_or(|number| (1..=most).contains(&number));
    if !valid(month, 12) || !valid(day, 31) || (year, month, day) == (None, None, None) {
        return None;
    }
    let text = |number: Option<u8>| number.map_or_else(|| "XX".to_owned(), |number| format!("{number:02}"));
    let Some(year) = year else {
        return Some(format!("XXXX-{}-{}", text(month), text(day)));
    };
    let years = [2100, 2000, 1900, 1800].map(|century| century + u16::from(year));
    if let (Some(month), Some(day)) = (month, day) {
        let days = years.into_iter().filter_map(|year| Day::new(year, month, day));
        return days.into_iter().find(|day| may_be(*day)).map(|day| day.to_string());
    }
    let year = years.into_iter().find(|year| *year <= latest)?;
    Some(format!("{year}-{}-{}", text(month), text(day)))
}

/// Whether `value` in the optional data at `place` is the number of the person. The national cards put it there: Spain
/// (DNI), Estonia, Turkey first, Belgium second.
fn is_personal_number(format: MrzFormat, issuer: &str, place: usize, value: &str) -> bool {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match (format, issuer, place) {
        (MrzFormat::Td1, "ESP", 0) => value.len() == 9 && !value.contains(' '),
        (MrzFormat::Td1, "EST" | "TUR", 0) | (MrzFormat::Td1, "BEL", 1) => value.len() == 11 && digits,
        _ => false,
    }
}
