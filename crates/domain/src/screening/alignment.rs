//! Which word of one name is which word of the other.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use super::distance::{LONGEST, Outline, Sounded, Typed, similarity};
use super::name::{Class, Word};
use super::sound::{joined_sound, skeleton, sound};

/// In which way two words agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Letter by letter.
    Same,
    /// Another spelling of the same sounds, or a misspelling.
    Spelling,
    /// One is the first letter of the other.
    Initial,
    /// Two forms of one name: a short one, or one of another system.
    OtherForm,
    /// What is one word here is several there.
    Joined,
    /// One is made of the first letters of the other's words.
    Acronym,
}

/// Words of one name that agree with words of the other. Places are those in the names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) a: (usize, usize),
    pub(super) b: (usize, usize),
    pub(super) similarity: f32,
    pub(super) how: How,
}

/// Words that are less alike are different words: five letters of which two differ, or eight of which three do.
const ALIKE: f32 = 0.64;

/// Joined words must be this much alike: there are many ways to join.
const JOINED: f32 = 0.82;

/// Words that are joined to one at most.
const MOST_JOINED: usize = 4;

/// A letter says less than the word.
const INITIAL: f32 = 0.9;

/// Which form is used is habit.
const OTHER_FORM: f32 = 0.92;

/// Spelling by sound is a little less certain than by letter.
const BY_SOUND: f32 = 0.98;

/// A word as it is written and as it sounds, with what quickly tells two words apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Spelt {
    /// Small ASCII letters and digits.
    text: String,
    sound: String,
    outlines: Outlines,
    made: Option<Made>,
}

/// What quickly tells two words apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Outlines {
    typed: Outline,
    sounded: Outline,
    /// Whether it may be made of another word, which alone is compared.
    is_made: bool,
}

impl Outlines {
    /// Of these words and `next` as one.
    const fn with(self, next: Self) -> Self {
        Self { typed: self.typed.with(next.typed), sounded: self.sounded.with(next.sounded), is_made: true }
    }

    /// Whether they leave it open that [`texts_alike`] finds `least` or more.
    fn may_be_alike(&self, other: &Self, least: f32) -> bool {
        (self.is_made && other.is_made)
            || self.typed.may_reach::<Typed>(&other.typed, least)
            || self.sounded.may_reach::<Sounded>(&other.sounded, least / BY_SOUND)
    }
}

/// Of which kind a word is made of another, and how long the other is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Made {
    Child(usize),
    Servant,
}

