//! What a line of Arabic print says: our own network, trained by `training/arabic` on lines that are drawn.

mod names;

use std::sync::LazyLock;

use media::Frame;

use super::TextBox;
use super::recognise::{Glyph, Line, collapse};
use crate::geometry::{Outside, cut};
use crate::runtime::{OnnxRuntime, Pool, RuntimeError, Tensor};

/// The recogniser of Arabic print over copies of its model.
#[derive(Debug)]
pub struct ArabicRecogniser {
    pool: Pool,
}

/// What may stand in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// All that the recogniser knows.
    Anything,
    /// Arabic letters, Arabic-Indic digits, signs: no Latin letters and no Western digits.
    Arabic,
    /// Arabic-Indic digits and the signs of a date: a national number, a date.
    Digits,
}

/// One look at a line.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What of the frame is seen.
    pub place: TextBox,
    /// How much wider it is shown than it is: narrow letters, and equal ones side by side, are then read at more places.
    pub stretch: f32,
}

impl From<TextBox> for Look {
    /// As it is.
    fn from(place: TextBox) -> Self {
        Self { place, stretch: 1.0 }
    }
}

/// What a line of Arabic print says.
#[derive(Debug, Clone, PartialEq)]
pub struct ArabicLine {
    /// Its characters in logical order, as one reads and types them; digits stay from left to right. `place` is still
    /// counted from the left.
    pub line: Line,
    /// How likely it says exactly this among all that the recogniser knows, 0..1: the sum over all alignments of its
    /// characters with the places of the picture (CTC, Graves et al. 2006). A line of nothing has one, too.
    pub likelihood: f32,
}

/// The weights, made by `sh training/arabic/run.sh`.
const WEIGHTS: &[u8] = include_bytes!("../../../models/arabic_recogniser.onnx");
/// What errors call the model.
const MODEL: &str = "arabic_recogniser";
/// `ALPHABET` of `training/arabic/order.py` without the space at its end.
const CHARACTERS: &str = include_str!("arabic.txt");
/// Characters by class. Class 0 is the blank of connectionist temporal classification (CTC); the last one is space.
static CLASSES: LazyLock<Vec<char>> =
    LazyLock::new(|| std::iter::once('\0').chain(CHARACTERS.chars()).chain([' ']).collect());

/// Height of the input.
const HEIGHT: u32 = 48;
/// Narrowest and widest input. Training shows up to 768.
const WIDTHS: (f32, f32) = (16.0, 2_000.0);
/// Digits in a wide crop are few pixels high. Where the first look is less likely than `CLEAR`, the middle of the line is
/// looked at, too, so much of its height. Only digits count there: letters have dots that might be cut off.
const CLOSER: [f32; 2] = [0.7, 0.5];
const CLEAR: f32 = 0.8;
/// Added to the standard deviation of a line, so that an empty one is not all noise: `standard` of `render.py`.
const FLOOR: f32 = 4.0;

impl ArabicRecogniser {
    /// The recogniser over copies of its model.
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// The recogniser with the weights that the program carries, at most `copies` of them in memory.
    pub fn open(runtime: &OnnxRuntime, copies: usize) -> Self {
        let runtime = runtime.clone();
        Self::new(Pool::new(copies, move || runtime.open_shipped(MODEL, WEIGHTS)))
    }

