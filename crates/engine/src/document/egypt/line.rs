//! Lines of a card: pieces put together, where each stands, and what it says.

use domain::egypt::{ResolvedNumber, printed_day, resolve};
use domain::{Day, Field, FieldName, FieldSource, arabic};

use crate::document::text::{ArabicLine, Glyph, Line, TextBox};
use crate::geometry::Point;

/// Pieces of one line are nearer to each other than this, in their height.
const GAP: f32 = 0.9;
/// Lines are level if their middles are nearer than this share of their height.
const LEVEL: f32 = 0.5;
/// Signs without letters that are less likely than this may be of another script.
const DOUBTFUL: f32 = 0.8;
/// Digits of a number that was found in pieces: it has 14, and some may be missed at first.
const SCATTERED: std::ops::RangeInclusive<usize> = 11..=14;

/// A line, where it stands on the upright card, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) place: TextBox,
    pub(super) line: ArabicLine,
    /// What it says in Latin script, where that was read.
    pub(super) latin: Option<Line>,
    /// Its date alone, where that was read once more.
    pub(super) date: Option<ArabicLine>,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) middle: f32,
}

impl Said {
    pub(super) fn new(place: TextBox, along: Point, line: ArabicLine) -> Self {
        let (x, middle) = upright(place.centre, along);
        let half = place.length / 2.0;
        Self { place, line, latin: None, date: None, left: x - half, right: x + half, middle }
    }

    /// Its text without stretching strokes, one space between words.
    pub(super) fn text(&self) -> String {
        tidy(&self.line.line.text())
    }