impl Spelt {
    pub(super) fn new(text: String) -> Self {
        let (sound, made) = (sound(&text), made(&text));
        let outlines =
            Outlines { typed: Outline::new(&text), sounded: Outline::new(&sound), is_made: made.is_some() };
        Self { text, sound, outlines, made }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its consonants, by which it is found.
    pub(super) fn skeleton(&self) -> String {
        skeleton(&self.sound)
    }

    /// Words as one, each sounding as it does alone.
    fn joined(words: &[Arc<Word>], outlines: Outlines) -> Self {
        let text: String = words.iter().map(|word| word.text.as_str()).collect();
        let sound = joined_sound(words.iter().map(|word| word.text.sound.as_str()));
        Self { made: made(&text), text, sound, outlines }
    }

    fn is(&self, other: &Self) -> bool {
        self.outlines.typed == other.outlines.typed && self.text == other.text
    }
}

impl Deref for Spelt {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// How alike pairs of words are that were compared before: names of a list have many words in common. By their addresses,
/// which stay while the words are borrowed.
#[derive(Default)]
pub(super) struct Known<'a> {
    similarities: HashMap<(*const Word, *const Word), f32, BuildHasherDefault<Addresses>>,
    words: PhantomData<&'a Word>,
}

/// Mixes addresses, which nobody else chooses.
#[derive(Default)]
struct Addresses(u64);

impl Hasher for Addresses {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        // By the golden ratio, as Fibonacci hashing does (D. Knuth, The Art of Computer Programming, 6.4).
        self.0 = (self.0.rotate_left(5) ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

impl<'a> Known<'a> {
    fn similarity(&mut self, a: &'a Word, b: &'a Word) -> f32 {
        let pair = (std::ptr::from_ref(a), std::ptr::from_ref(b));
        *self.similarities.entry(pair).or_insert_with(|| texts_alike(&a.text, &b.text, ALIKE))
    }
}

/// How alike two words are and in which way; `None` where they are different words.
fn alike<'a>(a: &'a Word, b: &'a Word, known: &mut Known<'a>) -> Option<(f32, How)> {
    if a.text.is(&b.text) && (a.character == b.character || a.character.is_none() || b.character.is_none()) {
        return Some((1.0, How::Same));
    }
    match (a.class, b.class) {
        (Class::Number | Class::Particle, _)
        | (_, Class::Number | Class::Particle)
        | (Class::Initial, Class::Initial) => return None,
        (Class::Initial, _) | (_, Class::Initial) => {
            let same = a.text.as_bytes()[0] == b.text.as_bytes()[0];
            return same.then_some((INITIAL, How::Initial));
        }
        _ => {}
    }
    // Characters of one script are compared as what they are: another character is another word, though it may sound
    // alike.
    if a.character.is_some() && b.character.is_some() {
        return None;
    }
    if a.forms & b.forms != 0 {
        return Some((OTHER_FORM, How::OtherForm));
    }
    // Most words are told apart at once.
    let may_be = are_comparable(&a.text, &b.text) && a.text.outlines.may_be_alike(&b.text.outlines, ALIKE);
    let found = if may_be { known.similarity(a, b) } else { 0.0 };
    (found >= ALIKE).then_some((found, How::Spelling))
}

/// How alike two texts are, where that is `least` or more; 0 otherwise.
fn texts_alike(a: &Spelt, b: &Spelt, least: f32) -> f32 {
    if let Some((a, b)) = without_common(a, b) {
        return if are_comparable(&a.text, &b.text) { texts_alike(&a, &b, least) } else { 0.0 };
    }
    let (in_a, in_b) = (&a.outlines, &b.outlines);
    let mut found = 0.0;
    if in_a.typed.may_reach::<Typed>(&in_b.typed, least) {
        found = similarity::<Typed>(&a.text, &b.text, least);
    }
    let by_sound = found.max(least) / BY_SOUND;
    if found < 0.95 && in_a.sounded.may_reach::<Sounded>(&in_b.sounded, by_sound) {
        found = found.max(BY_SOUND * similarity::<Sounded>(&a.sound, &b.sound, by_sound));
    }
    found
}

/// Twice as long is another word whatever the letters.
fn are_comparable(a: &str, b: &str) -> bool {
    a.len().min(b.len()) * 2 >= a.len().max(b.len())
}

/// Beginnings and endings that mean servant-of or child-of: what is left of a word is the whole name. Arabic, Russian,
/// Icelandic, Georgian, Turkic, Armenian.
const CHILD_OF: [&str; 10] =
    ["ovich", "evich", "ovitch", "evitch", "ovna", "evna", "dottir", "shvili", "oglu", "yants"];
const SERVANT_OF: &str = "abd";

/// The beginning or the ending of that kind that a word has.
fn made(word: &str) -> Option<Made> {
    // Few words end so, and every word of a list is asked.
    let ends = matches!(
        word.as_bytes(),
        [.., b'c', b'h'] | [.., b'n', b'a'] | [.., b'i', b'r'] | [.., b'l', b'i' | b'u'] | [.., b't', b's']
    );
    let child = || CHILD_OF.iter().find_map(|ending| word.strip_suffix(ending));
    if let Some(rest) = ends.then(child).flatten() {
        return Some(Made::Child(rest.len()));
    }
    // Two letters of God's name are not enough to tell these apart.
    word.strip_prefix(SERVANT_OF).filter(|rest| rest.len() >= 4).map(|_| Made::Servant)
}

/// Both words without such a part, where they have such a one and something is left of both.
fn without_common(a: &Spelt, b: &Spelt) -> Option<(Spelt, Spelt)> {
    let (a, b) = match (a.made?, b.made?) {
        (Made::Child(x), Made::Child(y)) => (&a.text[..x], &b.text[..y]),
        (Made::Servant, Made::Servant) => (&a.text[SERVANT_OF.len()..], &b.text[SERVANT_OF.len()..]),
        _ => return None,
    };
    let differ = a != b && a.len() >= 2 && b.len() >= 2;
    differ.then(|| (Spelt::new(a.to_owned()), Spelt::new(b.to_owned())))
}

/// Pairs that agree, each word in one at most, the most alike first.
pub(super) fn align<'a>(a: &'a [Arc<Word>], b: &'a [Arc<Word>], known: &mut Known<'a>) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::with_capacity(a.len() * 2);
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            if let Some((similarity, how)) = alike(x, y, known) {
                found.push(Pair { a: (i, i + 1), b: (j, j + 1), similarity, how });
            }
        }
    }
    let (settled_a, settled_b) = settled(&found);
    if (settled_a.count_ones() as usize) < a.len().min(b.len()) {
        let pair = |a, b, similarity| Pair { a, b, similarity, how: How::Joined };
        joined((a, settled_a), (b, settled_b), |a, b, similarity| found.push(pair(a, b, similarity)));
        joined((b, settled_b), (a, settled_a), |b, a, similarity| found.push(pair(a, b, similarity)));
    }
    let size = |pair: &Pair| pair.a.1 - pair.a.0 + pair.b.1 - pair.b.0;
    // Of equally good ones first those that take more words, then those in the same place.
    found.sort_by(|x, y| {
        let apart = |pair: &Pair| pair.a.0.abs_diff(pair.b.0);
        y.similarity.total_cmp(&x.similarity).then(size(y).cmp(&size(x))).then(apart(x).cmp(&apart(y)))
    });
    let (mut used_a, mut used_b) = (0_u64, 0_u64);
    found.retain(|pair| {
        let (in_a, in_b) = (places(pair.a), places(pair.b));
        let free = used_a & in_a == 0 && used_b & in_b == 0;
        if free {
            used_a |= in_a;
            used_b |= in_b;
        }
        free
    });
    found
}

