//! The Egyptian national identity card. Its fields have no labels: they are told by where they stand on their side and by
//! what they look like. Templates look for labels in Latin script, so this card is no template.

mod back;
mod front;
mod line;
mod side;
mod sure;
mod words;

#[cfg(test)]
mod tests;

use domain::{Day, DocumentKind, Field, PageSide};
use media::Frame;

use super::text::{Alphabet, ArabicRecogniser, Expected, Look, TextBox, TextRecogniser};
use crate::geometry::Point;
use crate::runtime::RuntimeError;
use line::Said;

/// One side of a card that was recognised.
#[derive(Debug, Clone)]
pub(super) struct Card {
    /// Which side.
    pub(super) side: PageSide,
    /// The direction in which it reads, of length 1.
    pub(super) along: Point,
    /// What was read for sure; corners in pixels of the page.
    pub(super) fields: Vec<Field>,
    /// What was read and is not sure enough to be told.
    pub(super) doubtful: Vec<Field>,
}

impl Card {
    /// What it is.
    pub(super) const KIND: DocumentKind = DocumentKind::NationalId;

    /// The name that stands for a template's.
    pub(super) fn id(&self) -> &'static str {
        domain::egypt::TEMPLATES.iter().find(|(side, _)| *side == self.side).map_or("", |(_, id)| *id)
    }
}

/// Lines that are read at most: a card has about 12 on each side.
const MOST_LINES: usize = 40;
/// The longest lines, which tell the direction, or that there is no Arabic print.
const SAMPLE: usize = 5;
/// So many of them, as likely as this, settle the direction without a look at the other.
const SETTLED: (usize, f32) = (3, 0.8);
/// A line as likely as this counts as Arabic print.
const A_LINE: f32 = 0.5;
/// A line that is less likely is looked at again with a wider margin, and the likelier reading counts. Of 296 lines with
/// letters on drawn cards of the development half, 266 were then right and 1 wrong at a likelihood of 0.9 or more, 260 and
/// 1 by the first look alone (2026-11-22).
const CLEAR: f32 = 0.95;
/// How much higher that second look is.
const WIDER: f32 = 1.1;
/// Looks at a line of names: by how many of its heights longer and how many times higher than it was found, and how much
/// wider it is shown. Print that fills its look keeps its dots, and print with room around it has all of its strokes.
const NAMES: [(f32, f32, f32); 3] = [(0.0, 0.9, 1.0), (0.2, 1.1, 1.0), (0.2, 1.1, 1.2)];
/// A line less likely than this is nothing, and a second look does not make it a line.
const NOTHING: f32 = 0.1;

/// The card on a page, if it is one. `lines` are all lines that were found.
///
/// # Errors
/// Those of the runtime.
pub(super) fn read(
    page: &Frame,
    lines: &[TextBox],
    (arabic, latin): (&ArabicRecogniser, &TextRecogniser),
    today: Day,
) -> Result<Option<Card>, RuntimeError> {
    let looks = Looks { page, arabic };
    let Some((along, sample)) = looks.direction(lines)? else { return Ok(None) };
    let mut said = sample;
    for place in line::joined(lines, along).into_iter().take(MOST_LINES) {
        if !said.iter().any(|line| line.place == place) {
            said.push(looks.first(place, along)?);
        }
    }
    for line in said.iter_mut().filter(|line| line.is_mostly_digits()) {
        // Western digits are near to some Arabic-Indic ones, and a number or a date has none.
        line.line = arabic.read(page, &line.place, Expected::Digits)?;
    }
    said.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    if let Some(places) = line::scattered_number(&said, along) {
        let whole = line::around(&places, along);
        said.retain(|line| !places.contains(&line.place));
        said.push(Said::new(whole, along, arabic.read(page, &whole, Expected::Digits)?));
    }
    let Some(side) = side::of(&said, today) else { return Ok(None) };
    for line in &mut said {
        looks.again(line)?;
    }
    let found = match side {
        PageSide::Front => {
            let names = front::name_places(&said, today);
            for line in said.iter_mut().filter(|line| names.contains(&line.place)) {
                looks.names(line)?;
            }
            for line in said.iter_mut().filter(|line| line.may_be_latin()) {
                line.latin = Some(latin.read(page, &line.place, Alphabet::Latin)?);
            }
            front::fields(&said, today)
        }
        PageSide::Back => {
            if let Some(place) = back::sex_place(&said, today, along) {
                said.push(looks.first(place, along)?);
            }
            for line in said.iter_mut().filter(|line| back::is_expiry(line)) {
                // Among letters the recogniser weighs digits of both scripts; the date has but one.
                let date = line.date_part().map(|part| arabic.read(page, &part, Expected::Digits));
                line.date = date.transpose()?;
            }
            back::fields(&said, today)
        }
    };
    let (fields, doubtful) = sure::part(found);
    Ok(Some(Card { side, along, fields, doubtful }))
}