    /// Words of its text in the spelling in which Arabic is compared.
    pub(super) fn words(&self) -> Vec<String> {
        arabic::fold(&self.text()).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn is_level_with(&self, other: &Self) -> bool {
        (self.middle - other.middle).abs() < LEVEL * self.place.height.max(other.place.height)
    }

    /// Whether it has digits, and nothing else but the signs of a date.
    pub(super) fn is_number_or_date(&self) -> bool {
        let text = self.text();
        text.chars().any(|c| arabic::digit(c).is_some())
            && text.chars().all(|c| arabic::digit(c).is_some() || matches!(c, ' ' | '/' | '-' | '.'))
    }

    /// Whether half of it or more are digits.
    pub(super) fn is_mostly_digits(&self) -> bool {
        let text = self.text();
        let digits = text.chars().filter(|c| arabic::digit(*c).is_some()).count();
        2 * digits >= text.chars().count().max(1)
    }

    /// Whether it says something in Arabic: letters, or a row of digits.
    pub(super) fn is_arabic_print(&self) -> bool {
        const LEAST: usize = 3;
        let text = self.text();
        text.chars().filter(|c| matches!(c, 'ء'..='ي' | '٠'..='٩')).count() >= LEAST
    }

    /// Whether it may be Latin letters with digits: it is neither read as Arabic print for sure nor as Arabic words.
    pub(super) fn may_be_latin(&self) -> bool {
        let text = self.text();
        text.chars().any(|c| c.is_ascii_alphabetic())
            || self.line.likelihood < DOUBTFUL && !text.is_empty() && !arabic::is_arabic(&text)
    }

    /// Its characters from left to right without spaces.
    fn left_to_right(&self) -> Vec<&Glyph> {
        let mut glyphs: Vec<&Glyph> =
            self.line.line.glyphs.iter().filter(|glyph| best(glyph).0 != ' ').collect();
        glyphs.sort_by(|a, b| a.place.total_cmp(&b.place));
        glyphs
    }

    /// The digits of a national number as a recogniser saw them, if nothing but it and perhaps a date at its left stands
    /// there, with what is left of it.
    fn number_glyphs(&self) -> Option<(Vec<&Glyph>, Vec<&Glyph>)> {
        let mut before = self.left_to_right();
        let first = before.len().checked_sub(14)?;
        let digits = before.split_off(first);
        let is_digit = |glyph: &&Glyph| arabic::digit(best(glyph).0).is_some();
        let is_date = before.is_empty() || before.iter().any(|glyph| best(glyph).0 == '/');
        let fits = digits.iter().all(is_digit) && is_date;
        (fits && before.iter().all(|glyph| is_digit(glyph) || best(glyph).0 == '/'))
            .then_some((digits, before))
    }

    /// The national number that stands here.
    pub(super) fn number(&self, today: Day) -> Option<ResolvedNumber> {
        let (digits, _) = self.number_glyphs()?;
        let places: Vec<Vec<(u8, f32)>> = digits
            .into_iter()
            .map(|glyph| {
                let digit = |(c, share): &(char, f32)| Some((arabic::digit(*c)?, *share));
                glyph.alternatives.iter().filter_map(digit).collect()
            })
            .collect();
        resolve(&places, today)
    }

    /// What is printed at the left of a number on the same line, from left to right, and how surely.
    pub(super) fn before_number(&self) -> Option<(String, f32)> {
        let (_, before) = self.number_glyphs()?;
        let sure = before.iter().map(|glyph| best(glyph).1).product();
        (!before.is_empty()).then(|| (before.iter().map(|glyph| best(glyph).0).collect(), sure))
    }

    /// The part at the left where a date stands, if letters follow it.
    pub(super) fn date_part(&self) -> Option<TextBox> {
        /// Characters of a date that must have been read: it has ten.
        const LEAST: usize = 6;
        let glyphs = self.left_to_right();
        let is_digit = |glyph: &&Glyph| arabic::digit(best(glyph).0).is_some();
        let last = glyphs.iter().rposition(is_digit)?;
        let end = f32::midpoint(glyphs[last].place, glyphs.get(last + 1)?.place);
        let length = end * self.place.length;
        let centre = self.place.at(end / 2.0, 0.5);
        (last + 1 >= LEAST).then_some(TextBox { centre, length, ..self.place })
    }

    /// The day that this line states, alone or after words.
    pub(super) fn day(&self) -> Option<Day> {
        let text = tidy(&self.date.as_ref().unwrap_or(&self.line).line.text());
        printed_day(&text).or_else(|| text.split(' ').find_map(printed_day))
    }

    /// A field of this line, if it says anything.
    pub(super) fn field(&self, name: FieldName, value: String, confidence: f32) -> Option<Field> {
        (!value.is_empty()).then(|| Field {
            name,
            value,
            source: FieldSource::Printed,
            confidence,
            corners: Some(self.place.corners()),
        })
    }
}

/// The number as a field. One that cannot be settled is not told.
pub(super) fn number_field(said: &Said, today: Day) -> Option<Field> {
    let found = said.number(today)?;
    found
        .open
        .is_empty()
        .then(|| said.field(FieldName::PersonalNumber, found.number.to_string(), found.confidence))?
}

/// The likeliest character and how likely it is.
pub(super) fn best(glyph: &Glyph) -> (char, f32) {
    glyph.alternatives.first().copied().unwrap_or(('\0', 0.0))
}

/// Without stretching strokes, one space between words.
pub(super) fn tidy(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\u{640}').collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Place on the upright card: along the print and down.
fn upright(at: Point, along: Point) -> (f32, f32) {
    (at.x * along.x + at.y * along.y, at.y * along.x - at.x * along.y)
}

/// The lines in direction `along`, pieces of one line joined, from the top. What stands across is left out.
pub(super) fn joined(lines: &[TextBox], along: Point) -> Vec<TextBox> {
    const LEAST_ALONG: f32 = 0.9;
    let ahead = |line: &TextBox| line.along.x * along.x + line.along.y * along.y;
    let turned = lines.iter().map(|line| if ahead(line) < 0.0 { line.turned() } else { *line });
    let mut left: Vec<TextBox> = turned.filter(|line| ahead(line) > LEAST_ALONG).collect();
    left.sort_by(|a, b| upright(a.centre, along).0.total_cmp(&upright(b.centre, along).0));
    let mut joined: Vec<Vec<TextBox>> = Vec::new();
    for line in left {
        let continues = joined.iter_mut().find(|pieces| {
            pieces.last().is_some_and(|last| {
                let ((x, y), (next_x, next_y)) = (upright(last.centre, along), upright(line.centre, along));
                let height = last.height.min(line.height);
                let gap = next_x - line.length / 2.0 - x - last.length / 2.0;
                (y - next_y).abs() < LEVEL * height
                    && gap < GAP * height
                    && last.height.max(line.height) < 1.6 * height
            })
        });
        match continues {
            Some(pieces) => pieces.push(line),
            None => joined.push(vec![line]),
        }
    }
    let mut joined: Vec<TextBox> = joined.iter().map(|pieces| around(pieces, along)).collect();
    joined.sort_by(|a, b| upright(a.centre, along).1.total_cmp(&upright(b.centre, along).1));
    joined
}

/// One line around pieces of it; of one piece, itself.
pub(super) fn around(pieces: &[TextBox], along: Point) -> TextBox {
    if let [one] = pieces {
        return *one;
    }
    let (mut left, mut right, mut top, mut bottom) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
    for piece in pieces {
        let (x, y) = upright(piece.centre, along);
        left = left.min(x - piece.length / 2.0);
        right = right.max(x + piece.length / 2.0);
        top = top.min(y - piece.height / 2.0);
        bottom = bottom.max(y + piece.height / 2.0);
    }
    let score = pieces.iter().map(|piece| piece.score).fold(1.0, f32::min);
    TextBox { score, ..stretch((left, right), f32::midpoint(top, bottom), bottom - top, along) }
}

/// A line from `left` to `right` on the upright card.
pub(super) fn stretch((left, right): (f32, f32), middle: f32, height: f32, along: Point) -> TextBox {
    let x = f32::midpoint(left, right);
    let centre = Point::new(x * along.x - middle * along.y, x * along.y + middle * along.x);
    TextBox { centre, along, length: right - left, height, score: 1.0 }
}

/// The pieces of a number that the detector took for several lines, since its digits stand far apart; `None` where a
/// line has all of it.
pub(super) fn scattered_number(said: &[Said], along: Point) -> Option<Vec<TextBox>> {
    if said.iter().any(|line| line.number_glyphs().is_some()) {
        return None;
    }
    let is_digits = |line: &&Said| {
        let glyphs = line.left_to_right();
        !glyphs.is_empty() && glyphs.iter().all(|glyph| arabic::digit(best(glyph).0).is_some())
    };
    let pieces: Vec<&Said> = said.iter().filter(is_digits).collect();
    let rows = pieces
        .iter()
        .map(|first| -> Vec<&&Said> { pieces.iter().filter(|other| first.is_level_with(other)).collect() });
    let digits = |row: &[&&Said]| row.iter().map(|piece| piece.left_to_right().len()).sum::<usize>();
    let row = rows.filter(|row| row.len() > 1).find(|row| SCATTERED.contains(&digits(row)))?;
    let mut places: Vec<TextBox> = row.iter().map(|piece| piece.place).collect();
    places.sort_by(|a, b| upright(a.centre, along).0.total_cmp(&upright(b.centre, along).0));
    Some(places)
}
