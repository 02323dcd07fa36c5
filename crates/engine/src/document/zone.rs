//! The machine-readable zone among the lines of text of a picture.

use domain::mrz::{self, MrzReading};
use domain::{Day, FieldName};
use media::Frame;

use super::text::{Alphabet, Line, TextBox, TextRecogniser};
use crate::geometry::Point;
use crate::runtime::RuntimeError;

/// A zone and the lines in which it was read, from the top.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    pub(crate) reading: MrzReading,
    pub(crate) lines: Vec<TextBox>,
}

impl Zone {
    /// The document code, as `P` or `ID`.
    pub(crate) fn code(&self) -> &str {
        let code = self.reading.fields.iter().find(|field| field.name == FieldName::DocumentCode);
        code.map(|field| field.value.as_str()).unwrap_or_default()
    }

    /// The direction in which it reads.
    pub(crate) fn along(&self) -> Option<Point> {
        self.lines.first().map(|line| line.along)
    }
}

/// A zone's line is at least so many times as long as high: 30 characters of 2.54 mm, 3.1 mm high, in a box that is
/// half as high again (ICAO 9303 part 3 section 4.2), less what the detector cuts off at its ends.
const LEAST_ASPECT: f32 = 9.0;
/// Lines of a zone are parallel within this much.
const PARALLEL_COSINE: f32 = 0.995;
/// The shorter of two lines has at least this share of the longer one's length: fillers at an end may be missed.
const LEAST_SHARE: f32 = 0.6;
/// Distance of neighbouring lines in heights of their boxes; 6.35 mm on paper, where boxes are 4 to 6 mm high.
const PITCH: (f32, f32) = (0.7, 3.0);
/// Lines that are grouped at most, the longest ones.
const MOST_LINES: usize = 60;
/// Groups of lines that are read before giving up: each costs two or three lines.
const MOST_GROUPS: usize = 6;
/// What looks less like a zone's line is none.
const LEAST_CONFIDENCE: f32 = 0.5;
/// Characters of the shortest line (TD1).
const SHORTEST_LINE: f32 = 30.0;
/// Under this the lines are read the other way up too, and the better reading counts.
const RIGHT_WAY_UP: f32 = 0.85;
/// A reading is taken at once where every check digit fits and it is as sure as this.
const SURE: f32 = 0.5;

/// Finds and reads the zone. `None` where no group of lines reads as one.
///
/// # Errors
/// Those of the runtime.
pub(crate) fn find(
    frame: &Frame,
    boxes: &[TextBox],
    recogniser: &TextRecogniser,
    today: Day,
) -> Result<Option<Zone>, RuntimeError> {
    let mut best: Option<Zone> = None;
    for group in groups(boxes).into_iter().take(MOST_GROUPS) {
        let Some(zone) = read(frame, &group, recogniser, today)? else { continue };
        let signal = &zone.reading.signal;
        if signal.wrong.is_empty() && signal.confidence >= SURE {
            return Ok(Some(zone));
        }
        let rank = |zone: &Zone| (zone.reading.signal.wrong.len(), -zone.reading.signal.confidence);
        if best.as_ref().is_none_or(|best| rank(&zone) < rank(best)) {
            best = Some(zone);
        }
    }
    Ok(best)
}

/// Groups of two or three lines that may be a zone, the longest first; a group of three before the pairs in it.
fn groups(boxes: &[TextBox]) -> Vec<Vec<TextBox>> {
    let mut long: Vec<TextBox> =
        boxes.iter().copied().filter(|line| line.length >= LEAST_ASPECT * line.height).collect();
    long.sort_by(|a, b| b.length.total_cmp(&a.length));
    long.truncate(MOST_LINES);
    let below = |first: &TextBox| {
        // Which way a line reads is not known yet; those of one group read one way.
        let alike = |line: &TextBox| if cosine(first, line) < 0.0 { line.turned() } else { *line };
        let first = *first;
        long.iter().map(alike).filter(move |line| follows(&first, line)).collect::<Vec<_>>()
    };
    let mut groups: Vec<Vec<TextBox>> = Vec::new();
    for first in &long {
        for second in below(first) {
            groups.push(vec![*first, second]);
            groups.extend(below(&second).into_iter().map(|third| vec![*first, second, third]));
        }
    }
    let rank = |group: &Vec<TextBox>| {
        group.iter().map(|line| line.length).fold(0.0, f32::max) * (1.0 + 0.01 * group.len() as f32)
    };
    groups.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    groups
}

fn cosine(one: &TextBox, other: &TextBox) -> f32 {
    one.along.x * other.along.x + one.along.y * other.along.y
}

/// Whether `second` is the next line below `first`, as its direction has it.
fn follows(first: &TextBox, second: &TextBox) -> bool {
    let (shorter, longer) = (first.length.min(second.length), first.length.max(second.length));
    let offset = Point::new(second.centre.x - first.centre.x, second.centre.y - first.centre.y);
    let along = offset.x * first.along.x + offset.y * first.along.y;
    let down = offset.y * first.along.x - offset.x * first.along.y;
    let height = f32::midpoint(first.height, second.height);
    cosine(first, second) >= PARALLEL_COSINE
        && shorter >= LEAST_SHARE * longer
        && along.abs() <= 0.5 * (longer - shorter) + height
        && (PITCH.0..=PITCH.1).contains(&(down / height))
}