    /// Loads the model ahead of its first use.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.pool.load()
    }

    /// What the line at `place` says, if it says what is `expected`.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn read(
        &self,
        frame: &Frame,
        place: &TextBox,
        expected: Expected,
    ) -> Result<ArabicLine, RuntimeError> {
        let mut best = self.glance(frame, *place, expected)?;
        if best.likelihood < CLEAR {
            for share in CLOSER {
                let closer = TextBox { height: place.height * share, ..*place };
                let line = self.glance(frame, closer, expected)?;
                if line.is_number() && line.likelihood > best.likelihood {
                    best = line;
                }
            }
        }
        Ok(best)
    }

    /// The same by one look at the whole height: digits that are few pixels high are missed.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn glance(
        &self,
        frame: &Frame,
        look: impl Into<Look>,
        expected: Expected,
    ) -> Result<ArabicLine, RuntimeError> {
        Ok(postprocess(self.look(frame, &look.into())?.data(), expected))
    }

    /// What a line says after several looks at it, if it says names and nothing else: letters that make common names are
    /// expected more than others, and its likelihood is the share of what it says in all that it may say.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(in crate::document) fn names(
        &self,
        frame: &Frame,
        looks: &[Look],
    ) -> Result<ArabicLine, RuntimeError> {
        let seen = looks.iter().map(|look| self.look(frame, look)).collect::<Result<Vec<_>, _>>()?;
        Ok(names::weigh(&seen.iter().map(Tensor::data).collect::<Vec<_>>()))
    }

    /// Probabilities of all classes, one row for each place from left to right.
    fn look(&self, frame: &Frame, look: &Look) -> Result<Tensor, RuntimeError> {
        let answer = self.pool.run(preprocess(frame, look))?.into_iter().next().filter(|answer| {
            answer.shape().len() == 3 && answer.shape()[0] == 1 && answer.shape()[2] == CLASSES.len()
        });
        answer.ok_or(RuntimeError::Shape { model: MODEL })
    }
}

impl Expected {
    fn has(self, character: char) -> bool {
        match self {
            Self::Anything => true,
            Self::Arabic => !character.is_ascii_alphanumeric(),
            Self::Digits => matches!(character, '\0' | '٠'..='٩' | '/' | '-' | '.'),
        }
    }
}

impl ArabicLine {
    /// Likelihood from which a line is believed. 14 of 727 lines that reach it were wrong, of 1,600 that were drawn in
    /// fonts held out from training (`evaluate.py own`, 2026-11-21); 49 of 1,000 at 0.8.
    pub const SURE: f32 = 0.95;

    /// Whether it has digits and signs, and nothing else.
    fn is_number(&self) -> bool {
        let number = |glyph: &Glyph| Expected::Digits.has(best(glyph));
        !self.line.glyphs.is_empty() && self.line.glyphs.iter().all(number)
    }

    /// Its digits from left to right as they stand, Arabic-Indic ones as `0` to `9`, and nothing else.
    pub fn digits(&self) -> String {
        let mut glyphs: Vec<&Glyph> = self.line.glyphs.iter().collect();
        glyphs.sort_by(|a, b| a.place.total_cmp(&b.place));
        glyphs.into_iter().filter_map(|glyph| western(best(glyph))).collect()
    }
}

/// Grey after ITU-R BT.601, each line with mean 0 and about the same contrast.
fn preprocess(frame: &Frame, Look { place, stretch }: &Look) -> Tensor {
    let width =
        (place.length / place.height.max(1.0) * HEIGHT as f32).round().clamp(WIDTHS.0, WIDTHS.1) as usize;
    let rgb = cut(frame, place.to_frame(HEIGHT), width, HEIGHT as usize, Outside::Edge);
    let grey = |pixel: &[u8]| {
        0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
    };
    let seen: Vec<f32> = rgb.chunks_exact(3).map(grey).collect();
    let wide = ((width as f32 * stretch).round() as usize).max(1);
    let mut data: Vec<f32> = seen.chunks_exact(width).flat_map(|row| stretched(row, wide)).collect();
    let count = data.len() as f32;
    let mean = data.iter().sum::<f32>() / count;
    let deviation = (data.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
    for value in &mut data {
        *value = (*value - mean) / (deviation + FLOOR);
    }
    Tensor::from_parts([1, 1, HEIGHT as usize, wide], data)
}

/// A row of pixels at `wide` places, between neighbours in proportion.
fn stretched(row: &[f32], wide: usize) -> impl Iterator<Item = f32> {
    let (step, last) = (row.len() as f32 / wide as f32, row.len() - 1);
    (0..wide).map(move |at| {
        let place = ((at as f32 + 0.5) * step - 0.5).clamp(0.0, last as f32);
        let (left, share) = (place as usize, place.fract());
        row[left] * (1.0 - share) + row[(left + 1).min(last)] * share
    })
}

/// The line of a sequence of probabilities, one row of all classes for each place from left to right.
fn postprocess(probabilities: &[f32], expected: Expected) -> ArabicLine {
    let rows = probabilities.chunks_exact(CLASSES.len());
    let shown = collapse(rows.clone().map(|row| {
        let known = CLASSES.iter().copied().zip(row.iter().copied());
        known.filter(|(character, _)| expected.has(*character)).collect()
    }));
    let class = |glyph| CLASSES.iter().position(|known| *known == best(glyph)).unwrap_or_default();
    let likelihood = likelihood(rows, &shown.iter().map(class).collect::<Vec<_>>()) as f32;
    ArabicLine { line: Line { glyphs: logical(shown) }, likelihood }
}

/// The probability that `rows` say just the characters of `classes`, over all alignments.
fn likelihood<'a>(rows: impl Iterator<Item = &'a [f32]>, classes: &[usize]) -> f64 {
    // A blank before, between and after the characters.
    let mut states = vec![0];
    for class in classes {
        states.extend([*class, 0]);
    }
    let mut sums: Vec<f64> = vec![];
    for row in rows {
        let reach = |state: usize| {
            if sums.is_empty() {
                return if state < 2 { 1.0 } else { 0.0 };
            }
            // Only a blank may stand between equal characters, so it cannot be left out there.
            let skips = state >= 2 && states[state] != 0 && states[state] != states[state - 2];
            sums[state]
                + if state > 0 { sums[state - 1] } else { 0.0 }
                + if skips { sums[state - 2] } else { 0.0 }
        };
        sums = (0..states.len()).map(|state| reach(state) * f64::from(row[states[state]])).collect();
    }
    sums.iter().rev().take(2).sum()
}

