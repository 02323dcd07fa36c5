//! From words that agree to one score.

use std::fmt;
use std::sync::Arc;

use super::How;
use super::alignment::{Known, Pair, align};
use super::name::{Class, ScreenedName, Word};
use crate::Similarity;

/// The score from which two names count as one, unless the operator says otherwise.
pub const SCREENING_THRESHOLD: f32 = 0.8;

/// Words of two names that agree.
#[derive(Clone, PartialEq)]
pub struct Part {
    /// Of the first name, in Latin letters.
    pub first: String,
    /// Of the second.
    pub second: String,
    /// In which way.
    pub how: How,
    /// How much, 0..=1.
    pub similarity: Similarity,
}

impl fmt::Debug for Part {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("how", &self.how)
            .field("similarity", &self.similarity)
            .finish_non_exhaustive()
    }
}

/// How alike two names are, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// 0..=1.
    pub score: Similarity,
    /// What agrees.
    pub parts: Vec<Part>,
    /// Words of either name that the other has not, where both have such: they contradict each other.
    pub contradictions: usize,
    /// Words of the longer name that the shorter leaves out.
    pub left_out: usize,
    /// Whether their first words agree.
    pub begin_alike: bool,
}

/// What a name says beyond the other costs so much a word, where two words or more agree: patronymics and middle names
/// are left out as a rule.
const LEFT_OUT: f32 = 0.04;

/// The same where only one word agrees: enough that a single name is no hit for everybody who bears it, since lists have
/// many aliases of one word.
const LEFT_OUT_OF_ONE: f32 = 0.22;

/// A word against another costs so much beyond its share: a long name does not make up for it.
const AGAINST: f32 = 0.12;

/// Words that are alike but not the same count less by so much of what they lack: two names in which every word differs a
/// little are rarely one.
const STEEPER: f32 = 1.35;

/// What an abbreviation says of a name.
const ACRONYM: f32 = 0.85;

/// First words that agree are this much alike: `Ahmed` and `Mohamed` are not, though they sound alike.
const FIRST_WORDS: f32 = 0.8;

/// Where only words agree that many names have, so much is left.
const GENERIC_ONLY: f32 = 0.6;

/// Compares two names; the order does not matter, neither of the names nor of their words.
pub fn compare(first: &ScreenedName, second: &ScreenedName) -> Comparison {
    let (pairs, sum) = weigh(first, second, &mut Known::default());
    let text = |words: &[Arc<Word>], (from, to): (usize, usize)| {
        words[from..to].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let begins = |pair: &Pair| pair.a.0 == 0 && pair.b.0 == 0 && pair.similarity >= FIRST_WORDS;
    let begin_alike = pairs.iter().any(begins);
    let parts = pairs.iter().map(|pair| Part {
        first: text(&first.words, pair.a),
        second: text(&second.words, pair.b),
        how: pair.how,
        similarity: Similarity::clamped(pair.similarity),
    });
    Comparison {
        score: Similarity::clamped(sum.score),
        parts: parts.collect(),
        contradictions: sum.contradictions,
        left_out: sum.left_out,
        begin_alike,
    }
}

/// The score alone.
pub(super) fn score<'a>(first: &'a ScreenedName, second: &'a ScreenedName, known: &mut Known<'a>) -> f32 {
    weigh(first, second, known).1.score
}

struct Sum {
    score: f32,
    contradictions: usize,
    left_out: usize,
}

fn weigh<'a>(first: &'a ScreenedName, second: &'a ScreenedName, known: &mut Known<'a>) -> (Vec<Pair>, Sum) {
    let (a, b) = (&first.words, &second.words);
    if a.is_empty() || b.is_empty() {
        return (Vec::new(), Sum { score: 0.0, contradictions: 0, left_out: 0 });
    }
    if let Some(pair) = acronym(a, b) {
        return (vec![pair], Sum { score: ACRONYM, contradictions: 0, left_out: 0 });
    }
    let pairs = align(a, b, known);
    let weight_of = |words: &[Arc<Word>], (from, to): (usize, usize)| {
        words[from..to].iter().map(|word| word.weight()).sum::<f32>()
    };
    let (mut agreed, mut weight, mut distinct) = (0.0, 0.0, 0);
    let (mut left_a, mut left_b) = (lefts(a), lefts(b));
    for pair in &pairs {
        let one = (weight_of(a, pair.a).max(weight_of(b, pair.b))).min(2.0);
        let one = if pair.how == How::Initial { 0.5 } else { one };
        agreed += one * (1.0 - (1.0 - pair.similarity) * STEEPER).max(0.0);
        weight += one;
        let has_distinct = |words: &[Arc<Word>], (from, to): (usize, usize)| {
            words[from..to].iter().any(|word| word.class == Class::Distinct) || to - from > 1
        };
        if has_distinct(a, pair.a) && has_distinct(b, pair.b) {
            // An article that is joined to a word is no second word that agrees.
            let telling = |words: &[Arc<Word>], (from, to): (usize, usize)| {
                words[from..to].iter().filter(|word| word.class != Class::Particle).count()
            };
            distinct += 1.max(telling(a, pair.a)).max(telling(b, pair.b));
        }
        left_a[pair.a.0..pair.a.1].fill(0.0);
        left_b[pair.b.0..pair.b.1].fill(0.0);
    }
    let (left_a, left_b) = (sorted(left_a), sorted(left_b));
    let against: f32 = left_a.iter().zip(&left_b).map(|(x, y)| x.min(*y)).sum();
    let contradictions = left_a.len().min(left_b.len());
    let longer = if left_a.len() > left_b.len() { &left_a } else { &left_b };
    let left_out: f32 = longer.iter().skip(contradictions).sum();
    let each = if distinct >= 2 { LEFT_OUT } else { LEFT_OUT_OF_ONE };
    let mut score = if weight > 0.0 { agreed / (weight + against) } else { 0.0 };
    score -= AGAINST * against + (each * left_out).min(0.35);
    let has_distinct = |words: &[Arc<Word>]| words.iter().any(|word| word.class == Class::Distinct);
    if distinct == 0 && has_distinct(a) | has_distinct(b) {
        score *= GENERIC_ONLY;
    }
    let left_out = longer.len() - contradictions;
    (pairs, Sum { score: score.clamp(0.0, 1.0), contradictions, left_out })
}

/// The weights of words.
fn lefts(words: &[Arc<Word>]) -> Vec<f32> {
    words.iter().map(|word| word.weight()).collect()
}

/// Those that are left, the heaviest first.
fn sorted(mut weights: Vec<f32>) -> Vec<f32> {
    weights.retain(|weight| *weight > 0.0);
    weights.sort_by(|x, y| y.total_cmp(x));
    weights
}

/// One word that is made of the first letters of three words or more.
fn acronym(a: &[Arc<Word>], b: &[Arc<Word>]) -> Option<Pair> {
    let of = |one: &[Arc<Word>], many: &[Arc<Word>]| {
        let [word] = one else { return false };
        let letters = |skip: bool| {
            many.iter()
                .filter(move |word| !skip || word.class != Class::Particle)
                .map(|word| word.text.as_bytes()[0])
        };
        let fits = |skip| {
            word.text.len() >= 3
                && letters(skip).count() == word.text.len()
                && letters(skip).eq(word.text.bytes())
        };
        many.iter().any(|word| word.text.len() > 1) && (fits(true) || fits(false))
    };
    (of(a, b) || of(b, a)).then_some(Pair {
        a: (0, a.len()),
        b: (0, b.len()),
        similarity: ACRONYM,
        how: How::Acronym,
    })
}
