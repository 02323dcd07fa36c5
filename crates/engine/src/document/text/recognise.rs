//! What a line of text says: PP-OCRv6 small, cut down to Latin script.

use media::Frame;

use super::TextBox;
use super::characters::{BLANK, CLASSES, in_mrz};
use crate::geometry::{Outside, cut};
use crate::runtime::{Pool, RuntimeError, Tensor};

/// The recogniser over copies of its model.
#[derive(Debug)]
pub struct TextRecogniser {
    pool: Pool,
}

/// The characters that are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Latin script, digits and punctuation.
    Latin,
    /// A machine-readable zone: `A` to `Z`, `0` to `9`, `<`.
    Mrz,
}

/// One character of a line.
#[derive(Clone, PartialEq)]
pub struct Glyph {
    /// What it may be with its probability, likeliest first.
    pub alternatives: Vec<(char, f32)>,
    /// Where it stands, as a share of the line's length.
    pub place: f32,
}

/// What a line says.
#[derive(Clone, PartialEq)]
pub struct Line {
    /// Its characters, as one reads.
    pub glyphs: Vec<Glyph>,
}

/// Height of the input.
const HEIGHT: u32 = 48;
/// Narrowest and widest input. The model is trained up to 3,200.
const WIDTHS: (f32, f32) = (16.0, 3_200.0);
/// Alternatives that are less likely are not told.
const LEAST: f32 = 0.003;
/// Alternatives at most.
const MOST: usize = 6;

impl TextRecogniser {
    /// The recogniser over copies of its model.
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Loads the model ahead of its first use.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.pool.load()
    }

    /// What the line at `place` says.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn read(&self, frame: &Frame, place: &TextBox, alphabet: Alphabet) -> Result<Line, RuntimeError> {
        let answers = self.pool.run(preprocess(frame, place))?;
        let answer = answers.first().filter(|answer| {
            answer.shape().len() == 3 && answer.shape()[0] == 1 && answer.shape()[2] == CLASSES.len()
        });
        let answer = answer.ok_or(RuntimeError::Shape { model: "PP-OCRv6 text recogniser" })?;
        Ok(postprocess(answer.data(), alphabet))
    }
}

/// Blue, green, red as planes, -1..1.
fn preprocess(frame: &Frame, place: &TextBox) -> Tensor {
    let width = (place.length / place.height.max(1.0) * HEIGHT as f32).clamp(WIDTHS.0, WIDTHS.1) as usize;
    let rgb = cut(frame, place.to_frame(HEIGHT), width, HEIGHT as usize, Outside::Edge);
    let plane = width * HEIGHT as usize;
    let mut data = vec![0.0; 3 * plane];
    for (channel, values) in data.chunks_exact_mut(plane).enumerate() {
        for (value, pixel) in values.iter_mut().zip(rgb.chunks_exact(3)) {
            *value = f32::from(pixel[2 - channel]) / 127.5 - 1.0;
        }
    }
    Tensor::from_parts([1, 3, HEIGHT as usize, width], data)
}

/// Characters of a sequence of probabilities, one row of all classes for each place (CTC): places that agree on one
/// character are one character; blanks part equal ones.
fn postprocess(probabilities: &[f32], alphabet: Alphabet) -> Line {
    Line { glyphs: collapse(probabilities.chunks_exact(CLASSES.len()).map(|row| allowed(row, alphabet))) }
}

/// The characters of `rows`, from left to right; a row has every character with its probability, blank (`\0`) first.
pub(super) fn collapse(rows: impl ExactSizeIterator<Item = Vec<(char, f32)>>) -> Vec<Glyph> {
    let count = rows.len();
    let mut glyphs = Vec::new();
    let mut open: Option<Run> = None;
    for (index, row) in rows.enumerate() {
        // Of equals the last one counts: blank.
        let best = row.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map_or('\0', |best| best.0);
        if open.as_ref().is_some_and(|run| run.character != best) {
            glyphs.extend(open.take().map(|run| run.close(count)));
        }
        if best != '\0' {
            open.get_or_insert_with(|| Run::new(best, index)).add(&row);
        }
    }
    glyphs.extend(open.map(|run| run.close(count)));
    glyphs
}

/// The probabilities of the characters that are possible, with those folded in that stand for them, as shares of all
/// that is possible. Blank is `\0`.
fn allowed(row: &[f32], alphabet: Alphabet) -> Vec<(char, f32)> {
    let mut allowed: Vec<(char, f32)> = match alphabet {
        Alphabet::Latin => CLASSES.iter().copied().zip(row.iter().copied()).collect(),
        Alphabet::Mrz => {
            let mut shares: Vec<(char, f32)> = vec![('\0', row[BLANK])];
            let zone = ('A'..='Z').chain('0'..='9').chain(['<']);
            shares.extend(zone.map(|character| (character, 0.0)));
            for (character, share) in CLASSES.iter().zip(row) {
                let place = in_mrz(*character).and_then(|one| shares.iter_mut().find(|(c, _)| *c == one));
                if let Some((_, sum)) = place {
                    *sum += share;
                }
            }
            shares
        }
    };
    let whole: f32 = allowed.iter().map(|(_, share)| share).sum::<f32>().max(f32::MIN_POSITIVE);
    for (_, share) in &mut allowed {
        *share /= whole;
    }
    allowed
}

