//! Lines, and plates with one line of digits and letters.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use app::{App, AppError};
use engine::document::text::{ArabicLine, Expected, Look, TextBox};
use engine::geometry::Rect;
use media::Frame;
use serde::{Deserialize, Serialize};

use super::{Share, digits_of, folded, letters_of, median};
use crate::manifest::photo_paths;
use crate::work::{Progress, map};
use crate::{LabError, rates};

/// A picture and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// The picture, relative to the root.
    pub path: String,
    /// The line in logical order.
    #[serde(default)]
    pub text_arabic: String,
    /// The digits of a plate.
    #[serde(default)]
    pub digits_ascii: String,
    /// How much the picture was degraded; 0 is clean.
    #[serde(default)]
    pub degradation: Option<u32>,
}

/// What was read of lines.
#[derive(Debug, Clone, Serialize)]
pub struct LineReport {
    /// Lines that were read.
    pub lines: usize,
    /// Rows left out, since they have several lines.
    pub skipped: usize,
    /// Lines of which every character is right; of a row that tells digits only, these.
    pub lines_exact: usize,
    /// Bounds of their share.
    pub lines_exact_interval: Option<rates::Interval>,
    /// Lines that have digits in truth.
    pub digits_lines: usize,
    /// Lines whose digits are all right, of those that have any.
    pub digits_exact: usize,
    /// Bounds of their share.
    pub digits_exact_interval: Option<rates::Interval>,
    /// Letters and signs in truth.
    pub letters: usize,
    /// Wrong, missing and invented ones, as a share of them.
    pub letters_cer: Option<f64>,
    /// Digits in truth.
    pub digits: usize,
    /// Wrong, missing and invented ones, as a share of them.
    pub digits_cer: Option<f64>,
    /// Likelihood from which a line is believed.
    pub sure_from: f32,
    /// Lines that are believed.
    pub sure: Share,
    /// Those that are believed and wrong.
    pub sure_wrong: Share,
    /// Exact lines by degradation.
    pub degradations: BTreeMap<u32, Share>,
    /// Milliseconds to read a line from its decoded picture, at the median.
    pub median_ms: f64,
    /// Pictures whose line is not exact.
    pub misses: Vec<String>,
}

/// Where the digits of an Egyptian plate stand, in shares of its width and height: one to four in the left half, below the
/// band with the country's name. Where that ends differs by how the picture was cut, so several cuts are read and the
/// likeliest is taken. Chosen on the development set, with weights before the final ones.
const PLATE_DOWN: [(f32, f32); 4] = [(0.38, 0.95), (0.44, 0.90), (0.36, 0.88), (0.42, 1.0)];
/// A fifth digit is the frame at the left, which looks like a one: then the cuts begin farther to the right.
const PLATE_LEFT: [f32; 3] = [0.06, 0.09, 0.12];
const PLATE_RIGHT: f32 = 0.53;
/// Each cut is read as it is and wider: equal digits side by side are then told apart more often.
const PLATE_STRETCH: [f32; 2] = [1.0, 1.25];

struct Seen {
    text: String,
    sure: bool,
    ms: f64,
}

pub(super) fn measure(
    app: &App,
    rows: &[Row],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<LineReport, LabError> {
    let (several, rows): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.text_arabic.contains('\n'));
    photo_paths(root, rows.iter().map(|row| &row.path))?;
    let seen = map(&rows, threads, progress, |row| see(app, row, root))?;
    Ok(report(&rows, &seen, several.len()))
}

fn see(app: &App, row: &Row, root: &Path) -> Result<Seen, LabError> {
    let frame = match app.photo(&root.join(&row.path)) {
        Ok(frame) => frame,
        Err(AppError::Photo { .. }) => return Ok(Seen { text: String::new(), sure: false, ms: 0.0 }),
        Err(error) => return Err(error.into()),
    };
    let begun = Instant::now();
    let plate = row.text_arabic.is_empty();
    let line = if plate {
        read_plate(app, &frame)?
    } else {
        let whole = part(&frame, (0.0, 1.0), (0.0, 1.0));
        Some(app.documents()?.arabic().read(&frame, &whole, Expected::Anything).map_err(AppError::from)?)
    };
    let ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let text = line
        .as_ref()
        .map_or(String::new(), |line| if plate { line.digits() } else { folded(&line.line.text()) });
    let sure = !text.is_empty() && line.is_some_and(|line| line.likelihood >= ArabicLine::SURE);
    Ok(Seen { text, sure, ms })
}