/// Looks at lines of a page.
#[derive(Clone, Copy)]
struct Looks<'a> {
    page: &'a Frame,
    arabic: &'a ArabicRecogniser,
}

impl Looks<'_> {
    fn first(&self, place: TextBox, along: Point) -> Result<Said, RuntimeError> {
        Ok(Said::new(place, along, self.arabic.glance(self.page, place, Expected::Anything)?))
    }

    /// The direction in which the longest lines read as Arabic print, with what they say; `None` where they do in neither.
    fn direction(&self, lines: &[TextBox]) -> Result<Option<(Point, Vec<Said>)>, RuntimeError> {
        let Some(longest) = lines.iter().max_by(|a, b| a.length.total_cmp(&b.length)) else {
            return Ok(None);
        };
        let mut best: Option<(f32, Point, Vec<Said>)> = None;
        for along in [longest.along, longest.turned().along] {
            let mut places = line::joined(lines, along);
            places.sort_by(|a, b| b.length.total_cmp(&a.length));
            places.truncate(SAMPLE);
            let said = places
                .into_iter()
                .map(|place| self.first(place, along))
                .collect::<Result<Vec<_>, RuntimeError>>()?;
            let likely = |least: f32| {
                said.iter().filter(move |line| line.is_arabic_print() && line.line.likelihood >= least)
            };
            let sum: f32 = likely(A_LINE).map(|line| line.line.likelihood).sum();
            let is_settled = likely(SETTLED.1).count() >= SETTLED.0;
            if sum > best.as_ref().map_or(0.0, |best| best.0) {
                best = Some((sum, along, said));
            }
            if is_settled {
                break;
            }
        }
        Ok(best.map(|(_, along, said)| (along, said)))
    }

    /// Looks several times at a line that has to say names.
    fn names(&self, line: &mut Said) -> Result<(), RuntimeError> {
        let place = |longer, higher| TextBox {
            length: line.place.length + longer * line.place.height,
            height: higher * line.place.height,
            ..line.place
        };
        let all = NAMES.map(|(longer, higher, stretch)| Look { place: place(longer, higher), stretch });
        let names = self.arabic.names(self.page, &all)?;
        if front::is_name(line) || names.likelihood >= A_LINE {
            line.line = names;
        }
        Ok(())
    }

    /// Looks again at a line that is not clear.
    fn again(&self, line: &mut Said) -> Result<(), RuntimeError> {
        if line.line.likelihood >= CLEAR || line.line.likelihood < NOTHING || !line.is_arabic_print() {
            return Ok(());
        }
        let expected = if line.is_number_or_date() { Expected::Digits } else { Expected::Anything };
        let place = TextBox {
            length: line.place.length + (WIDER - 1.0) * line.place.height,
            height: WIDER * line.place.height,
            ..line.place
        };
        let wider = self.arabic.glance(self.page, place, expected)?;
        if wider.likelihood > line.line.likelihood {
            line.line = wider;
        }
        Ok(())
    }
}