/// Places that show one character.
struct Run {
    character: char,
    first: usize,
    rows: usize,
    sums: Vec<(char, f32)>,
}

impl Run {
    fn new(character: char, first: usize) -> Self {
        Self { character, first, rows: 0, sums: Vec::new() }
    }

    fn add(&mut self, row: &[(char, f32)]) {
        self.rows += 1;
        // The blank between neighbours says nothing about which character this is.
        let seen: f32 = row.iter().skip(1).map(|(_, share)| share).sum::<f32>().max(f32::MIN_POSITIVE);
        if self.sums.is_empty() {
            self.sums = row[1..].iter().map(|(character, share)| (*character, share / seen)).collect();
        } else {
            for ((_, sum), (_, share)) in self.sums.iter_mut().zip(&row[1..]) {
                *sum += share / seen;
            }
        }
    }

    fn close(self, rows: usize) -> Glyph {
        let count = self.rows.max(1) as f32;
        let means = self.sums.into_iter().map(|(character, sum)| (character, sum / count));
        let mut alternatives: Vec<_> = means.filter(|(_, share)| *share >= LEAST).collect();
        alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
        alternatives.truncate(MOST);
        Glyph { alternatives, place: (self.first as f32 + count / 2.0) / rows.max(1) as f32 }
    }
}

impl Line {
    /// The likeliest text.
    pub fn text(&self) -> String {
        self.glyphs.iter().filter_map(|glyph| glyph.alternatives.first()).map(|best| best.0).collect()
    }

    /// The geometric mean of its characters' probabilities, 0..1; 0 without any.
    pub fn confidence(&self) -> f32 {
        let shares = self.glyphs.iter().map(|glyph| glyph.alternatives.first().map_or(LEAST, |best| best.1));
        let count = self.glyphs.len();
        if count == 0 { 0.0 } else { (shares.map(f32::ln).sum::<f32>() / count as f32).exp() }
    }
}

impl std::fmt::Debug for Glyph {
    /// Without the character: it is part of what a document says of somebody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Glyph").field("place", &self.place).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("glyphs", &self.glyphs.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row a character, all of it sure but for what `others` takes; `_` is blank.
    fn rows(text: &str, others: &[(usize, char, f32)]) -> Vec<f32> {
        let class = |character: char| {
            let character = if character == '_' { '\0' } else { character };
            CLASSES.iter().position(|known| *known == character).unwrap()
        };
        let mut rows = vec![0.0; text.chars().count() * CLASSES.len()];
        for (index, character) in text.chars().enumerate() {
            rows[index * CLASSES.len() + class(character)] = 1.0;
        }
        for (index, character, share) in others {
            let row = &mut rows[index * CLASSES.len()..(index + 1) * CLASSES.len()];
            for value in row.iter_mut() {
                *value *= 1.0 - share;
            }
            row[class(*character)] += share;
        }
        rows
    }

    #[test]
    fn repeats_are_one_character_and_blanks_part_equal_ones() {
        let line = postprocess(&rows("__AA_A__b  c", &[]), Alphabet::Latin);
        assert_eq!(line.text(), "AAb c");
        assert!((line.confidence() - 1.0).abs() < 1e-4);
        assert!((line.glyphs[0].place - 3.0 / 12.0).abs() < 1e-6);
    }

    #[test]
    fn alternatives_keep_their_shares() {
        let line = postprocess(&rows("O_1", &[(0, '0', 0.4)]), Alphabet::Latin);
        assert_eq!(line.glyphs[0].alternatives.len(), 2);
        assert_eq!((line.glyphs[0].alternatives[0].0, line.glyphs[0].alternatives[1].0), ('O', '0'));
        assert!((line.glyphs[0].alternatives[1].1 - 0.4).abs() < 1e-5);
    }

    #[test]
    fn a_zone_knows_only_its_own_characters() {
        let line = postprocess(&rows("p_«_É_7", &[(4, 'E', 0.3)]), Alphabet::Mrz);
        assert_eq!(line.text(), "P<E7");
    }

    #[test]
    fn nothing_says_nothing() {
        assert_eq!(postprocess(&[], Alphabet::Mrz).text(), "");
        assert_eq!(postprocess(&rows("____", &[]), Alphabet::Latin).glyphs.len(), 0);
        assert_eq!(postprocess(&[], Alphabet::Latin).confidence(), 0.0);
    }

    #[test]
    fn what_is_read_is_not_printed() {
        let line = postprocess(&rows("A_B", &[]), Alphabet::Latin);
        assert!(!format!("{line:?} {:?}", line.glyphs[0]).contains('A'));
    }
}