/// The likeliest character.
fn best(glyph: &Glyph) -> char {
    glyph.alternatives.first().map_or('\0', |best| best.0)
}

/// A digit as one of `0` to `9`.
fn western(character: char) -> Option<char> {
    match character {
        '0'..='9' => Some(character),
        '٠'..='٩' => char::from_digit(u32::from(character) - u32::from('٠'), 10),
        _ => None,
    }
}

/// Characters from left to right in the order in which one reads them: from the right, where there are letters of
/// Arabic, but for runs of digits and of Latin letters. The Unicode bidirectional algorithm has more rules; on what cards
/// say the two agree (`logical` of `training/arabic/order.py`, which draws no line where they do not).
fn logical(shown: Vec<Glyph>) -> Vec<Glyph> {
    if !shown.iter().any(|glyph| matches!(best(glyph), 'ء'..='ي')) {
        return shown;
    }
    let characters: Vec<char> = shown.iter().map(best).collect();
    let mut read = Vec::with_capacity(shown.len());
    let mut end = shown.len();
    while end > 0 {
        let start = start_of_run(&characters[..end]);
        read.extend_from_slice(&shown[start..end]);
        if end - start == 1 {
            read.last_mut().into_iter().for_each(mirror);
        }
        end = start;
    }
    read
}

/// Where the run that ends with the last of `characters` starts.
fn start_of_run(characters: &[char]) -> usize {
    let mut start = characters.len() - 1;
    let Some(run) = kind(characters[start]) else { return start };
    let of_run = |place: usize| kind(characters[place]) == Some(run);
    loop {
        if start >= 1 && of_run(start - 1) {
            start -= 1;
        } else if start >= 2 && run.binds(characters[start - 1]) && of_run(start - 2) {
            start -= 2;
        } else {
            return start;
        }
    }
}

/// Characters that run from left to right within an Arabic line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Arabic,
    Western,
}

impl Kind {
    /// Whether one `sign` between two of this kind keeps them together: the classes CS and ES of the Unicode
    /// bidirectional algorithm.
    fn binds(self, sign: char) -> bool {
        matches!(sign, '/' | '.' | ',' | ':') || self == Self::Western && sign == '-'
    }
}

fn kind(character: char) -> Option<Kind> {
    match character {
        '٠'..='٩' => Some(Kind::Arabic),
        '0'..='9' | 'A'..='Z' => Some(Kind::Western),
        _ => None,
    }
}

/// A bracket that stands among letters which run to the left is the other one.
fn mirror(glyph: &mut Glyph) {
    for (character, _) in &mut glyph.alternatives {
        *character = match *character {
            '(' => ')',
            ')' => '(',
            other => other,
        };
    }
}

#[cfg(test)]
mod tests;
