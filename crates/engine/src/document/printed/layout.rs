//! From lines of text to fields: which template fits, and which value stands by which label.

use domain::printed::fold;
use domain::{Day, Field, FieldName, FieldSource, MrzSignal};

use super::label;
use super::template::{Template, Templates, Wanted};
use crate::document::text::{Line, TextBox};
use crate::geometry::Point;

/// One line of print.
#[derive(Debug, Clone)]
pub(crate) struct Print {
    /// Where it stands.
    pub(crate) place: TextBox,
    /// What it says.
    pub(crate) line: Line,
}

/// What is printed: the template that fits and its fields.
#[derive(Debug, Clone)]
pub(crate) struct Printed<'a> {
    pub(crate) template: &'a Template,
    pub(crate) fields: Vec<Field>,
}

/// Places in the upright document, in pixels.
#[derive(Debug, Clone, Copy)]
struct Span {
    left: f32,
    right: f32,
    middle: f32,
    height: f32,
}

/// A line with its text folded, letter by letter as it is.
struct Text<'a> {
    print: &'a Print,
    original: Vec<char>,
    folded: Vec<char>,
    span: Span,
}

/// A label that was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Which field.
    field: usize,
    /// In which line.
    line: usize,
    /// Its letters there: the first and the one after the last.
    letters: (usize, usize),
    /// How surely it is one, in letters.
    score: usize,
}

/// A value stands at most so many heights of the label's line below it.
const BELOW: f32 = 2.1;
/// And begins at most so many heights to the left or right of the label.
const ASIDE: f32 = 2.5;
/// A value on the label's own line begins at most so many heights after it.
const AFTER: f32 = 12.0;
/// Lines are on one line if their middles are nearer than this share of their height.
const LEVEL: f32 = 0.6;

/// The template that fits, with the fields that are printed. `along` is the direction in which the document reads, of
/// length 1; `mrz` the machine-readable zone with its document code.
pub(crate) fn fields<'a>(
    templates: &'a Templates,
    prints: &[Print],
    along: Point,
    mrz: Option<(&MrzSignal, &str)>,
    has_barcode: bool,
    today: Day,
) -> Option<Printed<'a>> {
    let texts: Vec<Text<'_>> = prints.iter().map(|print| Text::of(print, along)).collect();
    templates.all().iter().find_map(|(template, wanted)| {
        let found = labels(&texts, wanted);
        fits(template, &texts, &found, mrz, has_barcode)
            .then(|| Printed { template, fields: values(template, wanted, &texts, &found, today) })
    })
}

impl<'a> Text<'a> {
    fn of(print: &'a Print, along: Point) -> Self {
        let original: Vec<char> = print.line.text().chars().collect();
        // Letter by letter, so that places in both agree.
        let folded = original.iter().map(|c| fold(&c.to_string()).chars().next().unwrap_or(' ')).collect();
        let place = &print.place;
        let centre = place.centre;
        let middle = centre.y * along.x - centre.x * along.y;
        let x = centre.x * along.x + centre.y * along.y;
        let half = place.length / 2.0;
        Self {
            print,
            original,
            folded,
            span: Span { left: x - half, right: x + half, middle, height: place.height },
        }
    }

    /// Where a letter begins, along the line.
    fn x_of(&self, letter: usize) -> f32 {
        let glyphs = &self.print.line.glyphs;
        let place = glyphs.get(letter).map_or(1.0, |glyph| glyph.place);
        self.span.left + place * (self.span.right - self.span.left)
    }

    fn text(&self, letters: std::ops::Range<usize>) -> String {
        self.original.get(letters).unwrap_or_default().iter().collect()
    }
}

/// The labels of all fields in all lines. Of those that overlap the better one counts: "date of birth" and not "date".
/// Where a line says one label in several languages they are one.
fn labels(texts: &[Text<'_>], wanted: &[Wanted]) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for (line, text) in texts.iter().enumerate() {
        let of_field = |(field, wanted): (usize, &Wanted)| {
            let matches: Vec<_> = wanted
                .labels
                .iter()
                .filter_map(|label| label::find(&text.folded, label))
                .map(|found| Found { field, line, letters: (found.start, found.end), score: found.score })
                .collect();
            matches
        };
        let matches: Vec<Found> = wanted.iter().enumerate().flat_map(of_field).collect();
        let overlap = |a: &Found, b: &Found| a.letters.0 < b.letters.1 && b.letters.0 < a.letters.1;
        let beaten = |one: &Found| matches.iter().any(|other| overlap(one, other) && other.score > one.score);
        // "Nom" beside "Name" is French for it, and no surname alone.
        let whole =
            matches.iter().any(|found| wanted[found.field].name == FieldName::FullName && !beaten(found));
        let is_part = |found: &Found| {
            matches!(wanted[found.field].name, FieldName::Surname | FieldName::GivenNames) && whole
        };
        let first = all.len();
        for found in matches.iter().filter(|found| !beaten(found) && !is_part(found)) {
            match all[first..].iter_mut().find(|known| known.field == found.field) {
                None => all.push(*found),
                Some(known) => {
                    known.letters.0 = known.letters.0.min(found.letters.0);
                    known.letters.1 = known.letters.1.max(found.letters.1);
                    known.score += found.score;
                }
            }
        }
    }
    all.sort_by_key(|found| std::cmp::Reverse(found.score));
    all
}