/// Reads a group, the way up in which its characters are likelier.
fn read(
    frame: &Frame,
    group: &[TextBox],
    recogniser: &TextRecogniser,
    today: Day,
) -> Result<Option<Zone>, RuntimeError> {
    let mut lines = level(group);
    let mut texts = read_lines(frame, &lines, recogniser)?;
    if worst(&texts) < RIGHT_WAY_UP {
        let turned: Vec<TextBox> = lines.iter().rev().map(TextBox::turned).collect();
        let again = read_lines(frame, &turned, recogniser)?;
        if worst(&again) > worst(&texts) {
            (lines, texts) = (turned, again);
        }
    }
    if worst(&texts) < LEAST_CONFIDENCE {
        return Ok(None);
    }
    let seen: Vec<mrz::Line> = texts.iter().zip(&lines).map(|(text, place)| as_seen(text, place)).collect();
    Ok(mrz::read(&seen, today).map(|reading| Zone { reading, lines }))
}

/// The lines of a zone begin and end together: where the detector cut one short it is made as long as the others.
fn level(group: &[TextBox]) -> Vec<TextBox> {
    let Some(longest) = group.iter().max_by(|a, b| a.length.total_cmp(&b.length)) else { return Vec::new() };
    let place = |point: Point| point.x * longest.along.x + point.y * longest.along.y;
    let ends = |line: &TextBox| (place(line.at(0.0, 0.5)), place(line.at(1.0, 0.5)));
    let start = group.iter().map(|line| ends(line).0).fold(f32::MAX, f32::min);
    let end = group.iter().map(|line| ends(line).1).fold(f32::MIN, f32::max);
    let levelled = group.iter().map(|line| {
        let (left, right) = ends(line);
        let shift = f32::midpoint(start - left, end - right);
        TextBox {
            centre: Point::new(line.centre.x + shift * line.along.x, line.centre.y + shift * line.along.y),
            length: line.length + (left - start) + (end - right),
            ..*line
        }
    });
    levelled.collect()
}

/// Reads until a line is no text this way up.
fn read_lines(
    frame: &Frame,
    lines: &[TextBox],
    recogniser: &TextRecogniser,
) -> Result<Vec<Line>, RuntimeError> {
    let mut texts = Vec::with_capacity(lines.len());
    for line in lines {
        let text = recogniser.read(frame, line, Alphabet::Mrz)?;
        texts.push(text);
        if worst(&texts) < LEAST_CONFIDENCE {
            break;
        }
    }
    Ok(texts)
}

/// How far the lines look like a zone's, 0..1: upside down few characters are seen, or unsure ones.
fn worst(texts: &[Line]) -> f32 {
    let legibility = |text: &Line| text.confidence() * (text.glyphs.len() as f32 / SHORTEST_LINE).min(1.0);
    texts.iter().map(legibility).fold(1.0, f32::min)
}

fn as_seen(text: &Line, place: &TextBox) -> mrz::Line {
    mrz::Line {
        positions: text.glyphs.iter().map(|glyph| glyph.alternatives.clone()).collect(),
        corners: Some(place.corners()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x: f32, y: f32, length: f32) -> TextBox {
        TextBox { centre: Point::new(x, y), along: Point::new(1.0, 0.0), length, height: 20.0, score: 0.9 }
    }

    #[test]
    fn parallel_lines_of_one_length_make_groups() {
        let boxes = [line(500.0, 100.0, 300.0), line(500.0, 500.0, 800.0), line(510.0, 535.0, 780.0)];
        let groups = groups(&boxes);
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0][0].centre.y, groups[0][1].centre.y), (500.0, 535.0));
    }

    #[test]
    fn lines_that_were_found_the_other_way_round_are_of_one_group() {
        let groups = groups(&[line(500.0, 500.0, 800.0), line(500.0, 535.0, 800.0).turned()]);
        assert_eq!(groups.len(), 2, "read from either line's side");
        assert!(groups.iter().all(|group| cosine(&group[0], &group[1]) > 0.0));
    }

    #[test]
    fn three_lines_come_before_the_pairs_in_them() {
        let boxes = [line(500.0, 570.0, 800.0), line(500.0, 500.0, 800.0), line(500.0, 535.0, 800.0)];
        let groups = groups(&boxes);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 2]);
        assert_eq!(groups[0].iter().map(|line| line.centre.y).collect::<Vec<_>>(), [500.0, 535.0, 570.0]);
    }

    #[test]
    fn neighbours_side_by_side_and_far_apart_make_none() {
        for second in [line(1_400.0, 500.0, 800.0), line(500.0, 700.0, 800.0), line(500.0, 535.0, 300.0)] {
            assert!(groups(&[line(500.0, 500.0, 800.0), second]).is_empty());
        }
        let turned = TextBox { along: Point::new(0.9, 0.436), ..line(500.0, 535.0, 800.0) };
        assert!(groups(&[line(500.0, 500.0, 800.0), turned]).is_empty());
    }

    #[test]
    fn a_line_that_was_cut_short_gets_the_length_of_its_neighbour() {
        let levelled = level(&[line(500.0, 500.0, 800.0), line(450.0, 535.0, 700.0)]);
        assert_eq!((levelled[1].centre.x, levelled[1].length), (500.0, 800.0));
        assert_eq!(levelled[0], line(500.0, 500.0, 800.0));
    }
}