/// A bit for each place of a range.
fn places((from, to): (usize, usize)) -> u64 {
    (from..to).fold(0, |places, at| places | 1 << at)
}

/// The places in both names of words that are the same as one word of the other name and no more.
fn settled(found: &[Pair]) -> (u64, u64) {
    let (mut once, mut twice) = ((0, 0), (0, 0));
    let same = || found.iter().filter(|pair| pair.how == How::Same);
    for (a, b) in same().map(|pair| (places(pair.a), places(pair.b))) {
        twice = (twice.0 | once.0 & a, twice.1 | once.1 & b);
        once = (once.0 | a, once.1 | b);
    }
    let is_only = |pair: &&Pair| places(pair.a) & twice.0 == 0 && places(pair.b) & twice.1 == 0;
    let add = |all: (u64, u64), pair: &Pair| (all.0 | places(pair.a), all.1 | places(pair.b));
    same().filter(is_only).fold((0, 0), add)
}

/// Neighbours of `many` that together are one word of `one`; each with the places of words that are settled, which are
/// joined only letter by letter: no other spelling of a word is nearer than itself.
fn joined(
    (many, settled_many): (&[Arc<Word>], u64),
    (one, settled_one): (&[Arc<Word>], u64),
    mut found: impl FnMut((usize, usize), (usize, usize), f32),
) {
    let only_letters = many.iter().all(|letter| letter.text.len() == 1);
    // Short words are joined by chance.
    let is_sought = |word: &&Arc<Word>| only_letters || word.text.len() >= 3;
    let lengths = || one.iter().filter(is_sought).map(|word| word.text.len());
    let (Some(shortest), Some(longest)) = (lengths().min(), lengths().max()) else { return };
    for from in 0..many.len() {
        let mut outlines = many[from].text.outlines;
        let mut length = many[from].text.len();
        for to in from + 2..=many.len().min(from + MOST_JOINED) {
            outlines = outlines.with(many[to - 1].text.outlines);
            length += many[to - 1].text.len();
            if length + 2 < shortest {
                continue;
            }
            if length > (longest + 2).min(LONGEST) {
                break;
            }
            let words = &many[from..to];
            let is_settled = places((from, to)) & settled_many != 0;
            let mut whole: Option<Spelt> = None;
            for (at, word) in one.iter().enumerate() {
                if !is_sought(&word) || length.abs_diff(word.text.len()) > 2 {
                    continue;
                }
                if is_settled || settled_one & 1 << at != 0 {
                    let letters = words.iter().flat_map(|word| word.text.bytes());
                    if length == word.text.len() && letters.eq(word.text.bytes()) {
                        found((from, to), (at, at + 1), 1.0);
                    }
                    continue;
                }
                if !outlines.may_be_alike(&word.text.outlines, JOINED) {
                    continue;
                }
                let whole = whole.get_or_insert_with(|| Spelt::joined(words, outlines));
                let similarity = texts_alike(whole, &word.text, JOINED);
                if similarity >= JOINED {
                    found((from, to), (at, at + 1), similarity);
                }
            }
        }
    }
}