fn fits(
    template: &Template,
    texts: &[Text<'_>],
    found: &[Found],
    mrz: Option<(&MrzSignal, &str)>,
    has_barcode: bool,
) -> bool {
    let by = &template.recognise;
    let format = by.mrz.is_empty() || mrz.is_some_and(|(signal, _)| by.mrz.contains(&signal.format));
    let code = by.code.is_empty()
        || mrz.is_some_and(|(_, code)| by.code.iter().any(|start| code.starts_with(start.as_str())));
    let phrase = by.phrases.is_empty()
        || by.phrases.iter().any(|phrase| {
            let phrase: Vec<char> = fold(phrase).chars().collect();
            texts.iter().any(|text| label::find(&text.folded, &phrase).is_some())
        });
    let mut fields: Vec<usize> = found.iter().map(|found| found.field).collect();
    fields.sort_unstable();
    fields.dedup();
    format && code && phrase && (!by.barcode || has_barcode) && fields.len() >= by.labels
}

fn values(
    template: &Template,
    wanted: &[Wanted],
    texts: &[Text<'_>],
    found: &[Found],
    today: Day,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut names: Vec<FieldName> = Vec::new();
    for label in found {
        let wanted = &wanted[label.field];
        if names.contains(&wanted.name) {
            continue;
        }
        let read = |text: &str| wanted.form.read(text, template.dates, today);
        let value = on_the_line(texts, found, label, &read)
            .or_else(|| below(texts, found, label, &read))
            .or_else(|| beside(texts, found, label, &read));
        if let Some((value, line)) = value {
            names.push(wanted.name);
            fields.push(Field {
                name: wanted.name,
                value,
                source: FieldSource::Printed,
                confidence: texts[line].print.line.confidence(),
                corners: Some(texts[line].print.place.corners()),
            });
        }
    }
    fields
}

type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The rest of the label's own line, up to the next label in it: `DOB: 01/02/1990`. Where a label is told in two
/// languages the rest is no value, which its form tells; a form that takes any text is not read so.
fn on_the_line(
    texts: &[Text<'_>],
    found: &[Found],
    label: &Found,
    read: Read<'_>,
) -> Option<(String, usize)> {
    let text = &texts[label.line];
    let next = found.iter().filter(|other| other.line == label.line && other.letters.0 >= label.letters.1);
    let end = next.map(|other| other.letters.0).min().unwrap_or(text.original.len());
    let rest = text.text(label.letters.1..end);
    let is_marked = rest.trim_start().starts_with(':');
    let has_digits = rest.chars().any(|c| c.is_ascii_digit());
    if !is_marked && !has_digits {
        return None;
    }
    read(&rest).map(|value| (value, label.line))
}

/// The next line to the right on the same level.
fn beside(texts: &[Text<'_>], found: &[Found], label: &Found, read: Read<'_>) -> Option<(String, usize)> {
    let from = texts[label.line].span;
    let mut right: Vec<(f32, usize)> = Vec::new();
    for (line, text) in texts.iter().enumerate() {
        let gap = text.span.left - from.right;
        let is_level = (text.span.middle - from.middle).abs() <= LEVEL * from.height;
        if is_level && gap >= -0.5 * from.height && gap <= AFTER * from.height && !is_label(found, line) {
            right.push((gap, line));
        }
    }
    right.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Past the first something else stands between.
    let (_, line) = right.first()?;
    read(&texts[*line].text(0..texts[*line].original.len())).map(|value| (value, *line))
}

/// The nearest line below that begins about where the label does.
fn below(texts: &[Text<'_>], found: &[Found], label: &Found, read: Read<'_>) -> Option<(String, usize)> {
    let text = &texts[label.line];
    let (from, left) = (text.span, text.x_of(label.letters.0));
    let right = text.x_of(label.letters.1).max(left + from.height);
    let mut under: Vec<(f32, usize)> = Vec::new();
    for (line, text) in texts.iter().enumerate() {
        let drop = text.span.middle - from.middle;
        let begins = (text.span.left - left).abs() <= ASIDE * from.height
            || (text.span.left >= left && text.span.left <= right);
        let is_under = drop > 0.5 * from.height && drop <= BELOW * from.height.max(text.span.height);
        if is_under && begins && !is_label(found, line) {
            under.push((drop + 0.3 * (text.span.left - left).abs(), line));
        }
    }
    under.sort_by(|a, b| a.0.total_cmp(&b.0));
    under.iter().find_map(|(_, line)| {
        read(&texts[*line].text(0..texts[*line].original.len())).map(|value| (value, *line))
    })
}

fn is_label(found: &[Found], line: usize) -> bool {
    found.iter().any(|found| found.line == line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::text::Glyph;

    /// A line that begins at `left`, with letters 10 px wide and 20 high.
    fn print(text: &str, left: f32, middle: f32) -> Print {
        let length = text.chars().count() as f32 * 10.0;
        let glyph = |(index, c)| Glyph {
            alternatives: vec![(c, 0.9)],
            place: (index as f32 + 0.5) / text.chars().count() as f32,
        };
        Print {
            place: TextBox {
                centre: Point::new(left + length / 2.0, middle),
                along: Point::new(1.0, 0.0),
                length,
                height: 20.0,
                score: 0.9,
            },
            line: Line { glyphs: text.chars().enumerate().map(glyph).collect() },
        }
    }

    fn read(prints: &[Print]) -> Vec<(FieldName, String)> {
        let templates = Templates::shipped();
        let today = Day::new(2026, 11, 21).unwrap();
        let printed = fields(templates, prints, Point::new(1.0, 0.0), None, false, today);
        printed
            .map(|printed| printed.fields.into_iter().map(|field| (field.name, field.value)).collect())
            .unwrap_or_default()
    }

    fn of(fields: &[(FieldName, String)], name: FieldName) -> Option<&str> {
        fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn values_below_their_labels_are_read() {
        let fields = read(&[
            print("IDENTITY CARD", 300.0, 20.0),
            print("Surname/ Nom", 200.0, 60.0),
            print("ERIKSSON", 205.0, 85.0),
            print("Given names/ Prénoms", 200.0, 115.0),
            print("ANNA MARIA", 205.0, 140.0),
            print("Date of birth/ Date de naissance", 200.0, 170.0),
            print("12 AUG/AOUT 74", 205.0, 195.0),
            print("Sex/ Sexe", 600.0, 170.0),
            print("F", 605.0, 195.0),
        ]);
        assert_eq!(of(&fields, FieldName::Surname), Some("ERIKSSON"));
        assert_eq!(of(&fields, FieldName::GivenNames), Some("ANNA MARIA"));
        assert_eq!(of(&fields, FieldName::DateOfBirth), Some("1974-08-12"));
        assert_eq!(of(&fields, FieldName::Sex), Some("F"));
    }

    #[test]
    fn what_stands_below_a_label_counts_before_what_stands_beside_it() {
        let fields = read(&[
            print("IDENTITY CARD", 300.0, 20.0),
            print("Surname", 200.0, 60.0),
            print("SPECIMEN", 400.0, 60.0),
            print("ERIKSSON", 205.0, 85.0),
            print("Sex", 200.0, 170.0),
            print("F", 300.0, 170.0),
        ]);
        assert_eq!(of(&fields, FieldName::Surname), Some("ERIKSSON"));
        assert_eq!(of(&fields, FieldName::Sex), Some("F"), "nothing stands below");
    }

    #[test]
    fn values_on_the_line_of_their_label_are_read() {
        let fields = read(&[
            print("DRIVER LICENSE", 300.0, 20.0),
            print("4d DL D1234567", 200.0, 60.0),
            print("3 DOB 08/31/1977", 200.0, 100.0),
            print("4b EXP 08/31/2029", 200.0, 140.0),
            print("4a ISS 08/30/2024", 500.0, 140.0),
            print("15 SEX F", 200.0, 180.0),
        ]);
        assert_eq!(of(&fields, FieldName::DocumentNumber), Some("D1234567"));
        assert_eq!(of(&fields, FieldName::DateOfBirth), Some("1977-08-31"));
        assert_eq!(of(&fields, FieldName::DateOfExpiry), Some("2029-08-31"));
        assert_eq!(of(&fields, FieldName::DateOfIssue), Some("2024-08-30"));
    }

    #[test]
    fn print_of_no_known_document_gives_nothing() {
        assert!(read(&[print("Menu of the day", 10.0, 10.0), print("Soup", 10.0, 40.0)]).is_empty());
        assert!(read(&[]).is_empty());
    }
}