fn read_plate(app: &App, frame: &Frame) -> Result<Option<ArabicLine>, LabError> {
    for left in PLATE_LEFT {
        let mut best: Option<ArabicLine> = None;
        let looks = PLATE_DOWN.iter().flat_map(|down| PLATE_STRETCH.map(|stretch| (*down, stretch)));
        for (down, stretch) in looks {
            // The cuts are looks of different heights already: a closer one would lose digits.
            let look = Look { place: part(frame, (left, PLATE_RIGHT), down), stretch };
            let line = app.documents()?.arabic().glance(frame, look, Expected::Digits);
            let line = line.map_err(AppError::from)?;
            let likelier = best.as_ref().is_none_or(|best| line.likelihood > best.likelihood);
            if likelier && (1..=4).contains(&line.digits().len()) {
                best = Some(line);
            }
        }
        if best.is_some() {
            return Ok(best);
        }
    }
    Ok(None)
}

/// The part from `left` to `right` and `top` to `bottom`, in shares of the width and the height.
fn part(frame: &Frame, (left, right): (f32, f32), (top, bottom): (f32, f32)) -> TextBox {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    TextBox::upright(Rect {
        x: left * width,
        y: top * height,
        width: (right - left) * width,
        height: (bottom - top) * height,
    })
}

fn report(rows: &[&Row], seen: &[Seen], skipped: usize) -> LineReport {
    let (mut exact, mut digits_lines, mut digits_exact) = (0, 0, 0);
    let (mut letters, mut letters_wrong, mut digits, mut digits_wrong) = (0, 0, 0, 0);
    let (mut sure, mut sure_wrong) = (0, 0);
    let mut degradations: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    let mut misses = Vec::new();
    for (row, seen) in rows.iter().zip(seen) {
        let truth = folded(if row.text_arabic.is_empty() { &row.digits_ascii } else { &row.text_arabic });
        let right = truth == seen.text;
        let (truth_digits, read_digits) = (digits_of(&truth), digits_of(&seen.text));
        let (truth_letters, read_letters) = (letters_of(&truth), letters_of(&seen.text));
        exact += usize::from(right);
        digits_lines += usize::from(!truth_digits.is_empty());
        digits_exact += usize::from(!truth_digits.is_empty() && truth_digits == read_digits);
        digits += truth_digits.len();
        digits_wrong += strsim::levenshtein(&truth_digits, &read_digits);
        letters += truth_letters.chars().count();
        letters_wrong += strsim::levenshtein(&truth_letters, &read_letters);
        sure += usize::from(seen.sure);
        sure_wrong += usize::from(seen.sure && !right);
        if let Some(degradation) = row.degradation {
            let (right_there, there) = degradations.entry(degradation).or_default();
            *right_there += usize::from(right);
            *there += 1;
        }
        if !right {
            misses.push(row.path.clone());
        }
    }
    let rate = |wrong: usize, of: usize| (of > 0).then(|| wrong as f64 / of as f64);
    LineReport {
        lines: rows.len(),
        skipped,
        lines_exact: exact,
        lines_exact_interval: rates::wilson(exact, rows.len()),
        digits_lines,
        digits_exact,
        digits_exact_interval: rates::wilson(digits_exact, digits_lines),
        letters,
        letters_cer: rate(letters_wrong, letters),
        digits,
        digits_cer: rate(digits_wrong, digits),
        sure_from: ArabicLine::SURE,
        sure: Share::new(sure, rows.len()),
        sure_wrong: Share::new(sure_wrong, sure),
        degradations: degradations
            .into_iter()
            .map(|(key, (count, of))| (key, Share::new(count, of)))
            .collect(),
        median_ms: median(seen.iter().map(|seen| seen.ms).collect()),
        misses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, digits: &str) -> Row {
        Row {
            path: "a.png".to_owned(),
            text_arabic: text.to_owned(),
            digits_ascii: digits.to_owned(),
            degradation: Some(1),
        }
    }

    fn seen(text: &str, sure: bool) -> Seen {
        Seen { text: text.to_owned(), sure, ms: 2.0 }
    }

    #[test]
    fn letters_and_digits_are_counted_apart() {
        let rows = [row("شارع ٥٠", ""), row("مصر", ""), row("", "7126")];
        let rows: Vec<&Row> = rows.iter().collect();
        let report = report(&rows, &[seen("شارع 59", true), seen("مصر", true), seen("7126", false)], 4);
        assert_eq!((report.lines, report.skipped, report.lines_exact), (3, 4, 2));
        assert_eq!((report.digits_lines, report.digits_exact, report.digits), (2, 1, 6));
        assert_eq!((report.letters, report.letters_cer), (7, Some(0.0)));
        assert_eq!(report.digits_cer, Some(1.0 / 6.0));
        assert_eq!((report.sure.count, report.sure_wrong.count), (2, 1));
        assert_eq!(report.degradations[&1], Share::new(2, 3));
        assert_eq!(report.misses.len(), 1);
    }

    #[test]
    fn nothing_has_no_rates() {
        let report = report(&[], &[], 0);
        assert_eq!((report.lines, report.letters_cer, report.lines_exact_interval), (0, None, None));
    }
}
