//! Words of which the card prints one of a few: the nearest of a table, and how surely it is that one.

use domain::arabic::fold;
use domain::egypt::Gender;

use super::line::best;
use crate::document::text::Glyph;

/// What another sign than those the recogniser thinks possible counts, and a sign too many or too few.
const UNSEEN: f32 = 0.003;

/// Sexes as printed, with `M` or `F`.
const SEXES: [(&str, &str); 2] = [("ذكر", "M"), ("أنثى", "F")];

/// Religions as printed, in both forms.
pub(super) const RELIGIONS: [&str; 6] = ["مسلم", "مسلمة", "مسيحي", "مسيحية", "يهودي", "يهودية"];

/// Marital states as printed, in both forms.
pub(super) const MARITAL: [&str; 9] =
    ["أعزب", "عزباء", "آنسة", "متزوج", "متزوجة", "مطلق", "مطلقة", "أرمل", "أرملة"];

/// What a word in the other form than that of the holder's sex counts.
const OTHER_FORM: f32 = 0.001;

/// Of whom a word of religion or marital state is said.
fn form(word: &str) -> Gender {
    if word.ends_with(['ة', 'ء']) { Gender::Female } else { Gender::Male }
}

/// What `folded` says of the sex.
pub(super) fn sex(folded: &str) -> Option<&'static str> {
    SEXES.iter().find(|(word, _)| fold(word) == folded).map(|(_, sex)| *sex)
}

/// The sexes as printed.
pub(super) fn sexes() -> [&'static str; 2] {
    SEXES.map(|(word, _)| word)
}

/// Whether `word` is `known` but for one letter of at least four.
pub(super) fn is_near(word: &str, known: &str) -> bool {
    if word == known {
        return true;
    }
    let (word, known): (Vec<char>, Vec<char>) = (word.chars().collect(), known.chars().collect());
    let same = word.iter().zip(&known).take_while(|(a, b)| a == b).count();
    let end = word.iter().rev().zip(known.iter().rev()).take_while(|(a, b)| a == b).count();
    let (longer, shorter) = (word.len().max(known.len()), word.len().min(known.len()));
    known.len() >= 4 && longer - shorter <= 1 && same + end + 1 >= longer
}

/// The word of `table` that is likeliest where the recogniser saw `glyphs`, and how sure that is, 0..1: its share of all
/// that the table has, times how well it fits at all. Of somebody whose sex is known, words of the other form are rare.
pub(super) fn nearest<'a>(
    glyphs: &[Glyph],
    table: &[&'a str],
    sex: Option<Gender>,
) -> Option<(&'a str, f32)> {
    let share = |word: &str| if sex.is_none_or(|sex| sex == form(word)) { 1.0 } else { OTHER_FORM };
    let scored: Vec<(&str, f32, f32)> = table
        .iter()
        .map(|word| (*word, likelihood(glyphs, word)))
        .map(|(word, fits)| (word, share(word) * fits, fits))
        .collect();
    let whole: f32 = scored.iter().map(|(_, score, _)| score).sum();
    let (word, score, fits) = scored.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let letters = glyphs.len().max(1) as f32;
    (whole > 0.0).then(|| (word, score / whole * fits.powf(1.0 / letters)))
}

/// How likely `glyphs` say `word`, over the best way to lay one along the other.
fn likelihood(glyphs: &[Glyph], word: &str) -> f32 {
    let letters: Vec<char> = word.chars().collect();
    let mut row: Vec<f32> = (0..=letters.len()).map(|missed| UNSEEN.powi(missed as i32)).collect();
    for glyph in glyphs {
        let mut next = vec![row[0] * UNSEEN];
        for (at, letter) in letters.iter().enumerate() {
            let same =
                glyph.alternatives.iter().filter(|(c, _)| is_same(*c, *letter)).map(|(_, share)| share);
            let same = same.sum::<f32>().clamp(UNSEEN, 1.0);
            next.push((row[at] * same).max(row[at + 1] * UNSEEN).max(next[at] * UNSEEN));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Whether two letters are one in the spelling in which Arabic is compared: `أ` and `ا`, `ة` and `ه`.
fn is_same(one: char, other: char) -> bool {
    one == other || fold(&one.to_string()) == fold(&other.to_string())
}

/// The words of a line, glyph by glyph.
pub(super) fn split(glyphs: &[Glyph]) -> impl Iterator<Item = &[Glyph]> {
    glyphs.split(|glyph| best(glyph).0 == ' ').filter(|word| !word.is_empty())
}
