//! Which word of one name is which word of the other.

use std::ops::Deref;

use super::distance::{LONGEST, Letters, Sounded, Typed, letters, similarity};
use super::name::{Class, Word};
use super::sound::{skeleton, sound};

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
#[derive(Clone, PartialEq)]
pub(super) struct Spelt {
    /// Small ASCII letters and digits.
    text: String,
    sound: String,
    text_letters: Letters,
    sound_letters: Letters,
    made: Option<Made>,
}

/// Of which kind a word is made of another, and how long the other is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Child(usize),
    Servant,
}

impl Spelt {
    pub(super) fn new(text: String) -> Self {
        let sound = sound(&text);
        Self {
            text_letters: letters(text.as_bytes()),
            sound_letters: letters(sound.as_bytes()),
            made: made(&text),
            text,
            sound,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its consonants, by which it is found.
    pub(super) fn skeleton(&self) -> String {
        skeleton(&self.sound)
    }

    fn typed(&self) -> (&[u8], Letters) {
        (self.text.as_bytes(), self.text_letters)
    }

    fn sounded(&self) -> (&[u8], Letters) {
        (self.sound.as_bytes(), self.sound_letters)
    }

    fn is(&self, other: &Self) -> bool {
        self.text_letters == other.text_letters && self.text == other.text
    }
}

impl Deref for Spelt {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// How alike two words are and in which way; `None` where they are different words.
fn alike(a: &Word, b: &Word) -> Option<(f32, How)> {
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
    let found = texts_alike(&a.text, &b.text, ALIKE);
    (found >= ALIKE).then_some((found, How::Spelling))
}

/// How alike two texts are, where that is `least` or more; 0 otherwise.
fn texts_alike(a: &Spelt, b: &Spelt, least: f32) -> f32 {
    // Twice as long is another word whatever the letters.
    let (short, long) = (a.text.len().min(b.text.len()), a.text.len().max(b.text.len()));
    if short * 2 < long {
        return 0.0;
    }
    if let Some((a, b)) = without_common(a, b) {
        return texts_alike(&a, &b, least);
    }
    let typed = similarity::<Typed>(a.typed(), b.typed(), least);
    if typed >= 0.95 {
        return typed;
    }
    let least = typed.max(least) / BY_SOUND;
    typed.max(BY_SOUND * similarity::<Sounded>(a.sounded(), b.sounded(), least))
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
pub(super) fn align(a: &[Word], b: &[Word]) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::with_capacity(a.len() * 2);
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            if let Some((similarity, how)) = alike(x, y) {
                found.push(Pair { a: (i, i + 1), b: (j, j + 1), similarity, how });
            }
        }
    }
    let settled =
        |pairs: &[Pair], words: usize| pairs.iter().filter(|pair| pair.how == How::Same).count() == words;
    if !settled(&found, a.len().min(b.len())) {
        joined(a, b, |a, b, similarity| found.push(Pair { a, b, similarity, how: How::Joined }));
        joined(b, a, |b, a, similarity| found.push(Pair { a, b, similarity, how: How::Joined }));
    }
    let size = |pair: &Pair| pair.a.1 - pair.a.0 + pair.b.1 - pair.b.0;
    // Of equally good ones first those that take more words, then those in the same place.
    found.sort_by(|x, y| {
        let apart = |pair: &Pair| pair.a.0.abs_diff(pair.b.0);
        y.similarity.total_cmp(&x.similarity).then(size(y).cmp(&size(x))).then(apart(x).cmp(&apart(y)))
    });
    let (mut used_a, mut used_b) = (0_u64, 0_u64);
    let mask = |(from, to): (usize, usize)| (from..to).fold(0_u64, |mask, at| mask | 1 << at);
    found.retain(|pair| {
        let (in_a, in_b) = (mask(pair.a), mask(pair.b));
        let free = used_a & in_a == 0 && used_b & in_b == 0;
        if free {
            used_a |= in_a;
            used_b |= in_b;
        }
        free
    });
    found
}

/// Neighbours of `many` that together are one word of `one`.
fn joined(many: &[Word], one: &[Word], mut found: impl FnMut((usize, usize), (usize, usize), f32)) {
    let mut text = String::new();
    for (at, word) in one.iter().enumerate() {
        // Short words are joined by chance.
        if word.text.len() < 4 && !many.iter().all(|letter| letter.text.len() == 1) && word.text.len() < 3 {
            continue;
        }
        for from in 0..many.len() {
            text.clear();
            for to in from + 1..=many.len().min(from + MOST_JOINED) {
                text.push_str(&many[to - 1].text);
                if text.len() > (word.text.len() + 2).min(LONGEST) {
                    break;
                }
                if to - from < 2 || text.len() + 2 < word.text.len() {
                    continue;
                }
                let similarity = texts_alike(&Spelt::new(text.clone()), &word.text, JOINED);
                if similarity >= JOINED {
                    found((from, to), (at, at + 1), similarity);
                }
            }
        }
    }
}
